//! Service accounts and AI agents: their purposes and owners.

use super::generate::{Builder, add_days};
use super::people::Machine;
use super::structure::PROJECTS;
use jiff::civil::date;

impl Builder {
    pub(super) fn services(&mut self) {
        let plan: [(&str, &str, &str, u32); 6] = [
            ("build", "build", "builds and tests every change", 7),
            ("release", "release", "signs and publishes releases", 3),
            ("backup", "backup", "copies databases to the other site", 6),
            ("watch", "monitoring", "measures production and raises alarms", 6),
            ("ledger", "interface", "moves bookings between shop and ERP", 5),
            ("print", "printing", "serves the printers of a site", 3),
        ];
        for (stem, function, purpose, count) in plan {
            for n in 1..=count {
                let teams =
                    if stem == "print" { ["workplace", "facilities"] } else { ["platform", "workplace"] };
                let machine = self.machine(&format!("svc-{stem}-{n:02}"), purpose, teams);
                self.organisation.services.push(Machine { function, ..machine });
            }
        }
    }

    pub(super) fn agents(&mut self) {
        for (name, purpose) in [
            ("triage", "sorts incoming defects and asks for what is missing"),
            ("changelog", "drafts release notes from merged changes"),
            ("reviewer", "comments on changes, and never merges"),
            ("translator", "translates the product's texts"),
            ("answers", "answers questions from the handbook"),
            ("forecast", "predicts spare parts from field reports"),
            ("refactor", "proposes clean-ups of old code"),
            ("dependency", "proposes updates of dependencies"),
        ] {
            let machine = self.machine(&format!("agent-{name}"), purpose, ["cloud", "quality"]);
            let mut projects: Vec<&str> =
                (0..2).filter_map(|_| self.random.pick(&PROJECTS).copied()).collect();
            projects.sort_unstable();
            projects.dedup();
            self.organisation.agents.push(Machine { projects, ..machine });
        }
        // The last two have one engineer as owner, who leaves later; one of them has no deputy.
        let holder = self.organisation.staff.iter().find(|s| {
            s.team == "cloud" && s.role == "engineer" && s.kind == "employee" && s.last_day.is_none()
        });
        let holder = holder.map(|s| s.number.clone()).unwrap_or_default();
        for (n, agent) in self.organisation.agents.iter_mut().rev().take(2).enumerate() {
            agent.owner.clone_from(&holder);
            if n == 1 {
                agent.deputy.clear();
            }
        }
    }

    fn machine(&mut self, name: &str, purpose: &str, teams: [&str; 2]) -> Machine {
        let age = i32::try_from(self.random.below(600)).unwrap_or(0);
        let left = i32::try_from(self.random.below(250)).unwrap_or(0);
        Machine {
            name: name.to_owned(),
            function: "",
            purpose: purpose.to_owned(),
            owner: self.organisation.lead_of(teams[0]).to_owned(),
            deputy: self.organisation.lead_of(teams[1]).to_owned(),
            projects: Vec::new(),
            since: add_days(date(2026, 5, 1), -age),
            expires: add_days(date(2026, 7, 31), left),
        }
    }
}
