//! Random small organisations in which some mechanisms meet on one person, the seller Bo Berg (W8).

use super::dice::Dice;
use super::draft::{Beat, Draft};
use super::mechanism::Mechanism;
use std::collections::BTreeMap;

const POLICY: &str = "policy/pairs.toml";
/// The beginning of a file of policy.
pub(super) const HEAD: &str = "edition = 1\nowner = \"group:security\"\n";
/// Nothing begins later than on this day.
const DAYS: u64 = 60;

/// The source of people, in which a value may have a day from which it holds.
const SOURCE: &str = "sources/hr.toml";
const SOURCE_TEXT: &str = include_str!("../../../../scenarios/base/office/sources/hr.toml");
const DATED: [(&str, &str); 2] = [
    ("department  = \"department\"", "department  = { column = \"department\", effective = \"moved_on\" }"),
    ("role        = \"role\"", "role        = { column = \"role\", effective = \"moved_on\" }"),
];

const PEOPLE: &str = "\
number;type;given_name;family_name;born;previous;first_day;last_day;contract_end;away_from;away_until;status;department;role;projects;manager;site
W1;employee;Mira;Moen;1980-01-01;;2020-01-01;;;;;;Security;lead;;;oslo
W2;employee;Nils;Nes;1982-02-02;;2020-01-01;;;;;;Finance;controller;;W1;oslo
W8;employee;Bo;Berg;1995-05-05;;2024-01-01;;;;;;Sales;seller;;W16;oslo
W16;employee;Jan;Juul;1979-07-07;;2019-01-01;;;;;;Sales;lead;;W1;oslo
W20;employee;Cleo;Carr;1991-01-01;;2021-01-01;;;;;;Support;agent;;W16;oslo
W21;employee;Dag;Dahl;1992-01-01;;2021-01-01;;;;;;Support;agent;;W16;oslo
W22;employee;Eva;Eng;1993-01-01;;2021-01-01;;;;;;Support;agent;;W16;oslo
W23;employee;Finn;Fay;1994-01-01;;2021-01-01;;;;;;Support;agent;;W16;tokyo
";

/// The draft under way.
pub(super) struct Maker {
    pub(super) dice: Dice,
    pub(super) policy: String,
    pub(super) files: BTreeMap<&'static str, String>,
    pub(super) beats: Vec<Beat>,
    /// The last day of some, which the row that brings them in states.
    pub(super) known_end: Option<String>,
    /// Whether values have days from which they hold.
    pub(super) is_dated: bool,
    /// Whether some are on leave, which counts from its first day.
    pub(super) is_away: bool,
}

/// The organisation of a seed. The first seeds go through all pairs; a third mechanism joins about half of them.
pub(super) fn generate(seed: u64) -> Draft {
    let pairs = Mechanism::pairs();
    let mut dice = Dice::new(seed);
    let (a, b) = pairs[usize::try_from(seed % u64::try_from(pairs.len()).unwrap()).unwrap()];
    let mut mechanisms = vec![a, b];
    if dice.chance(50) {
        let more = Mechanism::ALL
            [usize::try_from(dice.below(u64::try_from(Mechanism::ALL.len()).unwrap())).unwrap()];
        if !mechanisms.contains(&more) {
            mechanisms.push(more);
        }
    }
    let mut maker = Maker {
        dice,
        policy: HEAD.to_owned(),
        files: BTreeMap::new(),
        beats: Vec::new(),
        known_end: None,
        is_dated: false,
        is_away: false,
    };
    let mut all = mechanisms.clone();
    all.sort();
    for mechanism in all {
        maker.mechanism(mechanism);
    }
    maker.finish(seed, mechanisms)
}

impl Maker {
    /// The beginning, what was made in order of time with a pass after each, and passes long afterwards.
    fn finish(mut self, seed: u64, mechanisms: Vec<Mechanism>) -> Draft {
        self.beats.sort_by_key(|b| b.hour);
        let begin = Beat::pass(0, format!("feed.hr = \"\"\"\n{}\"\"\"\n", self.people()));
        let mut beats = vec![begin];
        for beat in self.beats {
            let (act, hour) = (beat.act, beat.hour);
            beats.push(beat);
            if act {
                beats.push(Beat::pass(hour, String::new()));
            }
        }
        let last = beats.iter().map(|b| b.hour).max().unwrap_or(0);
        for days in [1, 3, 7, 14, 40, 100] {
            beats.push(Beat::pass(last + days * 24, String::new()));
        }
        if self.is_away && !self.policy.contains("[absence]") {
            self.policy.push_str("\n[absence]\nafter   = \"0 days\"\nsuspend = [\"directory\"]\n");
        }
        if self.policy != HEAD {
            self.files.insert(POLICY, self.policy);
        }
        Draft { seed, mechanisms, files: self.files, beats }
    }

    /// The rows of the beginning.
    fn people(&mut self) -> String {
        let mut text = PEOPLE.to_owned();
        if let Some(day) = self.known_end.take() {
            for number in ["W20", "W21", "W22", "W23"] {
                let row = text.lines().find(|l| l.starts_with(number)).unwrap_or_default().to_owned();
                text = text.replace(&row, &row.replace("2021-01-01;;", &format!("2021-01-01;{day};")));
            }
        }
        if self.is_dated {
            let dated =
                DATED.iter().fold(SOURCE_TEXT.to_owned(), |text, (plain, dated)| text.replace(plain, dated));
            self.files.insert(SOURCE, dated);
            text = text
                .lines()
                .map(|l| format!("{l}{}\n", if l.starts_with("number") { ";moved_on" } else { ";" }))
                .collect();
        }
        text
    }

    /// The day from which other values hold, where the source tells one: that of the row, before it or later.
    pub(super) fn day_on(&mut self, hour: i64) -> String {
        self.is_dated = true;
        let days = i64::try_from(self.dice.below(45)).unwrap() - 5;
        format!(", moved_on = \"{}\"", Self::date(hour, days))
    }

    /// Some approvers are away for some days, soon after an hour.
    pub(super) fn approver_away(&mut self, hour: i64) {
        self.is_away = true;
        let who = self.dice.one_of(&["W16", "W2", "W16", "W1"]);
        let hour = self.later(hour, 2);
        let (from, until) =
            (Self::date(hour, 0), Self::date(hour, 2 + i64::try_from(self.dice.below(12)).unwrap()));
        let body = format!("rows.hr.{who} = {{ away_from = \"{from}\", away_until = \"{until}\" }}\n");
        self.beats.push(Beat::pass(hour, body));
    }

    /// Some hour of the first days.
    pub(super) fn hour(&mut self) -> i64 {
        i64::try_from(self.dice.below(DAYS * 24)).unwrap() + 1
    }

    /// Some hours later.
    pub(super) fn later(&mut self, hour: i64, days: u64) -> i64 {
        hour + 1 + i64::try_from(self.dice.below(days * 24)).unwrap()
    }

    /// A date some days after the beginning.
    pub(super) fn date(hour: i64, days: i64) -> String {
        let begin = jiff::civil::date(2026, 3, 2);
        begin.saturating_add(jiff::Span::new().days(hour / 24 + days)).to_string()
    }

    /// Something that a person does.
    pub(super) fn act(&mut self, hour: i64, act: &str) {
        self.beats.push(Beat::act(hour, format!("do = [{{ {act} }}]\n")));
    }

    /// Cells of the row of the person on whom the mechanisms meet.
    pub(super) fn rows(&mut self, hour: i64, cells: &str) {
        let body = format!("rows.hr.W8 = {{ {cells} }}\n");
        self.beats.push(Beat::pass(hour, body));
    }

    /// An approver answers yes or no, or does not answer.
    pub(super) fn answer(&mut self, hour: i64) {
        if self.dice.chance(25) {
            self.approver_away(hour);
        }
        for by in ["W2", "W16", "W1"] {
            if self.dice.chance(55) {
                let hour = self.later(hour, 7);
                let verb = self.dice.one_of(&["approve", "approve", "deny"]);
                self.act(hour, &format!("by = \"{by}\", {verb} = \"W8\""));
            }
        }
    }
}
