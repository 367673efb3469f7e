//! What each mechanism makes happen to the person on whom they meet.

use super::draft::Beat;
use super::generate::Maker;
use super::mechanism::Mechanism;
use std::fmt::Write as _;

const ENTER: &str = "ledger-app:enter-payments";
const RELEASE: &str = "ledger-app:release-payments";

impl Maker {
    pub(super) fn mechanism(&mut self, mechanism: Mechanism) {
        match mechanism {
            Mechanism::Approval => self.approval(),
            Mechanism::Request => self.request(ENTER),
            Mechanism::Emergency => self.emergency(),
            Mechanism::Exception => self.exception(),
            Mechanism::Handover => self.handover(),
            Mechanism::Adoption => self.adoption(),
            Mechanism::Absence => self.absence(),
            Mechanism::Conversion => self.conversion(),
            Mechanism::Rehire => self.back_after(12, 40),
            Mechanism::Gap => self.back_after(1, 6),
            Mechanism::Brake => self.brake(),
            Mechanism::CutOff => self.cut_off(),
            Mechanism::Hold => self.hold(),
            Mechanism::Delegation => self.delegation(),
            Mechanism::Separation => self.separation(),
            Mechanism::Rename => self.rename(),
            Mechanism::PolicyChange => self.policy_change(),
            Mechanism::Bundle => self.bundle(),
            Mechanism::ManualSystem => self.manual_system(),
        }
    }

    fn approval(&mut self) {
        let by = self.dice.one_of(&["\"system_owner\"", "\"manager\"", "\"group:security\""]);
        let when = self.dice.one_of(&[
            "grant.name == \"enter-payments\"",
            "grant.system == \"ledger-app\"",
            "grant.name == \"enter-payments\" && department == \"Sales\"",
            "grant.name == \"enter-payments\" && change == \"mover\"",
            "change == \"mover\"",
        ]);
        writeln!(
            self.policy,
            "\n[[baseline]]\nname  = \"sellers enter payments\"\nwhen  = 'department == \"Sales\" && role == \"seller\"'\n\
             grant = [\"{ENTER}\"]\n\n[[approval]]\nname   = \"payments are asked about\"\nwhen   = '{when}'\nby     = [{by}]\n\
             within = \"5 days\""
        )
        .unwrap();
        self.answer(0);
    }

    fn request(&mut self, what: &str) {
        let hour = self.hour();
        let lasts = i64::try_from(20 + self.dice.below(60)).unwrap();
        let until = Self::date(hour, lasts);
        self.act(hour, &format!("by = \"W8\", request = \"{what}\", person = \"W8\", until = \"{until}\""));
        self.answer(hour);
        if self.dice.chance(25) {
            let hour = self.later(hour, 20);
            self.act(hour, &format!("by = \"W8\", end = \"{what}\", person = \"W8\""));
        }
    }

    fn emergency(&mut self) {
        let (hour, what) = (self.hour(), self.dice.one_of(&[ENTER, ENTER, RELEASE]));
        let hours = 1 + self.dice.below(6);
        self.act(hour, &format!("by = \"W2\", emergency = \"{what}\", person = \"W8\", hours = {hours}"));
        if self.dice.chance(50) {
            let hour = self.later(hour, 3);
            self.act(hour, &format!("by = \"W1\", seen = \"{what}\", person = \"W8\""));
        }
        self.beats.push(Beat::pass(hour + 7, String::new()));
    }

    fn exception(&mut self) {
        let (hour, what) = (self.hour(), self.dice.one_of(&[ENTER, RELEASE, "directory:engineering"]));
        let lasts = i64::try_from(3 + self.dice.below(25)).unwrap();
        let until = Self::date(hour, lasts);
        self.act(
            hour,
            &format!(
                "by = \"W1\", exception = \"{what}\", person = \"W8\", until = \"{until}\", reason = \"closing\", \
                 instead = \"each entry is checked\""
            ),
        );
    }

    fn handover(&mut self) {
        let days = 3 + self.dice.below(20);
        writeln!(
            self.policy,
            "\n[[handover]]\nname = \"finish the old work\"\nkeep = [\"ledger-app:*\", \"directory:sales\"]\nfor  = \"{days} days\""
        )
        .unwrap();
        let hour = self.hour();
        self.moves(hour, "department = \"Engineering\", role = \"developer\"");
        if self.dice.chance(40) {
            let hour = self.later(hour, 20);
            self.moves(hour, "department = \"Sales\", role = \"seller\"");
        }
    }

    /// Other work, now and then in the row that says something else as well: what names the change then is not the move.
    fn moves(&mut self, hour: i64, cells: &str) {
        let others = ["type = \"apprentice\"", "type = \"employee\"", "away_from = \"\", away_until = \"\""];
        let more =
            if self.dice.chance(50) { format!(", {}", self.dice.one_of(&others)) } else { String::new() };
        let from = if self.dice.chance(40) { self.day_on(hour) } else { String::new() };
        self.rows(hour, &format!("{cells}{more}{from}"));
        if !from.is_empty() {
            self.answer(hour);
        }
    }

    fn adoption(&mut self) {
        let mode = self.dice.one_of(&["observe", "end_only"]);
        self.files.insert(
            "systems/notes.toml",
            format!(
                "edition = 1\nconnector    = \"fake\"\nowner        = \"W2\"\nmode         = \"{mode}\"\naccount_name = \"user_name\"\n\
                 entitlement  = [{{ name = \"reader\", owner = \"W2\" }}, {{ name = \"writer\", owner = \"W2\" }}]\n"
            ),
        );
        let hour = self.hour();
        let body = "system = [{ system = \"notes\", add = \"bo\", enabled = true, hold = [\"reader\"] }]\nadopt = [\"notes\"]\n";
        self.beats.push(Beat::pass(hour, body.to_owned()));
        if self.dice.chance(50) {
            let hour = self.later(hour, 30);
            let verb = self.dice.one_of(&["keep", "end"]);
            self.act(hour, &format!("by = \"W2\", {verb} = \"notes:reader\", person = \"W8\""));
        }
    }

    fn absence(&mut self) {
        let after = self.dice.below(10);
        writeln!(
            self.policy,
            "\n[absence]\nafter   = \"{after} days\"\nsuspend = [\"ledger-app\", \"directory\"]"
        )
        .unwrap();
        let hour = self.hour();
        let begin = i64::try_from(self.dice.below(12)).unwrap() - 4;
        let lasts = i64::try_from(2 + self.dice.below(40)).unwrap();
        let until = if self.dice.chance(70) { Self::date(hour, begin + lasts) } else { String::new() };
        let from = Self::date(hour, begin);
        self.rows(hour, &format!("away_from = \"{from}\", away_until = \"{until}\""));
        // Approvers are away as well, now and then.
        if self.dice.chance(40) {
            let who = self.dice.one_of(&["W16", "W2"]);
            let body = format!("rows.hr.{who} = {{ away_from = \"{from}\", away_until = \"{until}\" }}\n");
            self.beats.push(Beat::pass(hour, body));
        }
        if until.is_empty() {
            let hour = self.later(hour, 40);
            self.rows(hour, "away_from = \"\", away_until = \"\"");
        }
    }

    fn conversion(&mut self) {
        let hour = self.hour();
        self.rows(hour, "type = \"apprentice\"");
        if self.dice.chance(40) {
            let hour = self.later(hour, 30);
            self.rows(hour, "type = \"employee\"");
        }
    }

    /// The engagement ends, and the next one begins some days later.
    fn back_after(&mut self, least: u64, most: u64) {
        let hour = self.hour();
        let ends = i64::try_from(self.dice.below(20)).unwrap() - 3;
        let gap = i64::try_from(least + self.dice.below(most - least + 1)).unwrap();
        self.rows(hour, &format!("last_day = \"{}\"", Self::date(hour, ends)));
        let known = self.later(hour, 30);
        let first = Self::date(hour, ends + 1 + gap);
        self.rows(known, &format!("first_day = \"{first}\", last_day = \"\""));
    }

    fn brake(&mut self) {
        let hour = self.hour() + 96;
        if self.dice.chance(30) {
            // Known from the beginning, and no brake counts it on the day.
            self.known_end = Some(Self::date(hour, i64::try_from(self.dice.below(10)).unwrap() - 5));
        }
        let from = if self.dice.chance(30) { self.day_on(hour) } else { String::new() };
        let blank = format!("{{ department = \"\"{from} }}");
        let mut body = format!("rows.hr.W8 = {blank}\nrows.hr.W2 = {blank}\nrows.hr.W16 = {blank}\n");
        if self.dice.chance(40) {
            self.all_away(hour);
        } else if self.dice.chance(60) {
            body.push_str("rows.hr.W20 = \"gone\"\nrows.hr.W21 = \"gone\"\n");
        }
        self.beats.push(Beat::pass(hour, body));
        let next = self.later(hour, 5);
        if self.dice.chance(50) {
            let only = if self.dice.chance(50) { ", only = [\"W8\"]" } else { "" };
            self.act(next, &format!("by = \"W1\", release = \"source hr\"{only}"));
        }
        if self.dice.chance(50) {
            let hour = self.later(next, 5);
            self.rows(hour, "department = \"Sales\"");
        }
    }

    /// The people who are to lose something are away when the column is blanked, and come back.
    fn all_away(&mut self, hour: i64) {
        self.is_away = true;
        for (place, who) in ["W8", "W2", "W16"].iter().enumerate() {
            // No two within a day: their absence is no mass change.
            let early = hour - 90 + 26 * i64::try_from(place).unwrap();
            let (from, until) = (Self::date(early, 0), Self::date(hour, 5 + i64::try_from(place).unwrap()));
            let body = format!("rows.hr.{who} = {{ away_from = \"{from}\", away_until = \"{until}\" }}\n");
            self.beats.push(Beat::pass(early, body));
        }
    }

    fn cut_off(&mut self) {
        let mut hour = self.hour();
        if self.dice.chance(50) {
            // What is asked about has its yes by then.
            for by in ["W2", "W16", "W1"] {
                self.act(hour, &format!("by = \"{by}\", approve = \"W8\""));
            }
            hour += 24;
        }
        let class = self.dice.one_of(&["security", "investigation"]);
        let reason = "reason = \"a lost laptop\"";
        self.act(hour, &format!("by = \"W1\", cut_off = \"W8\", class = \"{class}\", {reason}"));
        if self.dice.chance(70) {
            let hour = self.later(hour, 15);
            self.act(hour, "by = \"W2\", lift = \"W8\"");
        }
    }

    fn hold(&mut self) {
        let hour = self.hour();
        let class = self.dice.one_of(&["legal", "hr"]);
        self.act(hour, &format!("by = \"W1\", hold = \"W8\", class = \"{class}\", reason = \"a dispute\""));
        if self.dice.chance(50) {
            let hour = self.later(hour, 60);
            self.act(hour, &format!("by = \"W2\", lift_hold = \"W8\", class = \"{class}\""));
        }
        if self.dice.chance(50) {
            let hour = self.later(hour, 10);
            let left = Self::date(hour, 1);
            self.rows(hour, &format!("last_day = \"{left}\""));
        }
    }

    fn delegation(&mut self) {
        let hour = self.hour();
        let from = self.dice.one_of(&["W2", "W1", "W16", "W8"]);
        let to = self.dice.one_of(&["W20", "W16", "W8"]);
        let until = Self::date(hour, 20);
        self.act(hour, &format!("by = \"{from}\", delegate = \"{to}\", until = \"{until}\""));
        // The delegator goes away, now and then, and the questions that are open meanwhile are the delegate's.
        if from != "W8" && self.dice.chance(60) {
            let (gone, back) = (Self::date(hour, 0), Self::date(hour, 19));
            let body = format!("rows.hr.{from} = {{ away_from = \"{gone}\", away_until = \"{back}\" }}\n");
            self.beats.push(Beat::pass(hour, body));
            let hour = self.later(hour, 10);
            let until = Self::date(hour, 40);
            self.act(
                hour,
                &format!("by = \"W8\", request = \"{ENTER}\", person = \"W8\", until = \"{until}\""),
            );
        }
        if self.dice.chance(50) {
            let hour = self.later(hour, 15);
            self.act(hour, &format!("by = \"{to}\", approve = \"W8\""));
        }
    }

    fn separation(&mut self) {
        writeln!(
            self.policy,
            "\n[[separation]]\nname     = \"enter and release\"\nnot_both = [\"{ENTER}\", \"{RELEASE}\"]"
        )
        .unwrap();
        if self.dice.chance(50) {
            writeln!(
                self.policy,
                "\n[[baseline]]\nname  = \"developers release\"\nwhen  = 'department == \"Engineering\"'\ngrant = [\"{RELEASE}\"]"
            )
            .unwrap();
        }
        self.request(RELEASE);
        if self.dice.chance(50) {
            self.request(ENTER);
        }
    }

    fn rename(&mut self) {
        let hour = self.hour();
        self.rows(hour, "family_name = \"Bakke\", given_name = \"Bob\"");
        self.answer(hour);
    }

    fn bundle(&mut self) {
        writeln!(
            self.policy,
            "\n[[bundle]]\nname         = \"money\"\nversion      = 1\nowner        = \"W2\"\nentitlements = [\"{ENTER}\"]"
        )
        .unwrap();
        self.request("bundle:money");
    }

    fn manual_system(&mut self) {
        self.files.insert(
            "systems/archive.toml",
            "edition = 1\nconnector    = \"manual\"\nowner        = \"W2\"\nmode         = \"enforce\"\naccount_name = \"user_name\"\n\
             entitlement  = [{ name = \"reader\", owner = \"W2\" }]\n"
                .to_owned(),
        );
        let department = self.dice.one_of(&["Sales", "Engineering"]);
        writeln!(
            self.policy,
            "\n[[baseline]]\nname  = \"readers\"\nwhen  = 'department == \"{department}\"'\ngrant = [\"archive:reader\"]"
        )
        .unwrap();
        if department == "Engineering" {
            let hour = self.hour();
            self.moves(hour, "department = \"Engineering\", role = \"developer\"");
        }
    }
}
