//! Completion in bash, which parts words at `:` and `=`: the parts are put together again, and the answer is what follows the last one.

use super::asked;
use super::candidates::is_plain;
use clap_complete::engine;
use clap_complete::env::EnvCompleter;
use std::ffi::OsString;
use std::io::{Error, Write};
use std::path::Path;

/// Characters at which bash parts a word, and that our words have within them.
const PARTS: [char; 2] = [':', '='];

/// The script: it asks the program that is typed. The library's own loses a `:` before the cursor, because bash gives it as a word of its own.
const SCRIPT: &str = r#"_tenure_complete() {
    local IFS=$'\013'
    local words=("${COMP_WORDS[@]}")
    if [[ ! "${words[COMP_CWORD]}" =~ ^[:=]+$ ]]; then
        words[COMP_CWORD]="$2"
    fi
    compopt +o nospace 2> /dev/null
    COMPREPLY=( $( _CLAP_IFS="$IFS" _CLAP_COMPLETE_INDEX="${COMP_CWORD}" VARIABLE=bash "$1" -- "${words[@]}" 2> /dev/null ) )
    if [[ $? != 0 ]]; then
        unset COMPREPLY
    elif [[ "${COMPREPLY-}" =~ [=/:]$ ]]; then
        compopt -o nospace 2> /dev/null
    fi
}
complete -o bashdefault -F _tenure_complete NAME
"#;

/// The shell.
#[derive(Debug)]
pub(super) struct Bash;

impl EnvCompleter for Bash {
    fn name(&self) -> &'static str {
        "bash"
    }

    fn is(&self, name: &str) -> bool {
        name == "bash"
    }

    fn write_registration(
        &self,
        variable: &str,
        _: &str,
        name: &str,
        _: &str,
        to: &mut dyn Write,
    ) -> Result<(), Error> {
        let script = SCRIPT.replace("VARIABLE", variable).replace("NAME", name);
        to.write_all(script.as_bytes())
    }

    fn write_complete(
        &self,
        command: &mut clap::Command,
        words: Vec<OsString>,
        here: Option<&Path>,
        to: &mut dyn Write,
    ) -> Result<(), Error> {
        let words: Vec<String> = words.iter().map(|w| w.to_string_lossy().into_owned()).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let index = asked("_CLAP_COMPLETE_INDEX").and_then(|text| text.parse().ok()).unwrap_or_default();
        let Glued { words, index, before } = glued(&words, Some(index));
        let words = words.into_iter().map(OsString::from).collect();
        let found = engine::complete(command, words, index, here)?;
        // Bash puts an answer on the line as it is: a file can be called `$(...)`.
        let found = found.iter().filter_map(|c| c.get_value().to_str()?.strip_prefix(&*before));
        let found = found.filter(|word| is_plain(word));
        let between = asked("_CLAP_IFS").unwrap_or_else(|| "\n".to_owned());
        to.write_all(found.collect::<Vec<_>>().join(&between).as_bytes())
    }
}

/// Words whose parts are together again.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Glued {
    pub(super) words: Vec<String>,
    /// Which of them is being typed.
    pub(super) index: usize,
    /// What of it bash keeps as it is.
    pub(super) before: String,
}

/// Puts words together that bash parted at `:` or `=`. `at`: the word with the cursor, where there is one.
pub(super) fn glued(words: &[&str], at: Option<usize>) -> Glued {
    let mut all = Glued { words: Vec::new(), index: 0, before: String::new() };
    let is_part = |word: &str| !word.is_empty() && word.chars().all(|c| PARTS.contains(&c));
    let mut goes_on = false;
    for (n, word) in words.iter().enumerate() {
        let joins = goes_on || (is_part(word) && n > 1);
        match all.words.last_mut().filter(|_| joins) {
            Some(last) => last.push_str(word),
            None => all.words.push((*word).to_owned()),
        }
        goes_on = is_part(word);
        if at == Some(n) {
            let whole = all.words.last().map(String::as_str).unwrap_or_default();
            let typed = if is_part(word) { "" } else { word };
            all.before = whole.strip_suffix(typed).unwrap_or_default().to_owned();
            all.index = all.words.len().saturating_sub(1);
        }
    }
    // The cursor is behind the last word.
    if at.is_some_and(|at| at >= words.len()) {
        all.index = all.words.len();
    }
    all
}

#[cfg(test)]
mod tests {
    use super::glued;

    /// The line as bash parts it, the number of the word with the cursor, and what is made of it.
    fn check(words: &[&str], at: usize, together: &[&str], index: usize, before: &str) {
        let glued = glued(words, Some(at));
        assert_eq!(
            (glued.words, glued.index, &*glued.before),
            (together.iter().map(|w| (*w).to_owned()).collect(), index, before)
        );
    }

    #[test]
    fn words_that_bash_parts_are_put_together_again() {
        check(&["tenure", "holders", "dir"], 2, &["tenure", "holders", "dir"], 2, "");
        check(
            &["tenure", "holders", "directory", ":"],
            3,
            &["tenure", "holders", "directory:"],
            2,
            "directory:",
        );
        check(
            &["tenure", "holders", "directory", ":", "en"],
            4,
            &["tenure", "holders", "directory:en"],
            2,
            "directory:",
        );
        check(
            &["tenure", "request", "end", "git", ":", "a", "--for", "x"],
            7,
            &["tenure", "request", "end", "git:a", "--for", "x"],
            5,
            "",
        );
        check(
            &["tenure", "people", "--system", "=", "d"],
            4,
            &["tenure", "people", "--system=d"],
            2,
            "--system=",
        );
        check(
            &["tenure", "plan", "--feed", "hr", "=", ""],
            5,
            &["tenure", "plan", "--feed", "hr="],
            3,
            "hr=",
        );
    }
}
