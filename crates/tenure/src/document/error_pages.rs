//! `docs/errors/`: one page for each stable code that the program can print.

use super::codes::{OWN, SYSTEMS};
use super::library::Document;
use super::table::table;
use crate::hints;
use tenure_app::{Refusal, RefusalDetail};
use tenure_model::{Finding, FindingDetail, FindingKind};
use tenure_policy::Code;

/// One code with what its page says.
struct Page {
    code: &'static str,
    title: String,
    text: &'static str,
    /// What to do, where the message itself does not say it.
    help: Option<&'static str>,
}

/// The kinds of failure of systems have words as codes; this letter means all of them.
const SYSTEM: char = 'a';

/// The groups of codes: first letter, heading, and what a finding of the group means.
const GROUPS: [(char, &str, &str); 10] = [
    ('A', "Use cases", "The command was understood and not carried out. Nothing was changed by it."),
    ('C', "Configuration and start", "Tenure did not start. Nothing was changed."),
    (
        'F',
        "Feeds",
        "The feed is refused as a whole: no row of it is used, what was known stays as it was, and the next run tries again. \
         `tenure run` exits with 3.",
    ),
    ('L', "Ledger", "The ledger could not be read, written or verified."),
    (
        'P',
        "Policy and configuration",
        "`tenure check` found it. P0xx are errors: the configuration cannot be made active, and the active one stays. P1xx \
         are warnings: the configuration can be used; review them.",
    ),
    (
        'R',
        "Rows",
        "The row is in quarantine and the rest of the feed is used. A quarantined row counts as present, never as missing: \
         it removes no access. What can be read of it and ends access (an end, an absence) applies. It is used when the \
         source repairs it.",
    ),
    ('S', "Store", "The database could not be used."),
    ('U', "Usage", "The command line could not be read. Nothing was changed."),
    ('X', "Internal", "Something happened that should not."),
    (
        SYSTEM,
        "Systems",
        "A call to a downstream system failed; `tenure case` shows it with the task. A failure that may be temporary is tried again \
         with growing pauses. Any other failure, and a task that failed twelve times, is assigned to a person. The case \
         stays open, and nothing counts as done.",
    ),
];

/// All pages and their index.
pub(crate) fn pages() -> Vec<Document> {
    let pages = gathered();
    let mut documents: Vec<Document> =
        pages.iter().map(|p| (format!("errors/{}.md", p.code), page(p))).collect();
    documents.push(("errors/README.md".to_owned(), index(&pages)));
    documents.push(("errors/refusals.md".to_owned(), refusals()));
    documents.push(("errors/findings.md".to_owned(), findings()));
    documents
}

/// Each reason for a refusal, with the command that helps.
fn refusals() -> String {
    let row = |r: &Refusal| {
        let help = hints::of_refusal(*r).unwrap_or_default();
        vec![format!("`{}`", r.as_str()), r.meaning().to_owned(), help.to_owned()]
    };
    let rows: Vec<Vec<String>> = Refusal::ALL.iter().map(row).collect();
    let code = |detail: RefusalDetail| {
        let names: Vec<String> = detail.parameters().keys().map(|name| format!("`{name}`")).collect();
        let text = tenure_words::refusal(&detail).replace('|', "\\|");
        vec![format!("`{}`", detail.code()), format!("`{}`", detail.why().as_str()), names.join(", "), text]
    };
    let codes: Vec<Vec<String>> = RefusalDetail::examples().into_iter().map(code).collect();
    format!(
        "# Refusals\n\nWhy a command was refused (A002, A003): a reason that means the same in every version, what happened, and the \
         command that helps.\n\n{}\n## Codes\n\nEach sentence has a code with typed parameters; `--json` has them as \
         `error.detail`. Programs rest on the reason or the code: a sentence may be reworded. Here a parameter's value is its \
         name.\n\n{}\n[All codes](README.md)\n",
        table(&["reason", "what happened", "help"], &rows),
        table(&["code", "reason", "parameters", "text"], &codes)
    )
}

/// Each kind of finding, with the command that helps.
fn findings() -> String {
    let row = |k: &FindingKind| {
        vec![format!("`{}`", k.as_str()), hints::of_finding(*k).unwrap_or_default().to_owned()]
    };
    let rows: Vec<Vec<String>> = FindingKind::ALL.iter().map(row).collect();
    let code = |detail: FindingDetail| {
        let names: Vec<String> = detail.parameters().keys().map(|name| format!("`{name}`")).collect();
        let (kind, code) = (detail.kind(), detail.code());
        // A pipe would end the cell of the table.
        let text = tenure_words::finding(&Finding::new("", detail)).replace('|', "\\|");
        vec![format!("`{code}`"), format!("`{}`", kind.as_str()), names.join(", "), text]
    };
    let codes: Vec<Vec<String>> = FindingDetail::examples().into_iter().map(code).collect();
    format!(
        "# Findings\n\nWhat a pass reports for a person to handle (`tenure findings`). The text beside the kind says what happened, to \
         what, and why.\n\n{}\n## Codes\n\nEach sentence has a code with typed parameters; `--json` shows both beside the text. Programs \
         rest on the code: a sentence may be reworded. Here a parameter's value is its name.\n\n{}\n[All codes](README.md)\n",
        table(&["kind", "help"], &rows),
        table(&["code", "kind", "parameters", "text"], &codes)
    )
}

fn gathered() -> Vec<Page> {
    let own = OWN.iter().map(|(code, title, text, help)| Page {
        code,
        title: (*title).to_owned(),
        text,
        help: Some(help),
    });
    let policy = tenure_policy::codes().iter().map(|(code, title, text)| Page {
        code: Code::as_str(*code),
        title: (*title).to_owned(),
        text,
        help: None,
    });
    let rows = tenure_engine::normalise::codes().iter().map(|(code, title, text)| Page {
        code,
        title: capital(title),
        text,
        help: None,
    });
    let systems = SYSTEMS.iter().map(|(kind, title, text, help)| Page {
        code: kind.as_str(),
        title: (*title).to_owned(),
        text,
        help: Some(help),
    });
    let mut all: Vec<Page> = own.chain(policy).chain(rows).chain(systems).collect();
    all.sort_by_key(|p| p.code);
    all
}

/// Whether a code belongs to the group of a letter.
fn is_of(code: &str, letter: char) -> bool {
    if letter == SYSTEM {
        code.starts_with(|c: char| c.is_ascii_lowercase())
    } else {
        code.starts_with(letter)
    }
}

fn page(page: &Page) -> String {
    let group = GROUPS.iter().find(|(letter, ..)| is_of(page.code, *letter)).map_or("", |(_, _, what)| what);
    let help = page.help.map(|h| format!("\n**What to do.** {h}\n")).unwrap_or_default();
    format!("# {}: {}\n\n{}\n{help}\n{group}\n\n[All codes](README.md)\n", page.code, page.title, page.text)
}

fn index(pages: &[Page]) -> String {
    let mut text = "# Error codes\n\nA code means the same in every version. The message beside it names the file, line, field, \
        system or person. [Refusals](refusals.md) and [findings](findings.md) have codes in words.\n"
        .to_owned();
    for (letter, heading, what) in GROUPS {
        let rows: Vec<Vec<String>> = pages
            .iter()
            .filter(|p| is_of(p.code, letter))
            .map(|p| vec![format!("[{0}]({0}.md)", p.code), p.title.clone()])
            .collect();
        text.push_str(&format!("\n## {heading}\n\n{what}\n\n{}", table(&["code", "what happened"], &rows)));
    }
    text
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::Path;

    /// Every `"A001"`-like literal in a folder of sources.
    fn printed(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.path().is_dir() {
                printed(&entry.path(), found);
            } else {
                let text = std::fs::read_to_string(entry.path()).unwrap();
                found.extend(text.split('"').filter(|word| is_code(word)).map(str::to_owned));
            }
        }
    }

    fn is_code(word: &str) -> bool {
        let mut chars = word.chars();
        word.len() == 4
            && chars.next().is_some_and(|c| "ACLSUX".contains(c))
            && chars.all(|c| c.is_ascii_digit())
    }

    #[test]
    fn every_code_in_the_sources_has_a_page_and_every_page_a_code() {
        let mut found = BTreeSet::new();
        let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        for folder in ["app/src", "tenure/src/command"] {
            printed(&crates.join(folder), &mut found);
        }
        for file in [
            "connections",
            "exit",
            "feeds",
            "folder",
            "home",
            "login",
            "machine",
            "open",
            "out",
            "own",
            "secrets",
            "stored",
            "wire",
        ] {
            let text = std::fs::read_to_string(crates.join(format!("tenure/src/{file}.rs"))).unwrap();
            found.extend(text.split('"').filter(|word| is_code(word)).map(str::to_owned));
        }
        let pages: BTreeSet<String> = OWN.iter().map(|(code, ..)| (*code).to_owned()).collect();
        assert_eq!(found, pages);
    }

    #[test]
    fn no_code_has_two_pages_and_each_belongs_to_a_group() {
        let pages = gathered();
        let codes: BTreeSet<&str> = pages.iter().map(|p| p.code).collect();
        assert_eq!(codes.len(), pages.len());
        assert!(codes.iter().all(|c| GROUPS.iter().any(|(letter, ..)| is_of(c, *letter))));
    }
}
