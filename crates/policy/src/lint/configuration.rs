//! Checks a whole configuration for what is valid and still probably wrong.

use super::overlap;
use crate::condition::Node;
use crate::diagnostic::{code, did_you_mean};
use crate::index::{demands, impossible};
use crate::load::Context;
use crate::{Condition, Given, Policy, Source, System};
use std::collections::{BTreeMap, BTreeSet};
use tenure_model::{SourceName, SystemName, Value};

/// Checks a whole configuration.
pub(crate) fn lint(
    context: &Context<'_>,
    sources: &BTreeMap<SourceName, Source>,
    systems: &BTreeMap<SystemName, System>,
    policy: &Policy,
) {
    never(context, policy);
    owners(context, policy, systems);
    overlap::separations(context, policy);
    ranks(context, sources);
    unfilled(context, sources);
    references(context, sources);
    links(context, sources, policy);
}

/// Sources that link to identities of every type, while another source states other types.
fn links(context: &Context<'_>, sources: &BTreeMap<SourceName, Source>, policy: &Policy) {
    if !policy.lifecycle.primary.is_empty() {
        return;
    }
    for (name, place) in &context.untyped {
        let Some(source) = sources.get(name) else { continue };
        let mut others =
            sources.values().filter(|o| o.name != *name && o.identity_kind == source.identity_kind);
        let Some(other) = others.find(|o| !o.engagement_types.is_subset(&source.engagement_types)) else {
            continue;
        };
        let types = source.engagement_types.union(&other.engagement_types);
        let types = types.map(|t| format!("\"{t}\"")).collect::<Vec<_>>().join(", ");
        let title = format!(
            "`{name}` links by this key to identities of every type, also to those of `{}`",
            other.name
        );
        let help = format!("name the types to which it may link: types = [{types}]");
        context.sink.put(place.warning(code::ANY_TYPE, title).help(help));
    }
}

/// Rules that can never match.
fn never(context: &Context<'_>, policy: &Policy) {
    for (name, when) in policy.conditions() {
        if cannot_hold(when)
            && let Some(place) = context.place_of(when)
        {
            let diagnostic = place.warning(code::NEVER, format!("`{name}` can never match"));
            context.sink.put(
                diagnostic.label("no value fulfils this").help("correct the condition, or remove the rule"),
            );
        }
    }
}

fn cannot_hold(when: &Condition) -> bool {
    let (demands, _) = demands(when.node());
    impossible(&demands) || literally_false(when.node())
}

fn literally_false(node: &Node) -> bool {
    match node {
        Node::Constant(Value::Bool(yes)) => !yes,
        Node::And(a, b) => literally_false(a) || literally_false(b),
        Node::Or(a, b) => literally_false(a) && literally_false(b),
        _ => false,
    }
}

/// Entitlements without an owner, and whether a rule grants them anyway.
fn owners(context: &Context<'_>, policy: &Policy, systems: &BTreeMap<SystemName, System>) {
    for system in systems.keys() {
        for (entitlement, place) in
            context.catalogue.get(system).into_iter().flatten().filter(|(e, _)| e.owner.is_none())
        {
            let gives = |given: &Given| {
                overlap::may_give(given, entitlement.name.system_str(), entitlement.name.local())
            };
            let rule = policy.baselines.iter().find(|b| b.grant.iter().any(gives));
            let label = match rule {
                Some(rule) => format!("`{}` grants it, without effect", rule.name),
                None => "Tenure will inventory it and never change it".to_owned(),
            };
            let diagnostic = place.warning(code::NO_OWNER, format!("`{}` has no owner", entitlement.name));
            context
                .sink
                .put(diagnostic.label(label).help("add owner = \"…\" (a person by key, or group:NAME)"));
        }
    }
}

/// Two sources of one rank that map one attribute of one engagement: which value counts would be undefined.
fn ranks(context: &Context<'_>, sources: &BTreeMap<SourceName, Source>) {
    let all: Vec<&Source> = sources.values().collect();
    for (number, source) in all.iter().enumerate() {
        for first in all.iter().take(number).filter(|first| first.rank == source.rank && meet(first, source))
        {
            for mapping in
                source.mappings.iter().filter(|m| first.mappings.iter().any(|f| f.attribute == m.attribute))
            {
                let place =
                    |of: &Source| context.mapping_places.get(&(of.name.clone(), mapping.attribute.clone()));
                let (Some(here), Some(there)) = (place(source), place(first)) else { continue };
                let names = (&first.name, &source.name, &mapping.attribute, source.rank);
                let title =
                    format!("`{}` and `{}` both map `{}` with rank {}", names.0, names.1, names.2, names.3);
                let diagnostic = here.error(code::RANK, title).also(there, "here too");
                context.sink.put(diagnostic.help("give one of them another `rank`; the lower one wins"));
            }
        }
    }
}

/// Whether two sources can state something about one engagement: a source without engagements adds to all of its kind.
fn meet(a: &Source, b: &Source) -> bool {
    let adds = a.engagement.is_none() || b.engagement.is_none();
    a.identity_kind == b.identity_kind && (adds || !a.engagement_types.is_disjoint(&b.engagement_types))
}

/// Attributes that are read and that no source fills.
fn unfilled(context: &Context<'_>, sources: &BTreeMap<SourceName, Source>) {
    if sources.is_empty() {
        return;
    }
    for name in context.read.difference(&context.filled) {
        if let Some(place) = context.attribute_places.get(name) {
            let diagnostic = place
                .warning(code::UNFILLED, format!("no source fills `{name}`, and the configuration reads it"));
            context.sink.put(diagnostic.help(format!("map it in [map] of a source: {name} = \"column\"")));
        }
    }
}

/// Attributes that refer to people by a key that no source maps.
fn references(context: &Context<'_>, sources: &BTreeMap<SourceName, Source>) {
    if sources.is_empty() {
        return;
    }
    let kinds: BTreeSet<&str> = sources.values().flat_map(|s| s.keys.keys()).map(|k| &**k).collect();
    for (name, decl) in &context.declared.attributes {
        let Some(kind) = decl.reference.as_deref().filter(|kind| !kinds.contains(kind)) else { continue };
        if let Some(place) = context.attribute_places.get(name) {
            let title = format!("`{name}` refers to people by `{kind}`, and no source maps that key");
            let help = did_you_mean(kind, kinds.iter().copied());
            context.sink.put(place.warning(code::UNMAPPED, title).maybe_help(help));
        }
    }
}
