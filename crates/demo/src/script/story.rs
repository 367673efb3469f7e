//! The frame of the story: an organisation that changes from day to day, and the days that are written down of it.

use super::cast::{self, Cast};
use super::day::{Day, Expected, Run};
use crate::organisation::{Builder, Organisation};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use jiff::tz::Offset;

/// The main run of a day, hour in UTC: the one hour of the day at which all sites, from Vancouver to Sydney, have the same
/// date and the working day has begun at most of them.
const NOON: i8 = 11;

/// The ten days. The same seed gives the same days; [`Organisation::generate`] with that seed gives the configuration
/// that belongs to them.
#[must_use]
pub fn script(seed: u64) -> Vec<Day> {
    let mut organisation = Organisation::generate(seed);
    let cast = cast::draw(&mut organisation);
    if let Some(service) = organisation.services.last_mut() {
        service.expires = date(2026, 6, 11);
    }
    let mut story = Story {
        cast,
        builder: Builder::after(organisation, seed.rotate_left(32)),
        days: Vec::new(),
        starter: String::new(),
        newcomer: String::new(),
        as_staff: String::new(),
    };
    story.first_week();
    story.second_week();
    story.days
}

/// The story while it is told.
pub(crate) struct Story {
    pub(crate) cast: Cast,
    pub(crate) builder: Builder,
    pub(crate) days: Vec<Day>,
    /// Begins in the second week and is known in the first.
    pub(crate) starter: String,
    /// The contractor who waits for a sponsor.
    pub(crate) newcomer: String,
    /// The number under which the converted contractor is on the payroll.
    pub(crate) as_staff: String,
}

impl Story {
    pub(crate) fn organisation(&mut self) -> &mut Organisation {
        &mut self.builder.organisation
    }
    /// The name of a person, as the story tells it.
    pub(crate) fn name(&self, number: &str) -> String {
        self.builder.organisation.name_of(number).unwrap_or_default()
    }
    /// The name and the place of work of a person.
    pub(crate) fn where_(&self, number: &str) -> String {
        let organisation = &self.builder.organisation;
        let staff = organisation.member(number).map(|s| s.site.name);
        let site = staff.or_else(|| organisation.outsider(number).map(|o| o.site.name)).unwrap_or_default();
        format!("{} in {site}", self.name(number))
    }
    /// The lead of the security team, who acts where no other actor is named.
    pub(crate) fn security(&self) -> String {
        self.builder.organisation.lead_of("security").to_owned()
    }
    /// Writes a day down, with the feeds as the organisation is now.
    pub(crate) fn day(&mut self, date: Date, title: &'static str, story: Vec<String>, runs: Vec<Run>) {
        let feeds = self.builder.organisation.feeds();
        let number = u8::try_from(self.days.len() + 1).unwrap_or(u8::MAX);
        self.days.push(Day { number, date, title, story, feeds, runs });
    }
}

/// The main run of a day.
pub(crate) fn noon(date: Date, expected: Expected) -> Run {
    Run { now: at(date, NOON, 0), note: "", actions: Vec::new(), expected }
}

/// An instant by its time in UTC.
pub(crate) fn at(date: Date, hour: i8, minute: i8) -> Timestamp {
    // Only years before -9999 and after 9999 have no instants.
    Offset::UTC.to_timestamp(date.at(hour, minute, 0, 0)).unwrap_or(Timestamp::UNIX_EPOCH)
}

pub(crate) fn hr(number: &str) -> String {
    format!("hr:{number}")
}

pub(crate) fn vendors(badge: &str) -> String {
    format!("vendors:{badge}")
}
