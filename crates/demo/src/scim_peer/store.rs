//! The peer's memory: users and groups with the indexes that its queries need.

use super::options::{PeerClock, Quirks};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use tenure_scim::{Patch, PatchRules, Schemas, ScimError, ScimType, field, set_field};

/// Which sort of resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Type {
    User,
    Group,
}

impl Type {
    pub(crate) fn endpoint(self) -> &'static str {
        match self {
            Self::User => "Users",
            Self::Group => "Groups",
        }
    }
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Group => "Group",
        }
    }
    fn key(self) -> &'static str {
        match self {
            Self::User => "userName",
            Self::Group => "displayName",
        }
    }
}

/// A resource without what the service adds: id, meta, members, groups.
#[derive(Clone)]
pub(crate) struct Row {
    pub(crate) resource: Value,
    pub(crate) version: u64,
    created: Timestamp,
    modified: Timestamp,
}

#[derive(Clone, Default)]
pub(crate) struct Table {
    pub(crate) rows: BTreeMap<String, Row>,
    /// By `userName` or `displayName`, lower case: both compare without regard to case.
    names: BTreeMap<String, BTreeSet<String>>,
}

impl Table {
    pub(crate) fn named(&self, name: &str) -> impl Iterator<Item = &String> {
        self.names.get(&name.to_lowercase()).into_iter().flatten()
    }
    fn index(&mut self, name: &str, id: &str) {
        self.names.entry(name.to_lowercase()).or_default().insert(id.to_owned());
    }
    fn forget(&mut self, name: &str, id: &str) {
        let lower = name.to_lowercase();
        if let Some(ids) = self.names.get_mut(&lower) {
            ids.remove(id);
            if ids.is_empty() {
                self.names.remove(&lower);
            }
        }
    }
}

#[derive(Clone)]
pub(crate) struct Store {
    pub(crate) users: Table,
    pub(crate) groups: Table,
    /// Members by group.
    pub(crate) members: BTreeMap<String, BTreeSet<String>>,
    /// Groups by member.
    pub(crate) memberships: BTreeMap<String, BTreeSet<String>>,
    next: u64,
    base: String,
}

impl Store {
    pub(crate) fn new(base: &str) -> Self {
        Self {
            users: Table::default(),
            groups: Table::default(),
            members: BTreeMap::new(),
            memberships: BTreeMap::new(),
            next: 1,
            base: base.to_owned(),
        }
    }

    pub(crate) fn table(&self, of: Type) -> &Table {
        match of {
            Type::User => &self.users,
            Type::Group => &self.groups,
        }
    }
    fn table_mut(&mut self, of: Type) -> &mut Table {
        match of {
            Type::User => &mut self.users,
            Type::Group => &mut self.groups,
        }
    }

    /// Keeps a new resource (already normalised); gives its id.
    pub(crate) fn create(
        &mut self,
        of: Type,
        resource: Value,
        clock: &PeerClock,
    ) -> Result<String, ScimError> {
        self.check_name(of, &resource, None)?;
        let members = self.checked_members(of, &resource)?;
        let letter = if of == Type::User { 'u' } else { 'g' };
        let id = format!("{letter}{:08}", self.next);
        self.next += 1;
        let now = clock();
        let name = name_of(of, &resource).to_owned();
        let row = Row { resource: stripped(resource), version: 1, created: now, modified: now };
        let table = self.table_mut(of);
        table.index(&name, &id);
        table.rows.insert(id.clone(), row);
        self.set_members(&id, members);
        Ok(id)
    }

    /// Replaces a resource (already normalised).
    pub(crate) fn replace(
        &mut self,
        of: Type,
        id: &str,
        resource: Value,
        clock: &PeerClock,
    ) -> Result<(), ScimError> {
        self.check_name(of, &resource, Some(id))?;
        let members = self.checked_members(of, &resource)?;
        let now = clock();
        let new_name = name_of(of, &resource).to_owned();
        let table = self.table_mut(of);
        let row = table.rows.get_mut(id).ok_or_else(|| missing(of, id))?;
        let resource = stripped(resource);
        let old_name = name_of(of, &row.resource).to_owned();
        let changed = row.resource != resource;
        row.resource = resource;
        if old_name != new_name {
            table.forget(&old_name, id);
            table.index(&new_name, id);
        }
        let moved = of == Type::Group && self.set_members(id, members);
        if changed || moved {
            self.touch(of, id, now);
        }
        Ok(())
    }

    /// Applies a PATCH. Plain changes of membership go by the index; everything else by the whole resource.
    pub(crate) fn patch(
        &mut self,
        (of, id): (Type, &str),
        patch: &Patch,
        schemas: &Schemas,
        quirks: &Quirks,
        clock: &PeerClock,
    ) -> Result<(), ScimError> {
        if !self.table(of).rows.contains_key(id) {
            return Err(missing(of, id));
        }
        if of == Type::Group
            && let Some(changes) = super::resources::plain_memberships(patch, schemas)
        {
            return self.change_members(id, &changes, clock);
        }
        let rules = PatchRules { remove_listed_values: quirks.removes_listed_values };
        let mut before = self.table(of).rows.get(id).map(|r| r.resource.clone()).unwrap_or_default();
        if of == Type::Group {
            let members: Vec<Value> =
                self.members.get(id).into_iter().flatten().map(|m| json!({ "value": m })).collect();
            if !members.is_empty() {
                set_field(&mut before, "members", Value::Array(members));
            }
        }
        let after = patch.apply(&before, schemas, rules)?;
        self.replace(of, id, after, clock)
    }

    /// Adds (`true`) and removes members, all or none.
    pub(crate) fn change_members(
        &mut self,
        group: &str,
        changes: &[(bool, String)],
        clock: &PeerClock,
    ) -> Result<(), ScimError> {
        for (_, member) in changes.iter().filter(|(add, _)| *add) {
            self.check_member(member)?;
        }
        let mut changed = false;
        for (add, member) in changes {
            changed |= if *add { self.join(group, member) } else { self.leave(group, member) };
        }
        if changed {
            self.touch(Type::Group, group, clock());
        }
        Ok(())
    }

    /// Removes a resource, its members and its memberships.
    pub(crate) fn delete(&mut self, of: Type, id: &str) -> Result<(), ScimError> {
        let table = self.table_mut(of);
        let row = table.rows.remove(id).ok_or_else(|| missing(of, id))?;
        table.forget(name_of(of, &row.resource), id);
        for member in self.members.remove(id).unwrap_or_default() {
            remove_from(&mut self.memberships, &member, id);
        }
        for group in self.memberships.remove(id).unwrap_or_default() {
            remove_from(&mut self.members, &group, id);
        }
        Ok(())
    }

    /// When a resource was last written.
    pub(crate) fn changed_at(&self, of: Type, id: &str) -> Option<Timestamp> {
        self.table(of).rows.get(id).map(|row| row.modified)
    }

    /// The resource as it is answered. `lists` leaves out members and groups unless the request asks for them.
    pub(crate) fn view(&self, of: Type, id: &str, lists: bool, quirks: &Quirks) -> Result<Value, ScimError> {
        let row = self.table(of).rows.get(id).ok_or_else(|| missing(of, id))?;
        let mut view = Map::new();
        view.insert("schemas".to_owned(), field(&row.resource, "schemas").cloned().unwrap_or_default());
        view.insert("id".to_owned(), Value::from(id));
        for (k, v) in row.resource.as_object().into_iter().flatten().filter(|(k, _)| *k != "schemas") {
            view.insert(k.clone(), v.clone());
        }
        if lists && of == Type::Group {
            self.put_refs(&mut view, "members", self.members.get(id));
        } else if lists && !quirks.forgets_user_groups {
            self.put_refs(&mut view, "groups", self.memberships.get(id));
        }
        let meta = json!({
            "resourceType": of.name(),
            "created": row.created.to_string(),
            "lastModified": row.modified.to_string(),
            "location": self.location(of, id),
            "version": version(row.version),
        });
        view.insert("meta".to_owned(), meta);
        Ok(Value::Object(view))
    }

    pub(crate) fn version(&self, of: Type, id: &str) -> Option<String> {
        self.table(of).rows.get(id).map(|r| version(r.version))
    }

    pub(crate) fn location(&self, of: Type, id: &str) -> String {
        format!("{}/{}/{id}", self.base, of.endpoint())
    }

    fn put_refs(&self, view: &mut Map<String, Value>, name: &str, ids: Option<&BTreeSet<String>>) {
        let reference = |id: &String| {
            let of = if self.users.rows.contains_key(id) { Type::User } else { Type::Group };
            let display = self.table(of).rows.get(id).map(|r| name_of(of, &r.resource)).unwrap_or_default();
            let (value, reference) = (id, self.location(of, id));
            // Members have no `display` in the published schema (RFC 7643 §8.7.1), a user's groups do.
            match name {
                "members" => json!({ "value": value, "$ref": reference, "type": of.name() }),
                _ => json!({ "value": value, "$ref": reference, "display": display, "type": "direct" }),
            }
        };
        let items: Vec<Value> = ids.into_iter().flatten().map(reference).collect();
        if !items.is_empty() {
            view.insert(name.to_owned(), Value::Array(items));
        }
    }

    fn check_name(&self, of: Type, resource: &Value, own: Option<&str>) -> Result<(), ScimError> {
        let name = name_of(of, resource);
        // Groups may share a display name (RFC 7643 §4.2 asks for none); users may not share a user name.
        if of == Type::User && self.users.named(name).any(|id| Some(id.as_str()) != own) {
            return Err(ScimError::new(ScimType::Uniqueness, format!("the userName `{name}` is taken")));
        }
        Ok(())
    }

    fn check_member(&self, member: &str) -> Result<(), ScimError> {
        if self.users.rows.contains_key(member) || self.groups.rows.contains_key(member) {
            return Ok(());
        }
        Err(ScimError::new(
            ScimType::InvalidValue,
            format!("the member `{member}` is neither a user nor a group"),
        ))
    }

    fn checked_members(&self, of: Type, resource: &Value) -> Result<BTreeSet<String>, ScimError> {
        let listed = if of == Type::Group { field(resource, "members") } else { None };
        let mut members = BTreeSet::new();
        for member in listed.and_then(Value::as_array).into_iter().flatten() {
            let id = field(member, "value").and_then(Value::as_str).unwrap_or_default();
            self.check_member(id)?;
            members.insert(id.to_owned());
        }
        Ok(members)
    }

    fn set_members(&mut self, group: &str, wanted: BTreeSet<String>) -> bool {
        let have = self.members.get(group).cloned().unwrap_or_default();
        for gone in have.difference(&wanted) {
            self.leave(group, gone);
        }
        for new in wanted.difference(&have) {
            self.join(group, new);
        }
        have != wanted
    }

    fn join(&mut self, group: &str, member: &str) -> bool {
        self.memberships.entry(member.to_owned()).or_default().insert(group.to_owned());
        self.members.entry(group.to_owned()).or_default().insert(member.to_owned())
    }

    fn leave(&mut self, group: &str, member: &str) -> bool {
        remove_from(&mut self.memberships, member, group);
        remove_from(&mut self.members, group, member)
    }

    fn touch(&mut self, of: Type, id: &str, now: Timestamp) {
        if let Some(row) = self.table_mut(of).rows.get_mut(id) {
            row.version += 1;
            row.modified = now;
        }
    }
}

fn remove_from(index: &mut BTreeMap<String, BTreeSet<String>>, key: &str, item: &str) -> bool {
    let Some(items) = index.get_mut(key) else { return false };
    let removed = items.remove(item);
    if items.is_empty() {
        index.remove(key);
    }
    removed
}

pub(crate) fn name_of(of: Type, resource: &Value) -> &str {
    field(resource, of.key()).and_then(Value::as_str).unwrap_or_default()
}

pub(crate) fn missing(of: Type, id: &str) -> ScimError {
    ScimError::status(404, format!("there is no {} `{id}`", of.name()))
}

fn version(n: u64) -> String {
    format!("W/\"{n}\"")
}

/// Without what the service makes itself, and without the password: there is no login here.
fn stripped(mut resource: Value) -> Value {
    for added in ["id", "meta", "members", "groups", "password"] {
        tenure_scim::remove_field(&mut resource, added);
    }
    resource
}
