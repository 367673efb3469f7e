//! A value over time: what it was, is and will be, by effective date.

use jiff::civil::Date;

/// One value and the local date from which it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry<T> {
    /// The first local day on which it holds; `None` is "since ever".
    pub from: Option<Date>,
    /// The value; `None` is "no value from this day on".
    pub value: Option<T>,
}

/// Values with effective dates: sorted, at most one per date, no two neighbours alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeline<T>(Vec<Entry<T>>);

impl<T> Default for Timeline<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Clone + PartialEq> Timeline<T> {
    /// The same value always.
    #[must_use]
    pub fn always(value: T) -> Self {
        Self(vec![Entry { from: None, value: Some(value) }])
    }
    /// From entries in any order; the last one given for a date wins.
    #[must_use]
    pub fn from_entries(entries: Vec<Entry<T>>) -> Self {
        let mut line = Self::default();
        for e in entries {
            line.put(e);
        }
        line.tidy();
        line
    }
    /// States the value from `from` on, until the next entry; forgets nothing later.
    pub fn set(&mut self, from: Option<Date>, value: Option<T>) {
        self.put(Entry { from, value });
        self.tidy();
    }
    /// States the value from `from` on, and drops every later entry.
    pub fn set_rest(&mut self, from: Option<Date>, value: Option<T>) {
        self.0.retain(|e| e.from < from);
        self.set(from, value);
    }
    /// The value on a local day.
    #[must_use]
    pub fn at(&self, day: Date) -> Option<&T> {
        let after = self.0.partition_point(|e| e.from.is_none_or(|f| f <= day));
        after.checked_sub(1).and_then(|i| self.0.get(i)).and_then(|e| e.value.as_ref())
    }
    /// The next local day, after `day`, on which the value changes.
    #[must_use]
    pub fn next_change(&self, day: Date) -> Option<Date> {
        self.0.iter().filter_map(|e| e.from).find(|f| *f > day)
    }
    /// All entries in order.
    #[must_use]
    pub fn entries(&self) -> &[Entry<T>] {
        &self.0
    }
    /// Whether it never has a value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn put(&mut self, e: Entry<T>) {
        match self.0.binary_search_by(|x| x.from.cmp(&e.from)) {
            Ok(i) => self.0[i] = e,
            Err(i) => self.0.insert(i, e),
        }
    }
    fn tidy(&mut self) {
        self.0.dedup_by(|later, earlier| later.value == earlier.value);
        if self.0.first().is_some_and(|e| e.value.is_none()) {
            self.0.remove(0);
        }
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
