//! The labelled set: a known identity, a record, and whether both are one person.

use crate::keys;
use crate::names::{LANGUAGES, Language};
use crate::random::Random;
use tenure_engine::correlate::Keys;

/// How many pairs there are of each sort: 1,000 together.
const SORTS: &[(Sort, usize)] = &[
    (Sort::NumberSameName, 90),
    (Sort::NumberTypo, 60),
    (Sort::NumberMarriage, 60),
    (Sort::NameSwapped, 80),
    (Sort::NameTransliterated, 100),
    (Sort::NameTypo, 60),
    (Sort::MiddleNameOrInitial, 60),
    (Sort::PreviousNumber, 50),
    (Sort::AddressKept, 50),
    (Sort::MarriageNoNumber, 40),
    (Sort::BirthDateSlip, 40),
    (Sort::Namesake, 80),
    (Sort::NamesakeNoDates, 40),
    (Sort::Twins, 40),
    (Sort::FatherAndSon, 40),
    (Sort::NumberRecycled, 60),
    (Sort::NumberRecycledNoDates, 20),
    (Sort::AddressRecycled, 20),
    (Sort::SharesAWord, 10),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sort {
    NumberSameName,
    NumberTypo,
    NumberMarriage,
    NameSwapped,
    NameTransliterated,
    NameTypo,
    MiddleNameOrInitial,
    PreviousNumber,
    AddressKept,
    MarriageNoNumber,
    BirthDateSlip,
    Namesake,
    NamesakeNoDates,
    Twins,
    FatherAndSon,
    NumberRecycled,
    NumberRecycledNoDates,
    AddressRecycled,
    SharesAWord,
}

impl Sort {
    /// The label: whether both are one person.
    pub(crate) fn same_person(self) -> bool {
        self < Self::Namesake
    }
}

pub(crate) struct Pair {
    pub(crate) sort: Sort,
    pub(crate) language: &'static str,
    pub(crate) known: Keys,
    pub(crate) departed: bool,
    pub(crate) record: Keys,
}

struct Person {
    given: (&'static str, &'static str),
    family: (&'static str, &'static str),
    born: String,
    number: String,
    address: String,
}

pub(crate) fn pairs(seed: u64) -> Vec<Pair> {
    let mut random = Random::new(seed);
    let mut all = Vec::new();
    for (sort, count) in SORTS {
        for _ in 0..*count {
            let serial = all.len();
            let language = &LANGUAGES[serial % LANGUAGES.len()];
            all.push(pair(*sort, language, serial, &mut random));
        }
    }
    all
}

fn person(language: &Language, serial: usize, random: &mut Random) -> Person {
    Person {
        given: *random.pick(language.given),
        family: *random.pick(language.family),
        born: random.date(),
        number: format!("W{serial:05}"),
        address: format!("person.{serial}@home.example"),
    }
}

fn written(language: &Language, given: &str, family: &str) -> String {
    match language.family_first {
        // Han and Hangul names are written without a space.
        true if !family.is_ascii() => format!("{family}{given}"),
        true => format!("{family} {given}"),
        false => format!("{given} {family}"),
    }
}

fn other<'a>(
    all: &'a [(&'static str, &'static str)],
    than: &str,
    random: &mut Random,
) -> &'a (&'static str, &'static str) {
    loop {
        let found = random.pick(all);
        if found.0 != than {
            return found;
        }
    }
}

fn pair(sort: Sort, language: &'static Language, serial: usize, random: &mut Random) -> Pair {
    let p = person(language, serial, random);
    let name = written(language, p.given.0, p.family.0);
    let record = vec![
        ("worker_number", format!("N{serial:05}")),
        ("name", name.clone()),
        ("birth_date", p.born.clone()),
    ];
    let known = vec![
        ("worker_number", p.number.clone()),
        ("name", name),
        ("birth_date", p.born.clone()),
        ("email", p.address.clone()),
    ];
    let departed = random.below(3) == 0;
    let married = *other(language.family, p.family.0, random);
    let mut draft = Draft { language, random, p, married, known, record, departed };
    if sort.same_person() {
        draft.same_person(sort);
    } else {
        draft.somebody_else(sort);
    }
    let owned = |pairs: &[(&'static str, String)]| {
        keys(&pairs.iter().map(|(k, v)| (*k, v.as_str())).collect::<Vec<_>>())
    };
    let Draft { known, record, departed, .. } = draft;
    Pair { sort, language: language.name, known: owned(&known), departed, record: owned(&record) }
}

/// A pair under construction: at first the same person with a new number.
struct Draft<'a> {
    language: &'static Language,
    random: &'a mut Random,
    p: Person,
    /// Another family name.
    married: (&'static str, &'static str),
    known: Vec<(&'static str, String)>,
    record: Vec<(&'static str, String)>,
    departed: bool,
}

impl Draft<'_> {
    fn put(&mut self, kind: &'static str, value: String) {
        self.drop(kind);
        self.record.push((kind, value));
    }
    fn drop(&mut self, kind: &str) {
        self.record.retain(|(k, _)| *k != kind);
    }
    fn name(&mut self, given: &str, family: &str) {
        let name = written(self.language, given, family);
        self.put("name", name);
    }
    fn number(&mut self) {
        self.put("worker_number", self.p.number.clone());
    }
    fn address(&mut self) {
        self.put("email", self.p.address.clone());
    }
    fn born_another_day(&mut self) {
        let date = self.random.date();
        self.put("birth_date", date);
    }
    fn stranger(&mut self) {
        let given = other(self.language.given, self.p.given.0, self.random).0;
        self.name(given, self.married.0);
        self.born_another_day();
    }

    fn same_person(&mut self, sort: Sort) {
        let ((given, given_abroad), (family, family_abroad)) = (self.p.given, self.p.family);
        match sort {
            Sort::NumberSameName => self.number(),
            Sort::NumberTypo => {
                self.number();
                let slip = self.random.slip(family_abroad);
                self.name(given_abroad, &slip);
            }
            Sort::NumberMarriage => {
                self.number();
                self.name(given, self.married.0);
            }
            Sort::NameSwapped => self.put("name", format!("{}, {given}", family.to_uppercase())),
            Sort::NameTypo => {
                let slip = self.random.slip(family_abroad);
                self.name(given_abroad, &slip);
            }
            Sort::MiddleNameOrInitial => self.middle_name_or_initial(),
            Sort::PreviousNumber => {
                self.departed = true;
                self.drop("birth_date");
                self.put("previous_number", self.p.number.clone());
                self.name(given_abroad, family_abroad);
            }
            Sort::AddressKept => {
                self.address();
                self.name(given_abroad, family_abroad);
            }
            Sort::MarriageNoNumber => self.name(given_abroad, self.married.1),
            Sort::BirthDateSlip => self.birth_date_slip(),
            _ => self.name(given_abroad, family_abroad),
        }
    }

    fn middle_name_or_initial(&mut self) {
        let ((given, given_abroad), (family, family_abroad)) = (self.p.given, self.p.family);
        let middle = other(self.language.given, given, self.random).0;
        let full = written(self.language, &format!("{given} {middle}"), family);
        self.known.retain(|(k, _)| *k != "name");
        self.known.push(("name", full));
        if self.random.below(2) == 0 {
            let initial = given_abroad.chars().next().unwrap_or('x');
            self.put("name", format!("{initial}. {family_abroad}"));
        }
    }

    /// Day and month swapped if that is a date, else the next day.
    fn birth_date_slip(&mut self) {
        let parts: Vec<&str> = self.p.born.split('-').collect();
        let (year, month, day) = (parts[0], parts[1], parts[2]);
        let number: u8 = day.parse().unwrap_or(1);
        let date = if number <= 12 {
            format!("{year}-{day}-{month}")
        } else {
            format!("{year}-{month}-{:02}", if number % 10 < 8 { number + 1 } else { number - 1 })
        };
        self.put("birth_date", date);
    }

    fn somebody_else(&mut self, sort: Sort) {
        match sort {
            Sort::NamesakeNoDates => self.drop("birth_date"),
            Sort::Twins => {
                let sibling = other(self.language.given, self.p.given.0, self.random).0;
                self.name(sibling, self.p.family.0);
                if self.random.below(2) == 0 {
                    self.address();
                }
            }
            Sort::FatherAndSon => {
                self.born_another_day();
                self.address();
            }
            Sort::NumberRecycled => {
                self.departed = true;
                self.number();
                self.stranger();
            }
            Sort::NumberRecycledNoDates => {
                self.number();
                self.stranger();
                self.drop("birth_date");
            }
            Sort::AddressRecycled => {
                self.departed = true;
                self.address();
                self.stranger();
            }
            Sort::SharesAWord => {
                self.name(self.p.given.0, self.married.0);
                self.born_another_day();
            }
            _ => self.born_another_day(),
        }
    }
}
