//! Monday to Friday: the first load, joiners, movers, leavers here and in Tokyo, and a person who is away.

use super::day::{Action, Expected, Run};
use super::story::{Story, at, hr, noon, vendors};
use crate::organisation::{COMPANIES, ExternalWorker, Organisation, Staff, called};
use jiff::civil::{Date, date};
use std::collections::BTreeSet;
use tenure_model::CaseLabel::{Absence, Joiner, Leaver, Mover};

const MONDAY: Date = date(2026, 6, 1);
const TUESDAY: Date = date(2026, 6, 2);
const WEDNESDAY: Date = date(2026, 6, 3);
const THURSDAY: Date = date(2026, 6, 4);
const FRIDAY: Date = date(2026, 6, 5);
/// The Monday after.
const NEXT_MONDAY: Date = date(2026, 6, 8);

/// Rules that ask, as `policy/approvals.toml` calls them.
const SPONSOR: &str = "outside workers need a sponsor";
const RISKY: &str = "risky access needs a second pair of eyes";

impl Story {
    pub(super) fn first_week(&mut self) {
        self.first_load();
        self.joiners();
        self.movers();
        self.leavers();
        self.away();
    }

    fn first_load(&mut self) {
        let size = self.organisation().size();
        let organisation = self.organisation();
        // Leavers whom the personnel system still lists are no joiners.
        let is_here = |s: &&Staff| s.last_day.is_none_or(|day| day >= MONDAY);
        let mut all: Vec<String> = organisation.staff.iter().filter(is_here).map(Staff::record).collect();
        all.extend(organisation.outside.iter().map(ExternalWorker::record));
        all.extend(organisation.services.iter().map(|m| format!("machines:{}", m.name)));
        all.extend(organisation.agents.iter().map(|m| format!("agents:{}", m.name)));
        let story = vec![
            format!(
                "{} people, {} service accounts and {} AI agents at {} sites come in from four sources.",
                size.people, size.services, size.agents, size.sites
            ),
            format!("Two of them are called {}, and stay two.", namesake(organisation)),
        ];
        self.day(MONDAY, "All people are here", story, vec![noon(MONDAY, Expected::cases([(Joiner, all)]))]);
    }

    fn joiners(&mut self) {
        let mut begin = Vec::new();
        for (site, team, role, kind) in [
            ("Seoul", "firmware", "engineer", "employee"),
            ("Dublin", "europe", "account manager", "employee"),
            ("Nairobi", "talent", "recruiter", "employee"),
            ("Athens", "mobile", "designer", "intern"),
        ] {
            begin.push(self.hire(site, team, role, kind, TUESDAY));
        }
        self.starter = self.hire("Vancouver", "sensing", "scientist", "employee", NEXT_MONDAY);
        let mut newcomer = self.builder.outsider("cloud", &COMPANIES[0]);
        (newcomer.from, newcomer.until) = (TUESDAY, date(2026, 11, 30));
        self.newcomer.clone_from(&newcomer.badge);
        let sponsor = newcomer.sponsor.clone();
        self.organisation().outside.push(newcomer);
        self.announce();
        let mut joiners: Vec<String> = begin.iter().map(|n| hr(n)).collect();
        joiners.extend([hr(&self.starter), vendors(&self.newcomer)]);
        let names: Vec<String> = begin.iter().map(|n| self.where_(n)).collect();
        let story = vec![
            format!("{} begin today.", names.join(", ")),
            format!(
                "{} begins on Monday: accounts are prepared three days before, and cannot be used.",
                self.where_(&self.starter)
            ),
            format!(
                "{} comes from outside: nothing can be used until a sponsor says yes.",
                self.name(&self.newcomer)
            ),
            "Some people say when they will go. A date in the future changes nothing yet.".to_owned(),
        ];
        let first = Expected { approvals: 1, ..Expected::cases([(Joiner, joiners)]) };
        let approve = Action::Approve { by: sponsor, about: self.newcomer.clone(), rule: SPONSOR };
        let second = Run {
            now: at(TUESDAY, 13, 0),
            note: "the sponsor has approved",
            actions: vec![approve],
            expected: Expected::default(),
        };
        self.day(TUESDAY, "Joiners", story, vec![noon(TUESDAY, first), second]);
    }

    fn hire(
        &mut self,
        site: &str,
        team: &'static str,
        role: &'static str,
        kind: &'static str,
        first_day: Date,
    ) -> String {
        let manager = self.organisation().lead_of(team).to_owned();
        let site = called(site).unwrap_or_else(|| self.builder.site());
        let mut member = self.builder.new_member(site, team, role, &manager);
        (member.kind, member.first_day) = (kind, first_day);
        if kind == "intern" {
            member.contract_end = Some(date(2026, 11, 30));
        }
        let number = member.number.clone();
        self.organisation().staff.push(member);
        number
    }

    /// What HR knows on Tuesday of the days to come.
    fn announce(&mut self) {
        let cast = self.cast.clone();
        for (number, last_day) in [
            (&cast.berlin, WEDNESDAY),
            (&cast.bengaluru, WEDNESDAY),
            (&cast.tokyo, THURSDAY),
            (&cast.new_york, THURSDAY),
            (&cast.agents_owner, THURSDAY),
            (&cast.paris, FRIDAY),
            (&cast.waverer, date(2026, 6, 12)),
        ] {
            if let Some(member) = self.organisation().member_mut(number) {
                member.last_day = Some(last_day);
            }
        }
        if let Some(member) = self.organisation().member_mut(&cast.paris) {
            member.contract_end = Some(date(2026, 6, 30));
        }
        if let Some(member) = self.organisation().member_mut(&cast.away) {
            member.away = Some((WEDNESDAY, date(2026, 6, 9)));
        }
    }

    fn movers(&mut self) {
        let cast = self.cast.clone();
        let moves = [
            (&cast.to_research, "sensing", "engineer"),
            (&cast.to_helpdesk, "helpdesk", "analyst"),
            (&cast.to_controlling, "controlling", "controller"),
            (&cast.promoted, "acoustics", "scientist"),
        ];
        for (number, team, role) in moves {
            let manager = self.organisation().lead_of(team).to_owned();
            let projects = self.builder.projects(team);
            if let Some(member) = self.organisation().member_mut(number) {
                member.join(team, role, &manager);
                member.projects = projects;
            }
        }
        let sponsor = self.organisation().lead_of("cloud").to_owned();
        let projects = self.builder.projects("cloud");
        if let Some(lent) = self.organisation().outsider_mut(&cast.lent) {
            (lent.team, lent.sponsor, lent.projects) = ("cloud", sponsor, projects);
        }
        let mut movers: Vec<String> = moves.iter().map(|(n, ..)| hr(n)).collect();
        movers.push(vendors(&cast.lent));
        let story = vec![
            format!(
                "{} goes from firmware to research, and keeps the old projects for five days.",
                self.name(&cast.to_research)
            ),
            format!(
                "{} used to create payments and will release them: the one ends, the other waits for a second pair of eyes.",
                self.name(&cast.to_controlling)
            ),
            format!(
                "{} goes from sales to the helpdesk, {} is promoted, {} is lent to another team.",
                self.name(&cast.to_helpdesk),
                self.name(&cast.promoted),
                self.name(&cast.lent)
            ),
        ];
        let approver = self.organisation().lead_of("controlling").to_owned();
        let first = Expected { approvals: 1, ..Expected::cases([(Mover, movers)]) };
        let second = Run {
            now: at(WEDNESDAY, 13, 0),
            note: "the new manager has approved",
            actions: vec![Action::Approve { by: approver, about: cast.to_controlling, rule: RISKY }],
            expected: Expected::default(),
        };
        self.day(WEDNESDAY, "Movers", story, vec![noon(WEDNESDAY, first), second]);
    }

    fn leavers(&mut self) {
        let cast = self.cast.clone();
        let story = vec![
            format!(
                "{} and {} had their last day yesterday.",
                self.where_(&cast.berlin),
                self.where_(&cast.bengaluru)
            ),
            format!("{} is no longer on the list of those whom procurement pays.", self.name(&cast.unlisted)),
            format!(
                "{} and {} have their last day today. It ends in Tokyo first.",
                self.where_(&cast.tokyo),
                self.where_(&cast.new_york)
            ),
        ];
        self.organisation().outside.retain(|o| o.badge != cast.unlisted);
        let gone = vec![hr(&cast.berlin), hr(&cast.bengaluru), vendors(&cast.unlisted)];
        let second = Run {
            now: at(THURSDAY, 15, 30),
            note: "half past midnight in Tokyo, and still Thursday in Europe and America",
            actions: Vec::new(),
            expected: Expected::cases([(Leaver, vec![hr(&cast.tokyo)])]),
        };
        let first = noon(THURSDAY, Expected::cases([(Leaver, gone)]));
        self.day(THURSDAY, "Leavers, and a last day in Tokyo", story, vec![first, second]);
    }

    fn away(&mut self) {
        let cast = self.cast.clone();
        let story = vec![
            format!("The day is over in New York too, and {} is gone.", self.name(&cast.new_york)),
            format!(
                "{} is gone as well, and answered for two AI agents: one has a deputy and goes on, the other is switched off.",
                self.name(&cast.agents_owner)
            ),
            format!("{} has been away for two days: from now on that is an absence.", self.name(&cast.away)),
            format!("{} begins on Monday: the accounts are made today.", self.name(&self.starter)),
        ];
        let expected = Expected::cases([
            (Leaver, vec![hr(&cast.new_york), hr(&cast.agents_owner)]),
            (Absence, vec![hr(&cast.away)]),
            (Joiner, vec![hr(&self.starter)]),
        ]);
        self.day(FRIDAY, "Away, and an agent without an owner", story, vec![noon(FRIDAY, expected)]);
    }
}

/// The name that two people have.
fn namesake(organisation: &Organisation) -> String {
    let mut seen = BTreeSet::new();
    let twice = organisation.staff.iter().find(|s| !seen.insert(s.person.name()));
    twice.map(|s| s.person.readable()).unwrap_or_default()
}
