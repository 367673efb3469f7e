//! The message of a cut-off that could be neither carried out nor kept: never that it is done.

use super::acting::moment;
use crate::cli::{Cli, CutOff};
use crate::exit::Failure;
use crate::wire;

/// The failure, with the state of the order as far as that can be read.
pub(super) async fn told(cli: &Cli, args: &CutOff, failure: Failure) -> Failure {
    let about = args.person.clone().or_else(|| args.account.clone());
    let about = about.or_else(|| args.order().map(|(kind, value)| format!("{kind} {value}")));
    let about = about.unwrap_or_else(|| "it".to_owned());
    let (what, help) = match is_cut_off(cli, args).await {
        Some(true) => (
            format!("{}; {about} is cut off in the database, and the systems may not be", failure.what),
            "free space on the disk or correct its permissions; then `tenure run` continues the open work",
        ),
        found => {
            let is = if found.is_some() { "is NOT cut off" } else { "is NOT known to be cut off" };
            (
                format!("{about} {is}, and the order is kept nowhere: {}", failure.what),
                "make room on the disk, or let it be written, and give the same command again; until then have the accounts disabled \
                 in each system by hand",
            )
        }
    };
    Failure { what, help: Some(help.to_owned()), ..failure }
}

/// Whether the person is cut off; `None` where that cannot be read, and for an order about a key or an account.
async fn is_cut_off(cli: &Cli, args: &CutOff) -> Option<bool> {
    let person = args.person.as_deref()?;
    let app = wire::beside(cli).await.ok()?;
    let query = app.query(&moment(cli, &app).await.ok()?.automatic()).await.ok()?;
    let subject = match app.people().exactly(person).await.ok()? {
        Some(subject) => subject,
        None => app.people().person(person).await.ok()?,
    };
    Some(query.subjects(&[subject.identity.id]).await.ok()?.iter().any(|s| s.identity.is_cut_off()))
}
