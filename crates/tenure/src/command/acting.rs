//! Who acts and when: the login that the kernel states, as the configuration maps it, or `--as` where that is allowed.

use crate::cli::Cli;
use crate::exit::Failure;
use crate::login::login;
use tenure_app::{Actor, App, Moment};

/// The moment of this command, with its actor where one is known.
pub(crate) async fn moment(cli: &Cli, app: &App) -> Result<Moment, Failure> {
    let mut moment = app.moment(cli.now).await?;
    moment.actor = actor(cli, app).await?;
    Ok(moment)
}

/// Who acts, where the configuration maps the login to a person who is known.
pub(crate) async fn actor(cli: &Cli, app: &App) -> Result<Option<Actor>, Failure> {
    Ok(match &cli.acting {
        Some(person) => Some(app.stand_in(person, Some(login())).await?),
        None => app.actor_of(&login()).await?,
    })
}
