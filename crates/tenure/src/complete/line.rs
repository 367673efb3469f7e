//! The words of a line that is being typed: the folder, the actor and the instant that the command would use.

use std::ffi::OsString;

/// What the line says about how its command acts.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Acts {
    pub(super) folder: Option<String>,
    pub(super) acting: Option<String>,
    pub(super) now: Option<String>,
}

/// Reads the options of every command that decide what may be read. The line is not complete: a parser would refuse it. `at`: the word with
/// the cursor (the last one if it is not known); it is still being typed, and says nothing yet.
pub(super) fn words_of(words: &[OsString], at: Option<usize>) -> Acts {
    let mut acts = Acts::default();
    let at = at.unwrap_or(words.len().saturating_sub(1));
    let typed =
        |(n, word): (usize, &OsString)| if n == at { Some("") } else { word.to_str() }.map(str::to_owned);
    let words: Vec<String> = words.iter().enumerate().filter_map(typed).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let glued = super::bash::glued(&words, None).words;
    let mut rest = glued.iter().map(String::as_str);
    while let Some(word) = rest.next() {
        let (name, value) = word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
        let short = word.strip_prefix("-C").filter(|value| !value.is_empty() && !word.starts_with("--"));
        let place = match name {
            "-C" | "--folder" => &mut acts.folder,
            "--as" => &mut acts.acting,
            "--now" => &mut acts.now,
            _ if short.is_some() => {
                acts.folder = short.map(unquoted);
                continue;
            }
            _ => continue,
        };
        *place = value.or_else(|| rest.next()).map(unquoted).filter(|value| !value.is_empty());
    }
    acts
}

/// The words of a line, where the values of these options stand for nothing: the library takes a folder `demo` for the command of this
/// name. `at`: the word with the cursor; the last one if it is not known.
pub(super) fn without_values(words: Vec<OsString>, at: Option<usize>) -> Vec<OsString> {
    let at = at.unwrap_or(words.len().saturating_sub(1));
    let is_option = |word: &OsString| WITH_VALUES.iter().any(|option| word == option);
    let mut before = false;
    let neutral = |(n, word): (usize, OsString)| {
        // Bash parts `--folder=acme` at the equals sign: the value follows it.
        if word == "=" {
            return word;
        }
        let is_value = std::mem::replace(&mut before, is_option(&word));
        if is_value && n != at { OsString::from("_") } else { word }
    };
    words.into_iter().enumerate().map(neutral).collect()
}

/// The options of every command that a value follows.
const WITH_VALUES: [&str; 4] = ["-C", "--folder", "--as", "--now"];

/// A word as the shell would hand it over, where it is in quotes as a whole.
fn unquoted(word: &str) -> String {
    let inner = |quote: char| word.strip_prefix(quote).map(|rest| rest.strip_suffix(quote).unwrap_or(rest));
    inner('"').or_else(|| inner('\'')).unwrap_or(word).to_owned()
}

#[cfg(test)]
mod tests {
    use super::{Acts, without_values, words_of};
    use std::ffi::OsString;

    #[test]
    fn the_options_of_every_command_are_read_wherever_they_are() {
        let read = |line: &str| words_of(&line.split(' ').map(OsString::from).collect::<Vec<_>>(), None);
        let acts = |folder: Option<&str>, acting: Option<&str>, now: Option<&str>| Acts {
            folder: folder.map(str::to_owned),
            acting: acting.map(str::to_owned),
            now: now.map(str::to_owned),
        };
        assert_eq!(read("tenure -C acme holders --as 1002 x"), acts(Some("acme"), Some("1002"), None));
        assert_eq!(
            read("tenure holders --folder=a/b --now 2026-01-01T00 : 00 : 00Z x"),
            acts(Some("a/b"), None, Some("2026-01-01T00:00:00Z")),
            "as bash parts it"
        );
        assert_eq!(read("tenure -Cacme run --as = 1002 x"), acts(Some("acme"), Some("1002"), None));
        assert_eq!(read("tenure --as \"1002\" case"), acts(None, Some("1002"), None));
        assert_eq!(read("tenure case --as"), acts(None, None, None));
        assert_eq!(read("tenure -C acme case --as 10"), acts(Some("acme"), None, None), "it is being typed");
    }
    #[test]
    fn a_folder_that_is_called_as_a_command_is_no_command() {
        let neutral = |line: &str, at| {
            let words = without_values(line.split(' ').map(OsString::from).collect(), at);
            words.iter().map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(neutral("tenure -C demo holders d", Some(4)), "tenure -C _ holders d");
        assert_eq!(neutral("tenure -C demo", Some(2)), "tenure -C demo", "it is being typed");
        assert_eq!(neutral("tenure run --as doctor x", None), "tenure run --as _ x");
        assert_eq!(neutral("tenure --folder = demo holders d", Some(5)), "tenure --folder = _ holders d");
    }
}
