//! The functions that conditions and expressions may call. None reads a clock; none lengthens a text beyond the limit.

use super::eval::{Val, bounded};
use super::node::Type;
use super::problem::Fault;
use std::borrow::Cow;
use std::sync::Arc;
use tenure_model::Value;

/// The longest text that an expression may produce, in bytes.
pub const TEXT_BYTES_MAX: usize = 16 * 1024;

/// A function, after overload resolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Function {
    Lower,
    Upper,
    Trim,
    Ascii,
    Letters,
    Initials,
    First,
    Last,
    Word,
    Split,
    Join,
    Replace,
    Pad,
    Dn,
    Contains,
    StartsWith,
    EndsWith,
    Size,
    Date,
    Int,
    String,
}

/// How a function is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// `text.f(…)`.
    Method,
    /// `f(…)`.
    Global,
    /// Either.
    Both,
}

/// One overload: the receiver of a method is the first parameter.
#[derive(Debug)]
pub(crate) struct Overload {
    pub(crate) name: &'static str,
    pub(crate) function: Function,
    pub(crate) style: Style,
    pub(crate) params: &'static [Type],
    pub(crate) result: Type,
    /// For messages: its usage.
    pub(crate) usage: &'static str,
}

macro_rules! overloads {
    ($($name:literal $function:ident $style:ident ($($param:ident),*) -> $result:ident, $usage:literal;)+) => {
        &[$(Overload {
            name: $name,
            function: Function::$function,
            style: Style::$style,
            params: &[$(Type::$param),*],
            result: Type::$result,
            usage: $usage,
        }),+]
    };
}

pub(crate) const OVERLOADS: &[Overload] = overloads! {
    "lower" Lower Method (Text) -> Text, "text.lower()";
    "upper" Upper Method (Text) -> Text, "text.upper()";
    "trim" Trim Method (Text) -> Text, "text.trim()";
    "ascii" Ascii Method (Text) -> Text, "text.ascii()";
    "letters" Letters Method (Text) -> Text, "text.letters()";
    "initials" Initials Method (Text) -> Text, "text.initials()";
    "first" First Method (Text, Int) -> Text, "text.first(3)";
    "last" Last Method (Text, Int) -> Text, "text.last(3)";
    "word" Word Method (Text, Int) -> Text, "text.word(1), or word(-1) for the last one";
    "split" Split Method (Text, Text) -> Texts, "text.split(\" \")";
    "join" Join Method (Texts, Text) -> Text, "texts.join(\", \")";
    "replace" Replace Method (Text, Text, Text) -> Text, "text.replace(\"old\", \"new\")";
    "pad" Pad Method (Text, Int, Text) -> Text, "text.pad(6, \"0\")";
    "dn" Dn Method (Text) -> Text, "text.dn()";
    "contains" Contains Method (Text, Text) -> Bool, "text.contains(\"part\")";
    "startsWith" StartsWith Method (Text, Text) -> Bool, "text.startsWith(\"part\")";
    "endsWith" EndsWith Method (Text, Text) -> Bool, "text.endsWith(\"part\")";
    "size" Size Both (Text) -> Int, "size(text)";
    "size" Size Both (Texts) -> Int, "size(texts)";
    "date" Date Global (Text) -> Date, "date(\"2026-01-31\")";
    "int" Int Global (Text) -> Int, "int(text)";
    "string" String Global (Int) -> Text, "string(value)";
    "string" String Global (Bool) -> Text, "string(value)";
    "string" String Global (Date) -> Text, "string(value)";
    "string" String Global (Text) -> Text, "string(value)";
};

/// Functions that the checker handles itself.
pub(crate) const SPECIAL: [&str; 3] = ["matches", "exists", "all"];

/// Calls a function with values of its declared types.
pub(crate) fn apply(function: Function, args: Vec<Val<'_>>) -> Result<Val<'_>, Fault> {
    let mut args = args.into_iter();
    let (a, b, c) = (args.next(), args.next(), args.next());
    match (function, a, b, c) {
        (Function::Size, Some(Val::Text(t)), ..) => int_of(t.chars().count()),
        (Function::Size, Some(Val::Texts(t)), ..) => int_of(t.len()),
        (Function::Join, Some(Val::Texts(items)), Some(Val::Text(by)), _) => {
            let length: usize = items.iter().map(|i| i.len() + by.len()).sum();
            if length > TEXT_BYTES_MAX + by.len() { Err(Fault::TooLong) } else { bounded(items.join(&by)) }
        }
        (Function::String, Some(value), ..) => bounded(printed(value)),
        (Function::Date, Some(Val::Text(t)), ..) => {
            let date = t.parse().map_err(|_| Fault::NotADate(t.into_owned()))?;
            Ok(Val::Date(date))
        }
        (Function::Int, Some(Val::Text(t)), ..) => {
            t.trim().parse().map(Val::Int).map_err(|_| Fault::NotANumber(t.into_owned()))
        }
        (Function::Split, Some(Val::Text(t)), Some(Val::Text(by)), _) => {
            Ok(Val::Texts(Cow::Owned(split(&t, &by))))
        }
        (function, Some(Val::Text(t)), b, c) => of_text(function, &t, b, c),
        _ => Err(Fault::Mismatch("an argument")),
    }
}

/// The functions of a text that return a text or a boolean.
fn of_text(
    function: Function,
    t: &str,
    b: Option<Val<'_>>,
    c: Option<Val<'_>>,
) -> Result<Val<'static>, Fault> {
    match (function, b, c) {
        (Function::Lower, ..) => bounded(t.to_lowercase()),
        (Function::Upper, ..) => bounded(t.to_uppercase()),
        (Function::Trim, ..) => bounded(t.trim().to_owned()),
        (Function::Ascii, ..) => bounded(any_ascii::any_ascii(t)),
        (Function::Letters, ..) => bounded(t.chars().filter(|c| c.is_alphanumeric()).collect()),
        (Function::Initials, ..) => bounded(t.split_whitespace().filter_map(|w| w.chars().next()).collect()),
        (Function::First, Some(Val::Int(n)), _) => bounded(t.chars().take(count(n)).collect()),
        (Function::Last, Some(Val::Int(n)), _) => {
            let skip = t.chars().count().saturating_sub(count(n));
            bounded(t.chars().skip(skip).collect())
        }
        (Function::Word, Some(Val::Int(n)), _) => bounded(word(t, n).to_owned()),
        (Function::Replace, Some(Val::Text(from)), Some(Val::Text(to))) => replace(t, &from, &to),
        (Function::Pad, Some(Val::Int(n)), Some(Val::Text(with))) => pad(t, n, &with),
        (Function::Dn, ..) => bounded(as_dn_value(t)),
        (Function::Contains, Some(Val::Text(part)), _) => Ok(Val::Bool(t.contains(&*part))),
        (Function::StartsWith, Some(Val::Text(part)), _) => Ok(Val::Bool(t.starts_with(&*part))),
        (Function::EndsWith, Some(Val::Text(part)), _) => Ok(Val::Bool(t.ends_with(&*part))),
        _ => Err(Fault::Mismatch("an argument")),
    }
}

/// A text as a value within a distinguished name (RFC 4514, section 2.4): nothing in it ends the value or begins another one. Escaped
/// as two hexadecimal digits, as OpenLDAP writes it back.
fn as_dn_value(text: &str) -> String {
    let last = text.chars().count().saturating_sub(1);
    let mut escaped = String::with_capacity(text.len());
    for (at, c) in text.chars().enumerate() {
        let at_an_end = c == ' ' && (at == 0 || at == last) || c == '#' && at == 0;
        if at_an_end || matches!(c, '\0' | '"' | '+' | ',' | ';' | '<' | '>' | '\\' | '=') {
            escaped.push_str(&format!("\\{:02X}", u32::from(c)));
        } else {
            escaped.push(c);
        }
    }
    escaped
}

fn int_of(n: usize) -> Result<Val<'static>, Fault> {
    i64::try_from(n).map(Val::Int).map_err(|_| Fault::Overflow)
}

/// A negative count is zero.
fn count(n: i64) -> usize {
    usize::try_from(n.max(0)).unwrap_or(usize::MAX)
}

/// The n-th word, from 1; from the end for negative numbers; `""` if there is none.
fn word(text: &str, n: i64) -> &str {
    let back = n < 0;
    let Some(skip) = usize::try_from(n.unsigned_abs()).ok().and_then(|n| n.checked_sub(1)) else { return "" };
    let mut words = text.split_whitespace();
    let found = if back { words.nth_back(skip) } else { words.nth(skip) };
    found.unwrap_or_default()
}

/// Parts between separators; no separator gives single characters.
fn split(text: &str, by: &str) -> Vec<Arc<str>> {
    if by.is_empty() {
        return text.chars().map(|c| Arc::from(c.to_string())).collect();
    }
    text.split(by).map(Arc::from).collect()
}

fn replace(text: &str, from: &str, to: &str) -> Result<Val<'static>, Fault> {
    let places = if from.is_empty() { text.chars().count() + 1 } else { text.matches(from).count() };
    if places.saturating_mul(to.len()) > TEXT_BYTES_MAX {
        return Err(Fault::TooLong);
    }
    bounded(text.replace(from, to))
}

/// Pads at the front to `n` characters.
fn pad(text: &str, n: i64, with: &str) -> Result<Val<'static>, Fault> {
    let missing = count(n).saturating_sub(text.chars().count());
    if missing > TEXT_BYTES_MAX {
        return Err(Fault::TooLong);
    }
    let mut padded: String = with.chars().cycle().take(missing).collect();
    padded.push_str(text);
    bounded(padded)
}

fn printed(value: Val<'_>) -> String {
    match value {
        Val::Null => String::new(),
        Val::Text(t) => t.into_owned(),
        Val::Int(i) => Value::Int(i).to_string(),
        Val::Bool(b) => Value::Bool(b).to_string(),
        Val::Date(d) => Value::Date(d).to_string(),
        Val::Texts(t) => t.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::as_dn_value;

    #[test]
    fn a_value_stays_one_value_in_a_name() {
        for (text, escaped) in [
            ("Sales", "Sales"),
            ("IT,ou=privileged", "IT\\2Cou\\3Dprivileged"),
            (" a ", "\\20a\\20"),
            ("#1+2;<3>\"\\", "\\231\\2B2\\3B\\3C3\\3E\\22\\5C"),
            ("a\0b", "a\\00b"),
            ("", ""),
        ] {
            assert_eq!(as_dn_value(text), escaped);
        }
    }
}
