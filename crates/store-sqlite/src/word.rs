//! How columns hold ids, instants, words and names, in both directions.

use crate::fault::{Fault, Result};
use jiff::Timestamp;
use rusqlite::Row;
use std::sync::Arc;
use tenure_model::{
    AccountKey, EntitlementName, IdentityId, Instant, Kind, Name, Obligation, RecordState, SystemName,
};

/// Microseconds since 1970.
pub(crate) fn micros(at: Timestamp) -> i64 {
    Instant::nearest(at).micros()
}

/// As [`micros`], for reading on after an instant: the last one stands for every wrongly written value beyond it, which reads as it, so
/// that each page goes on.
pub(crate) fn micros_passed(at: Timestamp) -> i64 {
    if at >= from_micros(i64::MAX) { i64::MAX } else { micros(at) }
}

pub(crate) fn instant(row: &Row<'_>, column: usize) -> Result<Timestamp> {
    Ok(from_micros(row.get(column)?))
}

pub(crate) fn instant_or_none(row: &Row<'_>, column: usize) -> Result<Option<Timestamp>> {
    Ok(row.get::<_, Option<i64>>(column)?.map(from_micros))
}

/// Total: one wrongly written instant stops no pass.
pub(crate) fn from_micros(micros: i64) -> Timestamp {
    Instant::of_micros(micros).get()
}

pub(crate) fn name<T: Name>(row: &Row<'_>, column: usize) -> Result<T> {
    let text = text(row, column)?;
    T::new(text).map_err(|e| Fault::inconsistent(format!("a name {text:?}"), e.to_string()))
}

/// A word that `parse` accepts.
pub(crate) fn word<T>(row: &Row<'_>, column: usize, parse: impl Fn(&str) -> Option<T>) -> Result<T> {
    let text = text(row, column)?;
    parse(text).ok_or_else(|| Fault::inconsistent("a word", format!("this program does not know {text:?}")))
}

pub(crate) fn text<'r>(row: &'r Row<'_>, column: usize) -> Result<&'r str> {
    row.get_ref(column)?.as_str().map_err(|e| Fault::inconsistent("a text", e.to_string()))
}

pub(crate) fn blob<'r>(row: &'r Row<'_>, column: usize) -> Result<&'r [u8]> {
    row.get_ref(column)?.as_blob().map_err(|e| Fault::inconsistent("a payload", e.to_string()))
}

/// Counts are stored as they are; none comes near the sign.
pub(crate) fn count(row: &Row<'_>, column: usize) -> Result<u64> {
    Ok(row.get::<_, i64>(column)?.cast_unsigned())
}

/// An account's key from two columns.
pub(crate) fn account_key(row: &Row<'_>, column: usize) -> Result<AccountKey> {
    Ok(AccountKey { system: name(row, column)?, kind: name(row, column + 1)? })
}

pub(crate) fn record_state(state: &RecordState) -> &'static str {
    match state {
        RecordState::Taken => "taken",
        RecordState::Asked => "asked",
        RecordState::Quarantined => "quarantined",
        RecordState::Held => "held",
        RecordState::HeldInPart => "held_in_part",
        RecordState::HeldReread => "held_reread",
        RecordState::Missing => "missing",
    }
}

pub(crate) fn read_record_state(word: &str) -> Option<RecordState> {
    Some(match word {
        "taken" => RecordState::Taken,
        "asked" => RecordState::Asked,
        "quarantined" => RecordState::Quarantined,
        "held" => RecordState::Held,
        "held_in_part" => RecordState::HeldInPart,
        "held_reread" => RecordState::HeldReread,
        "missing" => RecordState::Missing,
        _ => return None,
    })
}

/// The subject follows the word: an entitlement, or an identity and its name.
pub(crate) fn obligation(obligation: &Obligation) -> String {
    match obligation {
        Obligation::AccountUnusable => "account-unusable".to_owned(),
        Obligation::AccountDeleted => "account-deleted".to_owned(),
        Obligation::EntitlementGone(entitlement) => format!("entitlement-gone {entitlement}"),
        Obligation::SessionsEnded => "sessions-ended".to_owned(),
        Obligation::CredentialsRevoked => "credentials-revoked".to_owned(),
        Obligation::CredentialsReset(since) => format!("credentials-reset {}", micros(*since)),
        Obligation::SecretRotated(name) => format!("secret-rotated {name}"),
        Obligation::Activated(account) => {
            format!("activated {} {}", account.system.as_str(), account.kind.as_str())
        }
        Obligation::HandedOver { identity, name } => format!("handed-over {identity} {name}"),
    }
}

pub(crate) fn read_obligation(word: &str) -> Option<Obligation> {
    if let Some(entitlement) = word.strip_prefix("entitlement-gone ") {
        return EntitlementName::new(entitlement).ok().map(Obligation::EntitlementGone);
    }
    if let Some(since) = word.strip_prefix("credentials-reset ") {
        return since.parse().ok().map(from_micros).map(Obligation::CredentialsReset);
    }
    if let Some(name) = word.strip_prefix("secret-rotated ") {
        return Some(Obligation::SecretRotated(Arc::from(name)));
    }
    if let Some(account) = word.strip_prefix("activated ") {
        let (system, kind) = account.split_once(' ')?;
        let account = AccountKey { system: SystemName::new(system).ok()?, kind: Kind::new(kind).ok()? };
        return Some(Obligation::Activated(account));
    }
    if let Some(owned) = word.strip_prefix("handed-over ") {
        let (identity, name) = owned.split_once(' ')?;
        return Some(Obligation::HandedOver {
            identity: IdentityId::parse(identity)?,
            name: Arc::from(name),
        });
    }
    Some(match word {
        "account-unusable" => Obligation::AccountUnusable,
        "account-deleted" => Obligation::AccountDeleted,
        "sessions-ended" => Obligation::SessionsEnded,
        "credentials-revoked" => Obligation::CredentialsRevoked,
        _ => return None,
    })
}

/// A shared payload.
pub(crate) fn bytes(row: &Row<'_>, column: usize) -> Result<Arc<[u8]>> {
    blob(row, column).map(Arc::from)
}
