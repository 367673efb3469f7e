//! Direct access to the peer: what tests and the demo read and set without HTTP.

use super::options::{PeerOptions, Quirks};
use super::store::{Store, Type, name_of};
use serde_json::{Value, json};
use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tenure_scim::{Schemas, ScimError, Write, field, normalise, truth};

/// Requests that are kept at most; older ones are dropped.
const RECORDED_MAX: usize = 10_000;

/// A request that the peer got.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// HTTP method.
    pub method: String,
    /// Path and query below the base URL, as sent.
    pub path: String,
    /// The body, `null` when there was none.
    pub body: Value,
    /// The `If-Match` header.
    pub if_match: Option<String>,
}

pub(crate) struct Inner {
    pub(crate) store: Store,
    pub(crate) quirks: Quirks,
    /// What reads still show, and how many more of them.
    pub(crate) stale: Option<(Store, u32)>,
    pub(crate) recorded: VecDeque<Recorded>,
    pub(crate) requests: u64,
}

pub(crate) struct Shared {
    pub(crate) options: PeerOptions,
    pub(crate) user: Schemas,
    pub(crate) group: Schemas,
    pub(crate) base: String,
    inner: Mutex<Inner>,
}

impl Shared {
    pub(crate) fn new(options: PeerOptions, base: String) -> Result<Self, ScimError> {
        let inner = Inner {
            store: Store::new(&base),
            quirks: options.quirks.clone(),
            stale: None,
            recorded: VecDeque::new(),
            requests: 0,
        };
        Ok(Self { options, user: Schemas::user()?, group: Schemas::group()?, base, inner: Mutex::new(inner) })
    }
    pub(crate) fn schemas(&self, of: Type) -> &Schemas {
        match of {
            Type::User => &self.user,
            Type::Group => &self.group,
        }
    }
    /// A panic while the lock was held left whole rows: each write replaces them at once.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    pub(crate) fn record(&mut self, request: Recorded) {
        if self.recorded.len() == RECORDED_MAX {
            self.recorded.pop_front();
        }
        self.recorded.push_back(request);
    }
    /// Called before a write: reads may go on showing what is there now.
    pub(crate) fn before_write(&mut self) {
        if self.quirks.stale_reads > 0 && self.stale.is_none() {
            self.stale = Some((self.store.clone(), self.quirks.stale_reads));
        }
    }
    /// Gives the store that a read sees.
    pub(crate) fn with_read<T>(&mut self, read: impl FnOnce(&Store, &Quirks) -> T) -> T {
        let Some((old, left)) = self.stale.take() else { return read(&self.store, &self.quirks) };
        let answer = read(&old, &self.quirks);
        self.stale = (left > 1).then(|| (old, left - 1));
        answer
    }
}

/// What the peer holds. Cheap to clone; all clones see the same.
#[derive(Clone)]
pub struct PeerState(pub(crate) Arc<Shared>);

impl PeerState {
    /// Adds a group; gives its id.
    ///
    /// # Errors
    /// When the name is blank.
    pub fn add_group(&self, name: &str) -> Result<String, ScimError> {
        let group = normalise(&json!({ "displayName": name }), &self.0.group, Write::Whole)?;
        self.0.lock().store.create(Type::Group, group, &self.0.options.clock)
    }
    /// Adds a user from a SCIM resource (`{"userName": …}`); gives its id.
    ///
    /// # Errors
    /// When the name is taken or a value is wrong.
    pub fn add_user(&self, resource: &Value) -> Result<String, ScimError> {
        let user = normalise(resource, &self.0.user, Write::Whole)?;
        self.0.lock().store.create(Type::User, user, &self.0.options.clock)
    }
    /// Adds or removes a member outside Tenure: drift. `false` when user or group is not there.
    pub fn set_member(&self, group: &str, user_name: &str, member: bool) -> bool {
        let mut inner = self.0.lock();
        let group = inner.store.groups.named(group).next().cloned();
        let user = inner.store.users.named(user_name).next().cloned();
        let (Some(group), Some(user)) = (group, user) else { return false };
        inner.store.change_members(&group, &[(member, user)], &self.0.options.clock).is_ok()
    }
    /// Makes one group a member of another outside Tenure. `false` when one is not there.
    pub fn set_group_member(&self, group: &str, member: &str) -> bool {
        let mut inner = self.0.lock();
        let id = |name| inner.store.groups.named(name).next().cloned();
        let (Some(group), Some(member)) = (id(group), id(member)) else { return false };
        inner.store.change_members(&group, &[(true, member)], &self.0.options.clock).is_ok()
    }
    /// Sets one attribute of a user, by its path, outside Tenure. `false` when the user is not there or the value is
    /// refused.
    pub fn set_attribute(&self, user_name: &str, attribute: &str, value: Value) -> bool {
        let mut inner = self.0.lock();
        let Some(id) = inner.store.users.named(user_name).next().cloned() else { return false };
        let operation = tenure_scim::Operation::replace(attribute, value);
        let patch = tenure_scim::Patch { operations: vec![operation] };
        let quirks = inner.quirks.clone();
        inner.store.patch((Type::User, &id), &patch, &self.0.user, &quirks, &self.0.options.clock).is_ok()
    }
    /// Removes a user outside Tenure. `false` when it is not there.
    pub fn remove_user(&self, user_name: &str) -> bool {
        let mut inner = self.0.lock();
        let Some(id) = inner.store.users.named(user_name).next().cloned() else { return false };
        inner.store.delete(Type::User, &id).is_ok()
    }
    /// Users now.
    #[must_use]
    pub fn user_count(&self) -> usize {
        self.0.lock().store.users.rows.len()
    }
    /// Users that are active now (no `active` counts as active).
    #[must_use]
    pub fn active_count(&self) -> usize {
        let inner = self.0.lock();
        let active = |r: &Value| field(r, "active").and_then(truth) != Some(false);
        inner.store.users.rows.values().filter(|row| active(&row.resource)).count()
    }
    /// All users as they are answered, in the order of their creation.
    #[must_use]
    pub fn users(&self) -> Vec<Value> {
        let inner = self.0.lock();
        inner
            .store
            .users
            .rows
            .keys()
            .filter_map(|id| inner.store.view(Type::User, id, true, &inner.quirks).ok())
            .collect()
    }
    /// One user by name.
    #[must_use]
    pub fn user(&self, user_name: &str) -> Option<Value> {
        let inner = self.0.lock();
        let id = inner.store.users.named(user_name).next()?;
        inner.store.view(Type::User, id, true, &inner.quirks).ok()
    }
    /// User names of the members of a group.
    #[must_use]
    pub fn members(&self, group: &str) -> BTreeSet<String> {
        let inner = self.0.lock();
        let Some(id) = inner.store.groups.named(group).next() else { return BTreeSet::new() };
        let row = |member: &String| inner.store.users.rows.get(member);
        let name = |member| row(member).map(|r| name_of(Type::User, &r.resource).to_owned());
        inner.store.members.get(id).into_iter().flatten().filter_map(name).collect()
    }
    /// Display names of all groups.
    #[must_use]
    pub fn groups(&self) -> BTreeSet<String> {
        let inner = self.0.lock();
        inner.store.groups.rows.values().map(|r| name_of(Type::Group, &r.resource).to_owned()).collect()
    }
    /// Requests so far.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.0.lock().requests
    }
    /// The requests since the last call, where the peer was told to record (at most 10,000).
    pub fn recorded(&self) -> Vec<Recorded> {
        std::mem::take(&mut self.0.lock().recorded).into()
    }
    /// Changes how the peer misbehaves from now on.
    pub fn set_quirks(&self, quirks: Quirks) {
        let mut inner = self.0.lock();
        inner.quirks = quirks;
        inner.stale = None;
    }
}
