//! Writes accounts, grants, facts and their cases.

use super::run;
use super::turn::Writer;
use crate::fault::Result;
use crate::prepare::Write;
use crate::word::{micros, obligation};
use tenure_model::{Account, AccountKey, Case, Fact, Grant, IdentityId, Name as _, Obligation};

impl Writer {
    pub(super) fn put_account(&self, identity: IdentityId, account: &Account, write: &Write) -> Result<()> {
        run(
            &self.connection,
            "INSERT INTO account (identity, system, kind, generation, confirmed, state, external_id, target, observed)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT (identity, system, kind) DO UPDATE SET
               generation = excluded.generation, confirmed = excluded.confirmed, state = excluded.state,
               external_id = excluded.external_id, target = excluded.target, observed = excluded.observed",
            (
                identity.as_bytes(),
                account.key.system.as_str(),
                account.key.kind.as_str(),
                account.generation.cast_signed(),
                account.confirmed.cast_signed(),
                account.target.state.as_str(),
                &account.external_id,
                &write.body,
                &write.second,
            ),
        )?;
        Ok(())
    }

    pub(super) fn put_grant(&self, identity: IdentityId, grant: &Grant, write: &Write) -> Result<()> {
        run(
            &self.connection,
            "INSERT INTO \"grant\" (identity, system, kind, entitlement, holding, justifications)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (identity, system, kind, entitlement) DO UPDATE SET
               holding = excluded.holding, justifications = excluded.justifications",
            (
                identity.as_bytes(),
                grant.account.system.as_str(),
                grant.account.kind.as_str(),
                grant.entitlement.as_str(),
                grant.holding.as_str(),
                &write.body,
            ),
        )?;
        Ok(())
    }

    pub(super) fn put_fact(&self, fact: &Fact, write: &Write) -> Result<()> {
        let (system, kind) = account(fact.account.as_ref());
        run(
            &self.connection,
            "INSERT INTO fact (identity, system, kind, obligation, generation, case_id, state, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT (identity, system, kind, obligation) DO UPDATE SET
               generation = excluded.generation, case_id = excluded.case_id, state = excluded.state, body = excluded.body",
            (
                fact.identity.as_bytes(),
                system,
                kind,
                obligation(&fact.obligation),
                fact.generation.cast_signed(),
                fact.case.as_bytes(),
                fact.state.as_str(),
                &write.body,
            ),
        )?;
        Ok(())
    }

    pub(super) fn drop_fact(
        &self,
        identity: IdentityId,
        key: Option<&AccountKey>,
        what: &Obligation,
    ) -> Result<()> {
        let (system, kind) = account(key);
        run(
            &self.connection,
            "DELETE FROM fact WHERE identity = ?1 AND system = ?2 AND kind = ?3 AND obligation = ?4",
            (identity.as_bytes(), system, kind, obligation(what)),
        )?;
        Ok(())
    }

    pub(super) fn put_case(&self, case: &Case) -> Result<()> {
        run(
            &self.connection,
            "INSERT INTO lifecycle_case (id, identity, label, state, effective_at, known_at, decided_at, confirmed_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT (identity, id) DO UPDATE SET label = excluded.label, state = excluded.state,
               effective_at = excluded.effective_at, known_at = excluded.known_at, decided_at = excluded.decided_at,
               confirmed_at = excluded.confirmed_at",
            (
                case.id.as_bytes(),
                case.identity.as_bytes(),
                case.label.as_str(),
                case.state.as_str(),
                micros(case.clocks.effective_at),
                micros(case.clocks.known_at),
                micros(case.clocks.decided_at),
                case.clocks.confirmed_at.map(micros),
            ),
        )?;
        Ok(())
    }
}

/// The columns of a fact's account; both are empty if it has none.
pub(super) fn account(key: Option<&AccountKey>) -> (&str, &str) {
    key.map_or(("", ""), |k| (k.system.as_str(), k.kind.as_str()))
}
