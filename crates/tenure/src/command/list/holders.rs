//! `tenure holders`: who has an account in a system or holds an entitlement, and why.

use super::show;
use crate::cli::{Cli, Holders};
use crate::exit::{Exit, Failure};
use serde_json::{Value, json};
use tenure_app::describe::{instant_words, reason_json};
use tenure_app::{Held, HeldReason, Holder, Query, Since};
use tenure_model::{AccountState, Holding, JustificationKind, Name as _};

pub(super) async fn holders(cli: &Cli, query: &Query<'_>, args: &Holders) -> Result<Exit, Failure> {
    let of = &args.of;
    let page = query.holders(&of.system, of.entitlement.as_ref(), &args.paging.page()).await?;
    let none = match &of.entitlement {
        Some(entitlement) => format!("no identity holds {entitlement}"),
        None => format!("no identity has an account in {}", of.system),
    };
    show(cli, "holders", &none, &page, (lines, as_json));
    Ok(Exit::Done)
}

/// The identity, its account, and a line for each reason of each entitlement.
fn lines(holder: &Holder) -> Vec<String> {
    let mut lines = vec![holder.who.line(), format!("  {}", account(holder))];
    for held in &holder.holds {
        lines.extend(entitlement(held).into_iter().map(|line| format!("  {line}")));
    }
    lines
}

fn account(holder: &Holder) -> String {
    let name = holder.name.as_ref().map_or_else(String::new, |name| format!(" `{name}`"));
    let decided = match holder.decided {
        AccountState::Absent => "to be deleted",
        state => state.as_str(),
    };
    let read = match holder.read {
        Some((at, state)) if state == holder.decided => format!("read back {}", instant_words(at)),
        Some((at, state)) => format!("{} when it was read {}", state.as_str(), instant_words(at)),
        None => "not read back yet".to_owned(),
    };
    format!("account{name} in {}: {decided}, {read}", holder.account)
}

fn entitlement(held: &Held) -> Vec<String> {
    let state = match held.holding {
        Some(Holding::Ordered) => " (not confirmed yet)",
        Some(Holding::Ending) => " (removal not confirmed yet)",
        Some(Holding::Held | Holding::Ended) | None => "",
    };
    let mut lines: Vec<String> =
        held.reasons.iter().map(|r| format!("{}{state}: {}", held.entitlement, reason(r))).collect();
    if lines.is_empty() && held.holding.is_some() {
        lines.push(format!("{}{state}: no reason any more", held.entitlement));
    }
    if !held.through.is_empty() {
        lines.push(format!("{}: inherited through {}", held.entitlement, held.through.join(", ")));
    }
    lines
}

fn reason(reason: &HeldReason) -> String {
    let why = &reason.justification;
    let since = match reason.since {
        Since::Instant(at) => format!("since {}, ", instant_words(at)),
        Since::Engagement(day) => format!("at the earliest since {day}, the first day, "),
        Since::Unknown => String::new(),
    };
    let mut text = format!("{since}{} \"{}\"", why.kind.as_str(), why.reference);
    text.extend((!reason.stated.is_empty()).then(|| format!(" ({})", reason.stated)));
    text.extend(reason.requester.as_ref().map(|who| match why.kind {
        JustificationKind::Emergency => format!(", given by {who}"),
        JustificationKind::Exception => String::new(),
        _ => format!(", requested by {who}"),
    }));
    let agreed = if why.kind == JustificationKind::Exception { "signed by" } else { "approved by" };
    match &*reason.approvers {
        [] => text.push_str(", no approval asked"),
        all => text.push_str(&format!(", {agreed} {}", all.join(" and "))),
    }
    text.extend(reason.owner.as_ref().map(|owner| format!(", owner {owner}")));
    text.push_str(
        &why.until.map_or(", no end date".to_owned(), |until| format!(", until {}", instant_words(until))),
    );
    text
}

fn as_json(holder: &Holder) -> Value {
    json!({
        "person": holder.who.json(), "system": holder.account.system.as_str(), "account": holder.account.to_string(),
        "name": holder.name.as_deref(), "state": holder.decided.as_str(),
        "read": holder.read.map(|(at, state)| json!({ "at": at.to_string(), "state": state.as_str() })),
        "holds": holder.holds.iter().map(held_json).collect::<Vec<_>>(),
    })
}

fn held_json(held: &Held) -> Value {
    json!({
        "entitlement": held.entitlement.as_str(), "holding": held.holding.map_or("inherited", Holding::as_str),
        "through": held.through.iter().map(|t| &**t).collect::<Vec<_>>(),
        "because": held.reasons.iter().map(reason_as_json).collect::<Vec<_>>(),
    })
}

fn reason_as_json(reason: &HeldReason) -> Value {
    let mut all = reason_json(&reason.justification);
    (all["since"], all["not_before"]) = match reason.since {
        Since::Instant(at) => (json!(at.to_string()), Value::Null),
        Since::Engagement(day) => (Value::Null, json!(day.to_string())),
        Since::Unknown => (Value::Null, Value::Null),
    };
    all["stated"] = json!(&*reason.stated);
    all["requester"] = json!(reason.requester.as_deref());
    all["approvers"] = reason.approvers.iter().map(|a| Value::from(&**a)).collect();
    all["owner"] = json!(reason.owner.as_deref());
    all
}
