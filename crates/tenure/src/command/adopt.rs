//! `tenure adopt`: shows which identity each account of a system belongs to, then adopts the accounts as they are.

use super::acting::moment;
use crate::cli::{Adopt, Cli};
use crate::exit::{Exit, Failure};
use crate::{out, wire};
use serde_json::json;
use std::collections::BTreeMap;
use tenure_app::{Adoption, AskedAccount, Link};
use tenure_model::{Kind, Name as _, SystemName};

/// Lines of one sort that are listed.
const LISTED: usize = 20;

pub(crate) async fn adopt(cli: &Cli, args: &Adopt) -> Result<Exit, Failure> {
    let app = wire::app(cli).await?;
    let moment = moment(cli, &app).await?;
    let system = SystemName::new(&args.system)
        .map_err(|e| Failure::new("A001", format!("`{}`: {e}", args.system), "see systems/"))?;
    let said = match (&*args.link, &args.orphan) {
        ([account, person], _) => {
            app.adoption().claim(&system, account, person, &moment).await?;
            Some(format!("account `{account}` linked to {person}: its access is kept until its review"))
        }
        (_, Some(account)) => {
            app.adoption().disclaim(&system, account, &moment).await?;
            Some(format!("`{account}` is an orphan and stays unchanged"))
        }
        _ => None,
    };
    let adoption = match said {
        Some(_) => None,
        None => Some(app.adoption().adopt(&system, args.yes, &moment).await?),
    };
    let work = if said.is_some() || args.yes {
        app.work().work(&moment, None, &|_, _| ()).await?
    } else {
        Default::default()
    };
    super::publish(cli, &app).await?;
    match (&adoption, &said) {
        (Some(adoption), _) if cli.json => out::json(&as_json(adoption)),
        (Some(adoption), _) => show(adoption, args.all),
        (None, Some(said)) if cli.json => out::json(&json!({ "said": said })),
        (None, Some(said)) => out::line(said),
        (None, None) => {}
    }
    let asked = adoption.as_ref().is_some_and(|a| !a.asked.is_empty());
    let previewed =
        adoption.as_ref().is_some_and(|a| !a.done && (!a.linked.is_empty() || !a.departed.is_empty()));
    Ok(if work.held > 0 {
        Exit::Held
    } else if previewed {
        Exit::Differs
    } else if asked || work.needs_person + work.waiting > 0 {
        Exit::Open
    } else {
        Exit::Done
    })
}

fn show(adoption: &Adoption, all: bool) {
    let complete =
        if adoption.complete { "complete" } else { "NOT proved complete: a missing account is no evidence" };
    out::line(&format!("{}: {}, {complete}", adoption.system, out::count(adoption.accounts, "account")));
    let link = |l: &Link| {
        let kind = if l.kind == Kind::default() { String::new() } else { format!(" ({} account)", l.kind) };
        let off = if l.enabled { "" } else { ", not usable" };
        let holds: Vec<String> = l
            .holds
            .iter()
            .map(|(what, managed)| if *managed { what.to_string() } else { format!("{what} (not managed)") })
            .collect();
        let holds =
            if holds.is_empty() { "holds nothing".to_owned() } else { format!("holds {}", holds.join(", ")) };
        format!("{} belongs to {}{kind}{off}: {}; {holds}", l.account, l.person, l.by)
    };
    let word = if adoption.done { "adopted" } else { "would be adopted, with what they hold" };
    list(word, adoption.linked.iter().map(link), all);
    list(
        "of people who have left: removed as far as the mode of the system allows",
        adoption.departed.iter().map(link),
        all,
    );
    list(
        "your own, with access that another person must review: another owner or the escalation group adopts them",
        adoption.own.iter().map(link),
        all,
    );
    list(
        "with possible holders: no account is created for these people until it is linked or declared an orphan",
        adoption.asked.iter().map(|asked| question(&adoption.system, asked)),
        all,
    );
    let mut classes: BTreeMap<&str, u64> = BTreeMap::new();
    for (class, ..) in &adoption.orphans {
        *classes.entry(class.as_str()).or_default() += 1;
    }
    let classes: Vec<String> = classes.iter().map(|(class, n)| format!("{n} {class}")).collect();
    let orphans = adoption
        .orphans
        .iter()
        .map(|(class, name, owner)| format!("{name}: {}, owner {owner}", class.as_str()));
    list(&format!("orphans ({}): unchanged", classes.join(", ")), orphans, all);
    list("protected by name: untouched", adoption.protected.iter().map(ToString::to_string), all);
    list(
        "people with several accounts",
        adoption.several.iter().map(|(person, n)| format!("{person} has {n}")),
        all,
    );
    let unmanaged = adoption.unmanaged.iter().map(|(what, n)| format!("{what}, held by {n}"));
    list("entitlements without an owner: unchanged", unmanaged, all);
    let nested = adoption.nested.iter().map(|(who, what, path)| format!("{who} holds {what} through {path}"));
    list("inherited through other entitlements", nested, all);
    out::line(&match adoption.done {
        true => format!("{} adopted", out::count(adoption.adopted, "account")),
        false => {
            format!("nothing was changed: `tenure adopt {} --yes` adopts what is shown", adoption.system)
        }
    });
}

/// The question whose an account is.
fn question(system: &SystemName, (name, maybe, why): &AskedAccount) -> String {
    let (maybe, why) = (maybe.join(" or "), tenure_words::doubt(*why));
    format!("{name} may belong to {maybe}: {why} (`tenure adopt {system} --link {name} PERSON`)")
}

fn list(title: &str, lines: impl Iterator<Item = String>, all: bool) {
    let lines: Vec<String> = lines.collect();
    if lines.is_empty() {
        return;
    }
    out::line(&format!("  {} {title}", lines.len()));
    let shown = if all { lines.len() } else { LISTED };
    lines.iter().take(shown).for_each(|l| out::line(&format!("    {l}")));
    if lines.len() > shown {
        out::line(&format!("    … and {} more: --all lists them", lines.len() - shown));
    }
}

fn as_json(adoption: &Adoption) -> serde_json::Value {
    let links = |all: &[Link]| {
        let one = |l: &Link| {
            json!({ "account": &*l.account, "person": &*l.person, "kind": l.kind.to_string(), "by": &*l.by,
            "enabled": l.enabled, "holds": l.holds.iter().map(|(what, managed)| json!({ "entitlement": &**what, "managed": managed })).collect::<Vec<_>>() })
        };
        all.iter().map(one).collect::<Vec<_>>()
    };
    json!({
        "system": adoption.system.to_string(), "accounts": adoption.accounts, "complete": adoption.complete,
        "done": adoption.done, "adopted": adoption.adopted,
        "linked": links(&adoption.linked), "departed": links(&adoption.departed), "own": links(&adoption.own),
        "asked": adoption.asked.iter().map(|(account, maybe, why)| json!({
            "account": &**account, "maybe": maybe.iter().map(|m| &**m).collect::<Vec<_>>(), "why": tenure_words::doubt(*why),
        })).collect::<Vec<_>>(),
        "orphans": adoption.orphans.iter().map(|(class, account, owner)| json!({
            "account": &**account, "class": class.as_str(), "owner": &**owner,
        })).collect::<Vec<_>>(),
        "protected": adoption.protected.iter().map(|p| &**p).collect::<Vec<_>>(),
        "several": adoption.several.iter().map(|(person, n)| json!({ "person": &**person, "accounts": n })).collect::<Vec<_>>(),
        "unmanaged": adoption.unmanaged.iter().map(|(what, n)| json!({ "entitlement": &**what, "held_by": n })).collect::<Vec<_>>(),
        "nested": adoption.nested.iter().map(|(who, what, path)| json!({
            "account": &**who, "entitlement": &**what, "path": &**path,
        })).collect::<Vec<_>>(),
    })
}
