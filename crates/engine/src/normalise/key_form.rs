//! Keys as a spreadsheet or manual entry may have changed them: two that may mean one record are reported, and never linked.

use std::collections::BTreeMap;
use std::ops::Bound;
use tenure_model::text::is_unprintable;
use unicode_normalization::UnicodeNormalization;

/// Digits that a spreadsheet keeps of a number; the others become zeros.
const DIGITS_KEPT: usize = 15;
/// Decimal zeros that may have been added to a number.
const DECIMALS_MAX: usize = 2;
/// Longest number, in digits, that is compared by its first digits.
const DIGITS_MAX: usize = 38;

/// Values by key, found despite lost spelling, signs, leading zeros or last digits of a number.
#[derive(Debug, Clone)]
pub struct KeyForms<T> {
    plain: BTreeMap<String, Vec<T>>,
    /// Numbers of which only the first digits are known: their length, and those digits.
    rounded: BTreeMap<(usize, String), Vec<T>>,
}

impl<T> Default for KeyForms<T> {
    fn default() -> Self {
        Self { plain: BTreeMap::new(), rounded: BTreeMap::new() }
    }
}

impl<T> KeyForms<T> {
    /// Adds a value under a key.
    pub fn note(&mut self, key: &str, value: T) {
        let plain = plain(key);
        match rounded(&plain) {
            Some(rounded) => self.rounded.entry(rounded).or_default().push(value),
            None => self.plain.entry(plain).or_default().push(value),
        }
    }

    /// The values whose key may be another spelling of this one.
    pub fn like(&self, key: &str) -> Vec<&T> {
        let plain = plain(key);
        if plain.is_empty() {
            return Vec::new();
        }
        let mut found: Vec<&T> = self.plain.get(&plain).into_iter().flatten().collect();
        if let Some((length, head)) = rounded(&plain) {
            found.extend(self.rounded.get(&(length, head.clone())).into_iter().flatten());
            found.extend(self.beginning_with(&head, length, |_| true));
            // A number whose next digit is five or more was rounded up.
            let rounds_up = |rest: &str| rest.starts_with(|c: char| c >= '5');
            found.extend(
                moved(&head, -1).iter().flat_map(|head| self.beginning_with(head, length, rounds_up)),
            );
        } else if plain.len() <= DIGITS_MAX && plain.bytes().all(|b| b.is_ascii_digit()) {
            for kept in 1..=plain.len().min(DIGITS_KEPT) {
                let (Some(head), Some(rest)) = (plain.get(..kept), plain.get(kept..)) else { continue };
                let up = moved(head, 1).filter(|_| rest.starts_with(|c: char| c >= '5'));
                let same = |head: String| self.rounded.get(&(plain.len(), head));
                found.extend([Some(head.to_owned()), up].into_iter().flatten().filter_map(same).flatten());
            }
        }
        found
    }

    fn beginning_with(&self, head: &str, length: usize, rest: impl Fn(&str) -> bool) -> Vec<&T> {
        let from: (Bound<&str>, Bound<&str>) = (Bound::Included(head), Bound::Unbounded);
        let all = self.plain.range::<str, _>(from).take_while(|(key, _)| key.starts_with(head));
        let is_number = |key: &str| key.len() == length && key.bytes().all(|b| b.is_ascii_digit());
        let fits = |key: &str| is_number(key) && key.strip_prefix(head).is_some_and(&rest);
        all.filter(|(key, _)| fits(key)).flat_map(|(_, values)| values).collect()
    }
}

/// A key without what spreadsheets add or remove.
fn plain(key: &str) -> String {
    if !key.is_empty() && key.bytes().all(|b| b.is_ascii_digit()) {
        return number(key);
    }
    let dash = |c: char| matches!(c, '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}');
    let added = |c: char| c.is_whitespace() || is_unprintable(c) || "'\"=`´’‘“”".contains(c);
    let text: String = key.nfkc().flat_map(char::to_lowercase).filter(|c| !added(*c)).collect();
    let text: String = text.chars().map(|c| if dash(c) { '-' } else { c }).collect();
    let text = ungrouped(&text).or_else(|| without_decimals(&text)).unwrap_or(text);
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) { number(&text) } else { text }
}

/// Digits without leading zeros.
fn number(digits: &str) -> String {
    let short = digits.trim_start_matches('0');
    if short.is_empty() { "0".to_owned() } else { short.to_owned() }
}

/// `1,234` and `1.234.567` as their digits.
fn ungrouped(text: &str) -> Option<String> {
    let mark = text.chars().find(|c| matches!(c, ',' | '.'))?;
    let mut groups = text.split(mark);
    let first = groups.next()?;
    let rest: Vec<&str> = groups.collect();
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let grouped =
        (1..=3).contains(&first.len()) && digits(first) && rest.iter().all(|g| g.len() == 3 && digits(g));
    grouped.then(|| format!("{first}{}", rest.concat()))
}

/// `123.0` and `123,00` as their whole digits.
fn without_decimals(text: &str) -> Option<String> {
    let (whole, zeros) = text.rsplit_once(['.', ','])?;
    let is_number = !whole.is_empty() && whole.bytes().all(|b| b.is_ascii_digit());
    let is_zeros = (1..=DECIMALS_MAX).contains(&zeros.len()) && zeros.bytes().all(|b| b == b'0');
    (is_number && is_zeros).then(|| whole.to_owned())
}

/// The length and the first digits of a number of which no more is known.
fn rounded(plain: &str) -> Option<(usize, String)> {
    if let Some((digits, exponent)) = scientific(plain) {
        let length = exponent + 1;
        return (digits.len() <= length && length <= DIGITS_MAX).then_some((length, digits));
    }
    let long =
        (DIGITS_KEPT + 1..=DIGITS_MAX).contains(&plain.len()) && plain.bytes().all(|b| b.is_ascii_digit());
    let (head, tail) = plain.split_at_checked(DIGITS_KEPT)?;
    (long && tail.bytes().all(|b| b == b'0')).then(|| (plain.len(), head.to_owned()))
}

/// Whether a key is a number in the form in which spreadsheets show long ones.
pub(super) fn is_shortened(key: &str) -> bool {
    scientific(key).is_some()
}

/// The digits and the exponent of `9.00719925474099E+16`.
fn scientific(text: &str) -> Option<(String, usize)> {
    let (mantissa, exponent) = text.split_once(['e', 'E'])?;
    let exponent = exponent.strip_prefix('+')?;
    let (first, rest) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, ""));
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let fits = first.len() == 1 && digits(first) && digits(rest) && digits(exponent);
    fits.then(|| Some((format!("{first}{rest}"), exponent.parse().ok()?)))?
}

/// The same number of digits, one more or less.
fn moved(digits: &str, by: i64) -> Option<String> {
    let number = digits.parse::<i64>().ok()?.checked_add(by)?;
    Some(format!("{number:0>width$}", width = digits.len())).filter(|t| t.len() == digits.len() && number > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_a_spreadsheet_changed_are_like_what_they_were() {
        let alike = |a: &str, b: &str| {
            let mut one = KeyForms::default();
            one.note(a, ());
            !one.like(b).is_empty()
        };
        for (key, changed) in [
            ("00000000000000123", "123"),
            ("00123", "123.0"),
            ("00123", "123,00"),
            ("123456", "123,456"),
            ("100000", "1.0E+05"),
            ("100000", "1E+05"),
            ("90071992547409931", "9.00719925474099E+16"),
            ("90071992547409931", "9,0072E+16"),
            ("90071992547409931", "90071992547409900"),
            ("A-100", "A\u{2011}100"),
            ("A-100", "\u{feff}a\u{2013}100\u{a0}"),
            ("00123", "\u{200b}00123"),
            ("00123", "'00123"),
            ("00123", "=\"00123\""),
            ("7", "０７"),
        ] {
            assert!(alike(key, changed), "{key} {changed}");
            assert!(alike(changed, key), "{changed} {key}");
        }
        for (key, other) in [
            ("00123", "124"),
            ("00123", "1230"),
            ("A0123", "A123"),
            ("90071992547409931", "9.1E+16"),
            ("90071992547409931", "9.00719925474099E+15"),
            ("123", "E+5"),
            ("12E4", "120000"),
        ] {
            assert!(!alike(key, other), "{key} {other}");
        }
    }
}
