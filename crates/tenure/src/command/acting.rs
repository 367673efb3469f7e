//! Who acts and when: the operating-system user as the set-up maps it, or `--as` where that is allowed.

use crate::cli::Cli;
use crate::exit::Failure;
use tenure_app::{App, Moment};

/// The moment of this command, with its actor where one is known.
pub(crate) async fn moment(cli: &Cli, app: &App) -> Result<Moment, Failure> {
    let mut moment = app.moment(cli.now).await?;
    moment.actor = match &cli.acting {
        Some(person) => Some(app.stand_in(person).await?),
        None => app.actor_of(&super::user()).await?,
    };
    Ok(moment)
}

/// The operating system's user: who acts, unless `--as` is allowed and used.
pub(crate) fn user() -> String {
    #[expect(clippy::disallowed_methods, reason = "the composition root reads the environment")]
    let name = ["USER", "LOGNAME"].iter().find_map(|n| std::env::var(n).ok());
    name.unwrap_or_else(|| "root".to_owned())
}
