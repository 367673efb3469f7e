//! What a scenario may call a refusal, a finding, a fact or a label, and the code that it means: texts may be reworded, and
//! scenarios still match.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;
use tenure_app::AppError;

/// A part of an old text is specific enough only with so many characters of it that are no placeholder.
const LITERAL_MIN: usize = 4;

/// Something that was refused or failed.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    /// The stable code, where there is one.
    pub(crate) code: Option<&'static str>,
    /// The text for people.
    pub(crate) text: String,
}

impl From<AppError> for Failure {
    fn from(e: AppError) -> Self {
        let code = Some(e.refusal().map_or_else(|| e.code(), tenure_app::Refusal::as_str));
        let help = match &e {
            AppError::Unknown { what, name } => tenure_words::help_of_unknown(what, name),
            _ => None,
        };
        let text = tenure_words::error(&e) + &help.map(|help| format!(": {help}")).unwrap_or_default();
        Self { code, text }
    }
}

impl From<String> for Failure {
    fn from(text: String) -> Self {
        Self { code: None, text }
    }
}

impl Failure {
    /// Whether a scenario means this by what it expects: the code, a text that stood for the code, or else a part of the text.
    pub(crate) fn is(&self, expected: &str) -> bool {
        let by_code = self.code.is_some_and(|code| code == expected || CODES.stood_for(expected, code));
        by_code || self.text.contains(expected)
    }
}

/// What kind of name it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Named {
    /// `kind: about`.
    Finding,
    /// `account: obligation state`.
    Fact,
    /// The label of a case.
    Label,
    /// What is overdue, as `person label: what`.
    Overdue,
    /// A part of an explanation.
    Text,
    /// `entitlement because reason and reason`.
    Grant,
}

/// Whether what was seen is what is expected, perhaps by an older name.
pub(crate) fn same_name(named: Named, expected: &str, seen: &str) -> bool {
    match named {
        _ if expected == seen => true,
        Named::Grant => CODES.reasons(expected) == CODES.reasons(seen),
        _ => CODES.now(named, expected).iter().any(|now| now == seen),
    }
}

/// Whether an explanation contains a text, perhaps as it is worded now.
pub(crate) fn tells(told: &str, expected: &str) -> bool {
    told.contains(expected) || CODES.now(Named::Text, expected).iter().any(|now| told.contains(now))
}

/// The label that is meant.
pub(crate) fn label(expected: &str) -> String {
    CODES.now(Named::Label, expected).into_iter().next().unwrap_or_else(|| expected.to_owned())
}

static CODES: LazyLock<Codes> = LazyLock::new(|| toml::from_str(include_str!("codes.toml")).unwrap());

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Codes {
    refusal: Vec<Reworded>,
    #[serde(default)]
    finding: Vec<Renamed>,
    #[serde(default)]
    fact: Vec<Renamed>,
    #[serde(default)]
    label: Vec<Renamed>,
    #[serde(default)]
    overdue: Vec<Renamed>,
    #[serde(default)]
    text: Vec<Renamed>,
    #[serde(default)]
    reason: Vec<Rule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reworded {
    codes: Vec<String>,
    texts: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Renamed {
    was: String,
    now: Vec<String>,
}

/// A rule of a base of the book, as reasons name it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    was: String,
    now: String,
}

impl Codes {
    /// A grant and its reasons, each rule by its present name. Their order, which follows the names, does not count.
    fn reasons<'t>(&self, grant: &'t str) -> (&'t str, Vec<String>) {
        let Some((what, reasons)) = grant.split_once(" because ") else { return (grant, Vec::new()) };
        let named = |reason: &str| {
            let mut rows = self.reason.iter();
            let now = rows.find_map(|row| match reason.strip_prefix(&*row.was)? {
                rest if rest.is_empty() || rest.starts_with(" until ") => Some(format!("{}{rest}", row.now)),
                _ => None,
            });
            now.unwrap_or_else(|| reason.to_owned())
        };
        let mut reasons: Vec<String> = reasons.split(" and ").map(named).collect();
        reasons.sort();
        (what, reasons)
    }

    fn stood_for(&self, expected: &str, code: &str) -> bool {
        let rows = self.refusal.iter().filter(|r| r.codes.iter().any(|c| c == code));
        rows.flat_map(|r| &r.texts).any(|text| is_part(text, expected))
    }

    fn now(&self, named: Named, expected: &str) -> Vec<String> {
        let rows = match named {
            Named::Finding => &self.finding,
            Named::Fact => &self.fact,
            Named::Label => &self.label,
            Named::Overdue => &self.overdue,
            Named::Text => &self.text,
            Named::Grant => return Vec::new(),
        };
        let mut all = Vec::new();
        for row in rows {
            let Some(values) = captured(&row.was, expected) else { continue };
            all.extend(row.now.iter().map(|now| {
                values
                    .iter()
                    .fold(now.clone(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
            }));
        }
        all
    }
}

/// Whether `part` can be a part of a text in which each `{}` is replaced by something.
fn is_part(template: &str, part: &str) -> bool {
    let literals: Vec<&str> = template.split("{}").collect();
    if literals.iter().any(|literal| literal.contains(part)) {
        return true;
    }
    let all = |from: usize| (from + 1..literals.len()).map(move |to| (from, to));
    (0..literals.len()).flat_map(all).any(|(from, to)| spans(&literals[from..=to], part))
}

/// Whether `part` begins with an end of the first literal, ends with a beginning of the last one, and has those between in order.
fn spans(literals: &[&str], part: &str) -> bool {
    let (first, between, last) =
        (literals[0], &literals[1..literals.len() - 1], literals[literals.len() - 1]);
    let cuts = |text: &str| text.char_indices().map(|(at, _)| at).chain([text.len()]).collect::<Vec<_>>();
    cuts(first).into_iter().map(|at| &first[at..]).any(|head| {
        let Some(rest) = part.strip_prefix(head) else { return false };
        cuts(last).into_iter().map(|at| &last[..at]).any(|tail| {
            let Some(mut rest) = rest.strip_suffix(tail) else { return false };
            let mut literal = head.len() + tail.len();
            for text in between {
                let Some((_, after)) = rest.split_once(text) else { return false };
                (rest, literal) = (after, literal + text.len());
            }
            literal >= LITERAL_MIN
        })
    })
}

/// What replaces `{name}` in a text.
fn captured<'t>(pattern: &'t str, text: &'t str) -> Option<BTreeMap<&'t str, &'t str>> {
    let Some((before, rest)) = pattern.split_once('{') else {
        return (pattern == text).then(BTreeMap::new);
    };
    let (name, after) = rest.split_once('}')?;
    let text = text.strip_prefix(before)?;
    let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
    for end in ends {
        if let Some(mut found) = captured(after, &text[end..]) {
            found.insert(name, &text[..end]);
            return Some(found);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{CODES, Failure, Named, captured, is_part, same_name, tells};
    use std::collections::BTreeSet;
    use tenure_app::Refusal;

    fn refused(code: Refusal) -> Failure {
        Failure { code: Some(code.as_str()), text: "reworded".to_owned() }
    }

    #[test]
    fn a_code_or_a_part_of_an_old_text_is_meant_and_no_other() {
        for text in ["own-record", "their own", "nobody approves for themselves"] {
            assert!(refused(Refusal::OwnRecord).is(text), "{text}");
        }
        assert!(refused(Refusal::PerformerMayNotAttest).is("neither who did"));
        assert!(
            refused(Refusal::NotEntitled)
                .is("is not one who keeps this: who answers for directory:sales does")
        );
        assert!(!refused(Refusal::OwnRecord).is("put to others"));
        assert!(!refused(Refusal::CodeInvalid).is("own-record"));
        assert!(!refused(Refusal::ActorHasLeft).is("cut off already"));
    }

    #[test]
    fn a_part_may_have_what_stood_in_place_of_a_placeholder() {
        let text = "all exceptions for {} together may last {} days: change the policy";
        assert!(is_part(text, "together may last 70 days"));
        assert!(is_part(text, "for ledger-app:enter-payments together"));
        assert!(!is_part(text, "ledger-app:enter-payments"));
        assert!(!is_part(text, "at once"));
    }

    #[test]
    fn an_explanation_may_be_expected_in_its_old_words() {
        assert!(tells("cut off\n  the reason is withheld from you", "why is not for everybody to read"));
        assert!(!tells("cut off", "why is not for everybody to read"));
    }

    #[test]
    fn a_grant_may_be_expected_by_the_old_name_of_a_rule() {
        let same = |expected, seen| same_name(Named::Grant, expected, seen);
        assert!(same("d:staff because baseline everybody", "d:staff because baseline staff"));
        assert!(same(
            "d:staff because baseline everybody until 2026-03-01T00:00:00Z and baseline the kit",
            "d:staff because baseline staff until 2026-03-01T00:00:00Z and baseline the kit"
        ));
        assert!(!same("d:staff because baseline everybody pays", "d:staff because baseline staff pays"));
        assert!(!same("d:staff because baseline everybody", "d:sales because baseline staff"));
        assert!(!same("d:staff because baseline everybody", "d:staff"));
    }

    #[test]
    fn what_is_captured_is_what_stands_between() {
        let found = captured("no-source: {source}:{key}", "no-source: hr:W7").unwrap();
        assert_eq!((found["source"], found["key"]), ("hr", "W7"));
        assert_eq!(captured("no-source: {record}", "no-owner: hr:W7"), None);
    }

    #[test]
    fn each_code_of_the_table_is_one_of_the_product() {
        let mut known: BTreeSet<&str> = Refusal::ALL.iter().map(|r| r.as_str()).collect();
        known.extend(["A001", "A004"]);
        let unknown = CODES.refusal.iter().flat_map(|r| &r.codes).filter(|c| !known.contains(c.as_str()));
        assert_eq!(unknown.collect::<Vec<_>>(), Vec::<&String>::new());
    }
}
