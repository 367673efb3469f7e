//! A changed policy over a million identities: classes counted in the store, answers compared, people named.
//!
//! Importing a million people takes minutes, so they are put into the store's own tables by SQL: each with a small body
//! that reads back, one engagement and its class, made by the same code as in an import.

use crate::figure::{Figure, Goal};
use crate::machine::{peak_mib, start};
use crate::people::Person;
use crate::{Fail, organisation, table, wired};
use rusqlite::Connection;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use tenure_engine::{ChangedClass, compare_classes, encode_class, same_classes};
use tenure_model::{AttributeName, EngagementType, Identity, IdentityId, IdentityKind, Name, Value};
use tenure_policy::{Inputs, SetUp};
use tenure_store::Store;
use tenure_store::codec::Stored;
use tenure_store_sqlite::{Options, SqliteStore};

/// Baseline rules of the configuration.
const RULES: u32 = 500;
/// People of one class that are named.
const NAMED_MAX: u32 = 10_000;
/// Identities that are read at once.
const AT_ONCE: usize = 512;

/// What one what-if found.
struct Found {
    classes: usize,
    changed: Vec<ChangedClass>,
    named: BTreeMap<IdentityId, Arc<str>>,
}

/// Fills a store and measures in a process that was not there when it was filled.
pub(crate) fn run(people: u32) -> Result<Vec<Figure>, Fail> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join(wired::DATABASE);
    let old = wired::compiled(&organisation::files(RULES, false, false))?;
    drop(SqliteStore::open(&path, &Options::default())?);
    table::problem(&format!("whatif: filling a store with {people} identities"));
    fill(&path, &old, people)?;
    let before = peak_mib()?;
    let (counting, groups) = count_alone(&path)?;
    let store: Arc<dyn Store> = SqliteStore::open(&path, &Options::default())?;
    let runtime = wired::runtime()?;
    let began = start();
    let found = runtime.block_on(what_if(&*store, &old))?;
    let took = began.elapsed().as_secs_f64();
    let people_changed: u64 = found.changed.iter().map(|c| c.count).sum();
    if found.classes != groups || found.named.is_empty() {
        return Err(format!("{} classes were compared of {groups}", found.classes).into());
    }
    let part = "whatif";
    Ok(vec![
        Figure::new(part, "changed policy over all identities", took, "s").goal(Goal::AtMost(5.0)).limit(counting).note(format!(
            "{people} identities of {} classes, {RULES} rules; {} classes with {people_changed} people change, {} of them named; \
             the limit is SELECT class, count(*) GROUP BY class alone",
            found.classes,
            found.changed.len(),
            found.named.len(),
        )),
        Figure::new(part, "peak memory", peak_mib()?, "MiB").goal(Goal::AtMost(500.0)).note(format!(
            "with everything; {before:.0} MiB when the store was filled. The identities were put in by SQL, their bodies are small"
        )),
    ])
}

/// As an application would: load what is proposed, count, compare, name.
async fn what_if(store: &dyn Store, old: &SetUp) -> Result<Found, Fail> {
    let new = wired::compiled(&organisation::files(RULES, false, true))?;
    if !same_classes(&old.policy, &new.policy) {
        return Err("the proposal reads other attributes".into());
    }
    let counted = store.classes().await?;
    let classes = counted.len();
    let counted = counted.into_iter().map(|c| (c.id, c.class, c.count));
    let (changed, unknown) = compare_classes(&old.policy, &new.policy, counted);
    if !unknown.is_empty() {
        return Err(format!("{} classes are not readable", unknown.len()).into());
    }
    let mut ids = BTreeSet::new();
    for class in &changed {
        ids.extend(store.of_class(class.id, NAMED_MAX).await?);
    }
    let mut named = BTreeMap::new();
    for some in ids.into_iter().collect::<Vec<_>>().chunks(AT_ONCE) {
        named.extend(store.subjects(some).await?.into_iter().map(|s| (s.identity.id, s.title)));
    }
    Ok(Found { classes, changed, named })
}

/// What SQLite needs for counting, without us: a connection of its own, opened before the clock starts.
fn count_alone(path: &Path) -> Result<(f64, usize), Fail> {
    let connection = Connection::open(path)?;
    let began = start();
    let mut query = connection.prepare("SELECT class, count(*) FROM identity_class GROUP BY class")?;
    let groups = query.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))?.count();
    Ok((began.elapsed().as_secs_f64(), groups))
}

fn fill(path: &Path, setup: &SetUp, people: u32) -> Result<(), Fail> {
    let connection = Connection::open(path)?;
    connection.pragma_update(None, "synchronous", 0)?;
    connection.pragma_update(None, "foreign_keys", 0)?;
    connection.execute_batch("BEGIN")?;
    let mut classes: BTreeMap<Arc<[u8]>, i64> = BTreeMap::new();
    {
        let mut body = connection
            .prepare("INSERT INTO identity_body (number, body, beside, classes, person_key) VALUES (?1, ?2, x'', x'', NULL)")?;
        let mut identity = connection.prepare(
            "INSERT INTO identity (id, version, phase, next, title, folded, body) VALUES (?1, 1, 'active', NULL, ?2, lower(?2), ?3)",
        )?;
        let mut class = connection.prepare("INSERT INTO class (id, key) VALUES (?1, ?2)")?;
        let mut of = connection
            .prepare("INSERT INTO identity_class (class, identity, engagement) VALUES (?1, ?2, ?2)")?;
        for number in 1..=people {
            let person = Person::new(number);
            let key = class_of(setup, &person)?;
            let next = i64::try_from(classes.len())? + 1;
            let of_whom = *classes.entry(key.clone()).or_insert(next);
            if of_whom == next {
                class.execute((next, &key))?;
            }
            let id = IdentityId::new(1_700_000_000_000 + u64::from(number), [7; 10]);
            body.execute((number, Identity::new(id, IdentityKind::Person).encode()?))?;
            identity.execute((id.as_bytes(), format!("{} {}", person.given, person.family), number))?;
            of.execute((of_whom, id.as_bytes()))?;
        }
    }
    connection.execute_batch("COMMIT")?;
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0))?;
    Ok(())
}

/// The class of a person, as deciding would store it.
fn class_of(setup: &SetUp, person: &Person) -> Result<Arc<[u8]>, Fail> {
    let mut values = BTreeMap::new();
    let texts = [
        ("department", format!("D-{:02}", person.department)),
        ("role", format!("R-{:03}", person.role)),
        ("site", format!("S-{:02}", person.site)),
    ];
    for (name, text) in texts {
        values.insert(AttributeName::new(name)?, Value::text(&text));
    }
    values.insert(AttributeName::new("level")?, Value::Int(i64::from(person.level)));
    let kind = EngagementType::new(person.engagement())?;
    let inputs = Inputs {
        attributes: Some(&values),
        engagement_type: Some(&kind),
        identity_kind: Some(IdentityKind::Person),
        ..Inputs::default()
    };
    Ok(encode_class(&setup.policy.class_of(&inputs)))
}
