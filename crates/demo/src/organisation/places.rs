//! Where people work: fourteen sites, each in a zone of its own.

use super::names::{
    AMERICAN, ARABIC, AUSTRALIAN, CANADIAN, CHINESE, Culture, FRENCH, GERMAN, GREEK, HEBREW, INDIAN,
    INDONESIAN, IRISH, JAPANESE, KENYAN, KOREAN, NIGERIAN, NORWEGIAN, POLISH, PORTUGUESE, TAMIL, TURKISH,
    UKRAINIAN, VIETNAMESE,
};

/// One site.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) name: &'static str,
    /// ISO 3166-1: the law that holds there.
    pub(crate) country: &'static str,
    /// IANA.
    pub(crate) zone: &'static str,
    /// How many of all people work there.
    pub(crate) share: u32,
    /// Which names are common there.
    pub(crate) names: &'static [(&'static Culture, u32)],
}

pub(crate) static SITES: [Site; 14] = [
    site(
        "Oslo",
        "NO",
        "Europe/Oslo",
        90,
        &[(&NORWEGIAN, 14), (&POLISH, 2), (&UKRAINIAN, 2), (&ARABIC, 2), (&TAMIL, 1)],
    ),
    site(
        "Berlin",
        "DE",
        "Europe/Berlin",
        52,
        &[(&GERMAN, 12), (&TURKISH, 4), (&UKRAINIAN, 2), (&POLISH, 2), (&HEBREW, 1)],
    ),
    site(
        "Paris",
        "FR",
        "Europe/Paris",
        36,
        &[(&FRENCH, 12), (&ARABIC, 2), (&VIETNAMESE, 1), (&PORTUGUESE, 1)],
    ),
    site("Lisbon", "PT", "Europe/Lisbon", 26, &[(&PORTUGUESE, 10), (&FRENCH, 1)]),
    site("Dublin", "IE", "Europe/Dublin", 24, &[(&IRISH, 10), (&POLISH, 2), (&NIGERIAN, 2)]),
    site("Athens", "GR", "Europe/Athens", 16, &[(&GREEK, 1)]),
    site("Nairobi", "KE", "Africa/Nairobi", 26, &[(&KENYAN, 10), (&INDIAN, 1)]),
    site("Bengaluru", "IN", "Asia/Kolkata", 50, &[(&INDIAN, 12), (&TAMIL, 2)]),
    site("Tokyo", "JP", "Asia/Tokyo", 34, &[(&JAPANESE, 12), (&CHINESE, 1), (&VIETNAMESE, 1)]),
    site("Seoul", "KR", "Asia/Seoul", 16, &[(&KOREAN, 1)]),
    site(
        "Sydney",
        "AU",
        "Australia/Sydney",
        24,
        &[(&AUSTRALIAN, 8), (&CHINESE, 3), (&GREEK, 1), (&INDONESIAN, 1)],
    ),
    site("São Paulo", "BR", "America/Sao_Paulo", 30, &[(&PORTUGUESE, 10), (&JAPANESE, 2), (&ARABIC, 1)]),
    site(
        "New York",
        "US",
        "America/New_York",
        46,
        &[(&AMERICAN, 12), (&HEBREW, 2), (&NIGERIAN, 2), (&CHINESE, 2)],
    ),
    site("Vancouver", "CA", "America/Vancouver", 28, &[(&CANADIAN, 8), (&CHINESE, 3), (&INDIAN, 2)]),
];

const fn site(
    name: &'static str,
    country: &'static str,
    zone: &'static str,
    share: u32,
    names: &'static [(&'static Culture, u32)],
) -> Site {
    Site { name, country, zone, share, names }
}

/// The site of that name.
pub(crate) fn called(name: &str) -> Option<&'static Site> {
    SITES.iter().find(|s| s.name == name)
}
