//! Distinguishes Rust code from comments, documentation, literals and tests, byte by byte and line by line.

use std::ops::Range;

use super::project::is_test_file;

/// A Rust file in several views. All have the length and the lines of the file; omitted parts are blank.
pub(crate) struct Source {
    pub(crate) path: String,
    pub(crate) raw: String,
    /// Code only: no comments, no contents of literals.
    pub(crate) code: String,
    /// Everything except documentation and tests.
    pub(crate) said: String,
    /// Contents of literals only, without those of tests.
    pub(crate) literals: String,
    /// The lines of `#[cfg(test)]` items, counted from 0.
    pub(crate) test_lines: Vec<Range<usize>>,
    pub(crate) is_test: bool,
}

impl Source {
    pub(crate) fn read(path: &str, text: &str) -> Self {
        let mut code = text.as_bytes().to_vec();
        let mut said = text.as_bytes().to_vec();
        let mut literals = text.as_bytes().to_vec();
        let mut after = 0;
        for piece in pieces(text.as_bytes()) {
            match piece.kind {
                Kind::Doc => {
                    blank(&mut code, piece.range.clone());
                    blank(&mut said, piece.range);
                }
                Kind::Comment => blank(&mut code, piece.range),
                Kind::Literal => {
                    blank(&mut literals, after..piece.range.start);
                    after = piece.range.end;
                    blank(&mut code, piece.range);
                }
            }
        }
        let end = literals.len();
        blank(&mut literals, after..end);
        let tests = test_items(&code);
        let line_of = |at: usize| text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count();
        let mut test_lines = Vec::new();
        for range in tests {
            test_lines.push(line_of(range.start)..line_of(range.end.saturating_sub(1)) + 1);
            blank(&mut said, range.clone());
            blank(&mut literals, range);
        }
        let is_test = is_test_file(path);
        if is_test {
            let all = 0..said.len();
            blank(&mut said, all.clone());
            blank(&mut literals, all);
        }
        let text_of = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Self {
            path: path.to_owned(),
            raw: text.to_owned(),
            code: text_of(code),
            said: text_of(said),
            literals: text_of(literals),
            test_lines,
            is_test,
        }
    }

    pub(crate) fn is_test_line(&self, line: usize) -> bool {
        self.is_test || self.test_lines.iter().any(|range| range.contains(&line))
    }
}

enum Kind {
    Doc,
    Comment,
    Literal,
}

struct Piece {
    kind: Kind,
    range: Range<usize>,
}

fn blank(bytes: &mut [u8], range: Range<usize>) {
    for byte in bytes.get_mut(range).unwrap_or_default() {
        if *byte != b'\n' {
            *byte = b' ';
        }
    }
}

/// The comments and literals of a file, in order.
fn pieces(text: &[u8]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = text.get(at..).unwrap_or_default();
        let found =
            comment(rest).or_else(|| literal(rest, at.checked_sub(1).and_then(|before| text.get(before))));
        match found {
            Some((kind, length)) => {
                pieces.push(Piece { kind, range: at..at + length });
                at += length.max(1);
            }
            None => at += 1,
        }
    }
    pieces
}

fn comment(rest: &[u8]) -> Option<(Kind, usize)> {
    if rest.starts_with(b"//") {
        let length = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
        let doc = (rest.starts_with(b"///") && !rest.starts_with(b"////")) || rest.starts_with(b"//!");
        return Some((if doc { Kind::Doc } else { Kind::Comment }, length));
    }
    if !rest.starts_with(b"/*") {
        return None;
    }
    let doc = rest.starts_with(b"/**") || rest.starts_with(b"/*!");
    let mut depth = 0_usize;
    let mut at = 0;
    while at < rest.len() {
        match rest.get(at..at + 2) {
            Some(b"/*") => (depth, at) = (depth + 1, at + 2),
            Some(b"*/") => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    Some((if doc { Kind::Doc } else { Kind::Comment }, at))
}

fn literal(rest: &[u8], before: Option<&u8>) -> Option<(Kind, usize)> {
    let in_word = before.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    let prefix = rest.iter().take(2).take_while(|byte| matches!(byte, b'b' | b'c' | b'r')).count();
    let opening = rest.get(prefix..)?;
    let raw = prefix > 0 && rest.get(prefix - 1) == Some(&b'r');
    if prefix > 0 && in_word {
        return None;
    }
    let hashes = opening.iter().take_while(|byte| **byte == b'#').count();
    if raw && opening.get(hashes) == Some(&b'"') {
        let end: Vec<u8> = std::iter::once(b'"').chain(std::iter::repeat_n(b'#', hashes)).collect();
        let start = prefix + hashes + 1;
        let body = rest.get(start..)?;
        let length = body.windows(end.len()).position(|window| window == end).unwrap_or(body.len());
        return Some((Kind::Literal, (start + length + end.len()).min(rest.len())));
    }
    match opening.first() {
        Some(b'"') if !raw => Some((Kind::Literal, prefix + quoted(opening, b'"'))),
        Some(b'\'') if !raw && is_char(opening) => Some((Kind::Literal, prefix + quoted(opening, b'\''))),
        _ => None,
    }
}

/// A quote that opens a character, not a lifetime: `'a'` and `'
/// '`, but `'a` and `'static` are lifetimes.
fn is_char(rest: &[u8]) -> bool {
    match rest.get(1) {
        Some(b'\\') => true,
        Some(first) if first.is_ascii() => rest.get(2) == Some(&b'\''),
        Some(_) => true,
        None => false,
    }
}

/// The length of a literal that begins and ends with `quote`, with its quotes.
fn quoted(rest: &[u8], quote: u8) -> usize {
    let mut at = 1;
    while let Some(byte) = rest.get(at) {
        match byte {
            b'\\' => at += 2,
            byte if *byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

/// Where the items under `#[cfg(test)]` are, with their attribute.
fn test_items(code: &[u8]) -> Vec<Range<usize>> {
    let mut items = Vec::new();
    for marker in [&b"#[cfg(test)]"[..], b"#[cfg(all(test,"] {
        let mut from = 0;
        while let Some(found) = find(code, marker, from) {
            let end = item_end(code, found);
            items.push(found..end);
            from = end.max(found + 1);
        }
    }
    items
}

fn find(text: &[u8], what: &[u8], from: usize) -> Option<usize> {
    text.get(from..)?.windows(what.len()).position(|window| window == what).map(|at| from + at)
}

/// The end of the item that begins at `start`: after its `;`, or after the brace that closes its body.
pub(crate) fn item_end(code: &[u8], start: usize) -> usize {
    let mut depth = 0_usize;
    for (at, byte) in code.iter().enumerate().skip(start) {
        match byte {
            b'{' | b'(' | b'[' => depth += 1,
            b')' | b']' => depth = depth.saturating_sub(1),
            b'}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            b';' if depth == 0 => return at + 1,
            _ => {}
        }
    }
    code.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_told_from_comments_and_literals() {
        let text = "let a = \"x // {\"; // why {\n/// doc {\nlet b = 'c'; let c: &'static str = r#\"}\"#;\n\
                    /* a /* b */ { */ let d = b\"\\\"{\"; let e = '\\''; let r = '\"'; fn bar<'a>() {}\n";
        let code = Source::read("a.rs", text).code;
        assert_eq!(code.lines().count(), text.lines().count());
        let squeezed = code.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(
            squeezed,
            "let a = ; let b = ; let c: &'static str = ; let d = ; let e = ; let r = ; fn bar<'a>() {}"
        );
    }

    #[test]
    fn what_is_said_leaves_out_documentation_and_tests_only() {
        let text = "//! doc\n// comment\nlet a = \"literal\";\n#[cfg(test)]\nmod tests { fn inner() {} }\nfn outer() {}\n";
        let source = Source::read("a.rs", text);
        let said = source.said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(said, "// comment let a = \"literal\"; fn outer() {}");
        assert_eq!(source.test_lines, vec![Range { start: 3, end: 5 }]);
        assert!(source.is_test_line(4) && !source.is_test_line(5));
    }

    #[test]
    fn a_file_of_tests_says_nothing() {
        assert_eq!(Source::read("crates/a/tests/b.rs", "fn a() {}").said.trim(), "");
    }
}
