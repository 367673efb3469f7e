//! The words by which scenarios say what they show: rows of the table of hard cases, and promises.

use crate::book::Scenario;
use crate::pairs::Mechanism;

/// The rows of the table of hard cases.
pub const ROWS: [&str; 19] = [
    "which engagement a rule sees",
    "requested access after a move, conversion or absence",
    "first load and scan",
    "whose account is this",
    "two people in one feed with one name",
    "person matching",
    "a bad row",
    "a silent feed",
    "a blank value",
    "manager and sponsor",
    "approval re-asked?",
    "separation conflict",
    "handover",
    "absence",
    "zones",
    "first credential",
    "indirect holding",
    "deletion",
    "small organisations",
];

/// The promises, shortened; the first one is promise 1.
pub const PROMISES: [&str; 20] = [
    "what is held is what is justified",
    "a case is open until every fact is known",
    "a cut-off is sticky",
    "no person decides about their own access",
    "late is still due",
    "brakes count all who lose access",
    "missing is not leaving until the source's rule says so",
    "changes to one identity are serial",
    "every operation is idempotent and carries a generation",
    "every decision names its reasons and can be undone",
    "nothing personal in the ledger",
    "what is not evidenced is not done",
    "engine, policy and ledger are pure",
    "everything has a limit",
    "approvals gate additions only",
    "an identifier is never issued twice",
    "onboarding removes no access",
    "a cut-off always works, and every pass ends",
    "what cannot be read is not confirmed, and what is open stays visible",
    "what a plan shows is what the next run does",
];

impl Scenario {
    /// Whether it is run once more on clocks that have nanoseconds: where answers bind to instants, rounding shows.
    #[must_use]
    pub fn binds_to_instants(&self) -> bool {
        self.mechanisms().iter().any(|m| matches!(m, Mechanism::Approval | Mechanism::Request))
    }

    /// Mechanisms that meet in it.
    pub(crate) fn mechanisms(&self) -> Vec<Mechanism> {
        self.named.iter().flatten().filter_map(|m| Mechanism::named(m)).collect()
    }
}

/// How unlike a suggestion may be: 0 is anything, 1 is the same.
const LIKENESS_MIN: f64 = 0.5;

/// Whether a scenario uses only words that there are; else what is wrong, for its author.
pub(crate) fn check(scenario: &Scenario) -> Result<(), String> {
    for row in &scenario.rows {
        if ROWS.contains(&row.as_str()) {
            continue;
        }
        let alike = |known: &&str| strsim::normalized_damerau_levenshtein(row, known);
        let nearest = ROWS
            .iter()
            .max_by(|a, b| alike(a).total_cmp(&alike(b)))
            .filter(|n| alike(n) >= LIKENESS_MIN || n.contains(row.as_str()) || row.contains(**n));
        return Err(match nearest {
            Some(nearest) => format!("no row is called `{row}`: did you mean `{nearest}`?"),
            None => format!("no row is called `{row}`: the rows are {}", ROWS.join(", ")),
        });
    }
    if let Some(unknown) = scenario.named.iter().flatten().find(|m| Mechanism::named(m).is_none()) {
        let all: Vec<&str> = Mechanism::ALL.iter().map(|m| m.as_str()).collect();
        return Err(format!("no mechanism is called `{unknown}`: they are {}", all.join(", ")));
    }
    match scenario.promises.iter().find(|p| !(1..=PROMISES.len()).contains(&usize::from(**p))) {
        Some(promise) => Err(format!("there is no promise {promise}: they are 1 to {}", PROMISES.len())),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shows(rows: &[&str], promises: &[u8]) -> Result<(), String> {
        let (rows, promises) = (rows.iter().map(|r| (*r).to_owned()).collect(), promises.to_vec());
        let (name, title, text, base) = Default::default();
        let (set_up, steps) = Default::default();
        check(&Scenario {
            name,
            title,
            text,
            rows,
            promises,
            named: None,
            not_in: std::collections::BTreeMap::new(),
            base,
            set_up,
            steps,
        })
    }

    #[test]
    fn words_that_there_are_pass_and_others_are_suggested_for() {
        assert_eq!(shows(&["zones", "approval re-asked?"], &[1, 20]), Ok(()));
        let wrong = |rows: &[&str], promises: &[u8]| shows(rows, promises).unwrap_err();
        assert_eq!(wrong(&["zonse"], &[]), "no row is called `zonse`: did you mean `zones`?");
        assert_eq!(
            wrong(&["blank value"], &[]),
            "no row is called `blank value`: did you mean `a blank value`?"
        );
        assert!(wrong(&["xylophone"], &[]).contains("the rows are which engagement a rule sees, "));
        assert_eq!(wrong(&[], &[21]), "there is no promise 21: they are 1 to 20");
    }
}
