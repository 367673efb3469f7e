//! Which letters an issued name may have. Two names that look alike in two scripts are never issued to two people (docs/adr/0107).

use std::sync::Arc;
use tenure_model::text::is_unprintable;
use tenure_policy::Letters;
use unicode_normalization::UnicodeNormalization;
use unicode_security::{GeneralSecurityProfile, MixedScript, skeleton};

/// A candidate as it may be issued; `None` if it may not be: it contains invisible characters, or mixes scripts.
pub(crate) fn issuable(text: &Arc<str>, letters: Letters) -> Option<Arc<str>> {
    if text.chars().any(|c| is_unprintable(c) || c.is_control()) {
        return None;
    }
    if text.is_ascii() {
        return Some(text.clone());
    }
    match letters {
        Letters::Ascii => {
            let ascii = any_ascii::any_ascii(text);
            // A script without capitals is left as it is.
            let plain = if text.chars().any(char::is_uppercase) { ascii } else { ascii.to_lowercase() };
            Some(Arc::from(plain.trim()))
        }
        Letters::Any => {
            let text: String = text.nfc().collect();
            let allowed = |c: char| c.is_ascii() || c.identifier_allowed();
            (text.chars().all(allowed) && text.as_str().is_single_script()).then(|| Arc::from(text))
        }
    }
}

/// The look-alike form of a name that another script may imitate: reserved with the name for its holder. `None` for ASCII names, which
/// are compared as they are.
#[must_use]
pub fn look(name: &str) -> Option<Arc<str>> {
    if name.is_ascii() {
        return None;
    }
    let name = name.to_lowercase();
    let mut out = String::with_capacity(name.len());
    for c in name.nfd() {
        match c.is_ascii() {
            true => out.push(c),
            false => out.extend(skeleton(c.encode_utf8(&mut [0; 4]))),
        }
    }
    let out: String = out.to_lowercase().nfc().collect();
    (out != name).then(|| Arc::from(out))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_alike_is_told() {
        assert_eq!(look("ann.berg1"), None);
        assert_eq!(look("müller"), None);
        // Cyrillic letters, completely and partly, and a Greek one.
        assert_eq!(look("асе").as_deref(), Some("ace"));
        assert_eq!(look("аnn").as_deref(), Some("ann"));
        assert_eq!(look("οle").as_deref(), Some("ole"));
    }

    #[test]
    fn names_are_of_ascii_or_of_one_script() {
        let of = |text: &str, letters| issuable(&Arc::from(text), letters);
        assert_eq!(of("аnn{n}", Letters::Ascii).as_deref(), Some("ann{n}"));
        assert_eq!(of("søren", Letters::Ascii).as_deref(), Some("soren"));
        assert_eq!(of("李", Letters::Ascii).as_deref(), Some("li"));
        assert_eq!(of("søren", Letters::Any).as_deref(), Some("søren"));
        assert_eq!(of("анна.берг", Letters::Any).as_deref(), Some("анна.берг"));
        assert_eq!(of("аnn", Letters::Any), None);
        assert_eq!(of("ann\u{200b}", Letters::Any), None);
        assert_eq!(of("ann\u{7}", Letters::Ascii), None);
        assert_eq!(of("ann☃", Letters::Any), None);
    }
}
