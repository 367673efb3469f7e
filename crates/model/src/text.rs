//! What a name may contain, how any text is displayed, and what one mail address is.

use std::borrow::Cow;
use std::sync::Arc;

/// Maximum length of a mail address in bytes (RFC 5321, section 4.5.3.1.3, without its brackets).
const ADDRESS_BYTES_MAX: usize = 254;

/// Whether a character controls the display of text instead of being displayed: control characters, characters that change text
/// direction, separators of lines and paragraphs, tags, byte order marks within a text, and noncharacters.
#[must_use]
pub fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'
            | '\u{2060}'..='\u{2064}' | '\u{206a}'..='\u{206f}' | '\u{3164}' | '\u{ffa0}' | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{fdd0}'..='\u{fdef}' | '\u{e0000}'..='\u{e007f}')
        || u32::from(c) & 0xfffe == 0xfffe
}

/// A text as it may be shown on a terminal or in a file of lines: unprintable characters are written as escapes.
#[must_use]
pub fn shown(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unprintable) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_unprintable(c) => out.push_str(&format!("\\u{{{:x}}}", u32::from(c))),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Exactly one mail address: never two, never one with a display name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MailAddress(Arc<str>);

impl MailAddress {
    /// Reads a text that is exactly one address, in any script (RFC 6531); `None` for any other.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (local, domain) = text.split_once('@')?;
        let special = |c: char| c.is_whitespace() || is_unprintable(c) || "@,;:<>()[]\\\"".contains(c);
        let label = |l: &str| !l.is_empty() && l.chars().all(|c| c.is_alphanumeric() || c == '-');
        let fits = !local.is_empty()
            && text.len() <= ADDRESS_BYTES_MAX
            && !local.contains(special)
            && domain.len() > 2
            && domain.split('.').all(label);
        fits.then(|| Self(Arc::from(text)))
    }
    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_shown_as_an_escape() {
        assert_eq!(shown("Þórður 李 \u{200d}"), "Þórður 李 \u{200d}");
        assert_eq!(shown("a\u{1b}[31mb\u{7}\n\u{202e}c\u{9b}"), "a\\u{1b}[31mb\\u{7}\\n\\u{202e}c\\u{9b}");
        for c in [
            '\0',
            '\u{7f}',
            '\u{85}',
            '\u{200f}',
            '\u{2066}',
            '\u{feff}',
            '\u{e0041}',
            '\u{ffff}',
            '\u{fdd2}',
        ] {
            assert!(is_unprintable(c), "{c:?}");
        }
    }

    #[test]
    fn a_mail_address_is_one() {
        for good in ["a.b+c@office.example", "o'neil@x-y.no", "jörg@büro.example", "dev@localhost"] {
            assert_eq!(MailAddress::parse(good).map(|a| a.as_str().to_owned()).as_deref(), Some(good));
        }
        for bad in [
            "",
            "x",
            "@x.no",
            "a@",
            "a@b@c.no",
            "a@x.no,b@y.no",
            "a@x.no; b@y.no",
            "a@x.no b@y.no",
            "Ann <a@x.no>",
            "a@x.no\r\nBcc: b@y.no",
            "a@x..no",
            "a@.no",
            "a\u{202e}@x.no",
            "a@x.no,",
            "\"a b\"@x.no",
            "a@[127.0.0.1]",
        ] {
            assert_eq!(MailAddress::parse(bad), None, "{bad:?}");
        }
        assert_eq!(MailAddress::parse(&format!("{}@x.no", "a".repeat(300))), None);
    }
}
