//! What a day of the script consists of.

use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use tenure_model::CaseLabel;

/// One working day.
#[derive(Debug, Clone)]
pub struct Day {
    /// From 1.
    pub number: u8,
    /// The date, which at eleven o'clock UTC is the same at every site.
    pub date: Date,
    /// What the day is about, in a few words.
    pub title: &'static str,
    /// What happens, one sentence each, with the names of the people.
    pub story: Vec<String>,
    /// Whole feeds as they are from the morning on: path within the configuration folder and text.
    pub feeds: Vec<(String, String)>,
    /// What is done, in order. The first run is the first to see the feeds.
    pub runs: Vec<Run>,
}

impl Day {
    /// How many changes the day's runs are to label so.
    #[must_use]
    pub fn count(&self, label: CaseLabel) -> usize {
        self.runs.iter().map(|r| r.expected.count(label)).sum()
    }
}

/// One pass: first the actions at that instant, then the feeds and everything due.
#[derive(Debug, Clone)]
pub struct Run {
    /// Business time.
    pub now: Timestamp,
    /// Why there is this run, where the day has several; else empty.
    pub note: &'static str,
    /// What people do before it.
    pub actions: Vec<Action>,
    /// The expected result.
    pub expected: Expected,
}

/// What a person does. People are named by worker number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Approves what a rule asks about a person.
    Approve {
        /// Who approves.
        by: String,
        /// Whose access it is.
        about: String,
        /// The rule that asks.
        rule: &'static str,
    },
    /// Answers that a record in question belongs to a known person.
    SamePerson {
        /// Who says so.
        by: String,
        /// The record, as `source:key`.
        record: String,
        /// The known person.
        person: String,
    },
    /// Releases a change that the brake of a source holds.
    Release {
        /// Who releases it.
        by: String,
        /// The source.
        source: &'static str,
    },
    /// Cuts a person off: ends all their access at once.
    CutOff {
        /// Who cuts off.
        by: String,
        /// The person.
        person: String,
        /// Why.
        reason: &'static str,
    },
}

/// The results that the script expects of a run, worked out while it was written and without Tenure.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expected {
    /// The identities by label of their change, as records (`source:key`). A person who is known days before the first day is a joiner
    /// three times: when they become known, when their accounts are prepared, and when they begin. It is one case each time.
    pub cases: BTreeMap<CaseLabel, BTreeSet<String>>,
    /// Rows that cannot be taken, where the run is the first to see the feeds.
    pub quarantined: usize,
    /// Records with a correlation question, for the first time.
    pub asked: usize,
    /// Approval requests that are opened.
    pub approvals: usize,
    /// People whose loss of access a brake holds, by source.
    pub held: BTreeMap<&'static str, usize>,
}

impl Expected {
    /// How many changes are to have these labels.
    #[must_use]
    pub fn count(&self, label: CaseLabel) -> usize {
        self.cases.get(&label).map_or(0, BTreeSet::len)
    }
    /// Nothing but these cases.
    pub(crate) fn cases<R: Into<String>>(cases: impl IntoIterator<Item = (CaseLabel, Vec<R>)>) -> Self {
        let set = |records: Vec<R>| records.into_iter().map(Into::into).collect();
        Self { cases: cases.into_iter().map(|(l, r)| (l, set(r))).collect(), ..Self::default() }
    }
}
