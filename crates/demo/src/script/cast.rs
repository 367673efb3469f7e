//! Who plays which part: people without dependents, drawn before the first day.

use crate::organisation::{AGENCY, ExternalWorker, Organisation, Staff, called};
use std::collections::BTreeSet;

/// The parts, by worker number or badge.
#[derive(Debug, Clone)]
pub(crate) struct Cast {
    /// Leave in the first week.
    pub(crate) berlin: String,
    pub(crate) bengaluru: String,
    pub(crate) tokyo: String,
    pub(crate) new_york: String,
    /// Leaves too, and owns two AI agents.
    pub(crate) agents_owner: String,
    /// Stops working weeks before the contract ends, in France.
    pub(crate) paris: String,
    /// Vanishes from the procurement system.
    pub(crate) unlisted: String,
    /// Resigns and withdraws the resignation.
    pub(crate) waverer: String,
    /// Is away for a week.
    pub(crate) away: String,
    /// Move: to research, to the helpdesk, from paying to controlling, up, and to another team as a contractor.
    pub(crate) to_research: String,
    pub(crate) to_helpdesk: String,
    pub(crate) to_controlling: String,
    pub(crate) promoted: String,
    pub(crate) lent: String,
    /// Is taken onto the payroll.
    pub(crate) converted: String,
    /// Has a contract that is extended, one with a typing error in between.
    pub(crate) extended: String,
    pub(crate) intern: String,
    /// Comes back after some weeks.
    pub(crate) returner: String,
    /// Is cut off.
    pub(crate) suspect: String,
}

/// Draws the cast. Where a place of the story has no suitable person, one is moved there before the first feed.
pub(crate) fn draw(organisation: &mut Organisation) -> Cast {
    let mut casting = Casting { organisation, taken: BTreeSet::new() };
    Cast {
        berlin: casting.at("Berlin"),
        bengaluru: casting.at("Bengaluru"),
        tokyo: casting.at("Tokyo"),
        new_york: casting.at("New York"),
        agents_owner: casting.agents_owner(),
        paris: casting.at("Paris"),
        unlisted: casting.outside(|o| o.kind == "contingent" && o.company != AGENCY),
        waverer: casting.member(|s| s.site.country == "PT" || s.site.country == "BR"),
        away: casting.member(|s| s.team == "firmware"),
        to_research: casting.member(|s| s.team == "firmware" && s.role == "engineer"),
        to_helpdesk: casting.member(|s| s.team == "europe" && s.role == "account manager"),
        to_controlling: casting.member(|s| s.team == "payables" && s.role == "clerk"),
        promoted: casting.member(|s| s.team == "acoustics" && s.role == "technician"),
        lent: casting.outside(|o| o.team == "mobile"),
        converted: casting.outside(|o| o.team == "cloud" && o.kind == "contractor"),
        extended: casting.outside(|o| o.team == "quality"),
        intern: casting.intern(),
        returner: casting.former(),
        suspect: casting.outside(|o| o.team == "firmware"),
    }
}

struct Casting<'a> {
    organisation: &'a mut Organisation,
    taken: BTreeSet<String>,
}

impl Casting<'_> {
    fn take(&mut self, found: Option<String>) -> String {
        let number = found.unwrap_or_default();
        self.taken.insert(number.clone());
        number
    }

    /// No other identity depends on them, and they have no part in the story yet.
    fn is_free(&self, s: &Staff) -> bool {
        s.kind == "employee"
            && s.last_day.is_none()
            && !["head", "lead", "chief executive"].contains(&s.role)
            && s.number != self.organisation.auditor()
            && !self.taken.contains(&s.number)
            && !self.organisation.is_needed(&s.number)
    }

    fn member(&mut self, fits: impl Fn(&Staff) -> bool) -> String {
        let found = self.organisation.staff.iter().find(|s| self.is_free(s) && fits(s));
        let found = found.map(|s| s.number.clone());
        self.take(found)
    }

    fn at(&mut self, site: &str) -> String {
        let there = self.organisation.staff.iter().find(|s| self.is_free(s) && s.site.name == site);
        let found = there.or_else(|| self.organisation.staff.iter().rfind(|s| self.is_free(s)));
        let found = found.map(|s| s.number.clone());
        if let (Some(number), Some(site)) = (&found, called(site))
            && let Some(member) = self.organisation.member_mut(number)
        {
            member.site = site;
        }
        self.take(found)
    }

    fn outside(&mut self, fits: impl Fn(&ExternalWorker) -> bool) -> String {
        let found = self.organisation.outside.iter().find(|o| !self.taken.contains(&o.badge) && fits(o));
        let found = found.map(|o| o.badge.clone());
        self.take(found)
    }

    fn agents_owner(&mut self) -> String {
        let owner = self.organisation.agents.last().map(|a| a.owner.clone());
        self.take(owner)
    }

    fn intern(&mut self) -> String {
        let found = self.organisation.staff.iter().find(|s| s.kind == "intern").map(|s| s.number.clone());
        self.take(found)
    }

    fn former(&mut self) -> String {
        let found = self.organisation.staff.iter().find(|s| s.last_day.is_some()).map(|s| s.number.clone());
        self.take(found)
    }
}
