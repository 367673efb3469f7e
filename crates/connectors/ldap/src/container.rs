//! The container of an account below its base: read from its DN, set on create and move, and updated in references.

use crate::account::AccountEntry;
use crate::dn;
use crate::entry::Entry;
use crate::error::code;
use crate::pool::Line;
use crate::setup::{CONTAINER, Setup};
use crate::wire::{NO_ATTRIBUTES, Query};
use ldap3::{Mod, Scope, ldap_escape};
use tenure_connect::{AccountChange, ConnectError, ErrorKind};
use tenure_model::{AttributeName, Kind, Name as _, Value};

impl Setup {
    /// Whether an attribute is the container.
    pub(crate) fn is_place(&self, name: &AttributeName) -> bool {
        self.container.as_ref().is_some_and(|c| c.name == *name)
    }

    /// The container of an entry, as the directory writes it; `None` directly below the base, and if it is below no base.
    pub(crate) fn place(&self, entry: &Entry) -> Option<String> {
        let above = dn::parent(&entry.dn);
        let base = self.base_of(&dn::key(&above))?;
        dn::below(&above, &base.dn)
    }

    /// The DN of a container for accounts of a kind; the container must exist.
    pub(crate) async fn container_dn(
        &self,
        line: &Line,
        kind: &Kind,
        place: Option<&Value>,
    ) -> Result<String, ConnectError> {
        let base = self.base(line, kind)?;
        let wrong = |text: String| Err(line.wire.error(ErrorKind::Invalid, text));
        let Some(place) = place.filter(|p| !p.is_blank()).map(ToString::to_string) else {
            return Ok(base.dn.to_string());
        };
        if !dn::is_valid(&place) {
            return wrong(format!("`{CONTAINER}` is `{place}`, which is no relative DN, such as ou=sales"));
        }
        let dn = format!("{place},{}", base.dn);
        if self.base_of(&dn::key(&dn)).is_none_or(|b| b.key != base.key) {
            return wrong(format!("`{CONTAINER}` is `{place}`, where accounts of another kind are"));
        }
        match line.wire.entry(&dn, vec![NO_ATTRIBUTES.to_owned()]).await? {
            None => wrong(format!(
                "there is no container `{dn}`: make it, or correct what `{CONTAINER}` is made of"
            )),
            // It is read as the directory writes it, and would never equal what was decided.
            Some(there) if dn::below(&there.dn, &base.dn).is_some_and(|as_written| as_written != place) => {
                wrong(format!(
                    "`{CONTAINER}` is `{place}`, and the directory writes `{}`: write it so",
                    there.dn
                ))
            }
            Some(_) => Ok(dn),
        }
    }

    /// The target of a move; `None` if the account is already there, or its place is not stated.
    pub(crate) async fn new_place(
        &self,
        line: &Line,
        found: &AccountEntry,
        change: &AccountChange,
    ) -> Result<Option<String>, ConnectError> {
        let place = self.container.as_ref().and_then(|c| change.attributes.get(&c.name));
        let Some(place) = place else { return Ok(None) };
        let dn = self.container_dn(line, &found.kind, place.as_ref()).await?;
        Ok((dn::plain(&dn) != dn::plain(&dn::parent(&found.entry.dn))).then_some(dn))
    }

    /// Renames or moves the entry and updates references to it. The refint overlay does this too, a moment later and only for its
    /// configured attributes; the second of the two finds nothing to do.
    pub(crate) async fn relocate(
        &self,
        line: &Line,
        old: &str,
        first: &str,
        below: Option<&str>,
        only_if: Option<&str>,
    ) -> Result<(), ConnectError> {
        line.wire.rename(old, first, below, only_if).await?;
        let new = format!("{first},{}", below.map_or_else(|| dn::parent(old), str::to_owned));
        if dn::plain(old) == dn::plain(&new) {
            return Ok(());
        }
        if let Some(groups) = &self.groups {
            for group in groups.having(line, &[old]).await?.groups {
                retarget(line, &group.dn, &groups.member, old, &new).await?;
            }
        }
        for spec in self.attributes.iter().filter(|s| s.reference) {
            for base in &self.bases {
                let query = Query {
                    base: &base.dn,
                    scope: Scope::Subtree,
                    filter: self.filter(&format!("({}={})", spec.name, ldap_escape(old))),
                    attributes: vec![NO_ATTRIBUTES.to_owned()],
                };
                for entry in line.wire.search(query).await?.entries {
                    retarget(line, &entry.dn, spec.name.as_str(), old, &new).await?;
                }
            }
        }
        Ok(())
    }
}

/// Replaces the old DN by the new one, in steps that succeed if their work is already done.
async fn retarget(line: &Line, dn: &str, attribute: &str, old: &str, new: &str) -> Result<(), ConnectError> {
    let value = |dn: &str| [dn.to_owned()].into();
    let both =
        vec![Mod::Delete(attribute.to_owned(), value(old)), Mod::Add(attribute.to_owned(), value(new))];
    match line.wire.modify(dn, both, None).await {
        Ok(()) => return Ok(()),
        Err(f) if matches!(f.code, Some(code::NO_SUCH_ATTRIBUTE | code::ATTRIBUTE_OR_VALUE_EXISTS)) => {}
        Err(failure) => return Err(failure.into()),
    }
    for edit in [Mod::Add(attribute.to_owned(), value(new)), Mod::Delete(attribute.to_owned(), value(old))] {
        match line.wire.modify(dn, vec![edit], None).await {
            Ok(()) => {}
            Err(f) if matches!(f.code, Some(code::NO_SUCH_ATTRIBUTE | code::ATTRIBUTE_OR_VALUE_EXISTS)) => {}
            Err(failure) => return Err(failure.into()),
        }
    }
    Ok(())
}
