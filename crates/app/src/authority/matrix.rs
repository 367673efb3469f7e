//! The matrix as a document: who may do what, and who is barred in any role.

use super::table::{permitted, rule};
use super::{Operation, Role};
use crate::permission::{Bar, Stake, Via};
use std::collections::BTreeSet;

const HEAD: &str = "# Who may

Generated from the table in `crates/app/src/authority/table.rs`; do not edit. What it does not name is denied. A bar counts \
directly, through a delegation, and for another identity of the same human; it counts whatever the role. A member of the \
escalation group on one side leaves a *protected* operation to the escalation group.

*Tenure itself* is a pass, a timer, or a command before its actor is a known identity. Without `[governance] operators` each \
mapped identity operates; without `auditors`, `cut_off_by`, `lift_by` or `attested_by` the defaults of \
[the configuration](configuration.md) hold.

";

/// The relations of an actor to the target that the second table shows.
const RELATIONS: [(&str, Option<Role>, Option<Bar>); 5] = [
    ("self", Some(Role::Holder), Some(Bar { stake: Stake::Holder, via: Via::Own })),
    ("delegate", None, Some(Bar { stake: Stake::Holder, via: Via::Delegate })),
    ("requester", Some(Role::Requester), Some(Bar { stake: Stake::Requester, via: Via::Own })),
    ("performer", None, Some(Bar { stake: Stake::Performer, via: Via::Own })),
    ("other", None, None),
];

/// The document.
#[must_use]
pub fn matrix() -> String {
    let mut text = HEAD.to_owned();
    text.push_str("| operation | about | who may | barred |\n|---|---|---|---|\n");
    text.extend(Operation::ALL.iter().map(|operation| ruled(*operation)));
    text.push_str(
        "\nWhich roles keep an operation when the actor is also the holder (self), a delegate of the holder, the requester, a \
         performer, or none of these (other):\n\n| operation |",
    );
    text.extend(RELATIONS.iter().map(|(relation, ..)| format!(" {relation} |")));
    text.push_str("\n|---|---|---|---|---|---|\n");
    for operation in Operation::ALL {
        let cells: Vec<String> =
            RELATIONS.iter().map(|(_, also, bar)| kept(*operation, *also, *bar)).collect();
        text.push_str(&["| ", operation.as_str(), " | ", &cells.join(" | "), " |\n"].concat());
    }
    text
}

/// The row of an operation: its target, the roles, and the bars.
fn ruled(operation: Operation) -> String {
    let rule = rule(operation);
    let roles: Vec<&str> = rule.roles.iter().map(|r| r.as_str()).collect();
    let mut bars: Vec<&str> = rule.bars.iter().map(|b| b.as_str()).collect();
    bars.extend(rule.protects.then_some("*protected*"));
    let bars = if bars.is_empty() { "–".to_owned() } else { bars.join(", ") };
    let (name, about) = (operation.as_str(), operation.target().as_str());
    format!("| {name} | {about} | {} | {bars} |\n", roles.join("; "))
}

/// How many of all roles are permitted an operation in a relation: all that the rule names, some, or none.
fn kept(operation: Operation, also: Option<Role>, bar: Option<Bar>) -> String {
    let bars: BTreeSet<Bar> = bar.into_iter().collect();
    let may = |role: &&Role| {
        let roles: BTreeSet<Role> = [**role].into_iter().chain(also).collect();
        permitted(operation, &roles, &bars, false).is_ok()
    };
    let permitted = Role::ALL.iter().filter(may).count();
    let named = rule(operation).roles.len();
    match permitted {
        0 => "no".to_owned(),
        all if all == Role::ALL.len() => "every role".to_owned(),
        some if some == named => "yes".to_owned(),
        some => format!("{some} of {named}"),
    }
}
