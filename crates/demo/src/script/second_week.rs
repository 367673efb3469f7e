//! The second week: a conversion, a feed with a hole, a withdrawn resignation, a rehire, a cut-off, and things that expire.

use super::day::{Action, Expected, Run};
use super::story::{Story, at, hr, noon, vendors};
use crate::organisation::{AGENCY, COMPANIES, ExternalWorker, HR_FEED};
use jiff::civil::{Date, date};
use std::collections::BTreeMap;
use tenure_model::CaseLabel::{
    Conversion, Correction, CutOff, Extension, Joiner, Leaver, Rehire, Rescinded, Return,
};

const MONDAY: Date = date(2026, 6, 8);
const TUESDAY: Date = date(2026, 6, 9);
const WEDNESDAY: Date = date(2026, 6, 10);
const THURSDAY: Date = date(2026, 6, 11);
const FRIDAY: Date = date(2026, 6, 12);

impl Story {
    pub(super) fn second_week(&mut self) {
        self.conversion();
        self.hole();
        self.second_thoughts();
        self.cut_off();
        self.ends();
    }

    fn conversion(&mut self) {
        let badge = self.cast.converted.clone();
        let Some(was) = self.organisation().outsider(&badge).cloned() else { return };
        let manager = was.sponsor.clone();
        let mut member = self.builder.new_member(was.site, was.team, "engineer", &manager);
        member.person = was.person;
        (member.first_day, member.previous, member.projects) = (MONDAY, badge.clone(), was.projects);
        self.as_staff.clone_from(&member.number);
        self.organisation().staff.push(member);
        if let Some(outsider) = self.organisation().outsider_mut(&badge) {
            outsider.until = WEDNESDAY;
        }
        let story = vec![
            format!(
                "{} worked here for {} and is on the payroll from today; the old contract runs until Wednesday.",
                self.name(&badge),
                was.company
            ),
            "HR's record resembles a known identity. A resemblance never decides: Tenure asks, and grants nothing meanwhile.".to_owned(),
            format!("{} begins. Last week's movers lose what they kept to hand over.", self.name(&self.starter)),
            format!(
                "{} stopped working on Friday. By the French agreement access lasts until the contract ends.",
                self.where_(&self.cast.paris)
            ),
        ];
        let first = Expected { asked: 1, ..Expected::cases([(Joiner, vec![hr(&self.starter)])]) };
        let by = self.organisation().lead_of("payroll").to_owned();
        let record = hr(&self.as_staff);
        let second = Run {
            now: at(MONDAY, 13, 0),
            note: "HR has said that they are one person",
            actions: vec![Action::SamePerson { by, record: record.clone(), person: badge }],
            expected: Expected::cases([(Conversion, vec![record])]),
        };
        self.day(MONDAY, "From contractor to employee", story, vec![noon(MONDAY, first), second]);
    }

    fn hole(&mut self) {
        let all = self.organisation().staff.len();
        let kept = all - all / 3;
        // A leaver who is still in the file loses nothing by missing there.
        let missing = self.organisation().staff.iter().skip(kept);
        let here =
            missing.filter(|s| s.last_day.or(s.contract_end).is_none_or(|last| last >= TUESDAY)).count();
        let held = BTreeMap::from([("hr", here)]);
        let story = vec![
            format!("HR's file has {kept} of {all} rows. It looks complete, and no end was stated."),
            "So many leavers in a day are an accident: the brake holds them, and no access is removed."
                .to_owned(),
        ];
        let expected = Expected { held, ..Expected::default() };
        self.day(TUESDAY, "A feed with a hole", story, vec![noon(TUESDAY, expected)]);
        let short = self.organisation().hr_feed(kept);
        if let Some(day) = self.days.last_mut() {
            for (_, text) in day.feeds.iter_mut().filter(|(path, _)| path == HR_FEED) {
                text.clone_from(&short);
            }
        }
    }

    fn second_thoughts(&mut self) {
        let cast = self.cast.clone();
        if let Some(member) = self.organisation().member_mut(&cast.waverer) {
            member.last_day = None;
        }
        let owner = self.organisation().lead_of("quality").to_owned();
        let mut agents = Vec::new();
        for agent in self.organisation().agents.iter_mut().filter(|a| a.owner == cast.agents_owner) {
            agent.owner.clone_from(&owner);
            agents.push(format!("agents:{}", agent.name));
        }
        let of_agency = |o: &ExternalWorker| o.company == AGENCY && o.badge != cast.unlisted;
        let gone: Vec<String> =
            self.organisation().outside.iter().filter(|o| of_agency(o)).map(ExternalWorker::record).collect();
        self.organisation().outside.retain(|o| !of_agency(o));
        let story = vec![
            "HR's file is whole again, and what was held is dropped.".to_owned(),
            format!(
                "{} has taken the resignation back. {} is back at work.",
                self.name(&cast.waverer),
                self.name(&cast.away)
            ),
            format!("{} answers for the two agents from now on.", self.name(&owner)),
            format!(
                "All {} people of {AGENCY} are off procurement's list at once. The brake holds this as well.",
                gone.len()
            ),
        ];
        let first = Expected {
            held: BTreeMap::from([("vendors", gone.len())]),
            ..Expected::cases([
                (Rescinded, vec![hr(&cast.waverer)]),
                (Return, vec![hr(&cast.away)]),
                (Correction, agents),
            ])
        };
        let second = Run {
            now: at(WEDNESDAY, 13, 0),
            note: "this time it is true: the contract with the agency has ended, and a second person has released it",
            actions: vec![Action::Release { by: self.security(), source: "vendors" }],
            expected: Expected::cases([(Leaver, gone)]),
        };
        self.day(WEDNESDAY, "Second thoughts", story, vec![noon(WEDNESDAY, first), second]);
    }

    fn cut_off(&mut self) {
        let cast = self.cast.clone();
        if let Some(member) = self.organisation().member_mut(&cast.returner) {
            (member.first_day, member.last_day) = (THURSDAY, None);
        }
        if let Some(member) = self.organisation().member_mut(&cast.intern) {
            member.typo = Some("31.09.2026");
        }
        let auditor = self.organisation().auditor().to_owned();
        let story = vec![
            format!(
                "{} left in spring and is back, under the old number and as the same person.",
                self.name(&cast.returner)
            ),
            format!(
                "{} was to stay until 31 September. That row waits for HR; the others go on.",
                self.name(&cast.intern)
            ),
            format!(
                "{} is on the payroll only: the old contract ended, and nothing was lost.",
                self.name(&self.as_staff)
            ),
            format!("The exception for {} ended yesterday, as it said from the start.", self.name(&auditor)),
            format!("A key of {} turns up where it does not belong.", self.name(&cast.suspect)),
        ];
        let first = Expected { quarantined: 1, ..Expected::cases([(Rehire, vec![hr(&cast.returner)])]) };
        let second = Run {
            now: at(THURSDAY, 13, 0),
            note: "security has cut off an identity: all access ends at once, and only a second person restores it",
            actions: vec![Action::CutOff {
                by: self.security(),
                person: cast.suspect.clone(),
                reason: "a private key was found in a public repository",
            }],
            expected: Expected::cases([(CutOff, vec![vendors(&cast.suspect)])]),
        };
        self.day(THURSDAY, "Back again, and cut off", story, vec![noon(THURSDAY, first), second]);
    }

    /// A contractor who begins today; who it is comes back as the badge.
    fn newcomer(&mut self, team: &'static str) -> String {
        let mut newcomer = self.builder.outsider(team, &COMPANIES[0]);
        (newcomer.from, newcomer.until) = (FRIDAY, date(2026, 11, 30));
        let badge = newcomer.badge.clone();
        self.organisation().outside.push(newcomer);
        badge
    }

    fn ends(&mut self) {
        let cast = self.cast.clone();
        if let Some(member) = self.organisation().member_mut(&cast.intern) {
            (member.typo, member.contract_end) = (None, Some(date(2026, 9, 30)));
        }
        if let Some(outsider) = self.organisation().outsider_mut(&cast.extended) {
            outsider.until = date(2027, 6, 30);
        }
        let service = self.organisation().services.last().map(|s| s.name.clone()).unwrap_or_default();
        let newcomers: Vec<String> = ["cloud", "mobile"].map(|team| self.newcomer(team)).into();
        let names: Vec<String> = newcomers.iter().map(|badge| self.name(badge)).collect();
        let story = vec![
            format!("HR has repaired the row of {}: until 30 September.", self.name(&cast.intern)),
            format!("{} stays another year.", self.name(&cast.extended)),
            format!(
                "The service account {service} expired yesterday. It was not renewed, so it is disabled."
            ),
            format!("{} would have left today, and did not.", self.name(&cast.waverer)),
            format!(
                "{} come from outside, and their sponsors have not answered yet: that is left to approve.",
                names.join(" and ")
            ),
        ];
        let cases = Expected::cases([
            (Joiner, newcomers.iter().map(|badge| vendors(badge)).collect()),
            (Extension, vec![hr(&cast.intern), vendors(&cast.extended)]),
            (Leaver, vec![format!("machines:{service}")]),
        ]);
        let expected = Expected { approvals: newcomers.len(), ..cases };
        self.day(FRIDAY, "What ends, and what goes on", story, vec![noon(FRIDAY, expected)]);
    }
}
