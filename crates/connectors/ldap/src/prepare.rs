//! Prepares values for comparison (RFC 4518), so loosely that no directory treats more values as equal than this does.
//!
//! Directories differ: OpenLDAP normalises (NFKC) and folds each character, 389 DS folds and does not normalise, and few drop soft
//! hyphens as the RFC requires. So [`loose`] only finds candidates; if [`plain`], on which all agree, says no, the directory itself is
//! asked.

use unicode_normalization::UnicodeNormalization as _;

/// The value with characters unified that only look different: RFC 4518, section 2, with full case folding instead of that of Unicode
/// 3.2.
pub(crate) fn loose(value: &str) -> String {
    if value.is_ascii() {
        return plain(value);
    }
    let folded: String = fold(&mapped(value)).nfkc().collect();
    // A character compatible with a capital letter is a capital letter now (RFC 3454, section B.2).
    let again: String = fold(&mapped(&folded)).nfkc().collect();
    // A dotted capital I folds to i in UnicodeData.txt and to i with an additional dot in SpecialCasing.txt.
    single_spaces(&again.replace("i\u{307}", "i"))
}

/// The value in lower case with single spaces: every directory treats such values as equal, for texts that ignore case.
pub(crate) fn plain(value: &str) -> String {
    // Character by character: `str::to_lowercase` writes a sigma at the end of a word differently.
    single_spaces(&value.chars().flat_map(char::to_lowercase).collect::<String>())
}

/// Unifies capital and small letters, in all their forms (ß is SS, ς is Σ).
fn fold(value: &str) -> String {
    value.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

/// Section 2.2: invisible characters are removed, and every kind of space becomes one.
fn mapped(value: &str) -> String {
    let map = |c: char| match c {
        '\u{9}'..='\u{d}' | '\u{85}' => Some(' '),
        '\u{ad}' | '\u{34f}' | '\u{1806}' | '\u{180b}'..='\u{180e}' | '\u{200b}'..='\u{200f}' => None,
        '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' => None,
        '\u{fff9}'..='\u{fffc}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0001}' | '\u{e0020}'..='\u{e007f}' => None,
        c if c.is_control() => None,
        c if c.is_whitespace() => Some(' '),
        c => Some(c),
    };
    value.chars().filter_map(map).collect()
}

/// Section 2.6.1: no spaces around, one between words.
fn single_spaces(value: &str) -> String {
    value.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pairs that some directory treats as equal, and whether all do.
    const ALIKE: [(&str, &str, bool); 16] = [
        ("istanbul", "\u{130}stanbul", false),
        ("Süd", "SÜD", true),
        ("a  b ", "A B", true),
        ("Süd", "Su\u{308}d", false),
        ("Süd Ost", "Süd\u{a0}Ost", false),
        ("AB", "\u{ff21}\u{ff22}", false),
        ("nils.nes", "\u{ff4e}ils.nes", false),
        ("fine", "\u{fb01}ne", false),
        ("Südost", "Süd\u{ad}ost", false),
        ("\u{c5}", "\u{212b}", true),
        ("σσ", "σς", false),
        ("ΣΣ", "σσ", true),
        ("Straße", "STRASSE", false),
        ("a\tb", "a b", false),
        ("a\u{200b}b", "ab", false),
        ("\u{1d400}", "a", false),
    ];

    #[test]
    fn what_some_directory_takes_for_equal_is_a_candidate() {
        for (a, b, everywhere) in ALIKE {
            assert_eq!(plain(a) == plain(b), everywhere, "{a} {b}");
            let ascii = a.is_ascii() && b.is_ascii();
            assert!(loose(a) == loose(b) || ascii && !everywhere, "{a} {b}");
        }
        for (a, b) in [("Süd", "Sud"), ("a b", "ab"), ("о", "o")] {
            assert_ne!(loose(a), loose(b), "{a} {b}");
        }
    }

    #[test]
    fn what_is_prepared_stays_as_it_is() {
        for (a, b, _) in ALIKE {
            for text in [a, b] {
                assert_eq!(loose(&loose(text)), loose(text), "{text}");
                assert_eq!(plain(&plain(text)), plain(text), "{text}");
                assert_eq!(loose(&plain(text)), loose(text), "{text}");
            }
        }
    }
}
