//! The stable codes of diagnostics, each with the page that explains it.

use std::fmt;

/// A stable code such as `P022`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Code(&'static str);

impl Code {
    /// As printed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

/// All codes with a title and an explanation, in order: the pages of `docs/errors/` are made from them.
#[must_use]
pub fn codes() -> &'static [(Code, &'static str, &'static str)] {
    code::ALL
}

macro_rules! all_codes {
    ($($name:ident = $code:literal, $title:literal, $text:literal;)+) => {
        /// One constant per code.
        pub(crate) mod code {
            use super::Code;
            $(pub(crate) const $name: Code = Code($code);)+
            pub(super) const ALL: &[(Code, &str, &str)] = &[$(($name, $title, $text)),+];
        }
    };
}

all_codes! {
    TOML = "P001", "The file is not TOML",
        "The file cannot be read as TOML 1.1. The caret shows where reading stopped; the cause is often just before it: \
         a missing quote, a missing `]`, a key that is written twice in one table. Nothing else of this file was checked.";
    EDITION = "P002", "The edition is missing or not known",
        "Every file begins with `edition = 1`, before any table. It says which version of the language the file is written in, \
         so that old files stay readable when the language grows.";
    PATH = "P003", "There is a file where none is expected",
        "A configuration folder holds `tenure.toml`, `sources/*.toml`, `systems/*.toml` and `policy/*.toml`, and no other TOML \
         files. A file elsewhere would be ignored silently, so it is refused. The name of a file in `sources/` or `systems/` is the \
         name of the source or system: lower-case letters, digits, `-` and `_`.";
    LIMIT = "P004", "A file or folder is larger than Tenure accepts",
        "A file may have 1 MiB, a folder 2,000 files, a policy 10,000 rules. The limits keep a check of the whole folder within \
         seconds. Split the file, or give access by attributes instead of one rule per team.";
    UNKNOWN_KEY = "P005", "The key is not known here",
        "The table does not have this key. A misspelt key would otherwise be ignored and the default used instead, which is how \
         safeguards get lost. The help names the closest key, or all keys of this table.";
    MISSING_KEY = "P006", "A key is missing",
        "The table needs this key and has no default for it.";
    KIND = "P007", "The value has another type",
        "The key takes another kind of value: a text in quotes, a whole number, true or false, a list, or a table.";
    WORD = "P008", "The word is not one of those possible",
        "The key takes one of a few words. The help names them, or the closest one.";
    RANGE = "P009", "The number is out of range",
        "The key takes a whole number within the bounds that the message names.";
    NAME = "P010", "The text cannot be a name",
        "Names are not empty, have at most 256 bytes, no control characters and no white space at their ends. Entitlements are \
         written `system:name`. Attributes and identifiers are words of letters, digits and `_`, because conditions use them.";
    DURATION = "P011", "The duration cannot be read",
        "Durations are written as a whole number and a unit: `30 minutes`, `2 hours`, `3 days`, `2 weeks`. A few keys count in days \
         and take only days or weeks. Months and years differ in length and are not taken.";
    LIFECYCLE = "P012", "The lifecycle phrase cannot be read",
        "`prepare` takes `3 days before start`, `activate` takes `start of first day`, `end_access` takes `end of last day` or \
         `end of contract`, `keep_account` takes `30 days`. The phrases are fixed, so that they read the same in every policy.";
    DATE = "P013", "The date cannot be read",
        "Dates are days of the calendar, written as 2026-01-31. Two-digit years and other orders are errors, never guesses.";
    DUPLICATE = "P014", "The name is used twice",
        "Two rules of a kind, or two entitlements, identifiers, attributes or bundles, have one name. Evidence and `explain` refer \
         to rules by name, so names are unique across all files.";
    SYNTAX = "P020", "The condition cannot be read",
        "Conditions and expressions are written in CEL: `department == \"Sales\" && level >= 3`. Texts stand in quotes, `==` \
         compares, `&&` is and, `||` is or, `!` is not, `in` looks into a list.";
    TOO_LARGE = "P021", "The condition is too large",
        "A condition has at most 2,048 characters, 32 levels of brackets and about 200 operators. Larger ones are hard to review and \
         slow; use `attribute in [\"a\", \"b\"]`, or several rules.";
    UNKNOWN_NAME = "P022", "The name is not known in this place",
        "Conditions read declared attributes (`[attributes]` in policy/), `engagement.type`, `engagement.source` and `identity.kind`. \
         Approval rules also read `phase`, `change` and `grant.system`, `grant.name`, `grant.risk`. Outbound attributes also read \
         `phase` and `id.NAME`. Mappings of sources read `row.COLUMN` and nothing else.";
    TYPE = "P023", "The types do not fit",
        "Attributes have declared types: text, int, bool, date, texts (a set). A text is compared with a text, a date with a date; \
         a set is asked with `in`. A condition as a whole is true or false.";
    FUNCTION = "P024", "The function is not known",
        "The functions are listed in docs/configuration.md. There is no clock, and no loop but `exists` and `all` over a set of texts.";
    ARGUMENTS = "P025", "The function is called with other arguments",
        "The number or the types of the arguments are not those of the function. The help shows how it is written.";
    CLOCK = "P026", "Conditions cannot read the clock",
        "`now`, `timestamp()` and `duration()` are not available. A condition that read the clock would change its answer without a \
         cause that evidence can name. Time enters by the lifecycle, by `during`, and by from and until.";
    PATTERN = "P027", "The pattern is not a regular expression",
        "`matches` takes a regular expression without look-around and back-references, compiled when the policy is loaded.";
    IMPOSSIBLE_VALUE = "P028", "The name never has this value",
        "The name has a few known values, and this is none of them: phases, labels of cases, kinds of identity, sources, \
         systems, and the engagement types that sources declare. The rule would silently match no identity.";
    ATTRIBUTE = "P030", "The attribute is not declared",
        "Attributes are declared in `[attributes]` of a file in policy/, with their type. Only declared attributes can be mapped, \
         written and read.";
    IDENTIFIER = "P031", "The identifier is not declared",
        "Identifiers are declared by `[[identifier]]` in a file in policy/. `account_name` of a system names one of them.";
    SYSTEM = "P032", "The system is not known",
        "There is no file of that name in systems/.";
    ENTITLEMENT = "P033", "The system does not have this entitlement",
        "A grant names an entitlement that no `[[entitlement]]` of its system declares. It could never be granted. Declare it \
         with an owner, or correct the name. `project/{project}` declares a family: a grant `git:project/{attribute}` fits it.";
    BUNDLE = "P034", "The bundle is not known",
        "A grant `bundle:NAME` or the content of a bundle names a bundle that no `[[bundle]]` declares.";
    CYCLE = "P035", "A bundle or an entitlement contains itself",
        "Bundles and entitlements may contain others, and following the contents must come to an end.";
    GROUP = "P036", "The group is not known",
        "Groups of people are declared in `[groups]` of tenure.toml.";
    LAST_RESORT = "P037", "The escalation group has fewer than two people",
        "When no other approver is left, the escalation group decides. A person cannot decide about their own access, so \
         the group needs at least two different people.";
    APPROVER = "P038", "The approver is not known",
        "Approvers are an attribute that refers to a person (`manager`, `sponsor`), `system_owner`, `entitlement_owner`, `group:NAME` \
         or `person:KEY`. A stage without approvers would never end but by refusal.";
    PARAMETER = "P039", "The parameter of the grant cannot be filled",
        "A grant may hold one parameter, `git:project/{projects}`: the name of a declared attribute of type text or texts. There is \
         one grant per text.";
    SECRET = "P040", "A secret is written in clear",
        "Keys that end in password, token, secret or key take a reference to a secret: `env:NAME`, `file:/path` or `credential:NAME`. \
         A configuration folder is kept in git, where a secret stays forever. Change the secret that was written here.";
    RANK = "P041", "Two sources of one rank map the same attribute",
        "When two sources state one attribute, the lower rank wins. With equal ranks it is undefined which of them counts: \
         give one of them another `rank`.";
    ZONE = "P042", "The time zone is not known",
        "Zones are names of the IANA database: `Asia/Tokyo`, `Europe/Oslo`. Abbreviations such as CET are ambiguous and not taken.";
    SEPARATION = "P043", "The separation rule has fewer than two sides",
        "`not_both` lists at least two sides; each is an entitlement or a list of entitlements. No entitlement stands on two sides.";
    MAPPING = "P044", "The mapping contradicts itself",
        "A value comes from exactly one of a column, an expression and a constant; a separator is for sets; an absence has a first \
         day when it has a last.";
    CORRELATE = "P045", "The correlation rule cannot work",
        "A `[[correlate]]` rule is either `exact`, on a key that `[keys]` of the source maps, or `fuzzy`, with weights that sum to \
         100. Without an exact rule every record would ask.";
    PERIOD = "P046", "The period ends before it begins",
        "`until` is the last day and does not lie before `from`.";
    NEVER = "P101", "The rule can never match",
        "The condition demands two different values of one attribute, or looks into an empty list, or is literally false. \
         It matches no identity, which is probably a mistake.";
    NO_OWNER = "P102", "The entitlement has no owner",
        "Without an owner an entitlement is unmanaged: Tenure inventories it and never grants or revokes it, so a rule that \
         grants it has no effect.";
    OVERLAP = "P103", "Two baselines break a separation together",
        "A person who matches both baselines would be granted two sides of a separation. Neither would be added, and the \
         owners of the rules would get a case for each such person. Make the conditions exclude each other, for example by \
         comparing one attribute with different values.";
    UNFILLED = "P104", "No source fills the attribute",
        "The attribute is declared and read, and no source maps it: it is always absent, and conditions over it see \"\", 0, false, [] \
         or null.";
    ENDLESS = "P105", "Only the feed ends this engagement",
        "The source states neither `last_day` nor `end` for its engagements, and a missing record means nothing to it: an engagement of \
         it would never end by itself.";
    UNMAPPED = "P106", "The reference can never be resolved",
        "An attribute refers to people by a kind of key, `reference = \"worker_number\"`, and no source maps that key in \
         `[keys]`. Every such reference (manager, sponsor, owner) would stay unresolved, and approvals would go to the \
         escalation group.";
    ANY_TYPE = "P107", "The source links to identities of every type",
        "An exact `[[correlate]]` rule names no `types`, `[lifecycle] primary` is empty, and another source writes other \
         types of engagement. A file of this source can then link a record to any identity with that key. Name the types to \
         which it may link, `types = [\"…\"]`, or the order of types in `[lifecycle] primary`: a rule without `types` links \
         to the types of its own source and to those. Records of other types are then asked about.";
    RENAMED_KEY = "P108", "The key has a new name",
        "The key is written by its former name. This edition accepts both names; the next one knows the new name only.";
}
