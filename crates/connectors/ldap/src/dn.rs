//! Distinguished names as text (RFC 4514): written with escapes, compared independently of their spelling.

use crate::prepare;

/// One relative name: pairs of attribute and value.
type Relative = Vec<(String, String)>;

/// `attribute=value`, with the value escaped.
pub(crate) fn relative(attribute: &str, value: &str) -> String {
    format!("{attribute}={}", ldap3::dn_escape(value))
}

/// A form in which all spellings are equal that some directory treats as one name: attributes by one of their names, values prepared
/// ([`prepare::loose`]), escapes unified. A text that is no distinguished name is compared in lower case.
///
/// All naming attributes in practice ignore case. For one that does not, two entries whose names differ only in case would be treated
/// as one.
pub(crate) fn key(dn: &str) -> String {
    keyed(dn, prepare::loose)
}

/// A form in which only spellings are equal that every directory treats as one name. For two names with the same [`key`] and different
/// plain forms, the directory must be asked.
pub(crate) fn plain(dn: &str) -> String {
    keyed(dn, prepare::plain)
}

fn keyed(dn: &str, prepare: fn(&str) -> String) -> String {
    let Some(parts) = parse(dn) else { return dn.to_lowercase() };
    let relatives: Vec<String> = parts
        .into_iter()
        .map(|relative| {
            let mut pairs: Vec<String> = relative
                .iter()
                .map(|(attribute, value)| self::relative(short_name(attribute).as_str(), &prepare(value)))
                .collect();
            pairs.sort();
            pairs.join("+")
        })
        .collect();
    relatives.join(",")
}

/// The names and object identifiers of naming attributes (RFC 4514, section 3; RFC 4519).
const SHORT_NAMES: [(&str, &str, &str); 10] = [
    ("cn", "commonname", "2.5.4.3"),
    ("sn", "surname", "2.5.4.4"),
    ("l", "localityname", "2.5.4.7"),
    ("st", "stateorprovincename", "2.5.4.8"),
    ("street", "streetaddress", "2.5.4.9"),
    ("o", "organizationname", "2.5.4.10"),
    ("ou", "organizationalunitname", "2.5.4.11"),
    ("c", "countryname", "2.5.4.6"),
    ("dc", "domaincomponent", "0.9.2342.19200300.100.1.25"),
    ("uid", "userid", "0.9.2342.19200300.100.1.1"),
];

fn short_name(attribute: &str) -> String {
    let lower = attribute.to_ascii_lowercase();
    let plain = lower.strip_prefix("oid.").unwrap_or(&lower);
    let known = SHORT_NAMES.iter().find(|(_, long, number)| plain == *long || plain == *number);
    known.map_or_else(|| plain.to_owned(), |(short, ..)| (*short).to_owned())
}

/// A name without the optional unique identifier after it (RFC 4517, section 3.3.21): `#'0101'B`.
pub(crate) fn without_uid(value: &str) -> &str {
    let bits = |rest: &str| rest.bytes().all(|b| matches!(b, b'0' | b'1'));
    let Some((name, rest)) = value.rsplit_once("#'") else { return value };
    if rest.strip_suffix("'B").is_some_and(bits) { name } else { value }
}

/// Whether the entry of one key is below (or is) that of the other. Escaped commas are `\2c` in keys, so that the searched comma is a
/// real one.
pub(crate) fn is_under(key: &str, base_key: &str) -> bool {
    base_key.is_empty()
        || key == base_key
        || key.strip_suffix(base_key).is_some_and(|before| before.ends_with(','))
}

/// The value of `attribute` in the first relative name.
pub(crate) fn first_value(dn: &str, attribute: &str) -> Option<String> {
    let first = parse(dn)?.into_iter().next()?;
    first.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(attribute)).map(|(_, value)| value)
}

/// The parent entry.
pub(crate) fn parent(dn: &str) -> String {
    split(dn, b",").get(1..).unwrap_or_default().join(",").trim_start().to_owned()
}

/// The part of `dn` before `base`, below which it is; empty if it is that entry itself.
pub(crate) fn below(dn: &str, base: &str) -> Option<String> {
    let (parts, above) = (split(dn, b","), split(base, b",").len());
    let own = parts.get(..parts.len().saturating_sub(above)).unwrap_or_default();
    (!own.is_empty()).then(|| own.iter().map(|p| p.trim()).collect::<Vec<_>>().join(","))
}

/// The first relative name.
pub(crate) fn first(dn: &str) -> &str {
    split(dn, b",").first().copied().unwrap_or_default()
}

/// Whether the text is a distinguished name.
pub(crate) fn is_valid(dn: &str) -> bool {
    parse(dn).is_some()
}

fn parse(dn: &str) -> Option<Vec<Relative>> {
    split(dn, b",;")
        .into_iter()
        .map(|relative| split(relative, b"+").into_iter().map(pair).collect())
        .collect()
}

fn pair(text: &str) -> Option<(String, String)> {
    let (attribute, value) = text.split_once('=')?;
    let attribute = attribute.trim();
    (!attribute.is_empty()).then_some(())?;
    let value = trim(value);
    let value = value.strip_prefix('#').map_or_else(|| unescape(value), encoded)?;
    Some((attribute.to_owned(), value))
}

/// A value as the hexadecimal digits of its BER encoding (RFC 4514, section 2.4): texts of up to 127 bytes.
fn encoded(digits: &str) -> Option<String> {
    let nibbles: Vec<u8> = digits.bytes().map(digit).collect::<Option<_>>()?;
    let bytes: Vec<u8> = nibbles.chunks(2).filter_map(|two| Some(two.first()? * 16 + two.get(1)?)).collect();
    let (head, text) = bytes.split_at_checked(2)?;
    // An octet string, UTF-8, printable or IA5 text.
    let is_text = head.first().is_some_and(|tag| [0x04, 0x0c, 0x13, 0x16].contains(tag));
    let is_whole =
        nibbles.len().is_multiple_of(2) && head.get(1).map(|n| usize::from(*n)) == Some(text.len());
    (is_text && is_whole).then(|| String::from_utf8(text.to_vec()).ok()).flatten()
}

/// Removes white space around a value, unless it is escaped.
fn trim(value: &str) -> &str {
    let value = value.trim_start_matches(' ');
    let bare = value.trim_end_matches(' ');
    let backslashes = bare.bytes().rev().take_while(|b| *b == b'\\').count();
    if backslashes % 2 == 1 { value.get(..=bare.len()).unwrap_or(bare) } else { bare }
}

/// Splits at any of `separators` that is not escaped.
fn split<'a>(text: &'a str, separators: &[u8]) -> Vec<&'a str> {
    let mut pieces = Vec::new();
    let (mut from, mut escaped) = (0, false);
    for (at, byte) in text.bytes().enumerate() {
        if !escaped && separators.contains(&byte) {
            pieces.push(text.get(from..at).unwrap_or_default());
            from = at + 1;
        }
        escaped = byte == b'\\' && !escaped;
    }
    pieces.push(text.get(from..).unwrap_or_default());
    pieces
}

/// Undoes `\,` and `\2c` (RFC 4514, section 2.4).
fn unescape(value: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        let next = rest.next()?;
        match digit(next) {
            Some(high) => bytes.push(high * 16 + digit(rest.next()?)?),
            None => bytes.push(next),
        }
    }
    String::from_utf8(bytes).ok()
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writings_of_one_name_are_equal() {
        let one = key("uid=Jo\\2C M\\C3\\BCller\\+1,ou=People,dc=Example");
        assert_eq!(one, key("UID=jo\\,  müller\\2B1 , OU=people,DC=example"));
        assert_eq!(key("cn=a+uid=b,dc=x"), key("UID=b+CN=A, dc=x"));
        assert_ne!(key("uid=a,dc=x"), key("uid=b,dc=x"));
        assert_ne!(key("uid=a\\,dc=x"), key("uid=a,dc=x"));
        assert_eq!(
            key("userid=a,OrganizationalUnitName=b"),
            key("0.9.2342.19200300.100.1.1=a,OID.2.5.4.11=b")
        );
        assert_eq!(key("cn=#04024869,dc=x"), key("CN=hi,dc=x"));
        assert!(!is_valid("cn=#0403486") && !is_valid("cn=#040348,dc=x") && !is_valid("cn=#zz"));
    }

    #[test]
    fn another_form_of_a_letter_is_a_question() {
        let (one, other) = ("uid=nils.nes,ou=Süd,dc=x", "uid=\u{ff4e}ils.nes,ou=Su\u{308}d,dc=x");
        assert_eq!(key(one), key(other));
        assert_ne!(plain(one), plain(other));
        assert_eq!(plain(one), plain("UID=Nils.Nes, OU=SÜD,DC=x"));
        assert!(is_under(&key(other), &key("ou=süd,dc=x")));
    }

    #[test]
    fn an_escaped_comma_does_not_make_a_parent() {
        let base = key("ou=people,dc=x");
        assert!(is_under(&key("uid=a,ou=People,dc=x"), &base));
        assert!(is_under(&base, &base));
        assert!(!is_under(&key("uid=a\\,ou=people\\,dc=x"), &base));
        assert!(!is_under(&key("uid=a,xou=people,dc=x"), &base));
    }

    #[test]
    fn a_place_is_told_by_what_stands_before_the_base() {
        let base = "ou=People,dc=x";
        assert_eq!(
            below("ou=Old\\, Sales, ou=Norway,ou=people,DC=x", base).as_deref(),
            Some("ou=Old\\, Sales,ou=Norway")
        );
        assert_eq!(below("ou=people,dc=x", base), None);
        assert_eq!(parent("uid=a\\,b, ou=Sales,dc=x"), "ou=Sales,dc=x");
        assert_eq!(first("uid=a\\,b,ou=Sales,dc=x"), "uid=a\\,b");
    }

    #[test]
    fn a_value_survives_being_written_and_read() {
        for value in
            ["plain", "a,b+c=d", " lead", "trail ", "#hash", "back\\slash", "q\"<>;", "Zoë 山田", "a\\ "]
        {
            let dn = format!("{},ou=people,dc=x", relative("uid", value));
            assert_eq!(first_value(&dn, "UID").as_deref(), Some(value), "{dn}");
            assert_eq!(parent(&dn), "ou=people,dc=x", "{dn}");
        }
        assert_eq!(first_value("uid=a,dc=x", "cn"), None);
        assert!(!is_valid("nobody") && !is_valid("uid=a\\") && is_valid("cn=nobody"));
    }
}
