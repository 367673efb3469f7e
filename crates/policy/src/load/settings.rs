//! `tenure.toml`.

use super::context::{Context, Sheet};
use super::doc::{Table, Toml};
use super::fields::{Fields, Spot};
use super::words::{is_secret_reference, is_word};
use crate::GlobalSettings;
use crate::diagnostic::code;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_model::CutOffClass;

pub(super) fn read(context: &mut Context<'_>, sheet: &Sheet) -> Option<GlobalSettings> {
    let root = Fields::new(&sheet.root, context.sink);
    root.get("edition");
    let organisation =
        needed(&root, "organisation", "name = \"Example Ltd\"", |f| f.need_text("name", "\"Example Ltd\""));
    let database = section(&root, "storage", |f| f.text("path")).flatten();
    let checkpoints = section(&root, "ledger", |f| f.text("checkpoints")).flatten();
    let outbox = section(&root, "outbox", |f| (f.text("path"), f.text("from")));
    let (outbox, mail_from) = outbox.unwrap_or_default();
    let key = needed(&root, "keys", "key_encryption_key = \"file:kek\"", secret);
    let actor_key = section(&root, "people", people).flatten();
    let actors = root.table("actors").map(|t| actors(&root, t)).unwrap_or_default();
    let groups = root.table("groups").map(|t| groups(&root, t)).unwrap_or_default();
    let governance = needed(&root, "governance", "last_resort = \"security\"", |f| {
        let allow_as = f.bool("allow_as", true);
        let readers = f.text("cut_off_readers");
        let who = Who::read(f);
        let reapprove = reapprove_after(f);
        f.need_text("last_resort", "\"security\"").map(|spot| (spot, readers, who, reapprove, allow_as))
    });
    root.finish();
    context.groups = Some(groups.clone());
    let groups_named: BTreeSet<Arc<str>> = groups.keys().cloned().collect();
    let (last_resort, readers, who, reapprove_after, allow_as) = governance?;
    enough(context, &groups, &last_resort);
    context.last_resort = last_resort.text.clone();
    Some(GlobalSettings {
        organisation: organisation?.text,
        database: database.map_or_else(|| Arc::from("tenure.db"), |s| s.text),
        checkpoints: checkpoints.map_or_else(|| Arc::from("checkpoints"), |s| s.text),
        outbox: outbox.map_or_else(|| Arc::from("outbox"), |s| s.text),
        mail_from: mail_from.map_or_else(|| Arc::from("tenure@localhost"), |s| s.text),
        key_encryption_key: key?,
        actors,
        actor_key: actor_key.unwrap_or_else(|| Arc::from("worker_number")),
        groups,
        last_resort: last_resort.text,
        cut_off_readers: readers.map(|spot| context.owner(spot)),
        reapprove_after,
        cut_off_by: who.cut_off_by(context, &groups_named),
        lift_by: who.lift_by.into_iter().map(|(class, spot)| (class, context.owner(spot))).collect(),
        operators: who.operators.map(|spot| context.owner(spot)),
        auditors: who.auditors.map(|spot| context.owner(spot)),
        allow_as,
    })
}

/// The classes of a cut-off that use up approvals; by default a compromised account or secret.
fn reapprove_after(fields: &Fields<'_>) -> BTreeSet<CutOffClass> {
    if fields.get("reapprove_after").is_none() {
        return BTreeSet::from([CutOffClass::Security]);
    }
    let mut words: Vec<(&str, CutOffClass)> = CutOffClass::ALL.iter().map(|c| (c.as_str(), *c)).collect();
    words.push(("compromise", CutOffClass::Security));
    let all = fields.need_texts("reapprove_after", "[\"compromise\"]");
    all.iter().filter_map(|spot| fields.word_of(spot, &words)).collect()
}

/// The groups that may cut off by default.
const AT_NIGHT: [&str; 2] = ["security", "on-call"];

/// Roles in addition to owners: of `[governance]`.
#[derive(Default)]
struct Who {
    cut_off_by: Option<Vec<Spot>>,
    lift_by: BTreeMap<Arc<str>, Spot>,
    operators: Option<Spot>,
    auditors: Option<Spot>,
}

impl Who {
    fn read(fields: &Fields<'_>) -> Self {
        let cut_off_by = fields.get("cut_off_by").map(|_| fields.texts("cut_off_by"));
        Self {
            cut_off_by,
            lift_by: lift_by(fields),
            operators: fields.text("operators"),
            auditors: fields.text("auditors"),
        }
    }

    fn cut_off_by(&self, context: &Context<'_>, groups: &BTreeSet<Arc<str>>) -> Vec<Arc<str>> {
        match &self.cut_off_by {
            Some(all) => all.iter().map(|spot| context.owner(spot.clone())).collect(),
            None => {
                let there = AT_NIGHT.iter().filter(|g| groups.contains(**g));
                there.map(|g| Arc::from(format!("group:{g}"))).collect()
            }
        }
    }
}

/// `lift_by`: one name for all reason classes, or a table by class.
fn lift_by(fields: &Fields<'_>) -> BTreeMap<Arc<str>, Spot> {
    let Some(value) = fields.get("lift_by") else { return BTreeMap::new() };
    if matches!(value.value, Toml::Text(_)) {
        return fields.spot(value).map(|spot| (Arc::from("*"), spot)).into_iter().collect();
    }
    let Some(table) = fields.table("lift_by") else { return BTreeMap::new() };
    let known = |class: &str| class == "*" || CutOffClass::parse(class).is_some();
    let mut all = BTreeMap::new();
    for entry in &table.entries {
        if !known(&entry.key) {
            let classes: Vec<&str> = CutOffClass::ALL.iter().map(|c| c.as_str()).collect();
            let title = format!("`{}` is no reason class of a cut-off", entry.key);
            let help = format!("write one of {}, or \"*\" for the others", classes.join(", "));
            fields.put(entry.key_place.error(code::NAME, title).help(help));
        }
        all.extend(fields.spot(&entry.value).map(|spot| (entry.key.clone(), spot)));
    }
    all
}

/// Reads one required table.
fn needed<T>(
    root: &Fields<'_>,
    key: &'static str,
    example: &str,
    read: impl FnOnce(&Fields<'_>) -> Option<T>,
) -> Option<T> {
    if root.get(key).is_none() {
        root.missing_table(key, example);
    }
    section(root, key, read).flatten()
}

/// Reads one table completely.
pub(super) fn section<T>(
    root: &Fields<'_>,
    key: &'static str,
    read: impl FnOnce(&Fields<'_>) -> T,
) -> Option<T> {
    let fields = Fields::new(root.table(key)?, root.sink);
    let found = read(&fields);
    fields.finish();
    Some(found)
}

fn secret(fields: &Fields<'_>) -> Option<Arc<str>> {
    let spot = fields.need_text("key_encryption_key", "\"file:kek\"")?;
    if is_secret_reference(&spot.text) {
        return Some(spot.text);
    }
    let diagnostic = spot.place.error(code::SECRET, "`key_encryption_key` is not a reference to a secret");
    fields.put(
        diagnostic.help("write \"env:NAME\", \"file:/path\" or \"credential:NAME\", never the key itself"),
    );
    None
}

fn people(fields: &Fields<'_>) -> Option<Arc<str>> {
    let spot = fields.text("key")?;
    if is_word(&spot.text) {
        return Some(spot.text);
    }
    let title = format!("`{}` cannot be a kind of key", spot.text);
    fields.put(spot.place.error(code::NAME, title).help("for example key = \"worker_number\""));
    None
}

/// A table of texts by any key.
pub(super) fn pairs(fields: &Fields<'_>, table: &Table) -> BTreeMap<Arc<str>, Arc<str>> {
    let pair = |e: &super::doc::KeyValue| fields.spot(&e.value).map(|spot| (e.key.clone(), spot.text));
    table.entries.iter().filter_map(pair).collect()
}

/// `[actors]`: a login by its name or by `uid:N`, and the person that it belongs to.
fn actors(fields: &Fields<'_>, table: &Table) -> BTreeMap<Arc<str>, Arc<str>> {
    for entry in &table.entries {
        let number = entry.key.strip_prefix("uid:");
        if entry.key.trim().is_empty() || number.is_some_and(|n| n.parse::<u32>().is_err()) {
            let title = format!("`{}` is no login of the operating system", entry.key);
            let help = "write the login's name, or its number as in \"uid:1001\" = \"W1\"";
            fields.put(entry.key_place.error(code::NAME, title).help(help));
        }
    }
    pairs(fields, table)
}

fn groups(fields: &Fields<'_>, table: &Table) -> BTreeMap<Arc<str>, Vec<Arc<str>>> {
    let people = |e: &super::doc::KeyValue| members(fields, e);
    table.entries.iter().map(|e| (e.key.clone(), people(e))).collect()
}

/// The members of a group: with spaces around it a key would look like another person.
fn members(fields: &Fields<'_>, entry: &super::doc::KeyValue) -> Vec<Arc<str>> {
    let mut all = Vec::new();
    for spot in fields.texts_of(&entry.value) {
        if spot.text.trim() != &*spot.text || spot.text.is_empty() {
            let diagnostic = spot.place.error(code::NAME, format!("`{}` names no person", spot.text));
            fields.put(diagnostic.help("write the key of a person without spaces around it"));
        }
        all.push(spot.text);
    }
    all
}

fn enough(context: &Context<'_>, groups: &BTreeMap<Arc<str>, Vec<Arc<str>>>, spot: &Spot) {
    let Some(people) = groups.get(&spot.text) else {
        let title = format!("there is no group `{}`", spot.text);
        let help = crate::diagnostic::did_you_mean(&spot.text, groups.keys().map(|g| &**g));
        let help = help.unwrap_or_else(|| format!("add [groups] with {} = [\"…\", \"…\"]", spot.text));
        context.sink.put(spot.place.error(code::GROUP, title).help(help));
        return;
    };
    let different: BTreeSet<String> = people.iter().map(|p| p.trim().to_lowercase()).collect();
    if different.len() < 2 {
        let title = format!(
            "the group `{}` has {} person; the escalation group needs two",
            spot.text,
            different.len()
        );
        let help =
            "a person cannot decide about their own access: name at least two different people in [groups]";
        context.sink.put(spot.place.error(code::LAST_RESORT, title).help(help));
    }
}
