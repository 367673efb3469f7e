//! `[zone]` of a source: the time zone of its dates.

use super::context::Context;
use super::fields::{Fields, Spot};
use super::settings::pairs;
use super::source::take;
use crate::diagnostic::code;
use crate::{Take, ZoneRule, ZoneTable};
use std::sync::Arc;
use tenure_model::Zones;

pub(super) fn read(context: &mut Context<'_>, root: &Fields<'_>, needed: bool) -> ZoneRule {
    let mut rule = ZoneRule::default();
    if let Some(table) = root.table("zone") {
        let fields = Fields::new(table, root.sink);
        rule.record = fields.get("column").and_then(|v| take(context, &fields, v));
        rule.location = lookup(context, &fields, "location", "table");
        rule.entity = lookup(context, &fields, "entity", "entity_table");
        rule.default = fields.text("default").and_then(|s| zone_name(&fields, s));
        rule.earliest = fields.text("earliest").and_then(|s| zone_name(&fields, s));
        fields.finish();
    }
    if needed && rule.default.is_none() && rule.earliest.is_none() {
        let place = root.table("zone").map_or_else(|| root.place().file.whole(), |t| t.place.clone());
        let diagnostic =
            place.error(code::MISSING_KEY, "no zone says when the days of these rows begin and end");
        root.put(
            diagnostic.help(
                "add [zone] with `default`, or with `earliest` for ends of rows whose zone is not known",
            ),
        );
    }
    rule
}

type Lookup = Option<(Take, ZoneTable)>;

fn lookup(context: &mut Context<'_>, fields: &Fields<'_>, key: &'static str, table: &'static str) -> Lookup {
    let take = fields.get(key).and_then(|v| take(context, fields, v));
    let zones = fields.table(table);
    match (take, zones) {
        (Some(take), Some(zones)) => {
            for entry in &zones.entries {
                if let Some(spot) = fields.spot(&entry.value) {
                    zone_name(fields, spot);
                }
            }
            Some((take, pairs(fields, zones)))
        }
        (None, None) => None,
        _ => {
            let title = format!("`{key}` and `{table}` go together");
            let diagnostic = fields.place().error(code::MAPPING, title);
            fields
                .put(diagnostic.help(format!("{key} = \"site\" and {table} = {{ Oslo = \"Europe/Oslo\" }}")));
            None
        }
    }
}

fn zone_name(fields: &Fields<'_>, spot: Spot) -> Option<Arc<str>> {
    // `CET` and similar names are in the database, but are less precise than they seem.
    let known = Zones::bundled("bundled").get(&spot.text).is_ok();
    if known && (spot.text.contains('/') || &*spot.text == "UTC") {
        return Some(spot.text);
    }
    let diagnostic = spot.place.error(code::ZONE, format!("`{}` is not a time zone", spot.text));
    fields.put(diagnostic.help("write an IANA name such as \"Europe/Oslo\" or \"Asia/Tokyo\""));
    None
}
