//! `[[approval]]`: the approvers of a rule, stage by stage.

use super::context::{Context, Places};
use super::doc::{Spanned, Toml};
use super::fields::Fields;
use super::rules::{each, name};
use crate::condition::Scope;
use crate::diagnostic::code;
use crate::{Approval, Stage};
use jiff::SignedDuration;
use std::sync::Arc;
use tenure_model::Approver;

/// The time limit of a stage if the rule states none.
const WITHIN: SignedDuration = SignedDuration::from_hours(48);

pub(super) fn read(context: &mut Context<'_>, root: &Fields<'_>, places: &mut Places) -> Vec<Approval> {
    each(context, root, "approval", |context, fields| {
        let name = name(context, fields, places, "the approval");
        let when = fields.need_text("when", "'change == \"joiner\"'");
        let when = when.and_then(|spot| context.condition(&spot, Scope::APPROVAL));
        let stages = stages(context, fields);
        let (name, when) = (name?, when?);
        let per_grant = when.reads().builtins.iter().any(|b| b.is_grant());
        Some(Approval { name, when, per_grant, stages, at: fields.place().at() })
    })
}

/// `by`, `need`, `within` and `then`: the approvers, stage by stage.
pub(super) fn stages(context: &mut Context<'_>, fields: &Fields<'_>) -> Vec<Stage> {
    let first = stage(context, fields, None);
    let within = first.as_ref().map_or(WITHIN, |s| s.within);
    let mut stages: Vec<Stage> = first.into_iter().collect();
    if let Some(then) = fields.get("then") {
        stages.extend(later(context, fields, then, within));
    }
    stages
}

/// `by`, `need`, `within` of a stage.
fn stage(context: &mut Context<'_>, fields: &Fields<'_>, before: Option<SignedDuration>) -> Option<Stage> {
    let spots = fields.need_texts("by", "[\"manager\"]");
    let by: Vec<Approver> = spots.iter().filter_map(|s| context.approver(s)).collect();
    let all = fields.word("need", &[("all", true), ("any", false)]).unwrap_or(true);
    let within = fields.duration("within").or(before).unwrap_or(WITHIN);
    if within.is_zero() {
        let place = fields.get("within").map_or(fields.place(), |v| &v.place);
        fields
            .put(place.error(code::RANGE, "an approver needs time to answer").help("for example \"2 days\""));
    }
    (!by.is_empty()).then_some(Stage { by, all, within })
}

/// `then`: `"deny"`, `"escalate"` (to the escalation group), or further stages.
fn later(
    context: &mut Context<'_>,
    fields: &Fields<'_>,
    then: &Spanned,
    within: SignedDuration,
) -> Vec<Stage> {
    match &then.value {
        Toml::Text(_) => {
            let escalates =
                fields.spot(then).and_then(|s| fields.word_of(&s, &[("deny", false), ("escalate", true)]));
            let by = vec![Approver::Group(Arc::clone(&context.last_resort))];
            escalates.filter(|e| *e).map(|_| Stage { by, all: false, within }).into_iter().collect()
        }
        Toml::List(items) => {
            let mut stages = Vec::new();
            for item in items {
                let Toml::Table(table) = &item.value else {
                    fields.kind(item, "a stage: { by = [\"manager\"], within = \"1 day\" }");
                    continue;
                };
                let inner = Fields::new(table, fields.sink);
                stages.extend(stage(context, &inner, Some(within)));
                inner.finish();
            }
            stages
        }
        _ => {
            fields.kind(then, "\"deny\", \"escalate\", or a list of stages");
            Vec::new()
        }
    }
}
