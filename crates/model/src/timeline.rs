//! A value over time: past, present and future values, by effective date.

use jiff::civil::Date;
use std::fmt;

/// One value and the local date from which it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineEntry<T> {
    /// The first local day on which it holds; `None` is "always".
    pub from: Option<Date>,
    /// The value; `None` is "no value from this day on".
    pub value: Option<T>,
}

/// Values with effective dates: sorted, at most one per date, no two equal neighbours.
#[derive(Clone)]
pub struct Timeline<T>(Line<T>);

/// Almost every timeline has one entry. It then needs no heap memory, which matters: people have dozens of timelines, and identities
/// are copied at every decision.
#[derive(Clone)]
enum Line<T> {
    Empty,
    One(TimelineEntry<T>),
    Many(Vec<TimelineEntry<T>>),
}

impl<T> From<Vec<TimelineEntry<T>>> for Line<T> {
    fn from(mut entries: Vec<TimelineEntry<T>>) -> Self {
        match (entries.len(), entries.pop()) {
            (1, Some(only)) => Self::One(only),
            (_, Some(last)) => {
                entries.push(last);
                Self::Many(entries)
            }
            (_, None) => Self::Empty,
        }
    }
}

impl<T> Default for Timeline<T> {
    fn default() -> Self {
        Self(Line::Empty)
    }
}

impl<T> Timeline<T> {
    /// All entries in order.
    #[must_use]
    pub fn entries(&self) -> &[TimelineEntry<T>] {
        match &self.0 {
            Line::Empty => &[],
            Line::One(only) => std::slice::from_ref(only),
            Line::Many(entries) => entries,
        }
    }
}

impl<T: PartialEq> PartialEq for Timeline<T> {
    fn eq(&self, other: &Self) -> bool {
        self.entries() == other.entries()
    }
}

impl<T: Eq> Eq for Timeline<T> {}

impl<T: fmt::Debug> fmt::Debug for Timeline<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Timeline").field(&self.entries()).finish()
    }
}

impl<T: Clone + PartialEq> Timeline<T> {
    /// The same value always.
    #[must_use]
    pub fn always(value: T) -> Self {
        Self(Line::One(TimelineEntry { from: None, value: Some(value) }))
    }
    /// From entries in any order; of several for one date the last one wins.
    #[must_use]
    pub fn from_entries(entries: Vec<TimelineEntry<T>>) -> Self {
        let mut sorted = Vec::with_capacity(entries.len());
        for e in entries {
            put(&mut sorted, e);
        }
        tidy(&mut sorted);
        Self(sorted.into())
    }
    /// States the value from `from` on, until the next entry; later entries stay.
    pub fn set(&mut self, from: Option<Date>, value: Option<T>) {
        let mut entries = self.take();
        put(&mut entries, TimelineEntry { from, value });
        tidy(&mut entries);
        self.0 = entries.into();
    }
    /// States the value from `from` on, and removes every later entry.
    pub fn set_rest(&mut self, from: Option<Date>, value: Option<T>) {
        let mut entries = self.take();
        entries.retain(|e| e.from < from);
        self.0 = entries.into();
        self.set(from, value);
    }
    /// The value on a local day.
    #[must_use]
    pub fn at(&self, day: Date) -> Option<&T> {
        self.entry_at(day).and_then(|e| e.value.as_ref())
    }
    /// The entry that holds on a local day.
    #[must_use]
    pub fn entry_at(&self, day: Date) -> Option<&TimelineEntry<T>> {
        let entries = self.entries();
        let after = entries.partition_point(|e| e.from.is_none_or(|f| f <= day));
        after.checked_sub(1).and_then(|i| entries.get(i))
    }
    /// Whether anything is stated for a local day: a timeline without entries states that there is no value; one whose first entry is
    /// later states nothing yet.
    #[must_use]
    pub fn speaks_of(&self, day: Date) -> bool {
        self.is_empty() || self.entry_at(day).is_some()
    }
    /// The next local day, after `day`, on which the value changes.
    #[must_use]
    pub fn next_change(&self, day: Date) -> Option<Date> {
        self.entries().iter().filter_map(|e| e.from).find(|f| *f > day)
    }
    /// Whether it never has a value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries().is_empty()
    }

    fn take(&mut self) -> Vec<TimelineEntry<T>> {
        match std::mem::replace(&mut self.0, Line::Empty) {
            Line::Empty => Vec::new(),
            Line::One(only) => vec![only],
            Line::Many(entries) => entries,
        }
    }
}

fn put<T>(entries: &mut Vec<TimelineEntry<T>>, e: TimelineEntry<T>) {
    match entries.binary_search_by(|x| x.from.cmp(&e.from)) {
        Ok(i) => entries[i] = e,
        Err(i) => entries.insert(i, e),
    }
}

fn tidy<T: PartialEq>(entries: &mut Vec<TimelineEntry<T>>) {
    entries.dedup_by(|later, earlier| later.value == earlier.value);
    if entries.first().is_some_and(|e| e.value.is_none()) {
        entries.remove(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_transfer_next_month_stays_in_the_future_until_it_is_cancelled() {
        let mut line = Timeline::always("Sales");
        line.set(Some(date(2026, 5, 1)), Some("Law"));
        assert_eq!(line.at(date(2026, 4, 30)), Some(&"Sales"));
        assert_eq!(line.at(date(2026, 5, 1)), Some(&"Law"));
        assert_eq!(line.next_change(date(2026, 4, 1)), Some(date(2026, 5, 1)));
        line.set_rest(Some(date(2026, 4, 2)), Some("Sales"));
        assert_eq!(line, Timeline::always("Sales"));
    }
}
