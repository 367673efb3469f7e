//! `tenure activate`: sets a first password with the code of a link, both read from standard input, or sends new links.

use super::acting::moment;
use crate::cli::{Activate, Cli};
use crate::exit::{Exit, Failure};
use crate::{out, wire};
use serde_json::json;
use std::io::{BufRead as _, IsTerminal as _, Read as _};
use tenure_connect::Secret;

/// Longest line of the input, in bytes. A longer one is refused: what is cut would be another password than was entered.
const LINE_BYTES_MAX: u64 = 2048;

pub(crate) async fn activate(cli: &Cli, args: &Activate) -> Result<Exit, Failure> {
    let app = wire::app(cli).await?;
    if let Some(person) = &args.again {
        app.activation().renew_links(person, &moment(cli, &app).await?).await?;
        super::publish(cli, &app).await?;
        out::line("new links are sent; the old ones no longer work");
        return Ok(Exit::Done);
    }
    let (code, password) = read()?;
    let done = app.activation().redeem(&code, &password, &app.clock().moment(cli.now).await?).await?;
    super::publish(cli, &app).await?;
    if cli.json {
        let account = done.account.to_string();
        out::json(&json!({ "name": &*done.title, "account": account, "confirmed": done.confirmed }));
    } else {
        out::line(&format!(
            "the password of {} in {} is set; the code cannot be used again",
            done.title, done.account
        ));
    }
    Ok(if done.confirmed { Exit::Done } else { Exit::Open })
}

/// The code and the password: asked for on a terminal, without showing them; else a line each of standard input.
fn read() -> Result<(Secret, Secret), Failure> {
    let input = std::io::stdin();
    if input.is_terminal() && std::io::stderr().is_terminal() {
        let (code, password) = (asked("code of the link: ")?, asked("new password: ")?);
        return match asked("the new password again: ")?.expose() == password.expose() {
            true => Ok((code, password)),
            false => Err(wrong("the two passwords differ".to_owned())),
        };
    }
    if input.is_terminal() {
        return Err(wrong(
            "standard input is a terminal and standard error is not, so no question can be shown".to_owned(),
        ));
    }
    let mut input = input.lock();
    let mut next = |what: &str| {
        let mut line = Vec::new();
        let read = std::io::Read::by_ref(&mut input).take(LINE_BYTES_MAX + 1).read_until(b'\n', &mut line);
        read.map_err(|e| wrong(format!("the {what} cannot be read: {e}")))?;
        if line.is_empty() {
            return Err(wrong(format!("standard input ends before the {what}")));
        }
        let text = String::from_utf8(line).map_err(|_| wrong(format!("the {what} is not UTF-8")))?;
        let text = text.strip_suffix('\n').unwrap_or(&text);
        secret(what, text.strip_suffix('\r').unwrap_or(text))
    };
    Ok((next("code")?, next("password")?))
}

fn wrong(what: String) -> Failure {
    Failure::new(
        "A002",
        what,
        "on a terminal it is asked for; else two lines of standard input: the code, then the new password",
    )
}

/// Asks on the terminal, without showing what is typed.
fn asked(what: &str) -> Result<Secret, Failure> {
    let text =
        rpassword::prompt_password(what).map_err(|e| wrong(format!("nothing can be asked here: {e}")))?;
    secret(what.trim_end_matches([':', ' ']), &text)
}

fn secret(what: &str, text: &str) -> Result<Secret, Failure> {
    if u64::try_from(text.len()).is_ok_and(|n| n < LINE_BYTES_MAX) {
        return Ok(Secret::new(text));
    }
    Err(wrong(format!("the {what} has {LINE_BYTES_MAX} bytes or more: choose a shorter one")))
}
