//! `lib.rs` and `mod.rs` are tables of contents: they declare modules and re-export names, nothing else.

use super::finding::Finding;
use super::lexer::{Source, item_end};

pub(crate) fn check(source: &Source) -> Vec<Finding> {
    let name = source.path.rsplit('/').next().unwrap_or_default();
    if source.is_test || !matches!(name, "lib.rs" | "mod.rs") {
        return Vec::new();
    }
    let code = source.code.as_bytes();
    let mut findings = Vec::new();
    let mut at = 0;
    while let Some(start) = next_item(code, at) {
        let line = source.code.get(..start).unwrap_or_default().matches('\n').count();
        let declares = declaration_end(code, start);
        if declares.is_none() && !source.is_test_line(line) {
            let message =
                format!("{name} only declares modules and re-exports: move this into a file with a name");
            findings.push(Finding::new(&source.path, line + 1, message));
        }
        at = declares.unwrap_or_else(|| item_end(code, start)).max(start + 1);
    }
    findings
}

/// The start of the next item, after white space and attributes.
fn next_item(code: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        at += code.get(at..)?.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        match code.get(at)? {
            b'#' => at = attribute_end(code, at),
            _ => return Some(at),
        }
    }
}

fn attribute_end(code: &[u8], start: usize) -> usize {
    let mut depth = 0_usize;
    for (at, byte) in code.iter().enumerate().skip(start) {
        match byte {
            b'[' => depth += 1,
            b']' if depth == 1 => return at + 1,
            b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    code.len()
}

/// The end of a `mod x;`, a `use x;` or a `part!` that begins here, or `None` for anything else.
fn declaration_end(code: &[u8], start: usize) -> Option<usize> {
    let text = std::str::from_utf8(code.get(start..)?).ok()?;
    // The type of a module of the application, and the call that reaches it.
    if text.starts_with("crate::app::part! {") {
        return Some(start + text.find('}')? + 1);
    }
    let end = text.find(';')?;
    let item = text.get(..end)?;
    let visible = item.strip_prefix("pub").map_or(item, |rest| {
        let rest = rest.trim_start();
        rest.strip_prefix('(').and_then(|inside| inside.split_once(')')).map_or(rest, |(_, rest)| rest)
    });
    let visible = visible.trim_start();
    let module = visible.starts_with("mod ") && !visible.contains('{');
    let import = visible.starts_with("use ");
    (module || import).then_some(start + end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::finding::shown;

    fn found(path: &str, text: &str) -> Vec<String> {
        shown(&check(&Source::read(path, text)))
    }

    #[test]
    fn declarations_and_re_exports_pass() {
        let text = "//! Why.\n#![expect(lint, reason = \"a [b]\")]\n\n/// Doc.\npub mod a;\nmod b;\npub(crate) mod c;\n\
                    #[cfg(feature = \"x\")]\npub(in crate::d) use a::{B, C as D};\npub use b::*;\n\
                    #[cfg(test)]\nmod tests {\n    fn a() {}\n}\n";
        assert_eq!(found("crates/a/src/lib.rs", text), Vec::<String>::new());
    }

    #[test]
    fn anything_else_is_found_once_each() {
        let text = "//! Why.\nmod a;\nfn b() { if true { c(); } }\nstruct D;\npub mod e {\n    fn f() {}\n}\nuse g::H;\n";
        let lines: Vec<_> = found("crates/a/src/mod.rs", text).iter().map(|f| f[..1].to_owned()).collect();
        assert_eq!(lines, ["3", "4", "5"]);
    }

    #[test]
    fn other_files_may_hold_code() {
        assert_eq!(found("crates/a/src/b.rs", "fn b() {}"), Vec::<String>::new());
    }
}
