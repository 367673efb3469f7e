//! Finds accounts and reads them; names and escapes of the directory are not used outside this connector.

use crate::attribute;
use crate::dn;
use crate::entry::Entry;
use crate::groups::{Held, TOLD};
use crate::pool::Line;
use crate::setup::{Base, Setup};
use crate::wire::Query;
use ldap3::{Scope, ldap_escape};
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_connect::{AccountRef, AttributeSpec, ConnectError, ErrorKind, RemoteAccount};
use tenure_model::{AttributeName, Kind, Name as _, Value};

/// The attribute with the external id of an entry (RFC 4530).
const ID: &str = "entryUUID";
/// Changes with every write to an entry.
pub(crate) const VERSION: &str = "entryCSN";

/// An entry that is an account.
#[derive(Debug, Clone)]
pub(crate) struct AccountEntry {
    pub(crate) entry: Entry,
    pub(crate) external_id: Arc<str>,
    pub(crate) name: Arc<str>,
    pub(crate) kind: Kind,
}

/// Names of accounts by the key of their DN, as far as they had to be looked up.
pub(crate) type Names = BTreeMap<String, Arc<str>>;

impl Setup {
    /// The attributes to request.
    pub(crate) fn attributes(&self) -> Vec<String> {
        let mut names = vec![self.name.to_string(), self.rdn.to_string(), ID.to_owned(), VERSION.to_owned()];
        names.extend(self.groups.iter().map(|_| TOLD.to_owned()));
        names.extend(self.disable.needs());
        names.extend(self.attributes.iter().map(|s| s.name.to_string()));
        names
    }

    /// The filter for accounts, with a further condition.
    pub(crate) fn filter(&self, condition: &str) -> String {
        let class = self.classes.first().map_or("*", |c| c);
        format!("(&(objectClass={class}){condition})")
    }

    fn is_named(&self, name: &str) -> String {
        self.filter(&format!("({}={})", self.name, ldap_escape(name)))
    }

    /// Where accounts of a kind are.
    pub(crate) fn base(&self, line: &Line, kind: &Kind) -> Result<&Base, ConnectError> {
        self.bases.iter().find(|b| b.kind == *kind).ok_or_else(|| {
            let text = format!("accounts of kind `{kind}` have no place: set `people_base.{kind}`");
            line.wire.error(ErrorKind::Configuration, text)
        })
    }

    /// Reads an entry as an account.
    pub(crate) fn account(
        &self,
        line: &Line,
        entry: Entry,
        kind: Option<&Kind>,
    ) -> Result<AccountEntry, ConnectError> {
        let Some(external_id) = entry.one(ID).map(Arc::from) else {
            let text =
                format!("`{}` shows no {ID} (RFC 4530), without which accounts have no stable id", entry.dn);
            return Err(line.wire.error(ErrorKind::Protocol, text));
        };
        // Of several names the one in the entry's DN. An entry without a name can still log in by its DN, so it is shown and not
        // skipped.
        let name = dn::first_value(&entry.dn, &self.name)
            .or_else(|| entry.one(&self.name).map(str::to_owned))
            .unwrap_or_else(|| entry.dn.clone())
            .into();
        let kind = match (self.base_of(&dn::key(&entry.dn)), kind) {
            // If kinds share a place, the directory does not distinguish them: the account has the requested kind.
            (Some(base), Some(kind)) if self.bases.iter().any(|b| b.key == base.key && b.kind == *kind) => {
                kind.clone()
            }
            (Some(base), _) => base.kind.clone(),
            (None, kind) => kind.cloned().unwrap_or_default(),
        };
        Ok(AccountEntry { entry, external_id, name, kind })
    }

    /// The referenced account: by external id wherever it is now, else by name in the place of its kind.
    pub(crate) async fn find(
        &self,
        line: &Line,
        account: &AccountRef,
    ) -> Result<Option<AccountEntry>, ConnectError> {
        let Some(external_id) = &account.external_id else {
            return self.find_named(line, &account.name, &account.kind).await;
        };
        let filter = format!("({ID}={})", ldap_escape(&**external_id));
        let mut doubt = None;
        for root in &line.facts.roots {
            let query = Query {
                base: root,
                scope: Scope::Subtree,
                filter: filter.clone(),
                attributes: self.attributes(),
            };
            let answer = line.wire.search(query).await?;
            doubt = doubt.or_else(|| answer.doubt());
            if let Some(entry) = answer.entries.into_iter().next() {
                return self.account(line, entry, Some(&account.kind)).map(Some);
            }
        }
        // It was here before: its absence here does not prove that it exists nowhere.
        doubt.map_or(Ok(None), |doubt| {
            let text = format!(
                "`{}` is not here, and {doubt}: name that server in `url`, narrow `search_base` and `people_base`, \
                 or set referrals = \"ignore\"",
                account.name
            );
            Err(line.wire.error(ErrorKind::Configuration, text))
        })
    }

    /// The account of a name, in this directory and no other. Two of them are an error: the reference would be ambiguous.
    pub(crate) async fn find_named(
        &self,
        line: &Line,
        name: &str,
        kind: &Kind,
    ) -> Result<Option<AccountEntry>, ConnectError> {
        let base = self.base(line, kind)?;
        let query = Query {
            base: &base.dn,
            scope: Scope::Subtree,
            filter: self.is_named(name),
            attributes: self.attributes(),
        };
        let mut entries = line.wire.search(query).await?.entries;
        entries.retain(|e| self.base_of(&dn::key(&e.dn)).is_some_and(|b| b.key == base.key));
        match entries.as_slice() {
            [] => Ok(None),
            [_] => entries.pop().map(|e| self.account(line, e, Some(kind))).transpose(),
            [one, two, ..] => {
                let text =
                    format!("`{name}` is the name of `{}` and of `{}`: rename one of them", one.dn, two.dn);
                Err(line.wire.error(ErrorKind::Invalid, text))
            }
        }
    }

    /// The accounts that show a value in an attribute, in any place of accounts.
    pub(crate) async fn showing(
        &self,
        line: &Line,
        attribute: &str,
        value: &str,
    ) -> Result<Vec<AccountEntry>, ConnectError> {
        let mut found: BTreeMap<Arc<str>, AccountEntry> = BTreeMap::new();
        for base in &self.bases {
            let query = Query {
                base: &base.dn,
                scope: Scope::Subtree,
                filter: self.filter(&format!("({attribute}={})", ldap_escape(value))),
                attributes: self.attributes(),
            };
            let answer = line.wire.search(query).await?;
            if let Some(doubt) = answer.doubt() {
                let text = format!("whether an account shows `{value}` in {attribute} is not known: {doubt}");
                return Err(line.wire.error(ErrorKind::Configuration, text));
            }
            for entry in answer.entries {
                let account = self.account(line, entry, None)?;
                found.insert(account.external_id.clone(), account);
            }
        }
        Ok(found.into_values().collect())
    }

    /// The account as the directory shows it.
    pub(crate) async fn show(
        &self,
        line: &Line,
        found: AccountEntry,
        held: Held,
        names: &mut Names,
    ) -> Result<RemoteAccount, ConnectError> {
        let AccountEntry { entry, external_id, name, kind } = found;
        let outside = self.base_of(&dn::key(&entry.dn)).is_none().then(|| Arc::from(entry.dn.as_str()));
        let mut attributes: BTreeMap<AttributeName, Value> = BTreeMap::new();
        for spec in &self.attributes {
            let values = entry.all(spec.name.as_str());
            let value = if spec.reference {
                self.refers_to(line, spec, values, names).await?
            } else {
                attribute::parse(spec.value_type, values)
            };
            if let Some(value) = value {
                attributes.insert(spec.name.clone(), value);
            }
        }
        if let Some(spec) = &self.container {
            attributes.extend(self.place(&entry).map(|place| (spec.name.clone(), Value::text(&place))));
        }
        Ok(RemoteAccount {
            enabled: self.disable.is_enabled(&entry, &line.facts.policies),
            version: entry.one(VERSION).map(Arc::from),
            external_id,
            name,
            kind,
            attributes,
            entitlements: held.direct,
            indirect: held.indirect,
            unread: held.unread,
            outside,
        })
    }

    /// The names of the accounts that DNs refer to.
    async fn refers_to(
        &self,
        line: &Line,
        spec: &AttributeSpec,
        values: &[String],
        names: &mut Names,
    ) -> Result<Option<Value>, ConnectError> {
        let mut found = Vec::new();
        for value in values {
            // If accounts are named by their DN, the DN is enough and no look-up is needed.
            if self.rdn.eq_ignore_ascii_case(&self.name)
                && let Some(name) = dn::first_value(value, &self.name)
            {
                found.push(Arc::from(name));
                continue;
            }
            let key = dn::key(value);
            if let Some(name) = names.get(&key) {
                found.push(name.clone());
                continue;
            }
            let entry = line.wire.entry(value, vec![self.name.to_string()]).await?;
            // A dangling reference is shown as it is, so that the difference is visible and repaired.
            let name: Arc<str> = entry.as_ref().and_then(|e| e.one(&self.name)).unwrap_or(value).into();
            names.insert(key, name.clone());
            found.push(name);
        }
        Ok(attribute::joined(spec.value_type, found))
    }

    /// The values to write: texts as they are, references as the DNs of the named accounts.
    pub(crate) async fn values(
        &self,
        line: &Line,
        spec: &AttributeSpec,
        value: &Value,
    ) -> Result<Vec<String>, ConnectError> {
        let texts = attribute::print(value);
        if !spec.reference {
            return Ok(texts);
        }
        let mut dns = Vec::with_capacity(texts.len());
        for name in texts {
            let mut found = None;
            for base in &self.bases {
                found = self.find_named(line, &name, &base.kind).await?;
                if found.is_some() {
                    break;
                }
            }
            let Some(found) = found else {
                let text =
                    format!("`{}` names the account `{name}`, which the directory does not have", spec.name);
                return Err(line.wire.error(ErrorKind::Invalid, text));
            };
            dns.push(found.entry.dn);
        }
        Ok(dns)
    }

    /// The declaration of an attribute, without which nothing is written.
    pub(crate) fn declared(&self, line: &Line, name: &AttributeName) -> Result<&AttributeSpec, ConnectError> {
        self.spec(name.as_str()).ok_or_else(|| {
            let text =
                format!("the attribute `{name}` is not declared for this system, so it is not written");
            line.wire.error(ErrorKind::Invalid, text)
        })
    }

    /// Refuses to write to an account that is protected in the system's file.
    pub(crate) fn writable(&self, line: &Line, name: &str) -> Result<(), ConnectError> {
        if self.protected.contains(&name.to_lowercase()) {
            let text =
                format!("the account `{name}` is protected by the setting `protected` and is never written");
            return Err(line.wire.error(ErrorKind::Refused, text));
        }
        Ok(())
    }
}
