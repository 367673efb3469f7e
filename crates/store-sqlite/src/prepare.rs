//! Encoding happens in the caller's task, so that the single writer only binds and steps.

use tenure_store::codec::Stored as _;
use tenure_store::{Change, Expect, StoreError, Unit};

/// A unit whose payloads are encoded.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) expects: Vec<Expect>,
    pub(crate) writes: Vec<Write>,
}

/// A change with its encoded payloads, which depend on the kind of change. Encoded values may be removed from the change: the writer
/// does not need them, and freeing a hundred timelines per person would cost it time.
#[derive(Debug)]
pub(crate) struct Write {
    pub(crate) change: Change,
    pub(crate) body: Option<Vec<u8>>,
    pub(crate) second: Option<Vec<u8>>,
}

pub(crate) fn prepare(unit: Unit) -> Result<Prepared, StoreError> {
    let writes = unit.changes.into_iter().map(encode).collect::<Result<_, _>>()?;
    Ok(Prepared { expects: unit.expects, writes })
}

fn encode(mut change: Change) -> Result<Write, StoreError> {
    let mut second = None;
    let body = match &mut change {
        Change::PutIdentity(row) => {
            // Sorted, so that equal sets are equal bytes and need no write.
            row.keys.sort_unstable();
            row.keys.dedup();
            row.reads.sort_unstable();
            row.reads.dedup();
            let keys = row.keys.iter().map(|key| (key.kind.clone(), key.value.clone())).collect();
            second = Some((keys, row.reads.clone()).encode()?);
            let body = row.identity.encode()?;
            row.identity.engagements.clear();
            row.identity.supplements.clear();
            Some(body)
        }
        Change::PutRecord(row) => row.waiting.take().map(|record| record.encode()).transpose()?,
        Change::PutAccount(_, account) => {
            second = Some(account.observed.encode()?);
            Some(account.target.encode()?)
        }
        Change::PutGrant(_, grant) => Some(grant.justifications.encode()?),
        Change::PutFact(fact) => Some(fact.state.encode()?),
        Change::PutApproval(request) => Some(request.encode()?),
        Change::PutCutOffOrder(order) => Some(order.encode()?),
        Change::PutHeldChange(row) => Some(row.people.encode()?),
        Change::PutCorrelation(row) => Some(row.candidates.encode()?),
        Change::PutFeedRun(row) => Some(row.result.encode()?),
        Change::PutUnlinked(row) => {
            second = Some(row.candidates.encode()?);
            Some(row.entitlements.encode()?)
        }
        Change::Activate(row) => Some(row.files.encode()?),
        Change::PutNote(note) => Some(note.encode()?),
        _ => None,
    };
    Ok(Write { change, body, second })
}
