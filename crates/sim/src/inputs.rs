//! What an application under test takes from outside: a clock that is set, randomness that counts, feeds as texts.

use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Instant;
use tenure_app::{Clock, Randomness};
use tenure_connect::{Deliver, Feeds, Fetched, Message, Secret};
use tenure_model::{FeedError, FeedShape, Name as _, SourceName};
use tenure_source_file::{Input, Refused, inspect, open};
use tenure_store_sqlite::Options;

/// A clock that starts at an instant and goes on from there.
#[derive(Clone)]
pub struct Settable(Arc<Mutex<(Timestamp, Instant)>>);

impl Clock for Settable {
    fn now(&self) -> Timestamp {
        let (at, since) = *self.0.lock().unwrap();
        at + since.elapsed()
    }

    fn waited(&self, _: SignedDuration) {}
}

impl Settable {
    /// A clock that starts now at this instant.
    #[must_use]
    pub fn new(at: Timestamp) -> Self {
        Self(Arc::new(Mutex::new((at, started()))))
    }

    /// Opens a store whose clock is this one.
    #[must_use]
    pub fn options(&self) -> Options {
        let clock = self.clone();
        Options::by(move || clock.now())
    }

    /// Sets it.
    pub fn set(&self, at: Timestamp) {
        *self.0.lock().unwrap() = (at, started());
    }
}

#[expect(clippy::disallowed_methods, reason = "the scenario's clock is where machine time comes from")]
fn started() -> Instant {
    Instant::now()
}

/// Counts up: ids differ, and are the same on every run.
#[derive(Default)]
pub struct Counting(Mutex<u64>);

impl Randomness for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        let mut count = self.0.lock().unwrap();
        *count += 1;
        for (byte, digit) in bytes.iter_mut().zip(count.to_be_bytes().iter().rev().cycle()) {
            *byte = *digit;
        }
    }
}

/// Feeds as texts, by source, with how many there were before.
#[derive(Clone, Default)]
pub struct InMemory(Arc<Mutex<BTreeMap<String, (String, i64)>>>);

impl InMemory {
    /// What a source reports from now on, whole.
    pub fn report(&self, source: &str, text: &str) {
        let mut all = self.0.lock().unwrap();
        let (is, times) = all.entry(source.to_owned()).or_default();
        (*is, *times) = (text.to_owned(), *times + 1);
    }

    /// What a source reports now, whole; nothing where it never reported.
    #[must_use]
    pub fn reported(&self, source: &str) -> String {
        self.0.lock().unwrap().get(source).cloned().unwrap_or_default().0
    }
}

impl Feeds for InMemory {
    fn fetch(&self, source: &SourceName, place: &Arc<str>, shape: &FeedShape) -> Result<Fetched, FeedError> {
        let (text, times) = self.0.lock().unwrap().get(source.as_str()).cloned().unwrap_or_default();
        let input = Input::bytes(place, text.into_bytes());
        let inspected = inspect(&input, shape)?;
        let rows = open(&input, shape, &inspected)?.map(|row| match row {
            Err(Refused::Row(e)) => Err(e),
            Err(Refused::Feed(e)) => panic!("{e}"),
            Ok(row) => Ok(row),
        });
        let modified = Timestamp::from_second(times).ok();
        Ok(Fetched { inspected, rows: Box::new(rows), modified, stamp: None })
    }
}

/// Messages that left, and how many of them before this step.
#[derive(Clone, Default)]
pub(crate) struct Sent(Arc<Mutex<(Vec<Message>, usize)>>);

impl Deliver for Sent {
    fn deliver(&self, message: &Message) -> Result<(), String> {
        self.0.lock().unwrap().0.push(message.clone());
        Ok(())
    }
}

impl Sent {
    /// A step begins.
    pub(crate) fn begin_step(&self) {
        let mut sent = self.0.lock().unwrap();
        sent.1 = sent.0.len();
    }

    /// Who received messages in this step, and about what.
    #[must_use]
    pub(crate) fn in_step(&self) -> Vec<String> {
        let sent = self.0.lock().unwrap();
        sent.0[sent.1..].iter().map(|m| format!("{}: {}", m.to, m.subject)).collect()
    }

    /// The code in a message to an address, from 1; 0 is the last one.
    #[must_use]
    pub(crate) fn code(&self, to: &str, number: usize) -> Option<Secret> {
        let sent = self.0.lock().unwrap();
        let mine: Vec<&Message> = sent.0.iter().filter(|m| &*m.to == to).collect();
        let message = if number == 0 { mine.last() } else { mine.get(number - 1) };
        let body = message?.body.expose();
        body.lines().find(|l| l.len() > 90 && l.contains('.') && !l.contains(' ')).map(Secret::new)
    }
}
