//! What a connection to a fake system shows of an account, and how it changes attributes and references.

use super::account::FakeAccount;
use super::connection::{Connection, error, find, written};
use super::state::{Accounts, State};
use super::wanted::Wanted;
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_connect::{
    AccountChange, AccountRef, ConnectError, ErrorKind, Operation, RemoteAccount, Unread, Written,
};
use tenure_model::{AttributeName, Value};

impl Connection {
    pub(super) fn show(
        &self,
        state: &State,
        accounts: &Accounts,
        external_id: &Arc<str>,
        a: &FakeAccount,
    ) -> RemoteAccount {
        let read = &self.attributes;
        let mut attributes: BTreeMap<AttributeName, Value> = a
            .attributes
            .iter()
            .filter(|(name, _)| read.is_empty() || read.iter().any(|s| s.name == **name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        for spec in self.attributes.iter().filter(|s| s.reference) {
            if let Some(other) = a.references.get(&spec.name).and_then(|id| accounts.get(id)) {
                attributes.insert(spec.name.clone(), Value::Text(other.name.clone()));
            }
        }
        RemoteAccount {
            external_id: external_id.clone(),
            name: a.name.clone(),
            kind: a.kind.clone(),
            enabled: a.enabled,
            attributes,
            entitlements: a.entitlements.clone(),
            indirect: state.indirect(&a.entitlements),
            version: Some(Arc::from(a.version.to_string())),
            unread: Unread::default(),
            outside: None,
        }
    }

    /// Splits attributes into plain ones and references, which become external ids.
    pub(super) fn resolve(
        &self,
        state: &State,
        operation: Operation,
        attributes: &BTreeMap<AttributeName, Option<Value>>,
    ) -> Result<Wanted, ConnectError> {
        let mut wanted = Wanted::default();
        for (name, value) in attributes {
            if !self.attributes.iter().any(|s| s.reference && s.name == *name) {
                wanted.plain.insert(name.clone(), value.clone());
                continue;
            }
            let id = match value {
                None => None,
                Some(v) => Some(state.id_of(&v.to_string()).ok_or_else(|| {
                    error(
                        ErrorKind::Invalid,
                        operation,
                        &format!("`{name}` names `{v}`, which is no account"),
                    )
                })?),
            };
            wanted.references.insert(name.clone(), id);
        }
        Ok(wanted)
    }

    pub(super) fn apply_change(
        &self,
        state: &mut State,
        account: &AccountRef,
        change: &AccountChange,
    ) -> Result<Written, ConnectError> {
        let at = Operation::Update;
        let missing = || error(ErrorKind::NotFound, at, &format!("no account `{}`", account.name));
        let external_id = find(&state.accounts, account).ok_or_else(missing)?;
        let wanted = self.resolve(state, at, &change.attributes)?;
        let mut new = state.accounts.get(&external_id).ok_or_else(missing)?.clone();
        if change.if_version.as_ref().is_some_and(|v| **v != *new.version.to_string()) {
            return Err(error(ErrorKind::Conflict, at, &format!("the version is {} now", new.version)));
        }
        let old = new.clone();
        if let Some(name) = &change.rename {
            if state.id_of(name).is_some_and(|id| id != external_id) {
                return Err(error(ErrorKind::Exists, at, &format!("`{name}` is taken")));
            }
            new.name = name.clone();
        }
        wanted.write_to(&mut new);
        let changed = new != old;
        new.version += u64::from(changed);
        state.accounts.insert(external_id.clone(), new);
        Ok(written(external_id, changed))
    }
}
