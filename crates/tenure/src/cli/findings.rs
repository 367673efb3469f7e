//! Arguments of `tenure findings`: what is found and not dealt with.

use clap::{Args, Subcommand};
use jiff::Timestamp;
use tenure_model::{FindingKind, SystemName};

/// `tenure findings`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Findings {
    /// Only findings that you own
    #[arg(long)]
    pub(crate) mine: bool,
    /// Only those about this person: worker number, user name, e-mail address, id or part of the name
    #[arg(long, value_name = "PERSON")]
    pub(crate) about: Option<String>,
    /// Only of this kind, as the list names it
    #[arg(long, value_parser = kind)]
    pub(crate) kind: Option<FindingKind>,
    /// Only those about this system
    #[arg(long, value_parser = super::list::name::<SystemName>)]
    pub(crate) system: Option<SystemName>,
    /// Only acknowledged ones; without it, only those that are not
    #[arg(long)]
    pub(crate) acknowledged: bool,
    /// Which part of the list
    #[command(flatten)]
    pub(crate) paging: super::Paging,
    /// What to do; without it, findings are listed with their owner and deadline, the earliest deadline first
    #[command(subcommand)]
    pub(crate) command: Option<FindingsCommand>,
}

/// The commands about findings.
#[derive(Debug, Subcommand)]
pub(crate) enum FindingsCommand {
    /// Acknowledge a finding: it does not count as open for at most 30 days
    Acknowledge {
        /// The id of the finding, as `tenure findings` shows it
        id: String,
        /// Why it is acceptable
        #[arg(long)]
        reason: String,
        /// Until this day, that day included (UTC), or this instant (RFC 3339)
        #[arg(long, value_name = "DATE", value_parser = until)]
        until: Timestamp,
    },
    /// Dismiss a row without a key of a source that states changes only: no later file repairs it
    Dismiss {
        /// The id of the finding, as `tenure findings` shows it
        id: String,
        /// What was done about the row
        #[arg(long)]
        reason: String,
    },
}

fn kind(text: &str) -> Result<FindingKind, String> {
    let all = || FindingKind::ALL.iter().map(|k| k.as_str()).collect::<Vec<_>>().join(", ");
    FindingKind::parse(text).ok_or_else(|| format!("one of {}", all()))
}

/// Reads a last day, or an instant.
fn until(text: &str) -> Result<Timestamp, String> {
    let Ok(day) = text.parse::<jiff::civil::Date>().map_err(drop).and_then(|day| match text.len() {
        10 => Ok(day),
        _ => Err(()),
    }) else {
        return super::instant(text);
    };
    let end = day.tomorrow().and_then(|next| next.to_zoned(jiff::tz::TimeZone::UTC));
    let end = end.map_err(|e| e.to_string())?.timestamp();
    tenure_model::Instant::new(end).map(tenure_model::Instant::get).map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use super::until;

    #[test]
    fn a_day_is_taken_whole_and_an_instant_as_it_is() {
        assert_eq!(until("2026-03-31").unwrap().to_string(), "2026-04-01T00:00:00Z");
        assert_eq!(until("2026-03-31T10:00:00+02:00").unwrap().to_string(), "2026-03-31T08:00:00Z");
        assert!(until("2026-03-32").is_err());
        assert!(until("tomorrow").is_err());
    }
}
