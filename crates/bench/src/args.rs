//! What to measure, and with how many people.

use clap::{Parser, ValueEnum};

/// Measures Tenure beside the host's own limit. Slow figures never fail a run: they are printed.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask bench")]
pub(crate) struct Args {
    /// What to measure
    #[arg(value_enum, default_value = "all")]
    pub(crate) part: Part,
    /// How many people (or identities, or ledger entries) instead of the usual number
    #[arg(long, value_name = "N")]
    people: Option<u32>,
    /// A twentieth of the usual numbers: to see that it runs, not to be quoted
    #[arg(long)]
    quick: bool,
    /// Figures as JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Measure one part in this process and print its figures for the parent
    #[arg(long, hide = true)]
    pub(crate) child: bool,
}

/// One part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// People from a CSV file to durable tasks
    Import,
    /// The same with rules that compare names and birth dates
    Likeness,
    /// A changed policy over stored classes
    #[value(name = "whatif")]
    WhatIf,
    /// Evidence made, appended and verified
    Ledger,
    /// Size of the program
    Binary,
    /// All of these
    All,
}

impl Part {
    /// As on the command line.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Import => "import",
            Self::Likeness => "likeness",
            Self::WhatIf => "whatif",
            Self::Ledger => "ledger",
            Self::Binary => "binary",
            Self::All => "all",
        }
    }
}

impl Args {
    /// The parts to measure, in order.
    pub(crate) fn parts(&self) -> Vec<Part> {
        match self.part {
            Part::All => vec![Part::Import, Part::Likeness, Part::WhatIf, Part::Ledger, Part::Binary],
            one => vec![one],
        }
    }

    /// How many: as asked, else the usual number or the quick one.
    pub(crate) fn people(&self, usual: u32, quick: u32) -> u32 {
        self.people.unwrap_or(if self.quick { quick } else { usual })
    }

    /// The arguments that make a child measure `part`.
    pub(crate) fn for_child(&self, part: Part) -> Vec<String> {
        let mut arguments = vec![part.word().to_owned(), "--child".to_owned()];
        if let Some(people) = self.people {
            arguments.extend(["--people".to_owned(), people.to_string()]);
        }
        if self.quick {
            arguments.push("--quick".to_owned());
        }
        arguments
    }
}
