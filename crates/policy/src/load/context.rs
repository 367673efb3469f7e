//! What reading one file needs to know about the others.

use super::doc::{File, Location, Table};
use super::fields::{Fields, Sink, Spot};
use crate::condition::{self, Checked, Declared, Mistake, Scope, Type};
use crate::diagnostic::{code, did_you_mean};
use crate::{At, Condition, Entitlement, Expression};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_model::{Approver, AttributeName, BundleName, EntitlementName, Name, SourceName, SystemName};

/// A file that was read as TOML.
pub(crate) struct Sheet {
    pub(crate) file: Arc<File>,
    pub(crate) root: Table,
}

/// Where names are declared, to show both places of a duplicate.
pub(crate) type Places = BTreeMap<String, Location>;

/// Knowledge that grows while the folder is read: first the names, then what refers to them.
pub(crate) struct Context<'s> {
    pub(crate) sink: &'s Sink,
    pub(crate) declared: Declared,
    pub(crate) attribute_places: BTreeMap<AttributeName, Location>,
    /// `None` while not known: without tenure.toml no group is wrong.
    pub(crate) groups: Option<BTreeMap<Arc<str>, Vec<Arc<str>>>>,
    pub(crate) last_resort: Arc<str>,
    /// What each system declares, and where.
    pub(crate) catalogue: BTreeMap<SystemName, Vec<(Entitlement, Location)>>,
    /// Bundles, expanded.
    pub(crate) bundles: BTreeMap<BundleName, BTreeSet<EntitlementName>>,
    /// Attributes that sources fill.
    pub(crate) filled: BTreeSet<AttributeName>,
    /// Attributes that are read.
    pub(crate) read: BTreeSet<AttributeName>,
    /// Where each source maps each attribute.
    pub(crate) mapping_places: BTreeMap<(SourceName, AttributeName), Location>,
    /// Exact rules of correlation without types.
    pub(crate) untyped: BTreeMap<SourceName, Location>,
    /// Where each condition is written, by its line and text.
    condition_places: BTreeMap<(At, Arc<str>), Location>,
}

impl<'s> Context<'s> {
    pub(crate) fn new(sink: &'s Sink) -> Self {
        Self {
            sink,
            declared: Declared::default(),
            attribute_places: BTreeMap::new(),
            groups: None,
            last_resort: Arc::from(""),
            catalogue: BTreeMap::new(),
            bundles: BTreeMap::new(),
            filled: BTreeSet::new(),
            read: BTreeSet::new(),
            mapping_places: BTreeMap::new(),
            untyped: BTreeMap::new(),
            condition_places: BTreeMap::new(),
        }
    }
    /// Where a condition is written.
    pub(crate) fn place_of(&self, when: &Condition) -> Option<&Location> {
        self.condition_places.get(&(when.at().clone(), when.source().clone()))
    }
    /// The condition of a rule without `when`.
    pub(crate) fn always(&mut self, place: &Location) -> Condition {
        let condition = Condition::always(place.at());
        self.condition_places.insert((place.at(), condition.source().clone()), place.clone());
        condition
    }

    /// A condition over a scope.
    pub(crate) fn condition(&mut self, spot: &Spot, scope: Scope) -> Option<Condition> {
        let checked = self.compile(spot, scope, Some(Type::Bool))?;
        self.condition_places.insert((spot.place.at(), spot.text.clone()), spot.place.clone());
        Some(Condition::new(spot.text.clone(), spot.place.at(), checked.node, checked.reads))
    }
    /// An expression over a scope, of a given type if one is required.
    pub(crate) fn expression(
        &mut self,
        spot: &Spot,
        scope: Scope,
        wanted: Option<Type>,
    ) -> Option<Expression> {
        let checked = self.compile(spot, scope, wanted)?;
        let made =
            Expression::new(spot.text.clone(), spot.place.at(), checked.node, checked.kind, checked.reads);
        if made.is_none() {
            self.sink.put(spot.place.error(code::TYPE, "`null` alone has no value"));
        }
        made
    }

    fn compile(&mut self, spot: &Spot, scope: Scope, wanted: Option<Type>) -> Option<Checked> {
        match condition::compile(&spot.text, scope, &self.declared, wanted) {
            Ok(checked) => {
                self.read.extend(checked.reads.attributes.iter().cloned());
                Some(checked)
            }
            Err(mistakes) => {
                for mistake in mistakes {
                    self.mistake(spot, mistake);
                }
                None
            }
        }
    }

    fn mistake(&self, spot: &Spot, mistake: Mistake) {
        let place = spot.place.within(&spot.text, mistake.span);
        let diagnostic = place.error(mistake.code, mistake.title).label(mistake.label);
        self.sink.put(diagnostic.maybe_help(mistake.help));
    }

    /// An attribute that must be declared.
    pub(crate) fn attribute(&mut self, spot: &Spot) -> Option<AttributeName> {
        if let Some((name, _)) = self.declared.attributes.get_key_value(&*spot.text) {
            return Some(name.clone());
        }
        let known: Vec<&str> = self.declared.attributes.keys().map(Name::as_str).collect();
        let help = did_you_mean(&spot.text, known.iter().copied());
        let diagnostic =
            spot.place.error(code::ATTRIBUTE, format!("the attribute `{}` is not declared", spot.text));
        self.sink.put(
            diagnostic
                .maybe_help(help.or(Some("declare it in [attributes] of a file in policy/".to_owned()))),
        );
        None
    }

    /// The owner of something: a person by key, or `group:NAME` with a known group.
    pub(crate) fn owner(&self, spot: Spot) -> Arc<str> {
        if let Some(group) = spot.text.strip_prefix("group:") {
            self.group(&spot, group);
        }
        spot.text
    }

    pub(crate) fn group(&self, spot: &Spot, group: &str) {
        if let Some(groups) = self.groups.as_ref().filter(|groups| !groups.contains_key(group)) {
            let help = did_you_mean(group, groups.keys().map(|g| &**g));
            let diagnostic = spot.place.error(code::GROUP, format!("there is no group `{group}`"));
            self.sink.put(
                diagnostic.maybe_help(help.or(Some("declare it in [groups] of tenure.toml".to_owned()))),
            );
        }
    }

    /// An approver expression.
    pub(crate) fn approver(&mut self, spot: &Spot) -> Option<Approver> {
        if let Some(group) = spot.text.strip_prefix("group:") {
            self.group(spot, group);
            return Some(Approver::Group(Arc::from(group)));
        }
        if let Some(person) = spot.text.strip_prefix("person:").filter(|p| !p.is_empty()) {
            return Some(Approver::Named(Arc::from(person)));
        }
        match &*spot.text {
            "system_owner" => return Some(Approver::SystemOwner),
            "entitlement_owner" => return Some(Approver::EntitlementOwner),
            _ => {}
        }
        let references =
            || self.declared.attributes.iter().filter(|(_, d)| d.reference.is_some()).map(|(n, _)| n);
        if let Some(name) = references().find(|n| n.as_str() == &*spot.text).cloned() {
            self.read.insert(name.clone());
            return Some(Approver::Reference(name));
        }
        let known: Vec<&str> =
            references().map(Name::as_str).chain(["system_owner", "entitlement_owner"]).collect();
        let help = match self.declared.attributes.get(&*spot.text) {
            Some(_) => Some(format!(
                "declare what it refers to: {} = {{ type = \"text\", reference = \"worker_number\" }}",
                spot.text
            )),
            None => did_you_mean(&spot.text, known.iter().copied()),
        };
        let diagnostic = spot.place.error(code::APPROVER, format!("`{}` is not an approver", spot.text));
        self.sink.put(diagnostic.maybe_help(help));
        None
    }

    /// A system that must exist as a file.
    pub(crate) fn system(&self, spot: &Spot) -> Option<SystemName> {
        if self.declared.systems.contains(&*spot.text) {
            return SystemName::new(&spot.text).ok();
        }
        let help = did_you_mean(&spot.text, self.declared.systems.iter().map(|s| &**s));
        let diagnostic = spot.place.error(code::SYSTEM, format!("there is no system `{}`", spot.text));
        self.sink
            .put(diagnostic.maybe_help(help.or(Some(format!("add the file systems/{}.toml", spot.text)))));
        None
    }

    /// Reports a name that is used twice.
    pub(crate) fn once(&self, places: &mut Places, what: &str, spot: &Spot) -> bool {
        match places.get(&*spot.text) {
            Some(first) => {
                let title = format!("{what} `{}` is declared twice", spot.text);
                self.sink.put(
                    spot.place
                        .error(code::DUPLICATE, title)
                        .label("again")
                        .also(first, "first declared here"),
                );
                false
            }
            None => {
                places.insert(spot.text.to_string(), spot.place.clone());
                true
            }
        }
    }

    /// Reads the owner of a rule: its own, that of its file, or the escalation group.
    pub(crate) fn rule_owner(&self, fields: &Fields<'_>, of_file: Option<&Arc<str>>) -> Arc<str> {
        let own = fields.text("owner").map(|spot| self.owner(spot));
        own.or_else(|| of_file.cloned()).unwrap_or_else(|| Arc::from(format!("group:{}", self.last_resort)))
    }
}
