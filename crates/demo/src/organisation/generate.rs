//! Makes the sample organisation from a seed: from the chief down, so that each person's manager is there before them.

use super::names::forms;
use super::people::{ExternalWorker, Organisation, Person, Staff};
use super::places::{SITES, Site};
use super::random::Random;
use super::structure::{AGENCY, COMPANIES, DEPARTMENTS, Department, Team, department_of, projects_of};
use jiff::civil::{Date, date};
use std::collections::BTreeSet;
use std::ops::RangeInclusive;

/// How often another name is drawn before two people may share one.
const DRAWS_MAX: u32 = 1_000;
/// Birth years of employees, and of trainees.
pub(crate) const GROWN: RangeInclusive<i16> = 1964..=2002;
pub(crate) const YOUNG: RangeInclusive<i16> = 2000..=2008;
/// People of the agency that goes.
const AGENCY_PEOPLE: usize = 14;
/// People who left before the first feed and are still in it.
const FORMER: usize = 6;

impl Organisation {
    /// The organisation on the first day of the script.
    #[must_use]
    pub fn generate(seed: u64) -> Self {
        let mut builder = Builder::new(seed);
        builder.staff();
        builder.namesakes();
        builder.former();
        builder.outside();
        builder.services();
        builder.agents();
        builder.organisation
    }
}

/// Draws people and assigns numbers; also for those who come later.
pub(crate) struct Builder {
    pub(super) random: Random,
    pub(crate) organisation: Organisation,
    names: BTreeSet<String>,
    births: Vec<(String, Date)>,
    next_number: u64,
    next_badge: u64,
}

impl Builder {
    fn new(seed: u64) -> Self {
        Self {
            random: Random::new(seed),
            organisation: Organisation {
                staff: Vec::new(),
                outside: Vec::new(),
                services: Vec::new(),
                agents: Vec::new(),
            },
            names: BTreeSet::new(),
            births: Vec::new(),
            next_number: 10_000,
            next_badge: 2_000,
        }
    }

    /// A builder that continues where the generation of this organisation stopped.
    pub(crate) fn after(organisation: Organisation, seed: u64) -> Self {
        let mut builder = Self::new(seed);
        let staff = organisation.staff.iter().map(|s| &s.person);
        for person in staff.chain(organisation.outside.iter().map(|o| &o.person)) {
            builder.names.insert(person.name());
            builder.births.push((initials(person), person.born));
        }
        let last = |text: Option<&str>, first| {
            text.and_then(|t| t.trim_start_matches('V').parse().ok()).unwrap_or(first)
        };
        builder.next_number = last(organisation.staff.last().map(|s| s.number.as_str()), 10_000);
        builder.next_badge = last(organisation.outside.last().map(|o| o.badge.as_str()), 2_000);
        builder.organisation = organisation;
        builder
    }

    pub(crate) fn number(&mut self) -> String {
        self.next_number += 1 + self.random.below(3);
        self.next_number.to_string()
    }

    pub(crate) fn badge(&mut self) -> String {
        self.next_badge += 1 + self.random.below(3);
        format!("V{}", self.next_badge)
    }

    pub(crate) fn site(&mut self) -> &'static Site {
        let total = SITES.iter().map(|s| u64::from(s.share)).sum();
        let mut left = self.random.below(total);
        for site in &SITES {
            match left.checked_sub(u64::from(site.share)) {
                Some(rest) => left = rest,
                None => return site,
            }
        }
        &SITES[0]
    }

    /// A person with a unique name. No other person with the same initials has the same birth date or one that is a typing slip away:
    /// two people are confused only on purpose.
    pub(crate) fn person(&mut self, site: &Site, born: RangeInclusive<i16>) -> Person {
        let mut drawn = self.draw(site);
        for _ in 0..DRAWS_MAX {
            if self.names.insert(drawn.name()) {
                break;
            }
            drawn = self.draw(site);
        }
        let initials = initials(&drawn);
        drawn.born = self.birth(&initials, born);
        self.births.push((initials, drawn.born));
        drawn
    }

    fn draw(&mut self, site: &Site) -> Person {
        let Some(culture) = self.random.weighted(site.names) else { return nobody() };
        let mut one = |from: Vec<&'static str>| forms(self.random.pick(&from).copied().unwrap_or_default());
        let ((given, given_latin), (family, family_latin)) = (one(culture.given()), one(culture.family()));
        Person {
            given: given.to_owned(),
            family: family.to_owned(),
            given_latin: given_latin.to_owned(),
            family_latin: family_latin.to_owned(),
            born: date(1970, 1, 1),
        }
    }

    fn birth(&mut self, initials: &str, years: RangeInclusive<i16>) -> Date {
        let from = date(*years.start(), 1, 1);
        let span = u64::try_from(years.count() * 365).unwrap_or(1);
        let mut born = from;
        for _ in 0..DRAWS_MAX {
            born = add_days(from, i32::try_from(self.random.below(span)).unwrap_or(0));
            if self.births.iter().all(|(other, b)| other != initials || !alike(*b, born)) {
                break;
            }
        }
        born
    }

    pub(crate) fn new_member(
        &mut self,
        site: &'static Site,
        team: &'static str,
        role: &'static str,
        manager: &str,
    ) -> Staff {
        let person = self.person(site, GROWN);
        let started = i32::try_from(self.random.below(4_000)).unwrap_or(0);
        let mut member = Staff {
            number: self.number(),
            person,
            kind: "employee",
            site,
            team: "",
            department: "Executive",
            role,
            projects: Vec::new(),
            manager: String::new(),
            cost_centre: "4000",
            first_day: add_days(date(2026, 5, 4), -started),
            last_day: None,
            contract_end: None,
            away: None,
            previous: String::new(),
            typo: None,
        };
        if !team.is_empty() {
            member.join(team, role, manager);
            member.projects = self.projects(team);
        }
        member
    }

    /// Some of the projects of a team that has any.
    pub(crate) fn projects(&mut self, team: &str) -> Vec<&'static str> {
        if !department_of(team).is_some_and(|d| d.projects) {
            return Vec::new();
        }
        let all = projects_of(team);
        let mut some: Vec<&'static str> = all.into_iter().filter(|_| self.random.percent(60)).collect();
        if some.is_empty() {
            some.extend(self.random.pick(&all));
        }
        some.sort_unstable();
        some
    }

    fn staff(&mut self) {
        let chief = self.new_member(&SITES[0], "", "chief executive", "");
        let top = chief.number.clone();
        self.organisation.staff.push(chief);
        for department in &DEPARTMENTS {
            let site = self.site();
            let mut head = self.new_member(site, "", "head", "");
            (head.department, head.cost_centre) = (department.name, department.cost_centre);
            head.manager.clone_from(&top);
            let manager = head.number.clone();
            self.organisation.staff.push(head);
            for team in department.teams {
                self.team(team, &manager);
            }
        }
    }

    fn team(&mut self, team: &'static Team, head: &str) {
        let site = self.site();
        let lead = self.new_member(site, team.name, "lead", head);
        let manager = lead.number.clone();
        self.organisation.staff.push(lead);
        for _ in 1..team.people {
            let site = self.site();
            let role = self.random.pick(team.roles).copied().unwrap_or_default();
            let mut member = self.new_member(site, team.name, role, &manager);
            if self.random.percent(5) {
                self.young(&mut member, "intern", date(2026, 8, 31));
            } else if ["DE", "NO"].contains(&site.country) && self.random.percent(9) {
                self.young(&mut member, "apprentice", date(2028, 7, 31));
            }
            self.organisation.staff.push(member);
        }
    }

    fn young(&mut self, member: &mut Staff, kind: &'static str, end: Date) {
        member.kind = kind;
        member.first_day = add_days(date(2026, 1, 7), i32::try_from(self.random.below(110)).unwrap_or(0));
        member.contract_end = Some(end);
        let initials = initials(&member.person);
        member.person.born = self.birth(&initials, YOUNG);
        self.births.push((initials, member.person.born));
    }

    /// Two people with one name, in different teams, of different ages: common enough, and never one person.
    fn namesakes(&mut self) {
        let (first, second) = (self.organisation.staff.len() / 5, self.organisation.staff.len() / 2);
        let Some(named) = self.organisation.staff.get(first).map(|s| s.person.clone()) else { return };
        let initials = initials(&named);
        let born = self.birth(&initials, GROWN);
        self.births.push((initials, born));
        if let Some(other) = self.organisation.staff.get_mut(second) {
            other.person = Person { born, ..named };
        }
    }

    /// The personnel system keeps leavers for some weeks.
    fn former(&mut self) {
        for n in 0..FORMER {
            let site = self.site();
            let team = ["cloud", "europe", "field-service", "quality", "talent", "assembly"][n % 6];
            let role = ["engineer", "analyst", "technician", "tester", "officer", "assembler"][n % 6];
            let manager = self.organisation.lead_of(team).to_owned();
            let mut member = self.new_member(site, team, role, &manager);
            member.first_day = member.first_day.min(date(2025, 11, 3));
            member.last_day =
                Some(add_days(date(2026, 4, 24), i32::try_from(self.random.below(30)).unwrap_or(0)));
            self.organisation.staff.push(member);
        }
    }

    fn outside(&mut self) {
        let mut of_agency = 0;
        for department in &DEPARTMENTS {
            for team in department.teams {
                for _ in 0..team.outside {
                    let company = self.company(department, &mut of_agency);
                    let one = self.outsider(team.name, company);
                    self.organisation.outside.push(one);
                }
            }
        }
    }

    fn company(
        &mut self,
        department: &Department,
        of_agency: &mut usize,
    ) -> &'static (&'static str, &'static str) {
        let lends = matches!(department.name, "Operations" | "Support");
        let all: Vec<_> =
            COMPANIES.iter().filter(|(c, kind)| (*kind == "contingent") == lends && *c != AGENCY).collect();
        if lends && *of_agency < AGENCY_PEOPLE && self.random.percent(60) {
            *of_agency += 1;
            return COMPANIES.iter().find(|(c, _)| *c == AGENCY).unwrap_or(&COMPANIES[0]);
        }
        self.random.pick(&all).copied().unwrap_or(&COMPANIES[0])
    }

    /// A person from another company, for a team; the team's lead is the sponsor.
    pub(crate) fn outsider(
        &mut self,
        team: &'static str,
        company: &(&'static str, &'static str),
    ) -> ExternalWorker {
        let (company, kind) = *company;
        let site = self.site();
        let person = self.person(site, GROWN);
        let department = department_of(team);
        let roles =
            department.and_then(|d| d.teams.iter().find(|t| t.name == team)).map_or(&[][..], |t| t.roles);
        let since = i32::try_from(self.random.below(700)).unwrap_or(0);
        let still = i32::try_from(self.random.below(300)).unwrap_or(0);
        ExternalWorker {
            badge: self.badge(),
            person,
            kind,
            company,
            site,
            team,
            department: department.map_or("", |d| d.name),
            role: self.random.pick(roles).copied().unwrap_or_default(),
            projects: self.projects(team),
            sponsor: self.organisation.lead_of(team).to_owned(),
            from: add_days(date(2026, 5, 18), -since),
            until: add_days(date(2026, 6, 30), still),
        }
    }
}

fn nobody() -> Person {
    let none = String::new;
    Person {
        given: none(),
        family: none(),
        given_latin: none(),
        family_latin: none(),
        born: date(1970, 1, 1),
    }
}

/// The first letters of the Latin words of a name, sorted: people whose names are alike share them.
pub(crate) fn initials(person: &Person) -> String {
    let given = if person.given_latin.is_empty() { &person.given } else { &person.given_latin };
    let family = if person.family_latin.is_empty() { &person.family } else { &person.family_latin };
    let mut letters: Vec<char> = [given, family].iter().filter_map(|t| t.chars().next()).collect();
    letters.sort_unstable();
    letters.into_iter().collect()
}

/// Whether one date could be a slip for the other: one or two digits differ, or day and month are the other way round.
fn alike(a: Date, b: Date) -> bool {
    let (left, right) = (a.to_string(), b.to_string());
    let differ = left.bytes().zip(right.bytes()).filter(|(x, y)| x != y).count();
    differ <= 2 || (a.year() == b.year() && (a.month(), a.day()) == (b.day(), b.month()))
}

/// A day so many days later. The script stays within a few decades, where there always is one.
pub(crate) fn add_days(day: Date, days: i32) -> Date {
    day.checked_add(jiff::Span::new().days(days)).unwrap_or(day)
}
