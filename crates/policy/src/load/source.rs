//! `sources/*.toml`.

use super::context::{Context, Sheet};
use super::doc::{Spanned, Table, Toml};
use super::fields::{Fields, Spot};
use super::settings::section;
use super::words::duration;
use crate::condition::{Scope, Type};
use crate::diagnostic::{code, did_you_mean};
use crate::{
    Blank, Brake, Condition, CorrelateRule, DateFormat, EXTRACTED, EngagementMap, Mapping, MissingRule,
    Source, SourceFormat, Take,
};
use jiff::SignedDuration;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_model::{EngagementType, IdentityKind, Name, SourceName, ValueType};

/// The default brake: at least 5 people and more than 10 percent.
const BRAKE: Brake = Brake { percent: 10, count: 5 };

pub(super) fn read(context: &mut Context<'_>, sheet: &Sheet, name: &SourceName) -> Option<Source> {
    let root = Fields::new(&sheet.root, context.sink);
    root.get("edition");
    let format = format(&root);
    let path = root.need_text("path", "\"feeds/people.csv\"");
    let extracted = extracted(&root, path.as_ref());
    let mode = root.word("mode", &[("snapshot", true), ("delta", false)]);
    if root.get("mode").is_none() {
        root.missing("mode", "\"snapshot\"");
    }
    let owner = root.need_text("owner", "\"1001\"").map(|spot| context.owner(spot));
    let key = record_key(context, &root);
    let keys = root.table("keys").map(|t| self::keys(context, &root, t)).unwrap_or_default();
    let mappings = root.table("map").map(|t| map(context, &root, t, name)).unwrap_or_default();
    let engagement = root.table("engagement").map(|t| engagement(context, &root, t));
    let zone = super::zone::read(context, &root, engagement.as_ref().is_some_and(has_dates));
    let snapshot = mode.unwrap_or(true);
    let missing = self::missing(&root, snapshot && engagement.is_some());
    let (correlate, untyped) = super::correlate::read(&root, &keys);
    context.untyped.extend(untyped.map(|place| (name.clone(), place)));
    let kind =
        root.word("identity", &IdentityKind::ALL.map(|k| (k.as_str(), k))).unwrap_or(IdentityKind::Person);
    whose(&root, kind, &correlate);
    endless(&root, engagement.as_ref(), missing);
    let engagement_types = types(&root, engagement.is_some());
    stated(&root, &engagement_types);
    let (brake, additions) = brakes(&root);
    let source = Source {
        name: name.clone(),
        format: format.unwrap_or(SourceFormat::JsonLines),
        encoding: root.text("encoding").map_or_else(|| Arc::from("utf-8"), |s| s.text),
        path: path.map_or_else(|| Arc::from(""), |s| s.text),
        extracted,
        snapshot,
        every: root.duration("every"),
        dates: root.word("dates", &DATES).unwrap_or(DateFormat::Iso),
        identity_kind: kind,
        key: key.unwrap_or_else(|| Take::Constant(Arc::from(""))),
        engagement,
        zone,
        keys,
        mappings,
        engagement_types,
        // The policy states it, once it is completely read.
        end_required: BTreeSet::new(),
        rank: root.int("rank", 0..=9_999).and_then(|r| u16::try_from(r).ok()).unwrap_or(100),
        missing,
        brake,
        additions,
        correlate,
        owner: owner.unwrap_or_default(),
        at: sheet.file.whole().at(),
    };
    root.finish();
    Some(source)
}

/// Where the key of a row is.
fn record_key(context: &mut Context<'_>, root: &Fields<'_>) -> Option<Take> {
    let value = root.get("key");
    if value.is_none() {
        root.missing("key", "\"user_id\"");
    }
    value.and_then(|value| take(context, root, value))
}

/// The column that states when a feed was extracted; alternatively the path states it, in the file's name.
fn extracted(root: &Fields<'_>, path: Option<&Spot>) -> Option<Arc<str>> {
    let column = root.text("extracted");
    if let Some(path) = path.filter(|p| p.text.contains(EXTRACTED)) {
        let (folder, file) = path.text.rsplit_once('/').unwrap_or(("", &path.text));
        if column.is_some() || folder.contains(EXTRACTED) || file.matches(EXTRACTED).count() > 1 {
            let title = format!("`{EXTRACTED}` is written once, in the file's name, and instead of a column");
            root.put(path.place.error(code::MAPPING, title).help("for example \"feeds/hr-{extracted}.csv\""));
        }
    }
    column.map(|c| c.text)
}

/// People need an exact rule: similarity alone never links.
fn whose(root: &Fields<'_>, kind: IdentityKind, correlate: &[CorrelateRule]) {
    if kind == IdentityKind::Person && !correlate.iter().any(|r| matches!(r, CorrelateRule::Exact { .. })) {
        let diagnostic =
            root.place().file.whole().error(code::CORRELATE, "no exact rule says whose records these are");
        root.put(
            diagnostic.help("add [[correlate]] with exact = \"worker_number\", and map that key in [keys]"),
        );
    }
}

const DATES: [(&str, DateFormat); 3] = [
    ("iso", DateFormat::Iso),
    ("dd.mm.yyyy", DateFormat::DayMonthYear),
    ("mm/dd/yyyy", DateFormat::MonthDayYear),
];

fn format(root: &Fields<'_>) -> Option<SourceFormat> {
    let csv = root.word("format", &[("csv", true), ("jsonl", false)]);
    if root.get("format").is_none() {
        root.missing("format", "\"csv\"");
    }
    let delimiter = character(root, "delimiter");
    let quote = character(root, "quote");
    if csv? {
        return Some(SourceFormat::Csv {
            delimiter: delimiter.unwrap_or(b','),
            quote: quote.unwrap_or(b'"'),
        });
    }
    for key in ["delimiter", "quote"] {
        if let Some(place) = root.key_place(key) {
            root.put(place.error(code::MAPPING, format!("`{key}` is for csv; this source is jsonl")));
        }
    }
    Some(SourceFormat::JsonLines)
}

fn character(root: &Fields<'_>, key: &'static str) -> Option<u8> {
    let spot = root.text(key)?;
    match spot.text.as_bytes() {
        [one] if one.is_ascii_graphic() || *one == b'\t' => Some(*one),
        _ => {
            let diagnostic = spot.place.error(code::WORD, format!("`{key}` is one ASCII character"));
            root.put(diagnostic.help("for example \";\" or \"\\t\" for a tabulator"));
            None
        }
    }
}

/// `"column"`, `{ column = "…" }`, `{ cel = "…" }`, `{ constant = "…" }`.
pub(super) fn take(context: &mut Context<'_>, fields: &Fields<'_>, value: &Spanned) -> Option<Take> {
    match &value.value {
        Toml::Text(column) => Some(Take::Column(column.clone())),
        Toml::Table(table) => {
            let inner = Fields::new(table, fields.sink);
            let found = take_in(context, &inner, None);
            inner.finish();
            found
        }
        _ => {
            fields.kind(value, "a column in quotes, or { column | cel | constant = \"…\" }");
            None
        }
    }
}

fn take_in(context: &mut Context<'_>, inner: &Fields<'_>, wanted: Option<Type>) -> Option<Take> {
    let (column, cel, constant) = (inner.text("column"), inner.text("cel"), inner.text("constant"));
    match (column, cel, constant) {
        (Some(column), None, None) => Some(Take::Column(column.text)),
        (None, None, Some(constant)) => Some(Take::Constant(constant.text)),
        (None, Some(cel), None) => context.expression(&cel, Scope::ROW, wanted).map(Take::Cel),
        _ => {
            let diagnostic = inner
                .place()
                .error(code::MAPPING, "a value comes from one of `column`, `cel` and `constant`");
            inner.put(diagnostic.help("for example { column = \"department\" }"));
            None
        }
    }
}

fn keys(context: &mut Context<'_>, root: &Fields<'_>, table: &Table) -> BTreeMap<Arc<str>, Take> {
    let mut keys = BTreeMap::new();
    for entry in &table.entries {
        if let Some(take) = take(context, root, &entry.value) {
            keys.insert(entry.key.clone(), take);
        }
    }
    keys
}

fn map(context: &mut Context<'_>, root: &Fields<'_>, table: &Table, source: &SourceName) -> Vec<Mapping> {
    let mut all = Vec::new();
    for entry in &table.entries {
        let spot = Spot { text: entry.key.clone(), place: entry.key_place.clone() };
        let name = context.attribute(&spot);
        context.filled.extend(name.clone());
        let declared = name.as_ref().and_then(|n| context.declared.attributes.get(n)).map(|d| d.value_type);
        let found = mapping(context, root, &entry.value, declared);
        if let (Some(attribute), Some(value_type), Some((take, separator, blank, effective))) =
            (name, declared, found)
        {
            context.mapping_places.insert((source.clone(), attribute.clone()), spot.place);
            all.push(Mapping { attribute, value_type, take, separator, blank, effective });
        }
    }
    all
}

type Mapped = (Take, Option<Arc<str>>, Blank, Option<Take>);

fn mapping(
    context: &mut Context<'_>,
    root: &Fields<'_>,
    value: &Spanned,
    declared: Option<ValueType>,
) -> Option<Mapped> {
    let Toml::Table(table) = &value.value else {
        return take(context, root, value).map(|take| (take, None, Blank::Value, None));
    };
    let inner = Fields::new(table, root.sink);
    // A computed value may be a text that is read like a column, or a value of the declared type.
    let wanted = declared.filter(|t| *t == ValueType::Text).map(Type::of);
    let take = take_in(context, &inner, wanted);
    let separator = inner.text("separator");
    let blank =
        inner.word("blank", &[("value", Blank::Value), ("keep", Blank::Keep)]).unwrap_or(Blank::Value);
    let effective = inner.get("effective").and_then(|v| self::take(context, &inner, v));
    inner.finish();
    if let Some(spot) = separator.as_ref().filter(|_| declared.is_some_and(|t| t != ValueType::Texts)) {
        let diagnostic =
            spot.place.error(code::MAPPING, "a separator is for sets; this attribute is one value");
        root.put(diagnostic.help("declare the attribute as \"texts\", or leave the separator out"));
    }
    if let (Some(Take::Cel(expression)), Some(declared)) = (&take, declared) {
        let is = expression.value_type();
        if is != declared && is != ValueType::Text {
            let title = format!(
                "the expression makes {}, and the attribute is {}",
                Type::of(is).a(),
                Type::of(declared).a()
            );
            root.put(value.place.error(code::TYPE, title));
        }
    }
    Some((take?, separator.map(|s| s.text), blank, effective))
}

fn engagement(context: &mut Context<'_>, root: &Fields<'_>, table: &Table) -> EngagementMap {
    let fields = Fields::new(table, root.sink);
    let kind = match fields.get("type") {
        Some(value) => take(context, &fields, value),
        None => {
            fields.missing("type", "{ constant = \"…\" }");
            None
        }
    };
    let mut date = |key: &'static str| fields.get(key).and_then(|v| take(context, &fields, v));
    let (start, last_day, end) = (date("start"), date("last_day"), date("end"));
    let absence = match (date("absence_from"), date("absence_until")) {
        (Some(from), Some(until)) => Some((from, until)),
        (None, None) => None,
        _ => {
            let diagnostic = fields
                .place()
                .error(code::MAPPING, "an absence needs both `absence_from` and `absence_until`");
            fields
                .put(diagnostic.help("map the two columns; a blank last day means that it is not known yet"));
            None
        }
    };
    let withdrawn = row_condition(context, &fields, "withdrawn");
    let gone = row_condition(context, &fields, "gone");
    fields.finish();
    let kind = kind.unwrap_or_else(|| Take::Constant(Arc::from("")));
    EngagementMap { kind, start, last_day, end, absence, withdrawn, gone }
}

fn row_condition(context: &mut Context<'_>, fields: &Fields<'_>, key: &'static str) -> Option<Condition> {
    let spot = fields.text(key)?;
    context.condition(&spot, Scope::ROW)
}

fn has_dates(map: &EngagementMap) -> bool {
    map.start.is_some() || map.last_day.is_some() || map.end.is_some() || map.absence.is_some()
}

fn missing(root: &Fields<'_>, needed: bool) -> MissingRule {
    let found = section(root, "missing", |fields| {
        let spot = fields.need_text("rule", "\"end after 3 days\"")?;
        let rule = match &*spot.text {
            "ignore" => Some(MissingRule::Ignore),
            "end now" => Some(MissingRule::EndAfter(SignedDuration::ZERO)),
            text => text.strip_prefix("end after ").and_then(duration).map(MissingRule::EndAfter),
        };
        if rule.is_none() {
            let diagnostic = spot
                .place
                .error(code::LIFECYCLE, format!("`{}` is not a rule for missing records", spot.text));
            fields.put(diagnostic.help("write \"ignore\", \"end now\" or \"end after 3 days\""));
        }
        rule
    });
    if needed && found.is_none() {
        root.missing_table("missing", "rule = \"end after 3 days\"");
    }
    found.flatten().unwrap_or(MissingRule::Ignore)
}

fn endless(root: &Fields<'_>, engagement: Option<&EngagementMap>, missing: MissingRule) {
    let Some(map) = engagement else { return };
    let ends = map.last_day.is_some() || map.end.is_some() || map.gone.is_some();
    if !ends && missing == MissingRule::Ignore {
        let place = root.table("engagement").map_or(root.place(), |t| &t.place);
        let diagnostic = place.warning(code::ENDLESS, "nothing ends the engagements of this source");
        root.put(diagnostic.help("map `last_day`, `end` or `gone`, or let [missing] end them"));
    }
}

fn types(root: &Fields<'_>, needed: bool) -> BTreeSet<EngagementType> {
    let spots = match needed {
        true => root.need_texts("engagement_types", "[\"…\"]"),
        false => root.texts("engagement_types"),
    };
    spots.iter().filter_map(|s| root.name(s)).collect()
}

/// A constant type must be one that the source may state: else every row would be wrong.
fn stated(root: &Fields<'_>, types: &BTreeSet<EngagementType>) {
    let Some(Spanned { value: Toml::Table(table), .. }) = root.get("engagement") else { return };
    let kind = table.entries.iter().find(|e| &*e.key == "type").map(|e| &e.value.value);
    let Some(Toml::Table(kind)) = kind else { return };
    let Some(entry) = kind.entries.iter().find(|e| &*e.key == "constant") else { return };
    if let Toml::Text(text) = &entry.value.value
        && !types.is_empty()
        && !types.contains(&**text)
    {
        let title = format!("`{text}` is not among the engagement_types of this source");
        let help = did_you_mean(text, types.iter().map(Name::as_str));
        root.put(entry.value.place.error(code::IMPOSSIBLE_VALUE, title).maybe_help(help));
    }
}

/// `[brake]` of a system.
pub(super) fn brake(root: &Fields<'_>) -> Brake {
    section(root, "brake", limits).unwrap_or(BRAKE)
}

/// `[brake]` of a source, and its `additions`, which are off by default.
fn brakes(root: &Fields<'_>) -> (Brake, Option<Brake>) {
    let found = section(root, "brake", |fields| (limits(fields), section(fields, "additions", limits)));
    found.unwrap_or((BRAKE, None))
}

fn limits(fields: &Fields<'_>) -> Brake {
    let percent = fields.int("percent", 0..=100).and_then(|p| u8::try_from(p).ok()).unwrap_or(BRAKE.percent);
    Brake { percent, count: fields.int("count", 0..=1_000_000).unwrap_or(BRAKE.count) }
}
