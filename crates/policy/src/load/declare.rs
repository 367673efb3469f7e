//! What the policy declares before anything refers to it: attributes and identifiers.

use super::approval::stages;
use super::context::{Context, Places, Sheet};
use super::doc::{KeyValue, Toml};
use super::fields::{Fields, Spot};
use super::words::is_word;
use crate::condition::{Scope, Type};
use crate::diagnostic::code;
use crate::{AttributeDecl, Identifier, Letters, Stage};
use jiff::SignedDuration;
use std::sync::Arc;
use tenure_model::{Approver, AttributeName, IdentityKind, Name, ValueType};

/// The attribute that names the approver of a rename, if the configuration names none.
const MANAGER: &str = "manager";
/// The time limit of each approver.
const RENAME_WITHIN: SignedDuration = SignedDuration::from_hours(7 * 24);

const TYPES: [(&str, ValueType); 5] = [
    ("text", ValueType::Text),
    ("int", ValueType::Int),
    ("bool", ValueType::Bool),
    ("date", ValueType::Date),
    ("texts", ValueType::Texts),
];

/// `[attributes]` of all files.
pub(super) fn attributes(context: &mut Context<'_>, sheets: &[&Sheet]) {
    let mut places = Places::new();
    for sheet in sheets {
        let root = Fields::new(&sheet.root, context.sink);
        let Some(table) = root.table("attributes") else { continue };
        for entry in &table.entries {
            attribute(context, &root, entry, &mut places);
        }
    }
}

fn attribute(context: &mut Context<'_>, root: &Fields<'_>, entry: &KeyValue, places: &mut Places) {
    let spot = Spot { text: entry.key.clone(), place: entry.key_place.clone() };
    if !is_word(&spot.text) {
        let diagnostic = spot.place.error(code::NAME, format!("`{}` cannot be an attribute", spot.text));
        let help =
            "an attribute is a word of letters, digits and `_` that conditions do not use for something else";
        root.put(diagnostic.help(help));
        return;
    }
    let (value_type, reference, moves) = match &entry.value.value {
        Toml::Text(_) => (root.spot(&entry.value).and_then(|s| root.word_of(&s, &TYPES)), None, false),
        Toml::Table(table) => {
            let fields = Fields::new(table, root.sink);
            let value_type = fields.word("type", &TYPES);
            if fields.get("type").is_none() {
                fields.missing("type", "\"text\"");
            }
            let reference = fields.text("reference");
            if let Some(spot) =
                reference.as_ref().filter(|_| value_type.is_some_and(|t| t != ValueType::Text))
            {
                fields.put(spot.place.error(code::TYPE, "a reference to a person is a text"));
            }
            let moves = fields.bool("moves", false);
            fields.finish();
            (value_type, reference, moves)
        }
        _ => {
            root.kind(&entry.value, "a type in quotes, or { type = \"text\", … }");
            (None, None, false)
        }
    };
    if let (true, Ok(name), Some(value_type)) =
        (context.once(places, "the attribute", &spot), AttributeName::new(&spot.text), value_type)
    {
        context.attribute_places.insert(name.clone(), spot.place.clone());
        let reference = reference.map(|s| s.text);
        let at = spot.place.at();
        context.declared.attributes.insert(name, AttributeDecl { value_type, reference, moves, at });
    }
}

/// The names of identifiers of all files, so that they can be referred to.
pub(super) fn identifier_names(context: &mut Context<'_>, sheets: &[&Sheet]) {
    for sheet in sheets {
        let quiet = super::fields::Sink::default();
        let root = Fields::new(&sheet.root, &quiet);
        for table in root.tables("identifier") {
            let fields = Fields::new(table, &quiet);
            context.declared.identifiers.extend(fields.text("name").map(|s| s.text));
        }
    }
}

/// `[[identifier]]` of one file.
pub(super) fn identifiers(
    context: &mut Context<'_>,
    root: &Fields<'_>,
    places: &mut Places,
) -> Vec<Identifier> {
    let mut all = Vec::new();
    for table in root.tables("identifier") {
        let fields = Fields::new(table, root.sink);
        if let Some(identifier) = identifier(context, &fields, places) {
            all.push(identifier);
        }
        fields.finish();
    }
    all
}

fn identifier(context: &mut Context<'_>, fields: &Fields<'_>, places: &mut Places) -> Option<Identifier> {
    let spot = fields.need_text("name", "\"user_name\"");
    let candidates = fields.need_texts("candidates", "['given_name.lower()']");
    let written = candidates.len();
    let candidates: Vec<_> = candidates
        .iter()
        .filter_map(|s| context.expression(s, Scope::IDENTIFIER, Some(Type::Text)))
        .collect();
    let kinds = fields.texts("kinds");
    let kinds = match kinds.is_empty() {
        true => [IdentityKind::Person].into(),
        false => kinds
            .iter()
            .filter_map(|s| fields.word_of(s, &IdentityKind::ALL.map(|k| (k.as_str(), k))))
            .collect(),
    };
    let length_max = fields.int("length_max", 1..=256).unwrap_or(64);
    let reserved = fields.texts("reserved").into_iter().map(|s| Arc::from(s.text.to_lowercase())).collect();
    let letters = fields.text("letters");
    let letters =
        letters.and_then(|s| fields.word_of(&s, &[("ascii", Letters::Ascii), ("any", Letters::Any)]));
    let rename = rename(context, fields);
    let spot = spot?;
    if !is_word(&spot.text) {
        let diagnostic = spot.place.error(code::NAME, format!("`{}` cannot be an identifier", spot.text));
        fields.put(diagnostic.help("an identifier is a word of letters, digits and `_`: user_name"));
        return None;
    }
    context.once(places, "the identifier", &spot);
    let complete = written > 0 && candidates.len() == written;
    complete.then(|| Identifier {
        name: spot.text,
        candidates,
        kinds,
        length_max,
        reserved,
        letters: letters.unwrap_or_default(),
        rename,
        at: spot.place.at(),
    })
}

/// `rename`: `"never"`, or the approvers of a rename. By default: the manager, then the owners of the systems that use the name.
fn rename(context: &mut Context<'_>, fields: &Fields<'_>) -> Option<Vec<Stage>> {
    let Some(said) = fields.get("rename") else { return Some(usual(context)) };
    match &said.value {
        Toml::Table(table) => {
            let inner = Fields::new(table, fields.sink);
            let stages = stages(context, &inner);
            inner.finish();
            Some(stages)
        }
        Toml::Text(_) => {
            let spot = fields.spot(said)?;
            fields.word_of(&spot, &[("never", ())]);
            None
        }
        _ => {
            fields.kind(said, "\"never\", or whom to ask: { by = [\"manager\"], within = \"7 days\" }");
            None
        }
    }
}

fn usual(context: &mut Context<'_>) -> Vec<Stage> {
    let refers = |context: &Context<'_>| {
        context
            .declared
            .attributes
            .get_key_value(MANAGER)
            .filter(|(_, d)| d.reference.is_some())
            .map(|(name, _)| name.clone())
    };
    let manager = refers(context);
    context.read.extend(manager.clone());
    let asked = manager.map(Approver::Reference).into_iter().chain([Approver::SystemOwner]);
    asked.map(|by| Stage { by: vec![by], all: false, within: RENAME_WITHIN }).collect()
}
