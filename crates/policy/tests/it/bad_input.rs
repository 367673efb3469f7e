//! Broken set-ups and the error that each gets: the sample with one thing wrong at a time.

use crate::folder::{broken, rendered, sample};
use std::collections::BTreeSet;
use std::fmt::Write;
use tenure_policy::load;

/// What is wrong, in which file, and how: this text becomes that one.
type Case = (&'static str, &'static str, &'static str, &'static str);

const SETTINGS: &[Case] = &[
    ("not TOML", "tenure.toml", "name = \"Fjord Instruments\"", "name = \"Fjord Instruments"),
    ("no edition", "tenure.toml", "edition = 1\n", ""),
    (
        "the edition is not first",
        "sources/hr.toml",
        "edition = 1\n\nformat           = \"csv\"",
        "format = \"csv\"\nedition = 1",
    ),
    ("an edition from the future", "policy/access.toml", "edition = 1", "edition = 2"),
    ("a misspelt table", "tenure.toml", "[organisation]", "[organization]"),
    ("the key itself instead of a reference", "tenure.toml", "file:/etc/tenure/kek", "c2VjcmV0"),
    (
        "a last resort of one person",
        "tenure.toml",
        "security = [\"1001\", \"1002\"]",
        "security = [\"1001\", \"1001\"]",
    ),
    (
        "a last resort that is no group",
        "tenure.toml",
        "last_resort = \"security\"",
        "last_resort = \"securty\"",
    ),
    (
        "a kind of value",
        "tenure.toml",
        "last_resort = \"security\"",
        "last_resort = \"security\"\nallow_as = \"yes\"",
    ),
];

const SOURCES: &[Case] = &[
    ("a misspelt key", "sources/hr.toml", "delimiter        =", "delimeter        ="),
    ("two-digit years", "sources/hr.toml", "dd.mm.yyyy", "dd.mm.yy"),
    (
        "a delimiter of two characters",
        "sources/hr.toml",
        "delimiter        = \";\"",
        "delimiter        = \"||\"",
    ),
    (
        "an undeclared attribute",
        "sources/hr.toml",
        "department  = \"department\"",
        "departement = \"department\"",
    ),
    ("attributes in a mapping", "sources/hr.toml", "row.cost_centre.trim()", "cost_centre.trim()"),
    ("no rule for missing records", "sources/hr.toml", "[missing]\nrule = \"end after 3 days\"", ""),
    ("a rule for missing records", "sources/hr.toml", "end after 3 days", "end after a while"),
    ("an abbreviated zone", "sources/hr.toml", "earliest = \"Pacific/Kiritimati\"", "earliest = \"CET\""),
    ("no zone for dates", "sources/vendors.toml", "[zone]\ndefault = \"Europe/Oslo\"", ""),
    ("weights that do not sum to 100", "sources/hr.toml", "birth_date = 30", "birth_date = 20"),
    (
        "an exact rule on a key that is not mapped",
        "sources/vendors.toml",
        "exact = \"worker_number\"",
        "exact = \"worker_nr\"",
    ),
    ("no exact rule", "sources/vendors.toml", "[[correlate]]\nexact = \"worker_number\"", ""),
    ("half an absence", "sources/hr.toml", "absence_until = \"away_until\"", ""),
    (
        "two origins of a value",
        "sources/hr.toml",
        "{ column = \"level\", blank",
        "{ column = \"level\", constant = \"1\", blank",
    ),
    (
        "a separator for one value",
        "sources/hr.toml",
        "{ column = \"level\", blank",
        "{ column = \"level\", separator = \";\", blank",
    ),
    ("a percentage above 100", "sources/hr.toml", "percent = 5", "percent = 500"),
    (
        "months are no duration",
        "sources/hr.toml",
        "every            = \"1 day\"",
        "every            = \"1 month\"",
    ),
];

const SYSTEMS: &[Case] = &[
    ("a secret in clear", "systems/directory.toml", "file:/etc/tenure/ldap-password", "hunter2"),
    ("an unknown mode", "systems/git.toml", "mode         = \"enforce\"", "mode         = \"enforced\""),
    ("no mode", "systems/git.toml", "mode         = \"enforce\"\n", ""),
    (
        "an unknown identifier",
        "systems/git.toml",
        "account_name = \"user_name\"",
        "account_name = \"username\"",
    ),
    (
        "an attribute with two origins",
        "systems/directory.toml",
        "reference = \"manager\"",
        "reference = \"manager\"\nvalue = 'manager'",
    ),
    (
        "a reference that refers to nobody",
        "systems/directory.toml",
        "reference = \"manager\"",
        "reference = \"department\"",
    ),
    ("a risk above 100", "systems/git.toml", "risk  = 20", "risk  = 200"),
    (
        "contents that are not there",
        "systems/directory.toml",
        "contains = [\"staff\"]",
        "contains = [\"stuff\"]",
    ),
    (
        "contents in a circle",
        "systems/directory.toml",
        "name  = \"staff\"",
        "name  = \"staff\"\ncontains = [\"administrators\"]",
    ),
    ("two parameters", "systems/git.toml", "project/{project}", "project/{project}/{role}"),
    ("an entitlement twice", "systems/erp.toml", "name  = \"payment-release\"", "name  = \"payment-create\""),
    ("an unknown limit", "systems/directory.toml", "calls_at_once    = 4", "parallel         = 4"),
    (
        "a group that is not there",
        "systems/erp.toml",
        "owner        = \"group:finance\"",
        "owner        = \"group:finances\"",
    ),
];

const POLICY: &[Case] = &[
    ("an unknown type", "policy/people.toml", "site        = \"text\"", "site        = \"string\""),
    (
        "an attribute that conditions cannot name",
        "policy/people.toml",
        "cost_centre = \"text\"",
        "cost-centre = \"text\"",
    ),
    ("a lifecycle phrase", "policy/people.toml", "3 days before start", "three days before start"),
    (
        "another lifecycle phrase",
        "policy/people.toml",
        "end_access       = \"end of last day\"",
        "end_access       = \"end of day\"",
    ),
    (
        "keeping by hours",
        "policy/people.toml",
        "keep_account     = \"30 days\"",
        "keep_account     = \"720 hours\"",
    ),
    (
        "a type that no source states",
        "policy/people.toml",
        "\"intern\", \"contractor\"",
        "\"intern\", \"contactor\"",
    ),
    ("an unknown label", "policy/people.toml", "\"cut-off\", \"leaver\"", "\"cutoff\", \"leaver\""),
    (
        "the lifecycle twice",
        "policy/access.toml",
        "[[bundle]]\nname         = \"office\"",
        "[lifecycle]\nprepare = \"1 day before start\"\n\n[[bundle]]\nname         = \"office\"",
    ),
    (
        "an unknown system",
        "policy/access.toml",
        "\"bundle:office\", \"git:developer\"",
        "\"bundle:office\", \"gitt:developer\"",
    ),
    (
        "an unknown entitlement",
        "policy/access.toml",
        "\"bundle:office\", \"git:developer\"",
        "\"bundle:office\", \"git:develop\"",
    ),
    (
        "no system",
        "policy/access.toml",
        "\"bundle:office\", \"git:developer\"",
        "\"bundle:office\", \"developer\"",
    ),
    (
        "an unknown bundle",
        "policy/access.toml",
        "grant = [\"bundle:engineering\"]",
        "grant = [\"bundle:enginering\"]",
    ),
    (
        "a bundle in itself",
        "policy/access.toml",
        "entitlements = [\"directory:staff\"]",
        "entitlements = [\"directory:staff\", \"bundle:engineering\"]",
    ),
    (
        "a parameter that is not declared",
        "policy/access.toml",
        "git:project/{projects}",
        "git:project/{project}",
    ),
    ("a parameter that is a number", "policy/access.toml", "git:project/{projects}", "git:project/{level}"),
    ("a family that is not declared", "policy/access.toml", "git:project/{projects}", "git:repo/{projects}"),
    (
        "a phase that gives nothing",
        "policy/access.toml",
        "[\"active\", \"absent\"]",
        "[\"active\", \"expected\"]",
    ),
    ("a rule twice", "policy/access.toml", "name  = \"projects\"", "name  = \"engineers\""),
    (
        "an approver that is no person",
        "policy/access.toml",
        "[\"sponsor\", \"system_owner\"]",
        "[\"department\", \"system_owner\"]",
    ),
    (
        "a misspelt approver",
        "policy/access.toml",
        "[\"sponsor\", \"system_owner\"]",
        "[\"sponser\", \"system_owner\"]",
    ),
    ("nobody to ask", "policy/access.toml", "[\"sponsor\", \"system_owner\"]", "[]"),
    ("no time to answer", "policy/access.toml", "within = \"2 days\"", "within = \"0 days\""),
    (
        "one side of a separation",
        "policy/access.toml",
        "[\"erp:payment-create\", [\"erp:payment-release\"]]",
        "[\"erp:payment-create\"]",
    ),
    ("an exception without end", "policy/access.toml", "until        = 2026-12-31\n", ""),
    ("an exception without owner", "policy/access.toml", "owner        = \"1003\"\n", ""),
    (
        "an exception that ends before it begins",
        "policy/access.toml",
        "until        = 2026-12-31",
        "until        = 2026-11-30",
    ),
    (
        "a date that is not in the calendar",
        "policy/access.toml",
        "until        = 2026-12-31",
        "until        = \"2026-13-31\"",
    ),
    ("a handover by hours", "policy/access.toml", "for        = \"2 weeks\"", "for        = \"36 hours\""),
];

const CONDITIONS: &[Case] = &[
    (
        "a misspelt attribute",
        "policy/access.toml",
        "department == \"Engineering\"",
        "departmnt == \"Engineering\"",
    ),
    (
        "a misspelt attribute beside true",
        "policy/access.toml",
        "department == \"Engineering\"",
        "departmnt == \"Engineering\" || true",
    ),
    (
        "an abbreviated attribute",
        "policy/access.toml",
        "department == \"Engineering\"",
        "dept == \"Engineering\"",
    ),
    (
        "a text compared with a number",
        "policy/access.toml",
        "department == \"Engineering\"",
        "department == 3",
    ),
    (
        "a set compared with a text",
        "policy/access.toml",
        "department == \"Engineering\"",
        "projects == \"alpha\"",
    ),
    ("not a condition", "policy/access.toml", "department == \"Engineering\"", "department"),
    (
        "one equals sign",
        "policy/access.toml",
        "department == \"Engineering\"",
        "department = \"Engineering\"",
    ),
    (
        "and in words",
        "policy/access.toml",
        "department == \"Engineering\"",
        "department == \"Engineering\" and level > 2",
    ),
    (
        "an open bracket",
        "policy/access.toml",
        "department == \"Engineering\"",
        "(department == \"Engineering\"",
    ),
    (
        "an unknown function",
        "policy/access.toml",
        "department == \"Engineering\"",
        "department.startWith(\"Eng\")",
    ),
    ("a missing argument", "policy/access.toml", "department == \"Engineering\"", "department.startsWith()"),
    ("a wrong argument", "policy/access.toml", "department == \"Engineering\"", "department.startsWith(3)"),
    (
        "the clock",
        "policy/access.toml",
        "department == \"Engineering\"",
        "timestamp(\"2026-01-01T00:00:00Z\") < now",
    ),
    ("the phase in a baseline", "policy/access.toml", "department == \"Engineering\"", "phase == \"active\""),
    ("a grant in a baseline", "policy/access.toml", "department == \"Engineering\"", "grant.risk > 3"),
    ("a change that there is not", "policy/access.toml", "change == \"joiner\"", "change == \"joyner\""),
    (
        "a type that no source states",
        "policy/access.toml",
        "engagement.type == \"contractor\"",
        "engagement.type == \"contracter\"",
    ),
    (
        "a kind that there is not",
        "policy/access.toml",
        "identity.kind == \"person\"",
        "identity.kind in [\"human\"]",
    ),
    ("a pattern", "policy/access.toml", "department == \"Engineering\"", "department.matches(\"(Eng\")"),
    (
        "a day that there is not",
        "policy/access.toml",
        "department == \"Engineering\"",
        "date(\"2026-02-30\") == date(\"2026-02-28\")",
    ),
    ("null for a text", "policy/access.toml", "department == \"Engineering\"", "department == null"),
    ("a loop", "policy/access.toml", "department == \"Engineering\"", "projects.map(p, p) == projects"),
    ("a structure", "policy/access.toml", "department == \"Engineering\"", "{\"a\": 1}.a == 1"),
    ("has", "policy/access.toml", "department == \"Engineering\"", "has(engagement.type)"),
    (
        "two mistakes at once",
        "policy/access.toml",
        "department == \"Engineering\"",
        "departmnt == \"Engineering\" && lvel > 3",
    ),
    ("an unknown identifier", "systems/directory.toml", "id.mail", "id.email"),
    ("an empty condition", "policy/access.toml", "department == \"Engineering\"", " "),
    (
        "accents before the mistake",
        "policy/access.toml",
        "department == \"Engineering\"",
        "department == \"Tromsø ☃\" && lvel > 3",
    ),
];

const LINTS: &[Case] = &[
    (
        "two values at once",
        "policy/access.toml",
        "department == \"Engineering\"",
        "department == \"Engineering\" && department == \"Sales\"",
    ),
    ("in nothing", "policy/access.toml", "department == \"Engineering\"", "department in []"),
    (
        "literally false",
        "policy/access.toml",
        "department == \"Engineering\"",
        "department == \"Engineering\" && false",
    ),
    (
        "nobody owns an entitlement",
        "systems/git.toml",
        "name  = \"developer\"\nowner = \"1001\"",
        "name  = \"developer\"",
    ),
    ("two baselines break a separation", "policy/access.toml", "role == \"controller\"", "site == \"Oslo\""),
    (
        "one baseline breaks a separation",
        "policy/access.toml",
        "grant = [\"erp:payment-create\"]",
        "grant = [\"erp:payment-create\", \"erp:payment-release\"]",
    ),
    (
        "nobody fills an attribute",
        "sources/hr.toml",
        "level       = { column = \"level\", blank = \"keep\" }\n",
        "",
    ),
    (
        "nothing ends an engagement",
        "sources/hr.toml",
        "last_day      = \"last_day\"\nend           = \"contract_end\"",
        "",
    ),
    (
        "equal ranks",
        "sources/vendors.toml",
        "rank             = 20\nevery            = \"12 hours\"\nowner            = \"group:security\"\nengagement_types = [\"contractor\"]",
        "rank             = 10\nevery            = \"12 hours\"\nowner            = \"group:security\"\nengagement_types = [\"contractor\", \"intern\"]",
    ),
];

fn table(cases: &[Case]) -> String {
    let mut all = String::new();
    for (name, path, from, to) in cases {
        let found = rendered(&broken(path, from, to));
        assert!(!found.is_empty(), "nothing was found for: {name}");
        writeln!(all, "=== {name}\n{found}\n").unwrap();
    }
    all
}

#[test]
fn bad_settings() {
    insta::assert_snapshot!(table(SETTINGS));
}

#[test]
fn bad_sources() {
    insta::assert_snapshot!(table(SOURCES));
}

#[test]
fn bad_systems() {
    insta::assert_snapshot!(table(SYSTEMS));
}

#[test]
fn bad_policies() {
    insta::assert_snapshot!(table(POLICY));
}

#[test]
fn bad_conditions() {
    insta::assert_snapshot!(table(CONDITIONS));
}

#[test]
fn doubtful_set_ups() {
    insta::assert_snapshot!(table(LINTS));
}

/// Folders that are wrong as a whole.
fn folders() -> Vec<(&'static str, Vec<(String, String)>)> {
    let with = |path: &str, text: String| {
        let mut files = sample();
        files.push((path.to_owned(), text));
        files
    };
    let rule = "[[baseline]]\nname = \"x\"\ngrant = [\"git:developer\"]\n";
    let long = format!("department == \"{}\"", "x".repeat(3_000));
    let deep = format!("{}department == \"x\"{}", "(".repeat(40), ")".repeat(40));
    let chain = format!("level == {}", vec!["1"; 420].join("+"));
    vec![
        ("no files", Vec::new()),
        ("no tenure.toml", sample().into_iter().filter(|(path, _)| path != "tenure.toml").collect()),
        ("a folder in the singular", with("system/vpn.toml", "edition = 1\n".to_owned())),
        ("a system with capitals", with("systems/VPN.toml", "edition = 1\n".to_owned())),
        ("a file of more than 1 MiB", with("policy/large.toml", "#".repeat((1 << 20) + 1))),
        ("more than 10,000 rules", with("policy/many.toml", format!("edition = 1\n{}", rule.repeat(10_001)))),
        ("more than 2,000 files", (0..2_001).map(|n| (format!("policy/{n}.toml"), String::new())).collect()),
        (
            "a condition that is too long",
            broken("policy/access.toml", "department == \"Engineering\"", &long),
        ),
        (
            "a condition that nests too deep",
            broken("policy/access.toml", "department == \"Engineering\"", &deep),
        ),
        (
            "a condition with too many operators",
            broken("policy/access.toml", "department == \"Engineering\"", &chain),
        ),
    ]
}

#[test]
fn bad_folders() {
    let mut all = String::new();
    for (name, files) in folders() {
        // The texts of the large ones say nothing.
        let found = load(&files).map(|_| ()).unwrap_err();
        assert!(!found.is_empty(), "nothing was found for: {name}");
        let lines: Vec<String> = found
            .iter()
            .take(3)
            .map(|d| format!("{}\n  {}", d.line_form(), d.help.clone().unwrap_or_default()))
            .collect();
        writeln!(all, "=== {name}\n{}\n", lines.join("\n")).unwrap();
    }
    insta::assert_snapshot!(all);
}

/// Every code that is explained is also reached, and nothing else is printed.
#[test]
fn every_code_is_shown() {
    let tables = [SETTINGS, SOURCES, SYSTEMS, POLICY, CONDITIONS, LINTS];
    let broken_ones = tables.into_iter().flatten().map(|(_, path, from, to)| broken(path, from, to));
    let mut seen = BTreeSet::new();
    for files in broken_ones.chain(folders().into_iter().map(|(_, files)| files)) {
        match load(&files) {
            Ok(loaded) => seen.extend(loaded.warnings.iter().map(|d| d.code)),
            Err(found) => seen.extend(found.iter().map(|d| d.code)),
        }
    }
    let explained: BTreeSet<_> = tenure_policy::codes().iter().map(|(code, _, _)| *code).collect();
    let missing: Vec<_> = explained.difference(&seen).map(|c| c.as_str()).collect();
    assert_eq!(missing, Vec::<&str>::new());
    assert!(seen.is_subset(&explained));
}
