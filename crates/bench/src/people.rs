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
