//! Configurations that change: rules that come and go, and rules that are narrowed or tightened while a question of theirs is open.

use super::draft::{Beat, Edit};
use super::generate::{HEAD, Maker};

/// The file that changes.
const CHANGED: &str = "policy/changed.toml";

/// Rules that come, and may go again.
const MORE: [&str; 3] = [
    "\n[[approval]]\nname   = \"sellers need security\"\nwhen   = 'department == \"Sales\"'\nby     = [\"group:security\"]\nwithin = \"4 days\"\n",
    "\n[[baseline]]\nname  = \"sellers release\"\nwhen  = 'department == \"Sales\"'\ngrant = [\"ledger-app:release-payments\"]\n",
    "\n[[baseline]]\nname  = \"all people sell\"\nwhen  = 'department != \"\"'\ngrant = [\"directory:sales\"]\n",
];

/// A rule that gives two entitlements to sellers, and one that asks about both together.
struct Asked<'a> {
    /// The people the first rule matches.
    of: &'a str,
    /// What it gives.
    grant: &'a str,
    /// About what the second asks.
    about: &'a str,
    /// The approvers.
    by: &'a str,
    /// For how many days.
    days: u64,
}

impl Asked<'_> {
    fn text(&self) -> String {
        let Self { of, grant, about, by, days } = self;
        format!(
            "\n[[baseline]]\nname  = \"sellers close the books\"\nwhen  = '{of}'\ngrant = [{grant}]\n\n\
             [[approval]]\nname   = \"the books are asked about\"\nwhen   = '{about}'\nby     = [{by}]\nwithin = \"{days} days\"\n"
        )
    }
}

impl Maker {
    pub(super) fn policy_change(&mut self) {
        let hour = self.hour();
        if self.dice.chance(50) {
            self.narrowed(hour);
        } else {
            let more = self.dice.one_of(&MORE);
            self.changes(hour, more);
            self.taken_away(hour);
        }
        self.answer(hour);
    }

    /// A rule asks, and while its question is open what it asks about, or how it asks, becomes another one.
    fn narrowed(&mut self, hour: i64) {
        let (of, both) =
            ("department == \"Sales\"", "\"ledger-app:enter-payments\", \"ledger-app:release-payments\"");
        let by = self.dice.one_of(&["\"system_owner\"", "\"manager\"", "\"group:security\""]);
        let asked = Asked { of, grant: both, about: "grant.system == \"ledger-app\"", by, days: 12 };
        self.changes(hour, &asked.text());
        let hour = self.later(hour, 9);
        let other = match self.dice.below(6) {
            0 => Asked { of: "department == \"Sales\" && role == \"lead\"", ..asked },
            1 => Asked { grant: "\"ledger-app:release-payments\"", ..asked },
            2 => Asked { about: "grant.name == \"release-payments\"", ..asked },
            3 => Asked { about: "grant.system == \"ledger-app\" && department == \"Law\"", ..asked },
            4 => Asked { by: "\"manager\", \"group:people\"", ..asked },
            _ => Asked { by: "\"group:security\"", days: 2, ..asked },
        };
        self.changes(hour, &other.text());
        self.taken_away(hour);
    }

    fn changes(&mut self, hour: i64, more: &str) {
        let body = format!("set_up.\"{CHANGED}\" = '''\n{HEAD}{more}'''\n");
        self.beats.push(Beat { edit: Some(Edit::Writes(CHANGED)), ..Beat::pass(hour, body) });
    }

    /// What came goes again, now and then.
    fn taken_away(&mut self, hour: i64) {
        if self.dice.chance(50) {
            let hour = self.later(hour, 20);
            let body = format!("set_up.\"{CHANGED}\" = \"\"\n");
            self.beats.push(Beat { edit: Some(Edit::TakesAway(CHANGED)), ..Beat::pass(hour, body) });
        }
    }
}
