//! A small organisation for tests: one configuration, and random identities.

use jiff::Timestamp;
use jiff::civil::{Date, date};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use tenure_engine::{Context, Decided, apply_record};
use tenure_model::{
    Absence, AttributeName, EngagementType, Identity, IdentityId, IdentityKind, LocalEnd, Name, NormalRecord,
    RecordKey, SourceName, Subject, Timeline, Value, Zone, ZoneSource, Zones,
};

/// The systems of the configuration.
pub(crate) const SYSTEMS: [&str; 2] = ["directory", "git"];

const FILES: &[(&str, &str)] = &[
    (
        "tenure.toml",
        r#"edition = 1
[organisation]
name = "Test"
[storage]
path = "x.db"
[ledger]
checkpoints = "c"
[keys]
key_encryption_key = "env:KEK"
[people]
key = "worker_number"
[groups]
security = ["1", "2"]
[governance]
last_resort = "security"
"#,
    ),
    ("sources/hr.toml", SOURCE_HR),
    ("sources/agency.toml", SOURCE_AGENCY),
    (
        "systems/directory.toml",
        r#"edition = 1
connector = "fake"
owner = "1"
mode = "enforce"
delete = true
account_name = "user_name"
[[attribute]]
name = "title"
value = 'role'
[[entitlement]]
name = "account"
owner = "1"
[[entitlement]]
name = "staff"
owner = "1"
"#,
    ),
    (
        "systems/git.toml",
        r#"edition = 1
connector = "fake"
owner = "1"
mode = "enforce"
account_name = "user_name"
[[entitlement]]
name = "developer"
owner = "1"
[[entitlement]]
name = "release"
owner = "1"
risk = 70
[[entitlement]]
name = "project/{project}"
owner = "1"
"#,
    ),
    (
        "policy/all.toml",
        r#"edition = 1
owner = "group:security"
[attributes]
department = { type = "text", moves = true }
role = { type = "text", moves = true }
projects = { type = "texts", moves = true }
[lifecycle]
prepare = "3 days before start"
activate = "start of first day"
end_access = "end of last day"
keep_account = "30 days"
primary = ["staff", "outside"]
[absence]
after = "5 days"
suspend = ["git"]
[[identifier]]
name = "user_name"
candidates = ['role.lower()']
length_max = 20
[[baseline]]
name = "all people"
when = 'identity.kind == "person"'
grant = ["directory:account", "directory:staff"]
[[baseline]]
name = "engineers"
when = 'department == "Engineering"'
grant = ["git:developer"]
during = ["active", "absent"]
[[baseline]]
name = "releases"
when = 'department == "Engineering" && role == "lead"'
grant = ["git:release"]
[[baseline]]
name = "projects"
when = 'projects.size() > 0'
grant = ["git:project/{projects}"]
[[handover]]
name = "finish"
when = 'engagement.type == "staff"'
keep = ["git:project/*"]
for = "2 weeks"
below_risk = 50
"#,
    ),
];

const SOURCE_HR: &str = r#"edition = 1
format = "csv"
path = "hr.csv"
mode = "snapshot"
key = "n"
rank = 10
owner = "group:security"
engagement_types = ["staff"]
[engagement]
type = { constant = "staff" }
[zone]
default = "UTC"
[keys]
worker_number = "n"
[map]
department = "department"
role = "role"
projects = { column = "projects", separator = "," }
[missing]
rule = "end now"
[[correlate]]
exact = "worker_number"
"#;

const SOURCE_AGENCY: &str = r#"edition = 1
format = "csv"
path = "agency.csv"
mode = "snapshot"
key = "n"
rank = 20
owner = "group:security"
engagement_types = ["outside"]
[engagement]
type = { constant = "outside" }
[zone]
default = "UTC"
[keys]
worker_number = "n"
[map]
department = "department"
role = "role"
projects = { column = "projects", separator = "," }
[missing]
rule = "end now"
[[correlate]]
exact = "worker_number"
"#;

/// The approval rule before anything in `git` is granted.
const ASKING: (&str, &str) = (
    "policy/asking.toml",
    r#"edition = 1
owner = "group:security"
[[approval]]
name = "git"
when = 'grant.system == "git"'
by = ["system_owner"]
"#,
);

/// The configuration, loaded once.
pub(crate) fn context() -> Arc<Context> {
    static CONTEXT: OnceLock<Arc<Context>> = OnceLock::new();
    CONTEXT.get_or_init(|| loaded(FILES)).clone()
}

/// The same with an approval rule, loaded once.
pub(crate) fn asking() -> Arc<Context> {
    static CONTEXT: OnceLock<Arc<Context>> = OnceLock::new();
    CONTEXT.get_or_init(|| loaded(&[FILES, &[ASKING]].concat())).clone()
}

fn loaded(files: &[(&str, &str)]) -> Arc<Context> {
    let files: Vec<(String, String)> =
        files.iter().map(|(p, t)| ((*p).to_owned(), (*t).to_owned())).collect();
    let loaded = tenure_policy::load(&files).unwrap_or_else(|errors| {
        let all: Vec<String> = errors.iter().map(|e| e.render(&files, false)).collect();
        panic!("{}", all.join("\n"))
    });
    Arc::new(Context::new(Arc::new(loaded.setup), Zones::bundled("test")))
}

/// An instant in the two years that the identities cover.
pub(crate) fn instant() -> impl Strategy<Value = Timestamp> {
    (0_i64..730 * 24).prop_map(|hours| Timestamp::from_second(1_767_225_600 + hours * 3_600).unwrap())
}

fn day() -> impl Strategy<Value = Date> {
    (0_i32..730).prop_map(|n| tenure_model::when::add_days(date(2026, 1, 1), n))
}

fn values() -> impl Strategy<Value = BTreeMap<AttributeName, Timeline<Value>>> {
    let text = |all: &'static [&'static str]| prop::sample::select(all).prop_map(Value::text);
    let line = |value: BoxedStrategy<Value>| {
        (value.clone(), prop::option::of((day(), value))).prop_map(|(first, later)| {
            let mut line = Timeline::always(first);
            if let Some((from, value)) = later {
                line.set(Some(from), Some(value));
            }
            line
        })
    };
    let projects =
        prop::collection::vec(prop::sample::select(&["a", "b", "c"][..]), 0..3).prop_map(Value::texts);
    (
        line(text(&["Engineering", "Sales", "Law"]).boxed()),
        line(text(&["lead", "clerk"]).boxed()),
        line(projects.boxed()),
    )
        .prop_map(|(department, role, projects)| {
            let name = |n: &str| AttributeName::new(n).unwrap();
            BTreeMap::from([
                (name("department"), department),
                (name("role"), role),
                (name("projects"), projects),
            ])
        })
}

/// A record of a source that states an engagement.
pub(crate) fn engagement(source: &'static str) -> impl Strategy<Value = NormalRecord> {
    let zone = prop::sample::select(&["UTC", "Asia/Tokyo", "America/New_York", "Pacific/Auckland"][..]);
    let absence = prop::option::of((day(), 0_i32..60));
    (
        prop::option::of(day()),
        prop::option::of(day()),
        prop::option::of(day()),
        zone,
        absence,
        values(),
        0_u8..20,
    )
        .prop_map(move |(start, last_day, end, zone, absence, attributes, withdrawn)| NormalRecord {
            source: SourceName::new(source).unwrap(),
            key: RecordKey::new("7").unwrap(),
            engagement: Some(EngagementType::new(if source == "hr" { "staff" } else { "outside" }).unwrap()),
            start,
            last_day: last_day.map(LocalEnd::day),
            end: end.map(LocalEnd::day),
            zone: Zone::new(zone, ZoneSource::Record),
            absences: absence
                .map(|(from, days)| Absence { from, until: Some(tenure_model::when::add_days(from, days)) })
                .into_iter()
                .collect(),
            withdrawn: withdrawn == 0,
            keys: BTreeMap::new(),
            attributes,
            cleared: BTreeMap::new(),
            digest: [0; 32],
        })
}

/// An identity with one or two engagements and nothing decided yet.
pub(crate) fn subject() -> impl Strategy<Value = Subject> {
    (engagement("hr"), prop::option::of(engagement("agency")), instant()).prop_map(
        |(first, second, known)| {
            let mut identity = Identity::new(IdentityId::from_digest([1; 16]), IdentityKind::Person);
            identity.identifiers.insert(Arc::from("user_name"), Arc::from("x"));
            for record in [Some(first), second].into_iter().flatten() {
                apply_record(&context(), &mut identity, &record, known);
            }
            Subject::new(identity)
        },
    )
}

/// The subject with a decision written into it.
pub(crate) fn decided(subject: &Subject, decided: Decided) -> Subject {
    let mut after = subject.clone();
    for account in decided.accounts {
        after.accounts.retain(|a| a.key != account.key);
        after.accounts.push(account);
    }
    for grant in decided.grants {
        after.grants.retain(|g| !(g.account == grant.account && g.entitlement == grant.entitlement));
        after.grants.push(grant);
    }
    after
}
