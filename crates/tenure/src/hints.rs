//! Which command helps with a refusal, a finding, an unknown item or a message: the inner rings state what happened, as a code and
//! words, and only this program knows its commands. `docs/errors/` has the same table.

use tenure_app::{Advice, Item, Refusal};
use tenure_connect::Topic;
use tenure_model::{Finding, FindingDetail, FindingKind};

/// The command or option that helps with a refusal, if one does.
pub(crate) const fn of_refusal(why: Refusal) -> Option<&'static str> {
    use Refusal as R;
    Some(match why {
        R::NoActor => "map the login below `[actors]` in tenure.toml, then `tenure apply`",
        R::NotAnApprover => "`tenure approvals` lists requests and their approvers",
        R::ActingAsNotAllowed => "act as yourself; `--as` needs a database made by `tenure init --replay`",
        R::CodeInvalid | R::CodeExpired => "`tenure activate --again PERSON` sends a new link",
        R::ReasonMissing => "add `--reason \"…\"`, or for an attestation `--seen \"…\"`",
        R::EndMissing => "add `--until DATE`",
        R::DateOver => {
            "`--until DATE` names the last day, which is included; an instant must be in the future"
        }
        R::NotLater => "`tenure request extend` asks for a later end, `tenure request end` ends a request",
        R::TimeGoesBack => "leave `--now` out, or give a later instant",
        R::SecondPersonNeeded => "`tenure apply --confirm HASH` by a second person confirms it",
        R::NowNotAllowed => "leave `--now` out; it needs a database made by `tenure init --replay`",
        R::ClockUnsure => "check the clock, then `tenure run --clock-ok`",
        R::NotSetLikeThis => "use `--owner`, `--deputy` or `--purpose`",
        R::OwnerOrPurposeMissing => "add `--owner PERSON` and `--purpose \"…\"`",
        R::CompensationMissing => "add `--instead \"…\"`, which states what is done instead",
        R::AlreadyAnswered => "`tenure approvals` lists what is open",
        R::NotDoneYet => "its performer runs `tenure case --done TASK`",
        R::ManualTask => "`tenure case --done TASK` reports that it is done",
        R::HeldByBrake => "`tenure release` lists held changes and releases them",
        R::ReviewOpen => "its owner runs `tenure request seen`",
        R::OnHold => "`tenure hold lift PERSON` lifts the hold",
        R::WorkOpen => "`tenure case PERSON` shows what is open",
        R::HolderCutOff => "`tenure cutoff PERSON --lift` lifts a cut-off",
        R::KeptByRetention => "a member of the escalation group adds `--reason \"…\"`",
        R::NoCheckpoint => "`tenure run` signs one",
        R::PeriodNotOver => "`--from` is before `--to`, and `--to` is not in the future",
        R::NameTaken => {
            "`tenure identity list` lists the names; `tenure identity change` changes an identity"
        }
        _ => return None,
    })
}

/// The command that helps with a finding, if one does.
pub(crate) const fn of_finding(kind: FindingKind) -> Option<&'static str> {
    use FindingKind as K;
    Some(match kind {
        K::DepartedReference => {
            "of an exception: `tenure exception add` with another owner; of an engagement: correct its source"
        }
        K::NoOwner => "`tenure identity change NAME --owner PERSON` names an owner",
        K::Unused => "`tenure identity end NAME` ends it",
        K::Orphan | K::AmbiguousAccount => {
            "`tenure adopt SYSTEM` adopts it, `--link ACCOUNT PERSON` links it, `--orphan ACCOUNT` declares it an orphan"
        }
        K::DisabledByHand => "`tenure scan SYSTEM --enable PERSON` or `--keep-disabled PERSON` decides",
        K::NeverReconciled => "`tenure scan SYSTEM`, then `tenure adopt SYSTEM`",
        K::RefusedAccess => "`tenure run` tries again",
        K::UnknownSecret => "`tenure identity add` declares it",
        K::Unanswered => "`tenure request add` requests it again",
        K::Review => {
            "`tenure request keep` keeps access, `tenure request end` ends it; `tenure request seen` records the review of an \
             emergency; `tenure exception add` renews an exception"
        }
        K::OverdueHeldChange => "`tenure release` lists held changes and releases them",
        K::UnansweredRecord => "`tenure correlate ID --link PERSON` or `--new` answers it",
        K::OverdueCutOff => "`tenure case PERSON` shows what is missing; `tenure cutoff` lists orders",
        K::CutOffReview => {
            "`tenure cutoff PERSON --review DATE` keeps it, `tenure cutoff PERSON --lift` ends it"
        }
        K::Damage => "`tenure doctor` shows it; `tenure ledger repaired` records the repair",
        K::UnresolvedReference
        | K::CircularReference
        | K::UnknownZone
        | K::NoSource
        | K::EarlierEnd
        | K::SeparationConflict
        | K::UnknownEntitlement
        | K::NoIdentifier
        | K::Unjustified
        | K::UndeclaredContainment
        | K::Reenabled
        | K::MissingAccount
        | K::MovedAccount
        | K::MissingEntitlement
        | K::PartialScan
        | K::OverdueFeed
        | K::OldFeed
        | K::RecycledName
        | K::Quarantined
        | K::MistypedKey
        | K::AttributeDrift
        | K::LateEnd
        | K::Watched
        | K::NoApprover
        | K::LastResort => return None,
    })
}

/// The command that helps with one finding: with the id that it takes, where the finding states one.
pub(crate) fn of_found(finding: &Finding) -> Option<String> {
    match &finding.detail {
        FindingDetail::RecordUnanswered { question, .. } => {
            let id = question.short();
            Some(format!("`tenure correlate {id} --link PERSON` or `tenure correlate {id} --new` answers it"))
        }
        FindingDetail::CutOffOverdue { identity, .. } => {
            Some(format!("`tenure case {}` shows what is missing", identity.short()))
        }
        detail => of_finding(detail.kind()).map(str::to_owned),
    }
}

/// The command that lists the items of a kind, where a name was not found.
pub(crate) const fn of_unknown(what: &Item) -> Option<&'static str> {
    Some(match what {
        Item::HeldChange => "`tenure release` lists held changes",
        Item::Configuration => "`tenure doctor` names the configuration that waits for a second person",
        Item::Question => "`tenure correlate` lists open questions",
        Item::CutOffOrder => "`tenure cutoff` lists orders",
        Item::Finding => "`tenure findings` lists open findings",
        Item::Identity => "`tenure identity list` lists services, agents and shared accounts",
        Item::DisabledByHand => "`tenure scan` finds accounts that were disabled by hand",
        Item::UnlinkedAccount { .. } => "`tenure accounts --system SYSTEM` lists unlinked accounts",
        Item::Entry => "`tenure ledger verify` prints the number of entries",
        Item::Request => "`tenure approvals` lists open requests",
        Item::OpenFact => "`tenure case PERSON` shows what is open",
        Item::Source => "see sources/ in the configuration folder; `tenure doctor` lists the sources",
        Item::System => {
            "see systems/ in the configuration folder; `tenure entitlements` lists the entitlements of all systems"
        }
        Item::Entitlement => "`tenure entitlements` lists the entitlements of all systems",
        Item::Task | Item::ManualTask => "`tenure tasks` lists open tasks",
        Item::Person
        | Item::Issuer
        | Item::IdentityName
        | Item::EntitlementName
        | Item::RecordName
        | Item::Place
        | Item::KindOfKey { .. }
        | Item::Key
        | Item::Attribute { .. }
        | Item::AttributeName { .. } => return None,
    })
}

/// The command that helps with what an explanation shows.
pub(crate) const fn of_advice(advice: Advice) -> &'static str {
    match advice {
        Advice::RenameWaits => "`tenure approvals --about PERSON` shows who may approve the new names",
        Advice::RenameRefused => "`tenure request rename --for PERSON` asks again for the new names",
    }
}

/// How a person who receives a message does what it asks for.
pub(crate) const fn of_message(topic: Topic) -> &'static str {
    match topic {
        Topic::FirstPassword => "`tenure activate` asks for the code and the password.",
        Topic::CutOffReview => {
            "`tenure cutoff PERSON --review DATE` keeps it, `tenure cutoff PERSON --lift` ends it."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{of_advice, of_finding, of_message, of_refusal, of_unknown};
    use crate::cli::Cli;
    use clap::CommandFactory as _;
    use tenure_app::{Advice, Item, Refusal};
    use tenure_connect::Topic;
    use tenure_model::FindingKind;

    /// The commands and options that a hint quotes and the program does not have.
    fn wrong(hint: &str) -> Vec<String> {
        let quoted = hint.split('`').skip(1).step_by(2);
        let mut wrong = Vec::new();
        for text in quoted {
            let mut command = Cli::command();
            let mut words = text.split_whitespace();
            if words.next() != Some("tenure") {
                continue;
            }
            for word in words.filter(|w| !w.starts_with(|c: char| c.is_uppercase() || "\"…".contains(c))) {
                if let Some(option) = word.strip_prefix("--") {
                    let all = Cli::command();
                    let has = |c: &clap::Command| c.get_arguments().any(|a| a.get_long() == Some(option));
                    if !has(&command) && !has(&all) {
                        wrong.push(format!("{text}: --{option}"));
                    }
                } else if let Some(below) = command.find_subcommand(word) {
                    command = below.clone();
                } else {
                    wrong.push(format!("{text}: {word}"));
                }
            }
        }
        wrong
    }

    #[test]
    fn each_quoted_command_and_option_exists() {
        let refusals = Refusal::ALL.iter().filter_map(|r| of_refusal(*r));
        let findings = FindingKind::ALL.iter().filter_map(|k| of_finding(*k));
        let items = Item::examples();
        let unknown = items.iter().filter_map(of_unknown);
        let messages = [Topic::FirstPassword, Topic::CutOffReview].map(of_message);
        let advice = [Advice::RenameWaits, Advice::RenameRefused].map(of_advice);
        let all: Vec<&str> = refusals.chain(findings).chain(unknown).chain(messages).chain(advice).collect();
        assert!(all.len() > 50, "{}", all.len());
        assert_eq!(all.into_iter().flat_map(wrong).collect::<Vec<_>>(), Vec::<String>::new());
        assert_eq!(wrong("`tenure run --nonsense`, `tenure fly`").len(), 2, "the test can fail");
    }
}
