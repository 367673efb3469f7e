//! The configuration that is measured: 50 attributes, 200 rules, four systems.

use crate::peers::Peers;
use crate::people::{DEPARTMENTS, LEVELS, PLAIN_ATTRIBUTES, ROLES, SITES};
use std::fmt::Write as _;

/// Baseline rules.
pub(crate) const RULES: u32 = 200;
/// Systems in which rules give something.
pub(crate) const SYSTEMS: [&str; 4] = ["directory", "git", "erp", "vpn"];

/// Files of a configuration: path and text.
pub(crate) type Files = Vec<(String, String)>;

/// The configuration, whose systems are these services. `likeness` adds a rule that compares names and birth dates.
pub(crate) fn files(peers: &Peers, likeness: bool) -> Files {
    let operator = format!("\n[actors]\n\"uid:{}\" = \"P0000001\"\n", nix::unistd::Uid::current());
    let mut files = vec![
        ("tenure.toml".to_owned(), TENURE.to_owned() + &operator),
        ("sources/hr.toml".to_owned(), source(likeness)),
        ("policy/people.toml".to_owned(), people()),
        access_file(false),
    ];
    files.extend(SYSTEMS.iter().map(|name| (format!("systems/{name}.toml"), system(name, &peers.url(name)))));
    files
}

/// The rules. Where they are `changed`, a role gives more and another applies to fewer people.
pub(crate) fn access_file(changed: bool) -> (String, String) {
    ("policy/access.toml".to_owned(), access(RULES, changed))
}

/// The groups that a system has: those that its entitlements name.
pub(crate) fn groups(name: &str) -> Vec<String> {
    let roles =
        (0..ROLES).filter(|r| of_role(*r).contains(&format!("\"{name}:"))).map(|r| format!("role-{r:04}"));
    match name {
        "directory" => std::iter::once("staff".to_owned())
            .chain((0..DEPARTMENTS).map(|d| format!("department-{d:02}")))
            .collect(),
        "erp" => roles.chain((0..RULES).map(|c| format!("combination-{c:03}"))).collect(),
        // A changed rule gives a role here that is another system's by number.
        _ => roles.chain(["role-0005".to_owned()]).collect(),
    }
}

const TENURE: &str = r#"edition = 1

[organisation]
name = "Measured"

[keys]
key_encryption_key = "file:keys/key-encryption.key"

[people]
key = "worker_number"

[groups]
security = ["P0000001", "P0000002"]

[governance]
last_resort = "security"
"#;

fn source(likeness: bool) -> String {
    let mut text = SOURCE.to_owned();
    for n in 1..=PLAIN_ATTRIBUTES {
        let _written = writeln!(text, "field_{n:02} = \"field_{n:02}\"");
    }
    text.push_str("\n[missing]\nrule = \"end after 3 days\"\n\n[[correlate]]\nexact = \"worker_number\"\n");
    if likeness {
        text.push_str("\n[[correlate]]\nfuzzy = { name = 60, birth_date = 40 }\nask_from = 90\n");
    }
    text
}

const SOURCE: &str = r#"edition = 1

format           = "csv"
path             = "feeds/hr.csv"
mode             = "snapshot"
key              = "number"
owner            = "group:security"
engagement_types = ["employee", "contractor"]

[engagement]
type  = "type"
start = "start"

[zone]
location = "site"
default  = "Europe/Berlin"
table    = { "S-00" = "Asia/Tokyo", "S-01" = "America/New_York", "S-02" = "Europe/Oslo", "S-03" = "Australia/Sydney" }

[keys]
worker_number = "number"
name          = { cel = 'row.given_name + " " + row.family_name' }
birth_date    = "born"

[map]
given_name  = "given_name"
family_name = "family_name"
department  = "department"
role        = "role"
site        = "site"
level       = "level"
cost_centre = "cost_centre"
company     = "company"
building    = "building"
manager     = "manager"
"#;

fn people() -> String {
    let mut text = PEOPLE.to_owned();
    for n in 1..=PLAIN_ATTRIBUTES {
        let _written = writeln!(text, "field_{n:02} = \"text\"");
    }
    text.push_str(IDENTIFIERS);
    text
}

const PEOPLE: &str = r#"edition = 1

owner = "group:security"

[lifecycle]
prepare      = "3 days before start"
activate     = "start of first day"
end_access   = "end of last day"
keep_account = "30 days"
primary      = ["employee", "contractor"]

[attributes]
given_name  = "text"
family_name = "text"
department  = { type = "text", moves = true }
role        = { type = "text", moves = true }
site        = "text"
level       = "int"
cost_centre = "text"
company     = "text"
building    = "text"
manager     = { type = "text", reference = "worker_number" }
"#;

const IDENTIFIERS: &str = r#"
[[identifier]]
name       = "user_name"
candidates = ['given_name.ascii().lower().letters().first(1) + family_name.ascii().lower().letters() + "{n}"']
length_max = 24

[[identifier]]
name       = "mail"
candidates = ['id.user_name + "@example.test"']
"#;

/// One rule for all, one per department and site, roles in some system, and combinations up to the number asked.
fn access(rules: u32, changed: bool) -> String {
    let mut text = "edition = 1\n\nowner = \"group:security\"\n".to_owned();
    let mut rule = |name: String, when: String, grant: String| {
        let _written =
            write!(text, "\n[[baseline]]\nname  = \"{name}\"\nwhen  = '{when}'\ngrant = [{grant}]\n");
    };
    rule("all people".to_owned(), "identity.kind == \"person\"".to_owned(), "\"directory:staff\"".to_owned());
    for d in 0..DEPARTMENTS {
        rule(
            format!("department {d}"),
            format!("department == \"D-{d:02}\""),
            format!("\"directory:department-{d:02}\""),
        );
    }
    let combined = rules / 5;
    let roles = rules.saturating_sub(1 + DEPARTMENTS + combined).min(ROLES);
    for r in 0..roles {
        let level = if changed && r == 8 { " && level >= 3" } else { "" };
        let given =
            if changed && r == 5 { "\"vpn:role-0005\", \"git:role-0005\"".to_owned() } else { of_role(r) };
        rule(format!("role {r}"), format!("role == \"R-{r:03}\"{level}"), given);
    }
    for c in 0..rules.saturating_sub(1 + DEPARTMENTS + roles) {
        let (department, site, level) = (c % DEPARTMENTS, c % SITES, 1 + c % LEVELS);
        rule(
            format!("combination {c}"),
            format!(
                "department == \"D-{department:02}\" && site == \"S-{site:02}\" && level >= {level} && engagement.type == \"employee\""
            ),
            format!("\"erp:combination-{c:03}\""),
        );
    }
    text
}

/// What a role gives: one entitlement in git, in the ERP or through the VPN.
fn of_role(role: u32) -> String {
    let system =
        ["git", "erp", "vpn"].get(usize::try_from(role % 3).unwrap_or_default()).copied().unwrap_or("git");
    format!("\"{system}:role-{role:04}\"")
}

fn system(name: &str, url: &str) -> String {
    let mut text = format!(
        "edition = 1\n\nconnector    = \"scim\"\nowner        = \"P0000001\"\nmode         = \"enforce\"\naccount_name = \"user_name\"\n\n\
         [connection]\nurl   = \"{url}\"\ntoken = \"file:keys/token\"\n\n\
         [limits]\ncalls_per_second = 10000\n\n\
         [[attribute]]\nname  = \"displayName\"\nvalue = 'given_name + \" \" + family_name'\n\n\
         [[attribute]]\nname  = 'emails[type eq \"work\"].value'\nvalue = 'id.mail'\n",
    );
    let mut entitlement = |local: String| {
        let _written = write!(text, "\n[[entitlement]]\nname  = \"{local}\"\nowner = \"P0000001\"\n");
    };
    match name {
        "directory" => {
            entitlement("staff".to_owned());
            entitlement("department-{department}".to_owned());
        }
        "erp" => {
            entitlement("role-{role}".to_owned());
            entitlement("combination-{number}".to_owned());
        }
        _ => entitlement("role-{role}".to_owned()),
    }
    text
}
