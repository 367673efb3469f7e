//! Encoding happens in the task of whoever commits, so that the one writer only binds and steps.

use tenure_store::codec::Stored as _;
use tenure_store::{Change, Expect, StoreError, Unit};

/// A unit whose payloads are encoded.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) expects: Vec<Expect>,
    pub(crate) writes: Vec<Write>,
}

/// A change with its payloads; which they are follows from the change.
#[derive(Debug)]
pub(crate) struct Write {
    pub(crate) change: Change,
    pub(crate) body: Vec<u8>,
    pub(crate) second: Vec<u8>,
}

pub(crate) fn prepare(unit: Unit) -> Result<Prepared, StoreError> {
    let writes = unit.changes.into_iter().map(encode).collect::<Result<_, _>>()?;
    Ok(Prepared { expects: unit.expects, writes })
}

fn encode(mut change: Change) -> Result<Write, StoreError> {
    let mut second = Vec::new();
    let body = match &mut change {
        Change::PutIdentity(row) => {
            // Sorted, so that equal sets are equal bytes and nothing is written for them.
            row.keys.sort_unstable();
            row.keys.dedup();
            row.reads.sort_unstable();
            row.reads.dedup();
            let keys = row.keys.iter().map(|key| (key.kind.clone(), key.value.clone())).collect();
            second = (keys, row.reads.clone()).encode()?;
            row.identity.encode()?
        }
        Change::PutRecord(row) => {
            second = row.waiting.as_ref().map(|record| record.encode()).transpose()?.unwrap_or_default();
            row.taken.as_ref().map(|record| record.encode()).transpose()?.unwrap_or_default()
        }
        Change::PutAccount(_, account) => {
            second = account.observed.encode()?;
            account.target.encode()?
        }
        Change::PutGrant(_, grant) => grant.justifications.encode()?,
        Change::PutFact(fact) => fact.state.encode()?,
        Change::PutApproval(request) => request.encode()?,
        Change::PutHeldChange(row) => row.people.encode()?,
        Change::PutCorrelation(row) => row.candidates.encode()?,
        Change::PutFeedRun(row) => row.result.encode()?,
        Change::PutUnlinked(row) => row.entitlements.encode()?,
        Change::Activate(row) => row.files.encode()?,
        _ => Vec::new(),
    };
    Ok(Write { change, body, second })
}
