//! What `tenure init` writes: a small configuration that loads, with one example of each kind of file.

/// Path within the folder and text.
pub(crate) fn files(organisation: &str, login: &str) -> Vec<(&'static str, String)> {
    vec![
        (
            "tenure.toml",
            TENURE.replace("{login}", login).replace(
                "{organisation}",
                &organisation.replace(|c: char| c == '"' || c == '\\' || c.is_control(), ""),
            ),
        ),
        ("sources/hr.toml", HR.to_owned()),
        ("systems/directory.toml", DIRECTORY.to_owned()),
        ("policy/people.toml", PEOPLE.to_owned()),
        ("policy/access.toml", ACCESS.to_owned()),
        ("feeds/hr.csv", FEED.to_owned()),
    ]
}

const TENURE: &str = r#"edition = 1

[organisation]
name = "{organisation}"

[storage]
path = "state/tenure.db"

[ledger]
checkpoints = "state/checkpoints"       # put this on another disk, or ship it off this machine

[keys]
key_encryption_key = "file:keys/key-encryption.key"

[people]
key = "worker_number"                   # how this folder names people

[actors]
{login} = "1001"                           # login of the operating system = person; also "uid:1001" = "…"

[groups]
security = ["1001", "1002"]

[governance]
last_resort = "security"                # decides when no other approver is left: two people at least
"#;

const HR: &str = r#"edition = 1

# An authoritative source: where its feed is, what its columns mean, what a missing row means.
format           = "csv"
path             = "feeds/hr.csv"
mode             = "snapshot"           # every file is the whole population
key              = "number"
owner            = "group:security"
engagement_types = ["employee", "contractor"]

[engagement]
type     = "type"
start    = "start"
last_day = "last_day"

[zone]
default = "Europe/Oslo"                 # a last day ends where the person is

[keys]
worker_number = "number"
name          = { cel = 'row.given_name + " " + row.family_name' }

[map]
given_name  = "given_name"
family_name = "family_name"
department  = "department"
manager     = "manager"

[missing]
rule = "end after 3 days"

[brake]                                 # more than this in a day is held until a person releases it
percent = 5
count   = 3

[[correlate]]
exact = "worker_number"
"#;

const DIRECTORY: &str = r#"edition = 1

# A downstream system. `manual` is one that no program reaches: its owner is asked. Others: `ldap`, `scim`.
connector    = "manual"
owner        = "1002"
mode         = "observe"                # then end_only, then enforce
account_name = "user_name"

[[entitlement]]
name  = "account"                       # the account itself
owner = "1002"

[[entitlement]]
name  = "engineering"
owner = "1001"
risk  = 20
"#;

const PEOPLE: &str = r#"edition = 1

[attributes]
given_name  = "text"
family_name = "text"
department  = { type = "text", moves = true }
manager     = { type = "text", reference = "worker_number" }

[lifecycle]
prepare      = "3 days before start"    # accounts exist, disabled
activate     = "start of first day"
end_access   = "end of last day"
keep_account = "30 days"
primary      = ["employee", "contractor"]

[[identifier]]
name       = "user_name"
candidates = [
  'given_name.ascii().lower().letters().first(1) + family_name.ascii().lower().letters().first(7)',
]
length_max = 16
reserved   = ["root", "admin"]
"#;

const ACCESS: &str = r#"edition = 1

owner = "group:security"

[[baseline]]
name  = "all people"
when  = 'identity.kind == "person"'
grant = ["directory:account"]

[[baseline]]
name  = "engineers"
when  = 'department == "Engineering"'
grant = ["directory:engineering"]

[[approval]]
name   = "outside workers need their manager"
when   = 'change in ["joiner", "rehire", "conversion"] && engagement.type != "employee"'
by     = ["manager"]
within = "2 days"
"#;

const FEED: &str = "number,given_name,family_name,type,department,manager,start,last_day\n\
1001,Astrid,Berg,employee,Security,,2024-01-08,\n\
1002,Ola,Müller,employee,IT,1001,2024-02-01,\n\
1003,Þórður,Jónsson,contractor,Engineering,1002,2026-01-05,\n";
