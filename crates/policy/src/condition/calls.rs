//! Checks a call against the overloads of its function.

use super::check::{CheckedNode, Checker, constant_text};
use super::eval;
use super::functions::{Function, OVERLOADS, Overload, Style};
use super::inputs::Inputs;
use super::node::{Node, Type};
use super::parse::Mistake;
use crate::diagnostic::code;
use cel::common::ast::IdedExpr;
use std::ops::Range;

/// Maximum size of a compiled pattern, in bytes.
const PATTERN_BYTES_MAX: usize = 64 * 1024;

/// A pattern that matches in time linear in the text.
pub(super) fn pattern(text: &str) -> Result<regex_lite::Regex, String> {
    let built = regex_lite::RegexBuilder::new(text).size_limit(PATTERN_BYTES_MAX).build();
    built.map_err(|e| e.to_string().lines().next().unwrap_or_default().to_owned())
}

/// Checks a call whose arguments are already checked.
pub(super) fn call(
    checker: &mut Checker<'_>,
    span: Range<usize>,
    name: &str,
    method: bool,
    found: Vec<(&IdedExpr, (Node, Type))>,
) -> CheckedNode {
    let kinds: Vec<Type> = found.iter().map(|(_, (_, kind))| *kind).collect();
    let named = || OVERLOADS.iter().filter(|o| o.name == name);
    let fits = named().find(|o| styled(o, method) && o.params == kinds.as_slice());
    let Some(overload) = fits else {
        let usage: Vec<&str> = named().map(|o| o.usage).collect();
        let wrong = named().find(|o| o.params.len() == kinds.len()).and_then(|o| {
            let place = o.params.iter().zip(&kinds).position(|(a, b)| a != b)?;
            Some((found.get(place)?.0, o.params.get(place)?, kinds.get(place)?))
        });
        let mistake = match wrong {
            Some((tree, wanted, is)) => {
                let title = format!("`{name}` takes {} here, not {}", wanted.a(), is.a());
                Mistake::new(code::ARGUMENTS, checker.span(tree), title).label(is.a())
            }
            None => Mistake::new(code::ARGUMENTS, span, format!("`{name}` is called in another way")),
        };
        return checker.wrong(mistake.help(format!("write {}", usage.first().copied().unwrap_or(name))));
    };
    let args: Vec<Node> = found.iter().map(|(_, (node, _))| node.clone()).collect();
    // A literal date is parsed now, so that a wrong one is an error here and comparisons with it are cheap.
    if let (Function::Date, Some(text), Some((tree, _))) =
        (overload.function, args.first().and_then(constant_text), found.first())
    {
        return match eval::value(&Node::Call(Function::Date, args), &Inputs::default()) {
            Ok(Some(date)) => Some((Node::Constant(date), Type::Date)),
            _ => {
                let mistake = Mistake::new(code::DATE, checker.span(tree), format!("`{text}` is not a date"));
                checker.wrong(mistake.help("write a day of the calendar as date(\"2026-01-31\")"))
            }
        };
    }
    Some((Node::Call(overload.function, args), overload.result))
}

fn styled(overload: &Overload, method: bool) -> bool {
    match overload.style {
        Style::Both => true,
        Style::Method => method,
        Style::Global => !method,
    }
}
