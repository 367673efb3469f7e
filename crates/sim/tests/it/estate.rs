//! A directory of five hundred accounts that was there before Tenure: shown, adopted, and enforced, without effect on present users.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use tenure_sim::{Scenario, TargetSystems, live};
use tenure_testkit::{need, peer};

const BY_NAME: usize = 300;
const BY_NUMBER: usize = 80;
const ADMINS: usize = 20;
const AMBIGUOUS: usize = 20;
const ORPHANS_OF_A_CLASS: usize = 8;
const DEPARTED: usize = 30;
const PROTECTED: usize = 10;

const SYLLABLES: [&str; 20] = [
    "ba", "ke", "di", "fo", "gu", "la", "me", "ni", "po", "ru", "sa", "te", "vi", "wo", "xu", "za", "hy",
    "jo", "cy", "qi",
];

/// A word of its own for each number below 400, unlike that of its neighbours.
fn word(stem: &str, n: usize) -> String {
    let at = |place: usize| SYLLABLES.get(place % SYLLABLES.len()).copied().unwrap_or_default();
    format!("{stem}{}{}{}", at(n * 7 + 3), at(n / 20 * 11 + n), at(n * 13 + n / 20))
}

/// The estate as it is generated, and as it must be after each step.
#[derive(Default)]
struct Estate {
    people: usize,
    feed: String,
    events: String,
    usable: BTreeSet<String>,
    holds: BTreeMap<&'static str, BTreeSet<String>>,
    unlinked: BTreeSet<String>,
}

/// Unlinked accounts: how their names begin, what is set on them, and how they are shown.
type OfNobody = (&'static str, &'static [(&'static str, &'static str)], &'static str);

impl Estate {
    fn person(&mut self, number: &str, given: &str, family: &str, last_day: &str, department: &str) {
        self.people += 1;
        let n = self.people;
        let born = format!("{}-{:02}-{:02}", 1901 + n * 29 % 97, 1 + n * 7 % 12, 1 + n * 5 % 28);
        writeln!(
            self.feed,
            "{number};employee;{given};{family};{born};;2020-01-01;{last_day};;;;;{department};worker;;W1;oslo"
        )
        .unwrap();
    }

    fn account(&mut self, name: &str, hold: &[&'static str], set: &[(&str, &str)]) {
        let mut set = set.to_vec();
        for key in ["cn", "sn"] {
            if !set.iter().any(|(k, _)| *k == key) {
                set.push((key, name));
            }
        }
        let set: Vec<String> = set.iter().map(|(k, v)| format!("{k} = {v:?}")).collect();
        writeln!(
            self.events,
            "  {{ system = \"directory\", add = {name:?}, hold = {hold:?}, set = {{ {} }} }},",
            set.join(", ")
        )
        .unwrap();
        self.usable.insert(name.to_owned());
        for group in hold {
            self.holds.entry(group).or_default().insert(name.to_owned());
        }
    }

    /// The present people: most are known by the name of their account, some by their number; a few have a second one.
    fn here(&mut self) {
        for n in 0..BY_NAME + BY_NUMBER {
            let (given, family, number) = (word("Pa", n), word("Fa", n), format!("P{n:03}"));
            let department = if n % 2 == 0 { "Engineering" } else { "Sales" };
            self.person(&number, &given, &family, "", department);
            let cn = format!("{given} {family}");
            let mut hold = vec!["staff", if n % 2 == 0 { "engineering" } else { "sales" }];
            // Entitlements that no rule gives and that have no owner.
            hold.extend((n % 10 == 0).then_some("sales"));
            hold.extend((n % 4 == 0).then_some("legacy"));
            hold.extend((n % 50 == 0).then_some("inner"));
            let named = given.to_lowercase();
            let called = if n < BY_NAME { named.clone() } else { word("x", n) };
            let mut set = vec![("cn", &*cn), ("sn", &*family)];
            set.extend((n >= BY_NAME).then_some(("employeeNumber", &*number)));
            self.account(&called, &hold, &set);
            if n < ADMINS {
                self.account(&format!("adm-{named}"), &["administrators"], &[("cn", &cn), ("sn", &family)]);
            }
        }
    }

    /// People without an account, each with one account that may be theirs.
    fn in_doubt(&mut self) {
        for n in 0..AMBIGUOUS {
            let (given, family) = (word("Qa", n), word("Ga", n));
            self.person(&format!("Q{n:03}"), &given, &family, "", "Engineering");
            let name = word("amb", n);
            self.account(&name, &["legacy"], &[("cn", &format!("{given} {family}")), ("sn", &family)]);
            self.unlinked.insert(format!("directory {name} ?"));
        }
    }

    fn departed(&mut self) {
        for n in 0..DEPARTED {
            let (given, family) = (word("Ra", n), word("Ha", n));
            self.person(&format!("R{n:03}"), &given, &family, "2026-01-31", "Sales");
            self.account(&given.to_lowercase(), &["staff", "sales"], &[]);
        }
    }

    fn of_nobody(&mut self) {
        for n in 0..ORPHANS_OF_A_CLASS {
            let all: [OfNobody; 5] = [
                ("svc-", &[], " (service, W2)"),
                ("room-", &[("employeeType", "Shared")], " (shared, W1)"),
                ("guest-", &[("employeeType", "external")], " (human, W1)"),
                ("sys-", &[], " (built-in, W1)"),
                ("zz-", &[], ""),
            ];
            for (stem, set, class) in all {
                let name = word(stem, n);
                self.account(&name, &["legacy", "staff"], set);
                self.unlinked.insert(format!("directory {name}{class}"));
            }
        }
        for n in 0..PROTECTED {
            self.account(&word("root", n), &["administrators"], &[]);
        }
    }

    fn ends(&mut self, name: &str) {
        self.usable.remove(name);
        for group in ["staff", "sales"] {
            self.holds.get_mut(group).unwrap().remove(name);
        }
    }

    fn begins(&mut self, name: &str, groups: &[&'static str]) {
        self.usable.insert(name.to_owned());
        for group in groups {
            self.holds.get_mut(group).unwrap().insert(name.to_owned());
        }
    }

    /// What must be so, as the directory itself says when it is asked by `ldapsearch`.
    fn expected(&self, unusable: &BTreeSet<String>) -> String {
        let mut text = format!("[step.expect]\nheld = []\nasked = []\nunlinked = {:?}\n", self.unlinked);
        text = text.replace('{', "[").replace('}', "]");
        let list =
            |names: &BTreeSet<String>| names.iter().map(|n| format!("{n:?}")).collect::<Vec<_>>().join(", ");
        writeln!(text, "[step.expect.systems.directory]\nusable = [{}]", list(&self.usable)).unwrap();
        writeln!(text, "unusable = [{}]", list(unusable)).unwrap();
        let holds: Vec<String> = self.holds.iter().map(|(g, who)| format!("{g} = [{}]", list(who))).collect();
        writeln!(text, "holds = {{ {} }}", holds.join(", ")).unwrap();
        text
    }
}

fn directory(mode: &str) -> String {
    let protected: Vec<String> = (0..PROTECTED).map(|n| word("root", n)).collect();
    format!(
        r#"[step.set_up]
"systems/directory.toml" = '''
edition = 1
connector    = "fake"
owner        = "W1"
mode         = "{mode}"
account_name = "user_name"
protected    = {protected:?}
brake        = {{ percent = 50, count = 100 }}
attribute    = [
  {{ name = "cn", value = "given_name + ' ' + family_name" }},
  {{ name = "sn", value = "family_name" }},
]
entitlement  = [
  {{ name = "staff", owner = "W1" }},
  {{ name = "engineering", owner = "W1" }},
  {{ name = "sales", owner = "W1" }},
  {{ name = "administrators", owner = "W1", kind = "admin" }},
  {{ name = "legacy" }},
  {{ name = "inner" }},
]
account      = [{{ kind = "admin", name = "admin_name" }}]
match        = [
  {{ attribute = "employeeNumber", exact = "worker_number" }},
  {{ exact = "id.user_name" }},
  {{ kind = "admin", names = ["adm-*"], exact = "id.admin_name" }},
  {{ attribute = "cn", ask_from = 90 }},
]
orphan       = [
  {{ class = "service", names = ["svc-*"], owner = "W2" }},
  {{ class = "shared", attribute = "employeeType", values = ["shared"] }},
  {{ class = "human", attribute = "employeeType", values = ["external"] }},
  {{ class = "built-in", names = ["sys-*"] }},
]
'''
"policy/admins.toml" = """
edition = 1
owner = "group:security"

[[identifier]]
name       = "admin_name"
candidates = ['"adm-" + id.user_name']
"""
"#
    )
}

fn scenario() -> Scenario {
    let feed = "number;type;given_name;family_name;born;previous;first_day;last_day;contract_end;away_from;away_until;\
                   status;department;role;projects;manager;site\n"
        .to_owned();
    let mut estate = Estate { feed, ..Estate::default() };
    estate.person("W1", "Mira", "Moen", "", "Security");
    estate.person("W2", "Nils", "Nes", "", "Security");
    estate.here();
    estate.in_doubt();
    estate.departed();
    estate.of_nobody();
    assert_eq!(estate.usable.len(), 500);
    let mut unusable = BTreeSet::new();
    let mut text =
        "title = \"Five hundred accounts\"\ntext = \"As its test says.\"\nbase = \"office\"\n".to_owned();
    // Observed and adopted: nothing changes.
    write!(
        text,
        "[[step]]\nat = \"2026-03-02T08:00:00Z\"\nsay = \"Observed.\"\nadopt = [\"directory\"]\nsystem = [\n{}  \
         {{ system = \"directory\", nest = \"inner\", into = \"legacy\" }},\n]\nfeed.hr = \"\"\"\n{}\"\"\"\n{}{}",
        estate.events,
        estate.feed,
        directory("observe"),
        estate.expected(&unusable)
    )
    .unwrap();
    // `end_only`: leavers lose their access; people without an account get one unless a question is open about another account.
    for n in 0..DEPARTED {
        let name = word("Ra", n).to_lowercase();
        estate.ends(&name);
        unusable.insert(name);
    }
    estate.begins("mira", &["staff"]);
    estate.begins("nils", &["staff"]);
    write!(
        text,
        "[[step]]\nat = \"2026-03-03T08:00:00Z\"\nsay = \"end_only.\"\nscan = [\"directory\"]\n{}{}[step.expect.queue]\n\
         held = 0\nneeds_person = 0\nwaiting = 0\n",
        directory("end_only"),
        estate.expected(&unusable)
    )
    .unwrap();
    // The system's owner answers: every second account is linked to a person, the others belong to no identity.
    let mut acts = String::new();
    for n in 0..AMBIGUOUS {
        let (name, given) = (word("amb", n), word("Qa", n).to_lowercase());
        estate.unlinked.remove(&format!("directory {name} ?"));
        if n % 2 == 0 {
            writeln!(acts, "  {{ by = \"W1\", claim = \"directory:{name}\", person = \"Q{n:03}\" }},")
                .unwrap();
            estate.begins(&name, &["staff", "engineering"]);
        } else {
            writeln!(acts, "  {{ by = \"W1\", disclaim = \"directory:{name}\" }},").unwrap();
            estate.unlinked.insert(format!("directory {name}"));
            estate.begins(&given, &["staff", "engineering"]);
        }
    }
    write!(
        text,
        "[[step]]\nat = \"2026-03-04T08:00:00Z\"\nsay = \"Answered.\"\ndo = [\n{acts}]\n{}",
        estate.expected(&unusable)
    )
    .unwrap();
    write!(
        text,
        "[[step]]\nat = \"2026-03-05T08:00:00Z\"\nsay = \"Enforced.\"\nscan = [\"directory\"]\n{}{}[step.expect.queue]\n\
         held = 0\nneeds_person = 0\nwaiting = 0\n",
        directory("enforce"),
        estate.expected(&unusable)
    )
    .unwrap();
    toml::from_str(&text).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_who_is_here_loses_anything_while_five_hundred_accounts_are_taken_in() {
    let slapd = need!(peer::slapd());
    let book = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    if let Err(wrong) = live(&scenario(), &book, TargetSystems::new(Some(slapd))).await {
        panic!("{wrong}");
    }
}
