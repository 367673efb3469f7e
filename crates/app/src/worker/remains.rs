//! Remaining sessions and credentials: a list is read where ending them is owed; those that expire are distinguished from those that stay.

use super::task::{Confirmation, Failure};
use jiff::Timestamp;
use std::sync::Arc;
use tenure_connect::{AccountRef, ConnectError, ErrorKind, Status};
use tenure_model::{Fact, FactState, Obligation, Observation};

/// Result of reading a list.
#[derive(Debug, Clone)]
pub(crate) enum Left {
    /// Not read: nothing is owed.
    Unasked,
    /// None is left.
    Nothing,
    /// This many are left; each expires, the last one at this time.
    Expiring(usize, Timestamp),
    /// This many stay until they are ended.
    Open(usize),
    /// It could not be read.
    Unread(Failure),
}

/// The lists of one account.
#[derive(Debug, Clone)]
pub(crate) struct Remains {
    pub(crate) sessions: Left,
    pub(crate) credentials: Left,
}

impl Remains {
    /// The list for an obligation; `None` for obligations that a read of the account itself shows.
    pub(crate) fn of(&self, obligation: &Obligation) -> Option<&Left> {
        match obligation {
            Obligation::SessionsEnded => Some(&self.sessions),
            Obligation::CredentialsRevoked => Some(&self.credentials),
            _ => None,
        }
    }

    /// When the last expiring one has ended.
    pub(crate) fn until(&self) -> Option<Timestamp> {
        let until = |left: &Left| match left {
            Left::Expiring(_, until) => Some(*until),
            _ => None,
        };
        until(&self.sessions).max(until(&self.credentials))
    }

    /// The first list that could not be read.
    pub(crate) fn unread(&self) -> Option<&Failure> {
        [&self.sessions, &self.credentials].into_iter().find_map(|left| match left {
            Left::Unread(failure) => Some(failure),
            _ => None,
        })
    }
}

impl Confirmation<'_> {
    /// Reads the owed lists of an existing account.
    pub(crate) async fn remains(&self, account: &AccountRef) -> Remains {
        let (reader, able) = (&self.job.wired.reader, &self.job.wired.capabilities);
        let now = self.job.moment.now;
        let owed = |o| self.job.facts.iter().any(|f| owes(f, &self.job.task.account, &o));
        let sessions = if able.sessions && owed(Obligation::SessionsEnded) {
            left(reader.sessions(account).await.map(|all| all.iter().map(|s| s.until).collect()), now)
        } else {
            Left::Unasked
        };
        let credentials = if able.credentials && owed(Obligation::CredentialsRevoked) {
            left(reader.credentials(account).await.map(|all| all.iter().map(|c| c.until).collect()), now)
        } else {
            Left::Unasked
        };
        Remains { sessions, credentials }
    }
}

fn owes(fact: &Fact, account: &tenure_model::AccountKey, obligation: &Obligation) -> bool {
    fact.is_of(account) && fact.obligation == *obligation && fact.state.is_open()
}

/// What a list of ends means. An entry that is past its own end and still listed has no proved end.
fn left(list: Result<Vec<Option<Timestamp>>, ConnectError>, now: Timestamp) -> Left {
    let ends = match list {
        Ok(ends) => ends,
        Err(e) => {
            // One refused read is no reason never to read again.
            let again = e.status == Status::Permanent && e.kind != ErrorKind::Unsupported;
            let failure = Failure::from(e);
            let status = if again { Status::Temporary } else { failure.status };
            return Left::Unread(Failure { status, ..failure });
        }
    };
    let open = ends.iter().filter(|end| end.is_none_or(|e| e <= now)).count();
    match ends.iter().flatten().max() {
        _ if open > 0 => Left::Open(open),
        Some(last) => Left::Expiring(ends.len(), *last),
        None => Left::Nothing,
    }
}

/// The state of the fact about sessions or credentials after a read; `None` where the read showed nothing.
pub(crate) fn known(fact: &Fact, left: &Left, seen: &Observation) -> Option<FactState> {
    match left {
        Left::Unasked | Left::Nothing => Some(FactState::Confirmed(seen.clone())),
        Left::Expiring(n, until) => Some(FactState::Expiring {
            until: *until,
            why: Arc::from(format!(
                "{n} left that cannot be ended; the system states when the last one expires"
            )),
        }),
        Left::Open(_) => Some(FactState::Unknown),
        Left::Unread(_) => match &fact.state {
            FactState::Expiring { until, .. } if *until <= seen.at => {
                let by = Arc::from("the lifetime that was proved");
                Some(FactState::Confirmed(Observation { by, ..seen.clone() }))
            }
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn what_ends_by_itself_is_told_from_what_stays() {
        let of = |ends: &[Option<i64>]| left(Ok(ends.iter().map(|e| e.map(at)).collect()), at(100));
        assert!(matches!(of(&[]), Left::Nothing));
        assert!(matches!(of(&[Some(200), Some(150)]), Left::Expiring(2, until) if until == at(200)));
        assert!(matches!(of(&[Some(200), None]), Left::Open(1)));
        assert!(matches!(of(&[Some(100)]), Left::Open(1)), "it is over and still there");
        let refused = ConnectError::new(ErrorKind::Refused, "sessions", "no").with_status(Status::Permanent);
        assert!(matches!(left(Err(refused), at(1)), Left::Unread(f) if f.status == Status::Temporary));
    }
}
