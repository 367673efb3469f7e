//! Texts of rings 0 to 3 contain no command and no option of the command line: other edges will have none, or others.

use super::finding::Finding;
use super::lexer::Source;
use super::words::INNER;

pub(crate) fn check(source: &Source) -> Vec<Finding> {
    if !INNER.iter().any(|folder| source.path.starts_with(folder)) {
        return Vec::new();
    }
    let quoted = |(_, line): &(usize, &str)| line.contains("`tenure ") || has_option(line);
    let lines = source.literals.lines().enumerate().filter(quoted);
    let message = "a text of ring 0 to 3 quotes the command line: say what happened; crates/tenure/src/hints.rs names the command for its code";
    lines.map(|(index, _)| Finding::new(&source.path, index + 1, message)).collect()
}

/// Whether a line has `--option`.
fn has_option(line: &str) -> bool {
    line.match_indices("--").any(|(at, _)| {
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        let after = line.get(at + 2..).and_then(|text| text.chars().next());
        before.is_none_or(|c| !c.is_alphanumeric() && c != '-')
            && after.is_some_and(|c| c.is_ascii_lowercase())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::finding::shown;

    fn found(path: &str, text: &str) -> Vec<String> {
        let found = shown(&check(&Source::read(path, text)));
        found.iter().map(|f| f.split(':').next().unwrap_or_default().to_owned()).collect()
    }

    #[test]
    fn a_command_or_an_option_in_a_text_is_found() {
        let text = "let a = \"see `tenure case`\";\nlet b = \"add --until DATE\";\nlet c = \"a \\\n   `--now` b\";\n";
        assert_eq!(found("crates/app/src/a.rs", text), ["1", "2", "4"]);
    }

    #[test]
    fn comments_tests_dashes_and_outer_rings_may_have_them() {
        let text = "/// `tenure case`\n// --until\nlet a = \"tenure key v1\"; // `tenure run`\nlet b = \"|---|--|-- x a--b\";\n\
                    #[cfg(test)]\nmod tests { const A: &str = \"--until\"; }\n";
        assert_eq!(found("crates/app/src/a.rs", text), Vec::<String>::new());
        assert_eq!(found("crates/app/tests/a.rs", "const A: &str = \"--until\";"), Vec::<String>::new());
        assert_eq!(found("crates/tenure/src/a.rs", "const A: &str = \"--until\";"), Vec::<String>::new());
    }
}
