//! `tenure entitlements`, `exceptions` and `reviews`: what can be held, what is held outside policy, and what is looked at again.

use super::show;
use crate::cli::{Cli, Entitlements, Exceptions, Reviews};
use crate::exit::{Exit, Failure};
use crate::out;
use serde_json::{Value, json};
use tenure_app::describe::instant_words;
use tenure_app::{EntitlementFilter, EntitlementShown, ExceptionShown, Query, ReviewOf, ReviewShown};
use tenure_model::{JustificationKind, Name as _};
use tenure_store::codec::parameters_json;

pub(super) async fn entitlements(cli: &Cli, query: &Query<'_>, args: &Entitlements) -> Result<Exit, Failure> {
    let filter = EntitlementFilter {
        system: args.system.clone(),
        owner: args.owner.as_deref().map(Into::into),
        risk: args.risk,
        unmanaged: args.unmanaged,
    };
    let page = query.entitlements(&filter, &args.paging.page()).await?;
    let line = |e: &EntitlementShown| {
        let owner = match (&e.owner, e.is_declared) {
            (Some(owner), _) => format!("owner {owner}"),
            (None, true) => "unmanaged: it has no owner".to_owned(),
            (None, false) => "unmanaged: the configuration does not declare it".to_owned(),
        };
        let family = e.family.as_ref().map(|f| format!(" (of {f})")).unwrap_or_default();
        vec![format!("{}{family}: {}, risk {}, {owner}", e.name, out::count(e.holders, "holder"), e.risk)]
    };
    let as_json = |e: &EntitlementShown| {
        json!({
            "entitlement": e.name.as_str(), "system": e.name.system_str(), "family": e.family.as_ref().map(|f| f.as_str()),
            "declared": e.is_declared, "owner": e.owner.as_deref(), "unmanaged": e.owner.is_none(), "risk": e.risk,
            "maximum": e.max.map(|max| max.to_string()), "kind": e.kind.as_str(), "holders": e.holders,
            "contains": e.contains.iter().map(|c| c.as_str()).collect::<Vec<_>>(),
        })
    };
    show(cli, "entitlements", "no entitlement is found", &page, (line, as_json));
    Ok(Exit::Done)
}

pub(super) async fn exceptions(cli: &Cli, query: &Query<'_>, args: &Exceptions) -> Result<Exit, Failure> {
    let page = query.exceptions(&args.paging.page()).await?;
    let lines = |e: &ExceptionShown| {
        let until =
            e.until.map_or("no end date".to_owned(), |until| format!("until {}", instant_words(until)));
        let waits = if e.is_given { "" } else { ", not given now" };
        let owner = e.owner.as_deref().unwrap_or("none");
        vec![
            format!("{until}  {}{waits}: {}", e.entitlement, e.who.line()),
            format!("  owner {owner}, instead: {}; reason: {}", e.instead, e.reason),
        ]
    };
    let as_json = |e: &ExceptionShown| {
        json!({
            "person": e.who.json(), "entitlement": e.entitlement.as_str(), "owner": e.owner.as_deref(),
            "signed_by": e.signed_by.as_deref(), "instead": &*e.instead, "reason": &*e.reason,
            "from": e.from.map(|t| t.to_string()), "until": e.until.map(|t| t.to_string()), "given": e.is_given,
        })
    };
    show(cli, "exceptions", "no exception is in force", &page, (lines, as_json));
    Ok(Exit::Done)
}

pub(super) async fn reviews(cli: &Cli, query: &Query<'_>, args: &Reviews) -> Result<Exit, Failure> {
    let page = query.reviews(&args.paging.page()).await?;
    show(cli, "reviews", "no review is due", &page, (review, review_json));
    Ok(if page.rows.is_empty() { Exit::Done } else { Exit::Open })
}

fn review(review: &ReviewShown) -> Vec<String> {
    let who =
        review.who.as_ref().map_or_else(|| "an identity that no longer exists".to_owned(), |who| who.line());
    let escalated = review.escalated.as_ref().map(|g| format!(", escalated to {g}")).unwrap_or_default();
    vec![
        format!("due {}  {}: {who}", instant_words(review.deadline), subject(&review.what)),
        format!("  reviewer {}{escalated}; without a review {}", review.reviewer, consequence(&review.what)),
        format!("  {}", tenure_words::finding(&review.finding)),
    ]
}

fn subject(what: &ReviewOf) -> String {
    match what {
        ReviewOf::Access(kind, entitlement, _) => format!("{} {entitlement}", kind.as_str()),
        ReviewOf::CutOff => "cut-off".to_owned(),
        ReviewOf::Other(about) => about.to_string(),
    }
}

/// What happens when the deadline passes.
fn consequence(what: &ReviewOf) -> String {
    match what {
        ReviewOf::Access(JustificationKind::Emergency, ..) => {
            "it stays open, and no new emergency access is given for it".to_owned()
        }
        ReviewOf::Access(JustificationKind::Request, ..) => "the access ends".to_owned(),
        ReviewOf::Access(_, _, Some(until)) => format!("the access ends {}", instant_words(*until)),
        ReviewOf::Access(_, _, None) | ReviewOf::Other(_) => "it stays open".to_owned(),
        ReviewOf::CutOff => "the cut-off stays in force".to_owned(),
    }
}

fn review_json(review: &ReviewShown) -> Value {
    let until = match &review.what {
        ReviewOf::Access(_, _, until) => until.map(|t| t.to_string()),
        _ => None,
    };
    json!({
        "id": review.id.to_string(), "person": review.who.as_ref().map(tenure_app::IdentityShown::json),
        "what": subject(&review.what), "until": until, "reviewer": &*review.reviewer,
        "escalated_to": review.escalated.as_deref(), "since": review.since.to_string(),
        "deadline": review.deadline.to_string(), "otherwise": consequence(&review.what),
        "code": review.finding.detail.code(), "parameters": parameters_json(review.finding.detail.parameters()),
        "text": tenure_words::finding(&review.finding),
    })
}
