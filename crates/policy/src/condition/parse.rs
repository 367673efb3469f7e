//! From text to `cel`'s tree, with limits that protect its recursive parser from stack overflow.

use cel::common::ast::SourceInfo;
use cel::parser::{Expression as Tree, Parser};
use std::ops::Range;

/// The longest condition or expression, in characters.
pub const EXPRESSION_CHARS_MAX: usize = 2_048;

/// Maximum nesting of brackets and `? :`.
pub const NESTING_MAX: usize = 32;

/// Maximum number of operator characters in a text: the tree of a chain is as deep as the chain is long.
const OPERATOR_CHARS_MAX: usize = 400;

/// Something wrong with a text, at a byte range of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mistake {
    pub(crate) code: crate::Code,
    pub(crate) span: Range<usize>,
    pub(crate) title: String,
    pub(crate) label: String,
    pub(crate) help: Option<String>,
}

impl Mistake {
    pub(crate) fn new(code: crate::Code, span: Range<usize>, title: impl Into<String>) -> Self {
        Self { code, span, title: title.into(), label: String::new(), help: None }
    }
    pub(crate) fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
    pub(crate) fn maybe_help(mut self, help: Option<String>) -> Self {
        self.help = help.or(self.help);
        self
    }
}

/// A parsed text and the positions of its nodes.
pub(crate) struct Parsed<'t> {
    pub(crate) tree: Tree,
    info: SourceInfo,
    text: &'t str,
}

impl Parsed<'_> {
    /// The bytes of a node's own token (for an operator: the operator).
    pub(crate) fn span(&self, id: u64) -> Range<usize> {
        match self.info.offset_for(id) {
            Some((start, stop)) => byte_at(self.text, start)..byte_at(self.text, stop.saturating_add(1)),
            None => 0..self.text.len(),
        }
    }
    /// The end of the field that follows a dot.
    pub(crate) fn end_of_field(&self, after: usize, field: &str) -> usize {
        let rest = self.text.get(after..).unwrap_or_default();
        rest.find(field).map_or(after, |at| after + at + field.len())
    }
    /// The word that ends where a token (a bracket) begins, with the token.
    pub(crate) fn with_word_before(&self, token: Range<usize>) -> Range<usize> {
        let before = self.text.get(..token.start).unwrap_or_default();
        let word: usize =
            before.chars().rev().take_while(|c| c.is_alphanumeric() || *c == '_').map(char::len_utf8).sum();
        match word {
            0 => token,
            length => token.start - length..token.start,
        }
    }
    /// The name of a call, whose own token is the bracket or the dot beside it.
    pub(crate) fn name_before(&self, token: Range<usize>, name: &str) -> Range<usize> {
        let before = self.text.get(..token.end).and_then(|t| t.rfind(name));
        let after = self.text.get(token.start..).and_then(|t| t.find(name)).map(|at| at + token.start);
        let closest = match (before, after) {
            (Some(b), Some(a)) if a - token.start > token.start.saturating_sub(b + name.len()) => Some(b),
            (b, a) => a.or(b),
        };
        closest.map_or(token, |at| at..at + name.len())
    }
}

/// The byte at which a character begins (`cel` counts characters).
fn byte_at(text: &str, chars: u32) -> usize {
    let chars = usize::try_from(chars).unwrap_or(usize::MAX);
    text.char_indices().nth(chars).map_or(text.len(), |(byte, _)| byte)
}

/// Parses a text within the bounds.
pub(crate) fn parse(text: &str) -> Result<Parsed<'_>, Mistake> {
    bounds(text)?;
    match Parser::new().parse_with_source_info(text) {
        Ok((tree, info)) => Ok(Parsed { tree, info, text }),
        Err(errors) => Err(syntax(text, errors.errors.first())),
    }
}

fn syntax(text: &str, error: Option<&cel::ParseError>) -> Mistake {
    use crate::diagnostic::code;
    let (line, column) = error.map_or((1, 1), |e| e.pos);
    let before = usize::try_from(line - 1).unwrap_or(0);
    let before: usize = text.split_inclusive('\n').take(before).map(str::len).sum();
    let rest = text.get(before..).unwrap_or_default();
    let start = before + byte_at(rest, u32::try_from(column - 1).unwrap_or(0));
    let message = error.map_or("cannot be read", |e| e.msg.lines().next().unwrap_or_default());
    let message = message.strip_prefix("Syntax error: ").unwrap_or(message);
    let mistake = Mistake::new(code::SYNTAX, token(text, start), "the condition cannot be read");
    let mistake = mistake.label(plain(message));
    match () {
        () if lone_equals(text) => mistake.help("write `==` to compare"),
        () if text.contains(" and ") || text.contains(" or ") => {
            mistake.help("write `&&` for and, `||` for or")
        }
        () => mistake,
    }
}

/// The word or the character that begins at a byte.
fn token(text: &str, start: usize) -> Range<usize> {
    let rest = text.get(start..).unwrap_or_default();
    let word: usize = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').map(char::len_utf8).sum();
    let one = rest.chars().next().map_or(0, char::len_utf8);
    start..start + word.max(one)
}

/// The parser's list of expected tokens is long and not helpful.
fn plain(message: &str) -> String {
    let short = message.split(" expecting ").next().unwrap_or(message);
    short
        .replace("token recognition error at:", "not understood:")
        .replace("<EOF>", "end of the text")
        .replace("mismatched input", "unexpected")
        .replace("extraneous input", "unexpected")
}

fn lone_equals(text: &str) -> bool {
    let bytes = text.as_bytes();
    let other = |i: Option<usize>| i.and_then(|i| bytes.get(i)).is_none_or(|b| !b"=!<>".contains(b));
    bytes.iter().enumerate().any(|(i, b)| *b == b'=' && other(i.checked_sub(1)) && other(i.checked_add(1)))
}

fn bounds(text: &str) -> Result<(), Mistake> {
    use crate::diagnostic::code;
    let chars = text.chars().count();
    if text.trim().is_empty() {
        return Err(Mistake::new(code::SYNTAX, 0..text.len(), "the condition is empty")
            .help("write a condition, or leave the key out"));
    }
    if chars > EXPRESSION_CHARS_MAX {
        let title = format!("the condition has {chars} characters; {EXPRESSION_CHARS_MAX} are the most");
        return Err(Mistake::new(code::TOO_LARGE, 0..text.len(), title).help("split the rule into several"));
    }
    let (mut depth, mut operators) = (0_usize, 0_usize);
    for (at, c) in outside_strings(text) {
        match c {
            '(' | '[' | '{' | '?' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            '+' | '-' | '*' | '/' | '%' | '!' | '.' | '&' | '|' | '<' | '>' | '=' => operators += 1,
            _ => {}
        }
        if depth > NESTING_MAX {
            let title = format!("brackets nest deeper than {NESTING_MAX}");
            return Err(Mistake::new(code::TOO_LARGE, at..at + c.len_utf8(), title)
                .help("split the rule into several"));
        }
    }
    if operators > OPERATOR_CHARS_MAX {
        let title = "the condition has more than about 200 operators";
        let help = "test for one of several values with `attribute in [\"a\", \"b\"]`, or split the rule";
        return Err(Mistake::new(code::TOO_LARGE, 0..text.len(), title).help(help));
    }
    Ok(())
}

/// The characters that are not inside a quoted text.
fn outside_strings(text: &str) -> impl Iterator<Item = (usize, char)> + '_ {
    let mut quote = None;
    let mut escaped = false;
    text.char_indices().filter(move |(_, c)| {
        match quote {
            Some(_) if escaped => escaped = false,
            Some(_) if *c == '\\' => escaped = true,
            Some(q) if *c == q => quote = None,
            Some(_) => {}
            None if matches!(c, '"' | '\'') => quote = Some(*c),
            None => return true,
        }
        false
    })
}
