//! Configurations that change: rules that come and go.

use super::draft::{Beat, Edit};
use super::generate::{HEAD, Maker};

/// The file that changes.
const CHANGED: &str = "policy/changed.toml";

/// Rules that come, and may go again.
const MORE: [&str; 3] = [
    "\n[[approval]]\nname   = \"sellers need security\"\nwhen   = 'department == \"Sales\"'\nby     = [\"group:security\"]\nwithin = \"4 days\"\n",
    "\n[[baseline]]\nname  = \"sellers release\"\nwhen  = 'department == \"Sales\"'\ngrant = [\"ledger-app:release-payments\"]\n",
    "\n[[baseline]]\nname  = \"everybody sells\"\nwhen  = 'department != \"\"'\ngrant = [\"directory:sales\"]\n",
];

impl Maker {
    pub(super) fn policy_change(&mut self) {
        let hour = self.hour();
        let more = self.dice.one_of(&MORE);
        self.changes(hour, more);
        self.taken_away(hour);
        self.answer(hour);
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
