//! What the organisation consists of: departments, teams, what people do in them, and on which projects.

/// A part of the organisation.
#[derive(Debug)]
pub(crate) struct Department {
    pub(crate) name: &'static str,
    pub(crate) cost_centre: &'static str,
    /// Whether its people work on projects.
    pub(crate) projects: bool,
    pub(crate) teams: &'static [Team],
}

/// A team of a department.
#[derive(Debug)]
pub(crate) struct Team {
    pub(crate) name: &'static str,
    /// On the payroll, the lead included.
    pub(crate) people: u32,
    /// Paid by other companies.
    pub(crate) outside: u32,
    pub(crate) roles: &'static [&'static str],
}

const fn team(name: &'static str, people: u32, outside: u32, roles: &'static [&'static str]) -> Team {
    Team { name, people, outside, roles }
}

pub(crate) static DEPARTMENTS: [Department; 9] = [
    Department {
        name: "Engineering",
        cost_centre: "4100",
        projects: true,
        teams: &[
            team("platform", 20, 6, &["reliability engineer", "engineer", "engineer"]),
            team("firmware", 26, 8, &["engineer", "engineer", "tester"]),
            team("cloud", 26, 10, &["engineer", "engineer", "designer"]),
            team("mobile", 16, 6, &["engineer", "designer"]),
            team("quality", 16, 6, &["tester", "tester", "engineer"]),
        ],
    },
    Department {
        name: "Research",
        cost_centre: "4200",
        projects: true,
        teams: &[
            team("sensing", 18, 3, &["scientist", "scientist", "engineer"]),
            team("acoustics", 14, 2, &["scientist", "technician"]),
        ],
    },
    Department {
        name: "Operations",
        cost_centre: "4300",
        projects: false,
        teams: &[
            team("assembly", 40, 22, &["assembler", "assembler", "inspector"]),
            team("logistics", 22, 14, &["planner", "driver"]),
            team("facilities", 12, 8, &["technician", "caretaker"]),
        ],
    },
    Department {
        name: "Sales",
        cost_centre: "4400",
        projects: false,
        teams: &[
            team("europe", 20, 0, &["account manager", "analyst"]),
            team("americas", 20, 1, &["account manager", "analyst"]),
            team("asia-pacific", 18, 1, &["account manager", "analyst"]),
        ],
    },
    Department {
        name: "Support",
        cost_centre: "4500",
        projects: false,
        teams: &[
            team("field-service", 26, 4, &["technician", "technician", "planner"]),
            team("helpdesk", 22, 4, &["agent", "agent", "analyst"]),
        ],
    },
    Department {
        name: "Finance",
        cost_centre: "4600",
        projects: false,
        teams: &[
            team("payables", 12, 0, &["clerk", "clerk", "accountant"]),
            team("controlling", 10, 1, &["controller", "accountant"]),
        ],
    },
    Department {
        name: "People",
        cost_centre: "4700",
        projects: false,
        teams: &[
            team("payroll", 8, 0, &["officer", "analyst"]),
            team("talent", 10, 1, &["recruiter", "officer"]),
        ],
    },
    Department {
        name: "IT",
        cost_centre: "4800",
        projects: false,
        teams: &[
            team("workplace", 14, 3, &["administrator", "technician"]),
            team("security", 10, 1, &["analyst", "engineer"]),
        ],
    },
    Department {
        name: "Legal",
        cost_centre: "4900",
        projects: false,
        teams: &[team("contracts", 8, 1, &["counsel", "officer"])],
    },
];

/// What people work on. Names of winds and lights at sea.
pub(crate) static PROJECTS: [&str; 16] = [
    "bora", "chinook", "doldrum", "etesian", "fairway", "gregale", "halyard", "isobar", "kelvin", "lantern",
    "mistral", "nautilus", "ostro", "petrel", "sextant", "zephyr",
];

/// The projects of a team: three of all, the same every time.
pub(crate) fn projects_of(team: &str) -> [&'static str; 3] {
    let at = team.bytes().fold(0_usize, |sum, b| sum.wrapping_mul(7).wrapping_add(usize::from(b)));
    [0, 5, 9].map(|step| PROJECTS[(at % PROJECTS.len() + step) % PROJECTS.len()])
}

/// The department that has a team.
pub(crate) fn department_of(team: &str) -> Option<&'static Department> {
    DEPARTMENTS.iter().find(|d| d.teams.iter().any(|t| t.name == team))
}

/// Companies that send people, with the type of engagement that they send.
pub(crate) static COMPANIES: [(&str, &str); 6] = [
    ("Holmsund Software AS", "contractor"),
    ("Iguaçu Engenharia Ltda", "contractor"),
    ("Ostrava & Söhne GmbH", "contractor"),
    ("Quillon Advisory LLP", "consultant"),
    (AGENCY, "contingent"),
    ("Fährmann Personal GmbH", "contingent"),
];

/// The agency whose people all go on one day.
pub(crate) const AGENCY: &str = "Kestrel Staffing Ltd";
