//! What the values of each argument are, by the command and the name that the help gives the value.

use clap::Arg;
use tenure_model::{CaseLabel, CutOffClass, FindingKind, HoldClass, IdentityKind, OrphanClass, Phase};

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// An identity, by its number or an issued name.
    Person,
    /// A service, an agent or a shared account, by its name.
    NonHuman,
    /// A system.
    System,
    /// An entitlement, as system:name.
    Entitlement,
    /// A system, or an entitlement of it.
    SystemOrEntitlement,
    /// A source.
    Source,
    /// A source and a file: `SOURCE=FILE`.
    SourceFile,
    /// An open request for approval.
    Approval,
    /// An open correlation question.
    Question,
    /// A held change.
    HeldChange,
    /// An open finding.
    Finding,
    /// A task that needs a person.
    Task,
    /// A case.
    Case,
    /// A folder.
    Folder,
    /// One of the words that the program knows.
    Word(Vocabulary),
}

/// The names of the values of an argument, as the help shows them.
pub(super) fn names_of(argument: &Arg) -> Vec<String> {
    if !argument.get_action().takes_values() {
        return Vec::new();
    }
    match argument.get_value_names() {
        Some(names) if !names.is_empty() => names.iter().map(ToString::to_string).collect(),
        _ => vec![argument.get_id().as_str().to_uppercase()],
    }
}

/// What a value of a command is; `None`: only a person knows it, or the library completes it by itself.
pub(super) fn wanted(path: &str, argument: &str, name: &str) -> Option<Kind> {
    let by_name = |name| match name {
        "PERSON" | "FROM" | "INTO" => Some(Kind::Person),
        "SYSTEM" => Some(Kind::System),
        "ENTITLEMENT" => Some(Kind::Entitlement),
        "SYSTEM[:ENTITLEMENT]" => Some(Kind::SystemOrEntitlement),
        "SOURCE" => Some(Kind::Source),
        "SOURCE=FILE" => Some(Kind::SourceFile),
        "TASK" => Some(Kind::Task),
        "CASE" => Some(Kind::Case),
        "FOLDER" => Some(Kind::Folder),
        _ => None,
    };
    match (path, argument) {
        ("approve" | "deny", "id") => Some(Kind::Approval),
        ("correlate", "id") => Some(Kind::Question),
        ("release", "id") => Some(Kind::HeldChange),
        ("findings acknowledge" | "findings dismiss", "id") => Some(Kind::Finding),
        ("identity change" | "identity end" | "identity show", "name") => Some(Kind::NonHuman),
        ("findings", "kind") => Some(Kind::Word(Vocabulary::FindingKind)),
        ("people", "kind") => Some(Kind::Word(Vocabulary::IdentityKind)),
        ("people", "phase") => Some(Kind::Word(Vocabulary::Phase)),
        ("people", "text") => Some(Kind::Person),
        ("case", "label") => Some(Kind::Word(Vocabulary::CaseLabel)),
        ("cutoff", "class") => Some(Kind::Word(Vocabulary::CutOffClass)),
        ("accounts", "class") => Some(Kind::Word(Vocabulary::OrphanClass)),
        ("hold set" | "hold lift", "class") => Some(Kind::Word(Vocabulary::HoldClass)),
        _ => by_name(name),
    }
}

/// The types of which all values are words of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Vocabulary {
    FindingKind,
    IdentityKind,
    Phase,
    CaseLabel,
    CutOffClass,
    OrphanClass,
    HoldClass,
}

impl Vocabulary {
    /// Its words.
    pub(super) fn words(self) -> Vec<&'static str> {
        match self {
            Self::FindingKind => FindingKind::ALL.iter().map(|k| k.as_str()).collect(),
            Self::IdentityKind => IdentityKind::ALL.iter().map(|k| k.as_str()).collect(),
            Self::Phase => Phase::ALL.iter().map(|p| p.as_str()).collect(),
            Self::CaseLabel => CaseLabel::ALL.iter().map(|l| l.as_str()).collect(),
            Self::CutOffClass => CutOffClass::ALL.iter().map(|c| c.as_str()).collect(),
            Self::OrphanClass => OrphanClass::ALL.iter().map(|c| c.as_str()).collect(),
            Self::HoldClass => HoldClass::ALL.iter().map(|c| c.as_str()).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{names_of, wanted};
    use crate::cli::command;
    use clap::Command;
    use std::collections::BTreeSet;

    /// Values that only a person knows: free texts, times, numbers, and names that no list is read for.
    const FREE: &[&str] = &[
        "ACCOUNT",
        "ATTRIBUTE",
        "ATTRIBUTE=VALUE",
        "COMMAND",
        "COMMENT",
        "DATE",
        "FACT",
        "HASH",
        "INDEX",
        "INSTANT",
        "KEY",
        "KIND=VALUE",
        "N",
        "NAME",
        "ORGANISATION",
        "OWNER",
        "PLACE",
        "REASON",
        "RISK",
        "SEED",
        "SEEN",
        "SOURCE:KEY",
        "SYSTEM:NAME",
        "TEXT",
        "TIME",
    ];
    /// Values that the library completes by itself: paths, and the words of a type that it knows.
    const BY_ITSELF: &[&str] = &["BELOW", "FILE", "FILES", "KIND", "SHELL", "STATE"];

    fn each(command: &Command, path: &str, check: &mut dyn FnMut(&str, &str, &str)) {
        for argument in command.get_arguments() {
            for name in names_of(argument) {
                check(path, argument.get_id().as_str(), &name);
            }
        }
        for below in command.get_subcommands() {
            each(below, format!("{path} {}", below.get_name()).trim(), check);
        }
    }

    #[test]
    fn each_value_of_each_command_is_completed_or_known_to_be_free() {
        let (mut completed, mut unknown) = (BTreeSet::new(), BTreeSet::new());
        each(&command(), "", &mut |path, argument, name| match wanted(path, argument, name) {
            Some(_) => drop(completed.insert(format!("{path} {name}"))),
            None if FREE.contains(&name) || BY_ITSELF.contains(&name) => {}
            None => drop(unknown.insert(format!("{path}: {argument} {name}"))),
        });
        assert_eq!(unknown, BTreeSet::new(), "say in kind.rs what these are");
        assert!(completed.len() > 60, "{}", completed.len());
    }
}
