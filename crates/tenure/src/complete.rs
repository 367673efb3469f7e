//! Completion: the shell asks the program, and the program answers from the data that the actor may read (docs/adr/0139). Whatever
//! goes wrong, the answer is an empty one.

mod bash;
mod candidates;
mod kind;
mod line;

use crate::cli::command;
use crate::out;
use candidates::Source;
use clap::Command;
use clap_complete::CompleteEnv;
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate, PathCompleter, ValueCompleter};
use clap_complete::env::{Elvish, Fish, Powershell, Shells, Zsh};
use kind::{Kind, wanted};
use std::ffi::{OsStr, OsString};
use std::sync::Arc;

/// The variable by which the script of a shell asks.
const ASKS: &str = "COMPLETE";
/// The name of the program.
const PROGRAM: &str = "tenure";
/// What a shell writes before the words of the line.
const BEFORE_WORDS: &str = "--";
/// The number of the first word among the arguments.
const WORDS_FROM: usize = 2;

/// The shells that are answered.
const SHELLS: Shells<'static> = Shells(&[&bash::Bash, &Elvish, &Fish, &Powershell, &Zsh]);

/// Answers a shell that asks for completions; `false` for a command. A command that runs while the variable is set is a command: a
/// cut-off must not turn into a list of words.
pub(crate) fn answered() -> bool {
    let asks = asked(ASKS).is_some_and(|shell| SHELLS.completer(&shell).is_some());
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let words = match arguments.get(1) {
        None => Vec::new(),
        Some(first) if first == BEFORE_WORDS => arguments.iter().skip(WORDS_FROM).cloned().collect(),
        Some(_) => return false,
    };
    if !asks {
        return false;
    }
    // Nothing that goes wrong is said on the line that is being typed.
    out::silence();
    let at = asked("_CLAP_COMPLETE_INDEX").and_then(|text| text.parse().ok());
    let source = Arc::new(Source::of(&line::words_of(&words, at)));
    let words = line::without_values(words, at);
    let arguments = arguments.into_iter().take(WORDS_FROM).chain(words);
    let here = std::env::current_dir().ok();
    let asked =
        CompleteEnv::with_factory(|| with_candidates(command(), "", &source)).var(ASKS).shells(SHELLS);
    drop(asked.try_complete(arguments, here.as_deref()));
    true
}

/// What a shell says by a variable of the environment.
fn asked(variable: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "the shell asks by the environment")]
    std::env::var(variable).ok()
}

/// The script by which a shell asks the program that it finds by this name.
pub(crate) fn script(shell: &str) -> Option<Vec<u8>> {
    let mut script = Vec::new();
    SHELLS.completer(shell)?.write_registration(ASKS, PROGRAM, PROGRAM, PROGRAM, &mut script).ok()?;
    Some(script)
}

/// The parser with what each argument is completed by.
fn with_candidates(command: Command, path: &str, source: &Arc<Source>) -> Command {
    let below: Vec<String> = command.get_subcommands().map(|c| c.get_name().to_owned()).collect();
    let command = command.mut_args(|argument| {
        let kinds: Vec<Option<Kind>> = kind::names_of(&argument)
            .iter()
            .map(|name| wanted(path, argument.get_id().as_str(), name))
            .collect();
        match kinds.iter().any(Option::is_some) {
            true => argument.add(ArgValueCompleter::new(Values { kinds, source: source.clone() })),
            false => argument,
        }
    });
    below.into_iter().fold(command, |command, name| {
        let path = format!("{path} {name}");
        command.mut_subcommand(name, |c| with_candidates(c, path.trim(), source))
    })
}

/// Completes the values of one argument, each by its kind.
struct Values {
    kinds: Vec<Option<Kind>>,
    source: Arc<Source>,
}

impl ValueCompleter for Values {
    fn complete(&self, current: &OsStr) -> Vec<CompletionCandidate> {
        self.complete_at(0, current)
    }

    fn complete_at(&self, nth: usize, current: &OsStr) -> Vec<CompletionCandidate> {
        // The last kind is that of all further values.
        let Some(Some(kind)) = self.kinds.get(nth).or(self.kinds.last()) else { return Vec::new() };
        match kind {
            Kind::Folder => PathCompleter::dir().complete(current),
            Kind::SourceFile => self.source_file(current),
            kind => current.to_str().map(|text| self.source.beginning(*kind, text)).unwrap_or_default(),
        }
    }
}

impl Values {
    /// `SOURCE=FILE`: the names of sources, and behind one of them files.
    fn source_file(&self, current: &OsStr) -> Vec<CompletionCandidate> {
        let Some(text) = current.to_str() else { return Vec::new() };
        let Some((source, file)) = text.split_once('=') else {
            let sources = self.source.beginning(Kind::Source, text).into_iter();
            return sources.map(|c| CompletionCandidate::new(with_equals(c.get_value()))).collect();
        };
        let files = PathCompleter::any().complete(OsStr::new(file)).into_iter();
        files.map(|file| file.add_prefix(format!("{source}="))).collect()
    }
}

fn with_equals(name: &OsStr) -> OsString {
    let mut name = name.to_owned();
    name.push("=");
    name
}
