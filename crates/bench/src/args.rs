//! What to measure, and with how many people.

use crate::Fail;
use clap::Parser;
use std::ffi::OsString;
use std::path::PathBuf;

/// People of the usual organisation: all commands together take a few minutes.
const USUAL: u32 = 10_000;

/// Measures the commands of `tenure` as processes, beside the host's own limit. Slow figures never fail a run: they are printed.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask bench")]
pub(crate) struct Args {
    /// People of the organisation, as a number or a power such as 10^5; several sizes are measured one after another
    #[arg(long = "size", value_name = "N", value_delimiter = ',', value_parser = size)]
    sizes: Vec<u32>,
    /// With a rule that compares names and birth dates of all new people
    #[arg(long)]
    pub(crate) likeness: bool,
    /// The program that is measured, instead of the one beside this one
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
    /// Figures as JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Run a command in this process's place and write what it used to this file
    #[arg(long, hide = true, value_name = "FILE")]
    pub(crate) measure: Option<PathBuf>,
    /// The command
    #[arg(last = true, hide = true)]
    pub(crate) command: Vec<OsString>,
}

impl Args {
    /// The sizes to measure, in order.
    pub(crate) fn sizes(&self) -> Vec<u32> {
        if self.sizes.is_empty() { vec![USUAL] } else { self.sizes.clone() }
    }

    /// The program that is measured.
    pub(crate) fn program(&self) -> Result<PathBuf, Fail> {
        let program = match &self.program {
            Some(named) => named.clone(),
            None => std::env::current_exe()?.with_file_name("tenure"),
        };
        if program.is_file() {
            return Ok(program.canonicalize()?);
        }
        Err(format!("{} is not there: build it (`cargo build --release --bin tenure`)", program.display())
            .into())
    }
}

/// A number of people: the first two own everything.
fn size(text: &str) -> Result<u32, String> {
    let number = match text.split_once('^') {
        Some((base, exponent)) => base
            .parse::<u32>()
            .ok()
            .zip(exponent.parse().ok())
            .and_then(|(base, exponent)| base.checked_pow(exponent)),
        None => text.parse().ok(),
    };
    number.filter(|n| *n >= 20).ok_or_else(|| format!("{text:?} is no number of people from 20 on"))
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_are_numbers_or_powers() {
        assert_eq!(size("200"), Ok(200));
        assert_eq!(size("10^6"), Ok(1_000_000));
        for wrong in ["", "ten", "10^", "10^99", "19", "-5"] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
    }
}
