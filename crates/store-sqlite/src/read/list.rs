//! Lists for people: filtered, in a fixed order, a page at a time.

use super::conditions::Conditions;
use super::identity::{BEFORE_ALL, id};
use super::record::quarantined;
use super::{readable_page, readable_rows};
use crate::fault::Result;
use crate::word::{count, name};
use rusqlite::{Connection, params_from_iter};
use std::sync::Arc;
use tenure_model::{EntitlementName, IdPart, IdentityId, Name as _, SourceName};
use tenure_store::{IdentityFilter, IdsOf, Keyed, QuarantinePlace, QuarantineRow, SearchText, folded};

/// Scans narrow tables only; the bodies of identities are not read.
pub(crate) fn find(
    connection: &Connection,
    filter: &IdentityFilter,
    after: Option<IdentityId>,
    limit: u32,
) -> Result<Vec<(IdentityId, Arc<str>)>> {
    let mut all = Conditions::default();
    all.equal("i.phase", filter.phase.map(tenure_model::Phase::as_str));
    all.equal("i.kind", filter.kind.map(tenure_model::IdentityKind::as_str));
    if let Some(source) = &filter.source {
        let source = all.value(source.as_str().to_owned());
        all.sql
            .push(format!("EXISTS (SELECT 1 FROM record r WHERE r.identity = i.id AND r.source = {source})"));
    }
    in_system(filter, &mut all);
    with_entitlement(filter, &mut all);
    if let Some(text) = &filter.text {
        by_text(text, &mut all);
    }
    if let Some(after) = after {
        let after = all.value(after.as_bytes().to_vec());
        all.sql.push(format!("(i.folded, i.id) > (SELECT folded, id FROM identity WHERE id = {after})"));
    }
    let limit = all.value(i64::from(limit));
    let sql = format!(
        "SELECT i.id, i.title FROM identity i WHERE {} ORDER BY i.folded, i.id LIMIT {limit}",
        all.joined()
    );
    readable_rows(connection, "identity", &sql, params_from_iter(all.values), |row| {
        Ok((id(row, 0)?, row.get(1)?))
    })
}

fn in_system(filter: &IdentityFilter, all: &mut Conditions) {
    if let Some(system) = &filter.system {
        let system = all.value(system.as_str().to_owned());
        all.sql.push(format!(
            "i.id IN (SELECT identity FROM account
                      WHERE system = {system} AND (state <> 'absent' OR confirmed <> generation))"
        ));
    }
}

/// Held by a grant, or inherited as the last read of an account shows it: the entitlement is a name in what was observed.
fn with_entitlement(filter: &IdentityFilter, all: &mut Conditions) {
    let (Some(entitlement), Some(observed)) = (&filter.entitlement, filter.observed_entitlement()) else {
        return;
    };
    let system = all.value(entitlement.system_str().to_owned());
    let held = all.value(entitlement.as_str().to_owned());
    let observed = all.value(observed);
    all.sql.push(format!(
        "EXISTS (SELECT 1 FROM account a WHERE a.identity = i.id AND a.system = {system}
                 AND (instr(CAST(a.observed AS TEXT), {observed}) > 0
                      OR EXISTS (SELECT 1 FROM \"grant\" g WHERE g.identity = i.id AND g.system = {system}
                                 AND g.entitlement = {held} AND g.holding <> 'ended')))"
    ));
}

/// A text is part of the display name, of a key or an issued name, or its words are parts of the folded names.
fn by_text(search: &SearchText, all: &mut Conditions) {
    let plain = all.value(folded(&search.text));
    let given = all.value(search.text.to_string());
    let kinds: Vec<String> = search.keys.iter().map(|kind| all.value(kind.to_string())).collect();
    let words: Vec<String> = search.words.iter().map(|word| all.value(word.clone())).collect();
    let mut any = vec![
        format!("instr(i.folded, {plain}) > 0"),
        format!("i.id IN (SELECT identity FROM identifier WHERE instr(folded, {plain}) > 0)"),
        format!(
            "i.id IN (SELECT identity FROM identity_key WHERE kind IN ({})
                      AND (instr(value, {plain}) > 0 OR instr(value, {given}) > 0))",
            kinds.join(", ")
        ),
    ];
    if !words.is_empty() {
        let each: Vec<String> =
            words.iter().map(|word| format!("instr(i.search, ' ' || {word}) > 0")).collect();
        any.push(format!("({})", each.join(" AND ")));
        let joined = all.value(search.joined.clone());
        any.push(format!("instr(i.search, '=' || {joined} || '=') > 0"));
    }
    all.sql.push(format!("({})", any.join(" OR ")));
}

pub(crate) fn ids(connection: &Connection, of: IdsOf, part: &IdPart, limit: u32) -> Result<Vec<[u8; 16]>> {
    let (table, which) = match of {
        IdsOf::Identities => ("identity", "1"),
        IdsOf::Cases => ("lifecycle_case", "1"),
        IdsOf::Tasks => ("task", "state <> 'done'"),
        IdsOf::Approvals => ("approval", "deadline IS NOT NULL"),
        IdsOf::Correlations => ("correlation", "answered_at IS NULL"),
        IdsOf::HeldChanges => ("held_change", "ended_at IS NULL"),
    };
    // The digits are hexadecimal: they hold nothing that a pattern knows.
    let sql = format!(
        "SELECT id FROM {table} WHERE {which} AND (hex(id) LIKE ?1 || '%' OR hex(id) LIKE '%' || ?1)
         ORDER BY id LIMIT ?2"
    );
    readable_rows(connection, table, &sql, (part.digits(), limit), |row| Ok(row.get(0)?))
}

pub(crate) fn keys_after(
    connection: &Connection,
    kind: &str,
    after: Option<&(Arc<str>, IdentityId)>,
    limit: u32,
) -> Result<Vec<(Keyed, IdentityId)>> {
    let (value, identity) = after.map_or(("", BEFORE_ALL), |(value, id)| (value, *id.as_bytes()));
    let kind_of: Arc<str> = Arc::from(kind);
    readable_page(
        connection,
        "identity_key",
        "SELECT value, identity FROM identity_key WHERE kind = ?1 AND (value, identity) > (?2, ?3)
         ORDER BY value, identity",
        (kind, value, identity),
        limit,
        |row| Ok((Keyed { kind: kind_of.clone(), value: row.get(0)? }, id(row, 1)?)),
    )
}

pub(crate) fn names_from(
    connection: &Connection,
    name: &str,
    from: &str,
    limit: u32,
) -> Result<Vec<(Arc<str>, IdentityId)>> {
    readable_page(
        connection,
        "identifier",
        "SELECT value, identity FROM identifier WHERE name = ?1 AND folded >= ?2 ORDER BY folded",
        (name, folded(from)),
        limit,
        |row| Ok((row.get(0)?, id(row, 1)?)),
    )
}

pub(crate) fn quarantine_after(
    connection: &Connection,
    source: Option<&SourceName>,
    after: Option<&QuarantinePlace>,
    limit: u32,
) -> Result<Vec<QuarantineRow>> {
    let (after_source, key, nth) =
        after.map_or(("", "", -1), |(s, key, nth)| (s.as_str(), &**key, i64::from(*nth)));
    readable_page(
        connection,
        "quarantine",
        "SELECT source, key, nth, code, place, value, reason, since, urgent, run FROM quarantine
         WHERE (?1 IS NULL OR source = ?1) AND (source, key, nth) > (?2, ?3, ?4)
         ORDER BY source, key, nth",
        (source.map(|s| s.as_str()), after_source, key, nth),
        limit,
        quarantined,
    )
}

pub(crate) fn holder_counts(
    connection: &Connection,
    after: Option<&EntitlementName>,
    limit: u32,
) -> Result<Vec<(EntitlementName, u64)>> {
    readable_rows(
        connection,
        "grant",
        "SELECT entitlement, count(DISTINCT identity) FROM \"grant\"
         WHERE holding <> 'ended' AND entitlement > ?1 GROUP BY entitlement ORDER BY entitlement LIMIT ?2",
        (after.map_or("", |e| e.as_str()), limit),
        |row| Ok((name(row, 0)?, count(row, 1)?)),
    )
}
