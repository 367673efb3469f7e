//! A made-up population: the same numbers give the same people, so that runs can be compared.

/// Departments; each has roles and sites of its own, as in real organisations.
pub(crate) const DEPARTMENTS: u32 = 60;
/// Roles of one department.
const ROLES_EACH: u32 = 10;
/// All roles.
pub(crate) const ROLES: u32 = DEPARTMENTS * ROLES_EACH;
/// Sites.
pub(crate) const SITES: u32 = 40;
/// Sites of one department.
const SITES_EACH: u32 = 8;
/// Levels.
pub(crate) const LEVELS: u32 = 4;
/// Attributes that say nothing to any rule, beside the ten that do.
pub(crate) const PLAIN_ATTRIBUTES: u32 = 40;

const SYLLABLES: [&str; 40] = [
    "an", "bar", "bel", "cor", "dan", "del", "el", "far", "fin", "gar", "gre", "hal", "har", "il", "jan",
    "kar", "kel", "lar", "len", "lin", "mar", "mel", "mon", "nor", "ol", "par", "per", "ral", "ren", "ros",
    "sal", "sel", "sor", "tan", "tor", "ul", "val", "ver", "wil", "zan",
];

/// One person.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) number: u32,
    pub(crate) given: String,
    pub(crate) family: String,
    pub(crate) born: String,
    pub(crate) department: u32,
    pub(crate) role: u32,
    pub(crate) site: u32,
    pub(crate) level: u32,
    pub(crate) external: bool,
    pub(crate) start: String,
}

/// Scatters a number over 64 bits (splitmix64).
pub(crate) fn scatter(n: u64) -> u64 {
    let mut z = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A number below `below`, which follows from `seed` and `salt`.
pub(crate) fn pick(seed: u32, salt: u64, below: u32) -> u32 {
    let scattered = scatter(u64::from(seed) << 16 | salt);
    u32::try_from(scattered % u64::from(below.max(1))).unwrap_or_default()
}

fn word(seed: u32, salt: u64, syllables: u64) -> String {
    let mut text = String::new();
    for i in 0..syllables {
        let place = usize::try_from(pick(seed, salt + i, 40)).unwrap_or_default();
        text.push_str(SYLLABLES.get(place).copied().unwrap_or_default());
    }
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

impl Person {
    /// The person with this number. Numbers begin with 1.
    pub(crate) fn new(number: u32) -> Self {
        let department = pick(number, 1, DEPARTMENTS);
        let day = |salt| format!("{:02}-{:02}", 1 + pick(number, salt, 12), 1 + pick(number, salt + 1, 28));
        Self {
            number,
            given: word(number, 100, 2),
            family: word(number, 200, 3),
            born: format!("{}-{}", 1960 + pick(number, 2, 45), day(300)),
            department,
            role: department * ROLES_EACH + pick(number, 3, ROLES_EACH),
            site: (department * 5 + pick(number, 4, SITES_EACH)) % SITES,
            level: 1 + pick(number, 5, LEVELS),
            external: pick(number, 6, 5) == 0,
            start: format!("{}-{}", 2010 + pick(number, 7, 15), day(400)),
        }
    }

    /// As on a badge.
    pub(crate) fn badge(number: u32) -> String {
        format!("P{number:07}")
    }

    /// The manager of the person: ten reports each, up to number 1.
    pub(crate) fn manager(&self) -> Option<String> {
        (self.number > 1).then(|| Self::badge((self.number / 10).max(1)))
    }

    /// Type of engagement.
    pub(crate) fn engagement(&self) -> &'static str {
        if self.external { "contractor" } else { "employee" }
    }
}

/// A day of the organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Day {
    /// All people are new.
    First,
    /// One person in a hundred changed: half of these have another role in their department, half are new.
    Second,
}

impl Day {
    /// How many people differ from the day before.
    pub(crate) fn changed(self, people: u32) -> u32 {
        match self {
            Self::First => people,
            Self::Second => 2 * (people / 200).max(1),
        }
    }

    /// The people of the day, of an organisation that began with so many.
    pub(crate) fn people(self, began: u32) -> impl Iterator<Item = Person> {
        let half = if self == Self::First { 0 } else { self.changed(began) / 2 };
        // Scattered over the feed, so that each is in a place of its own.
        let stride = began.checked_div(half).unwrap_or(0).max(1);
        (1..=began + half).map(move |number| {
            let mut person = Person::new(number);
            let moves = half > 0 && number <= began && number % stride == 0 && number / stride <= half;
            if moves {
                person.role = person.department * ROLES_EACH + (person.role + 1) % ROLES_EACH;
            }
            person
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Day;

    #[test]
    fn one_in_a_hundred_changes() {
        for people in [20, 200, 1_000, 12_345] {
            let first: Vec<_> = Day::First.people(people).collect();
            let second: Vec<_> = Day::Second.people(people).collect();
            let moved = first.iter().zip(&second).filter(|(a, b)| a.role != b.role).count();
            let joined = second.len() - first.len();
            assert_eq!(moved, joined, "{people}");
            assert_eq!(u32::try_from(moved + joined), Ok(Day::Second.changed(people)), "{people}");
            assert_eq!(first.len(), usize::try_from(people).unwrap());
        }
    }
}
