//! `tenure activate`: sets a first password with the code of a link, both read from standard input, or sends new links.

use super::acting::moment;
use crate::cli::{Activate, Cli};
use crate::exit::{Exit, Failure};
use crate::{out, wire};
use serde_json::json;
use std::io::{BufRead as _, IsTerminal as _, Read as _};
use tenure_connect::Secret;

/// Longest code and password together, in bytes.
const INPUT_BYTES_MAX: u64 = 4096;

pub(crate) async fn activate(cli: &Cli, args: &Activate) -> Result<Exit, Failure> {
    let app = wire::app(cli).await?;
    if let Some(person) = &args.again {
        app.renew_links(person, &moment(cli, &app).await?).await?;
        super::publish(cli, &app).await?;
        out::line("new links are on their way; the old ones open nothing any more");
        return Ok(Exit::Done);
    }
    let (code, password) = read()?;
    let done = app.redeem(&code, &password, &app.moment(cli.now).await?).await?;
    super::publish(cli, &app).await?;
    if cli.json {
        let account = done.account.to_string();
        out::json(&json!({ "name": &*done.title, "account": account, "confirmed": done.confirmed }));
    } else {
        out::line(&format!("{} has a password in {} now; the code is used up", done.title, done.account));
    }
    Ok(if done.confirmed { Exit::Done } else { Exit::Open })
}

/// The code and the password, a line each.
fn read() -> Result<(Secret, Secret), Failure> {
    let wrong = |what: String| Failure::new("A002", what, "two lines: the code, then the new password");
    let input = std::io::stdin();
    if input.is_terminal() {
        return Err(wrong("standard input is a terminal, which would show the password".to_owned()));
    }
    let mut lines = input.lock().take(INPUT_BYTES_MAX).lines();
    let mut next = |what: &str| match lines.next() {
        Some(Ok(line)) => Ok(Secret::new(line.trim_end_matches('\r'))),
        Some(Err(e)) => Err(wrong(format!("the {what} cannot be read: {e}"))),
        None => Err(wrong(format!("standard input ends before the {what}"))),
    };
    Ok((next("code")?, next("password")?))
}
