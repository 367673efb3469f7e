//! Separations that two baselines can break together: a warning, unless their conditions provably exclude each other.

use crate::condition::Node;
use crate::diagnostic::code;
use crate::index::{Demand, demands, impossible};
use crate::load::{Context, covers};
use crate::{Baseline, Given, Policy, Separation};
use std::collections::BTreeSet;
use tenure_model::{EntitlementName, Name};

/// Maximum number of compared pairs of rules: beyond that, only the check at run time applies.
const PAIRS_MAX: usize = 1_000_000;

pub(super) fn separations(context: &Context<'_>, policy: &Policy) {
    let demanded: Vec<Vec<Demand>> = policy.baselines.iter().map(|b| demands(b.when.node()).0).collect();
    let mut left = PAIRS_MAX;
    for separation in &policy.separations {
        let rules: Vec<(&Baseline, &[Demand], BTreeSet<usize>)> = policy
            .baselines
            .iter()
            .zip(&demanded)
            .map(|(rule, demands)| (rule, demands.as_slice(), sides(context, separation, rule)))
            .filter(|(_, _, sides)| !sides.is_empty())
            .collect();
        for (number, first) in rules.iter().enumerate() {
            for second in rules.iter().skip(number) {
                left = left.saturating_sub(1);
                if left == 0 {
                    return;
                }
                if first.2.union(&second.2).count() > 1 && together(first, second) {
                    warn(context, separation, first.0, second.0);
                }
            }
        }
    }
}

/// The sides of which a rule gives something, nested entitlements included.
fn sides(context: &Context<'_>, separation: &Separation, rule: &Baseline) -> BTreeSet<usize> {
    let gives = |name: &EntitlementName| {
        rule.grant
            .iter()
            .any(|given| may_give(given, name.system_str(), name.local()) || contained(context, given, name))
    };
    let numbered = separation.not_both.iter().enumerate();
    numbered.filter(|(_, side)| side.iter().any(gives)).map(|(number, _)| number).collect()
}

/// Whether a grant can give an entitlement (which may be a declared family).
pub(super) fn may_give(given: &Given, system: &str, local: &str) -> bool {
    match given {
        Given::One(name) => name.system_str() == system && covers(local, name.local()),
        Given::Each { system: of, prefix, suffix, .. } => {
            let long_enough = local.len() > prefix.len() + suffix.len();
            of.as_str() == system && long_enough && local.starts_with(&**prefix) && local.ends_with(&**suffix)
        }
    }
}

/// Whether a granted entitlement contains another one, directly or through others.
fn contained(context: &Context<'_>, given: &Given, name: &EntitlementName) -> bool {
    let Some(all) = context.catalogue.get(name.system_str()) else { return false };
    let mut open: Vec<_> =
        all.iter().filter(|(e, _)| may_give(given, e.name.system_str(), e.name.local())).collect();
    let mut seen = BTreeSet::new();
    while let Some((entitlement, _)) = open.pop() {
        if entitlement.contains.contains(name) {
            return true;
        }
        if seen.insert(&entitlement.name) {
            open.extend(all.iter().filter(|(e, _)| entitlement.contains.contains(&e.name)));
        }
    }
    false
}

type Rule<'a> = (&'a Baseline, &'a [Demand], BTreeSet<usize>);

/// Whether one engagement can match both. Conservative: what cannot be excluded is possible.
fn together(a: &Rule<'_>, b: &Rule<'_>) -> bool {
    let both: Vec<Demand> = a.1.iter().chain(b.1).cloned().collect();
    let negated =
        |x: &Node, y: &Node| matches!(x, Node::Not(inner) if format!("{inner:?}") == format!("{y:?}"));
    let (first, second) = (a.0.when.node(), b.0.when.node());
    let phases = !a.0.during.is_disjoint(&b.0.during);
    phases && !impossible(&both) && !negated(first, second) && !negated(second, first)
}

fn warn(context: &Context<'_>, separation: &Separation, a: &Baseline, b: &Baseline) {
    let (Some(first), Some(second)) = (context.place_of(&a.when), context.place_of(&b.when)) else { return };
    let title = match a.name == b.name {
        true => format!("`{}` breaks the separation `{}` by itself", a.name, separation.name),
        false => {
            format!("`{}` and `{}` can break the separation `{}` together", a.name, b.name, separation.name)
        }
    };
    let diagnostic = second.warning(code::OVERLAP, title).label("a person who matches this");
    let diagnostic = if a.name == b.name { diagnostic } else { diagnostic.also(first, "and this") };
    context.sink.put(
        diagnostic.help("neither would be granted to such a person: make the conditions exclude each other"),
    );
}
