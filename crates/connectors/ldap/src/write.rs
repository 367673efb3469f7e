//! Everything that changes the directory. Each change is computed from the present state of the directory.

use crate::account::{AccountEntry, VERSION};
use crate::attribute;
use crate::dn;
use crate::error::{Failure, code};
use crate::groups::Group;
use crate::lock::Disable;
use crate::pool::Line;
use crate::setup::{Groups, Setup};
use ldap3::{Mod, ldap_escape};
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_connect::{AccountChange, AccountRef, ConnectError, Created, ErrorKind, NewAccount, Written};
use tenure_model::{Kind, Name as _};

/// What the classes for people require (RFC 4519, section 3.12), filled with the account's name if policy writes nothing, so that a
/// service account needs no surname in its policy.
const REQUIRED_OF_PEOPLE: [&str; 2] = ["cn", "sn"];
const CLASSES_OF_PEOPLE: [&str; 3] = ["person", "organizationalperson", "inetorgperson"];

impl Setup {
    /// Creates an account that cannot be used: in one step with its lock, and without a password.
    ///
    /// Under ppolicy the lock is part of the new entry. OpenLDAP lets a client that may write `pwdAccountLockedTime` add it (the
    /// attribute is operational, but not declared NO-USER-MODIFICATION), so the account is never unlocked, not even for a moment.
    pub(crate) async fn create(&self, line: &Line, account: &NewAccount) -> Result<Created, ConnectError> {
        self.writable(line, &account.name)?;
        if account.name.is_empty() {
            return Err(line.wire.error(ErrorKind::Invalid, "an account needs a name"));
        }
        if self.disable == Disable::Ppolicy {
            line.lock_is_enforced(line.facts.policies.default_lock())?;
        }
        let place = self.container.as_ref().and_then(|c| account.attributes.get(&c.name));
        let below = self.container_dn(line, &account.kind, place).await?;
        self.name_is_free(line, &account.name, &account.kind).await?;
        let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, value) in account.attributes.iter().filter(|(name, _)| !self.is_place(name)) {
            let spec = self.declared(line, name)?;
            let texts = self.values(line, spec, value).await?;
            if !texts.is_empty() {
                values.insert(name.as_str().to_ascii_lowercase(), texts);
            }
        }
        let name = account.name.to_string();
        values.insert(self.name.to_ascii_lowercase(), vec![name.clone()]);
        if self.classes.iter().any(|c| CLASSES_OF_PEOPLE.contains(&&*c.to_ascii_lowercase())) {
            for required in REQUIRED_OF_PEOPLE {
                values.entry(required.to_owned()).or_insert_with(|| vec![name.clone()]);
            }
        }
        let called = values.entry(self.rdn.to_ascii_lowercase()).or_insert_with(|| vec![name]);
        let first = dn::relative(&self.rdn, called.first().map_or("", String::as_str));
        values.insert("objectclass".to_owned(), self.classes.iter().map(ToString::to_string).collect());
        if let Some((attribute, mark)) = self.disable.mark() {
            values.insert(attribute, vec![mark]);
        }
        let dn = format!("{first},{below}");
        line.wire.add(&dn, values.into_iter().collect()).await.map_err(|f| taken(f, &account.name))?;
        match line.wire.entry(&dn, self.attributes()).await? {
            Some(entry) => {
                let usable =
                    self.disable.mark().is_some() && self.disable.is_enabled(&entry, &line.facts.policies);
                Ok(Created { external_id: self.account(line, entry, None)?.external_id, usable })
            }
            None => Err(line.wire.error(ErrorKind::Conflict, format!("`{dn}` was made and is gone again"))),
        }
    }

    async fn name_is_free(&self, line: &Line, name: &str, kind: &Kind) -> Result<(), ConnectError> {
        match self.find_named(line, name, kind).await? {
            None => Ok(()),
            Some(found) => {
                let text = format!("the name `{name}` belongs to `{}`", found.entry.dn);
                Err(line.wire.error(ErrorKind::Exists, text))
            }
        }
    }

    /// The account, which must exist and not be protected.
    pub(super) async fn to_write(
        &self,
        line: &Line,
        account: &AccountRef,
    ) -> Result<AccountEntry, ConnectError> {
        match self.find(line, account).await? {
            Some(found) => self.writable(line, &found.name).map(|()| found),
            None => {
                let text = format!("the directory has no account `{}`", account.name);
                Err(line.wire.error(ErrorKind::NotFound, text))
            }
        }
    }

    /// Writes attributes, then the name.
    pub(crate) async fn update(
        &self,
        line: &Line,
        account: &AccountRef,
        change: &AccountChange,
    ) -> Result<Written, ConnectError> {
        self.writable(line, &account.name)?;
        let found = self.to_write(line, account).await?;
        let mut only_if = self.condition(line, &found, change.if_version.as_ref())?;
        let mut called = None;
        let mut edits = Vec::new();
        let below = self.new_place(line, &found, change).await?;
        for (name, value) in change.attributes.iter().filter(|(name, _)| !self.is_place(name)) {
            let spec = self.declared(line, name)?;
            let due = match value {
                Some(value) => self.values(line, spec, value).await?,
                None => Vec::new(),
            };
            if name.as_str().eq_ignore_ascii_case(&self.rdn) {
                called = Some(self.new_called(line, &found, due)?);
            } else {
                edits.extend(attribute::edits(spec, found.entry.all(name.as_str()), &due));
            }
        }
        if let Some(name) = change.rename.as_ref().filter(|n| **n != found.name) {
            self.writable(line, name)?;
            // With a change of case only, the search finds the account itself.
            if name.to_lowercase() != found.name.to_lowercase() {
                self.name_is_free(line, name, &found.kind).await?;
            }
            if self.rdn.eq_ignore_ascii_case(&self.name) {
                called = Some(name.to_string());
            } else {
                edits.push(Mod::Replace(self.name.to_string(), [name.to_string()].into()));
            }
        }
        let called =
            called.filter(|value| dn::first_value(&found.entry.dn, &self.rdn).as_ref() != Some(value));
        let changed = !edits.is_empty() || called.is_some() || below.is_some();
        if !edits.is_empty() {
            line.wire.modify(&found.entry.dn, edits, only_if.as_deref()).await?;
            // That write changed the version.
            only_if = None;
        }
        let old = &found.entry.dn;
        if called.is_some() || below.is_some() {
            let first = called.map_or_else(|| dn::first(old).to_owned(), |v| dn::relative(&self.rdn, &v));
            self.relocate(line, old, &first, below.as_deref(), only_if.as_deref()).await?;
        }
        Ok(Written { external_id: found.external_id, changed })
    }

    /// Compares the version here, and returns the condition by which the directory compares it again when it writes. Without the
    /// assertion control there is a gap of one round trip between the two.
    fn condition(
        &self,
        line: &Line,
        found: &AccountEntry,
        version: Option<&Arc<str>>,
    ) -> Result<Option<String>, ConnectError> {
        let Some(version) = version else { return Ok(None) };
        let now = found.entry.one(VERSION).unwrap_or_default();
        if **version != *now {
            let text =
                format!("`{}` was changed meanwhile: its version is `{now}`, not `{version}`", found.name);
            return Err(line.wire.error(ErrorKind::Conflict, text));
        }
        Ok(line.facts.assertion.then(|| format!("({VERSION}={})", ldap_escape(&**version))))
    }

    /// The new naming value of the entry.
    fn new_called(
        &self,
        line: &Line,
        found: &AccountEntry,
        mut due: Vec<String>,
    ) -> Result<String, ConnectError> {
        match (due.pop(), due.as_slice()) {
            (Some(one), []) => Ok(one),
            _ => {
                let text = format!(
                    "`{}` is called by its `{}`, which needs exactly one value",
                    found.name, self.rdn
                );
                Err(line.wire.error(ErrorKind::Invalid, text))
            }
        }
    }

    /// Enables or disables the account.
    pub(crate) async fn switch(
        &self,
        line: &Line,
        account: &AccountRef,
        on: bool,
    ) -> Result<Written, ConnectError> {
        self.writable(line, &account.name)?;
        let found = self.to_write(line, account).await?;
        if !on && self.disable == Disable::Ppolicy {
            line.lock_is_enforced(line.facts.policies.lock(&found.entry))?;
        }
        let edit = if on { self.disable.open(&found.entry) } else { self.disable.close(&found.entry) };
        let Some(edit) = edit else { return Ok(Written { external_id: found.external_id, changed: false }) };
        match line.wire.modify(&found.entry.dn, vec![edit], None).await {
            Ok(()) => Ok(Written { external_id: found.external_id, changed: true }),
            // It was unlocked in between.
            Err(f) if on && f.code == Some(code::NO_SUCH_ATTRIBUTE) => {
                Ok(Written { external_id: found.external_id, changed: false })
            }
            Err(failure) => Err(failure.into()),
        }
    }

    /// Deletes an account: first from its groups, otherwise the next entry with that DN would inherit them.
    pub(crate) async fn delete(&self, line: &Line, account: &AccountRef) -> Result<Written, ConnectError> {
        self.writable(line, &account.name)?;
        let Some(found) = self.find(line, account).await? else { return Ok(absent(account)) };
        self.writable(line, &found.name)?;
        if let Some(groups) = &self.groups {
            for group in groups.having(line, &[&found.entry.dn]).await?.groups {
                groups.remove(line, &group.dn, &found.entry.dn).await?;
            }
        }
        match line.wire.delete(&found.entry.dn).await {
            Ok(()) => Ok(Written { external_id: found.external_id, changed: true }),
            Err(f) if f.code == Some(code::NO_SUCH_OBJECT) => {
                Ok(Written { external_id: found.external_id, changed: false })
            }
            Err(failure) => Err(failure.into()),
        }
    }

    /// Adds an account to a group.
    pub(crate) async fn grant(
        &self,
        line: &Line,
        account: &AccountRef,
        name: &str,
    ) -> Result<Written, ConnectError> {
        self.writable(line, &account.name)?;
        let groups = self.groups_or(line)?;
        let (found, named) = tokio::try_join!(self.to_write(line, account), groups.named(line, name))?;
        let dn = &found.entry.dn;
        let changed = match named.groups.as_slice() {
            [group] => groups.add(line, &group.dn, dn).await? || groups.tell(line, group, &found).await?,
            [] if groups.create => groups.make(line, name, dn).await?,
            [] => {
                let text = format!(
                    "there is no {} with {} `{name}` below `{}`",
                    groups.class, groups.name, groups.base
                );
                return Err(line.wire.error(ErrorKind::UnknownEntitlement, text));
            }
            [one, two, ..] => {
                let text =
                    format!("`{name}` is the name of `{}` and of `{}`: rename one of them", one.dn, two.dn);
                return Err(line.wire.error(ErrorKind::Invalid, text));
            }
        };
        Ok(Written { external_id: found.external_id, changed })
    }

    /// Removes an account from a group; from all groups of that name, if there are several.
    pub(crate) async fn revoke(
        &self,
        line: &Line,
        account: &AccountRef,
        name: &str,
    ) -> Result<Written, ConnectError> {
        self.writable(line, &account.name)?;
        let groups = self.groups_or(line)?;
        let (found, named) = tokio::try_join!(self.find(line, account), groups.named(line, name))?;
        let Some(found) = found else { return Ok(absent(account)) };
        self.writable(line, &found.name)?;
        if let (true, Some(doubt)) = (named.groups.is_empty(), &named.doubt) {
            let text = format!("`{name}` cannot be taken away here: {doubt}");
            return Err(line.wire.error(ErrorKind::Configuration, text));
        }
        let mut changed = false;
        for group in named.groups {
            let mut gone = groups.remove(line, &group.dn, &found.entry.dn).await?;
            for value in groups.with_uid(line, &group.dn, &found.entry.dn).await? {
                gone |= groups.remove(line, &group.dn, &value).await?;
            }
            changed |= gone || groups.untell(line, &group, &found).await?;
        }
        Ok(Written { external_id: found.external_id, changed })
    }

    fn groups_or(&self, line: &Line) -> Result<&Groups, ConnectError> {
        let text = "the system has no groups: set `groups_base`";
        self.groups.as_ref().ok_or_else(|| line.wire.error(ErrorKind::Unsupported, text))
    }
}

impl Groups {
    async fn add(&self, line: &Line, group: &str, member: &str) -> Result<bool, ConnectError> {
        let edit = Mod::Add(self.member.to_string(), [member.to_owned()].into());
        match line.wire.modify(group, vec![edit], None).await {
            Ok(()) => Ok(true),
            Err(f) if f.code == Some(code::ATTRIBUTE_OR_VALUE_EXISTS) => Ok(false),
            Err(failure) => Err(failure.into()),
        }
    }

    /// Creates a group with its first member.
    async fn make(&self, line: &Line, name: &str, member: &str) -> Result<bool, ConnectError> {
        let dn = format!("{},{}", dn::relative(&self.name, name), self.base);
        let attributes = vec![
            ("objectClass".to_owned(), vec![self.class.to_string()]),
            (self.name.to_string(), vec![name.to_owned()]),
            (self.member.to_string(), vec![member.to_owned()]),
        ];
        match line.wire.add(&dn, attributes).await {
            Ok(()) => Ok(true),
            // A concurrent grant created it.
            Err(f) if f.code == Some(code::ENTRY_ALREADY_EXISTS) => self.add(line, &dn, member).await,
            Err(failure) => Err(failure.into()),
        }
    }

    /// Makes the directory write the group to an account that is in it: removed and added again in one change, so it is never outside.
    async fn tell(&self, line: &Line, group: &Group, account: &AccountEntry) -> Result<bool, ConnectError> {
        if !self.hides(&account.entry, &group.dn) {
            return Ok(false);
        }
        let member = || [account.entry.dn.clone()].into();
        let edits =
            vec![Mod::Delete(self.member.to_string(), member()), Mod::Add(self.member.to_string(), member())];
        line.wire.modify(&group.dn, edits, None).await?;
        Ok(true)
    }

    /// Makes the directory remove the group from an account that is not in it. Only a change of the group does that: the account is
    /// added, as it already seemed to be, and removed.
    async fn untell(&self, line: &Line, group: &Group, account: &AccountEntry) -> Result<bool, ConnectError> {
        if !self.tells(&account.entry, &group.dn) {
            return Ok(false);
        }
        self.add(line, &group.dn, &account.entry.dn).await?;
        self.remove(line, &group.dn, &account.entry.dn).await
    }

    /// Removes a member; the last one is replaced by the placeholder, because the class requires a member.
    async fn remove(&self, line: &Line, group: &str, member: &str) -> Result<bool, ConnectError> {
        let edit = || Mod::Delete(self.member.to_string(), [member.to_owned()].into());
        let mut result = line.wire.modify(group, vec![edit()], None).await;
        if matches!(&result, Err(f) if f.code == Some(code::OBJECT_CLASS_VIOLATION)) {
            self.add(line, group, &self.placeholder).await?;
            result = line.wire.modify(group, vec![edit()], None).await;
        }
        match result {
            Ok(()) => Ok(true),
            Err(f) if matches!(f.code, Some(code::NO_SUCH_ATTRIBUTE | code::NO_SUCH_OBJECT)) => Ok(false),
            Err(failure) => Err(failure.into()),
        }
    }
}

fn absent(account: &AccountRef) -> Written {
    Written { external_id: account.external_id.clone().unwrap_or_else(|| Arc::from("")), changed: false }
}

/// The unique overlay refuses a second holder of a value with a constraint violation.
fn taken(failure: Failure, name: &str) -> ConnectError {
    let unique =
        failure.code == Some(code::CONSTRAINT_VIOLATION) && failure.error.message.contains("not unique");
    let error = ConnectError::from(failure);
    if unique {
        let text = format!("the name `{name}` or another value belongs to another entry: {}", error.message);
        return ConnectError::new(ErrorKind::Exists, error.operation, text);
    }
    error
}
