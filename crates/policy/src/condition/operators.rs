//! Types of operators.

use super::check::{CheckedNode, Checker};
use super::node::{Arithmetic, Compare, Node, Type};
use super::parse::Mistake;
use crate::diagnostic::code;
use cel::common::ast::{Expr, IdedExpr, operators as op};

pub(super) fn is_operator(name: &str) -> bool {
    matches!(name, op::CONDITIONAL | op::LOGICAL_AND | op::LOGICAL_OR | op::LOGICAL_NOT | op::NEGATE | op::IN)
        || comparison(name).is_some()
        || arithmetic(name).is_some()
}

fn comparison(name: &str) -> Option<Compare> {
    Some(match name {
        op::EQUALS => Compare::Equal,
        op::NOT_EQUALS => Compare::NotEqual,
        op::LESS => Compare::Less,
        op::LESS_EQUALS => Compare::LessOrEqual,
        op::GREATER => Compare::Greater,
        op::GREATER_EQUALS => Compare::GreaterOrEqual,
        _ => return None,
    })
}

fn arithmetic(name: &str) -> Option<Arithmetic> {
    Some(match name {
        op::ADD => Arithmetic::Add,
        op::SUBSTRACT => Arithmetic::Subtract,
        op::MULTIPLY => Arithmetic::Multiply,
        op::DIVIDE => Arithmetic::Divide,
        op::MODULO => Arithmetic::Remainder,
        _ => return None,
    })
}

pub(super) fn check<'c>(
    checker: &mut Checker<'c>,
    tree: &IdedExpr,
    name: &str,
    args: &'c [IdedExpr],
) -> CheckedNode {
    match (name, args) {
        (op::LOGICAL_NOT, [a]) => {
            let a = wanted(checker, a, Type::Bool, "`!` turns true and false around");
            a.map(|a| (Node::Not(Box::new(a)), Type::Bool))
        }
        (op::NEGATE, [a]) => {
            let a = wanted(checker, a, Type::Int, "`-` is for whole numbers");
            a.map(|a| (Node::Negate(Box::new(a)), Type::Int))
        }
        (op::LOGICAL_AND | op::LOGICAL_OR, [a, b]) => {
            // Both sides are checked, so that one run reports all mistakes.
            let a = wanted(checker, a, Type::Bool, "`&&` and `||` join conditions");
            let b = wanted(checker, b, Type::Bool, "`&&` and `||` join conditions");
            let (a, b) = (Box::new(a?), Box::new(b?));
            Some((if name == op::LOGICAL_AND { Node::And(a, b) } else { Node::Or(a, b) }, Type::Bool))
        }
        (op::CONDITIONAL, [condition, yes, no]) => choose(checker, tree, condition, yes, no),
        (op::IN, [item, list]) => membership(checker, tree, item, list),
        (_, [a, b]) => match (comparison(name), arithmetic(name)) {
            (Some(compare), _) => comparing(checker, tree, compare, a, b),
            (_, Some(arithmetic)) => calculating(checker, tree, arithmetic, a, b),
            _ => None,
        },
        _ => checker.wrong(Mistake::new(code::SYNTAX, checker.span(tree), "this operator misses a side")),
    }
}

fn wanted<'c>(checker: &mut Checker<'c>, tree: &'c IdedExpr, kind: Type, why: &str) -> Option<Node> {
    let (node, found) = checker.node(tree)?;
    if found == kind {
        return Some(node);
    }
    let mistake = Mistake::new(code::TYPE, checker.span(tree), format!("{why}; this is {}", found.a()));
    checker.wrong(mistake.label(found.a()))?;
    None
}

fn choose<'c>(
    checker: &mut Checker<'c>,
    tree: &IdedExpr,
    condition: &'c IdedExpr,
    yes: &'c IdedExpr,
    no: &'c IdedExpr,
) -> CheckedNode {
    let condition = wanted(checker, condition, Type::Bool, "before `?` stands a condition");
    let (yes, no) = (checker.node(yes), checker.node(no));
    let ((yes, kind), (no, other)) = (yes?, no?);
    let kind = match (kind, other) {
        (a, b) if a == b => a,
        (Type::Null, Type::Date) | (Type::Date, Type::Null) => Type::Date,
        _ => {
            let title = format!("`? :` chooses between {} and {}", kind.a(), other.a());
            let mistake = Mistake::new(code::TYPE, checker.span(tree), title);
            return checker.wrong(mistake.help("make both sides the same type"));
        }
    };
    Some((Node::Choose(Box::new(condition?), Box::new(yes), Box::new(no)), kind))
}

fn comparing<'c>(
    checker: &mut Checker<'c>,
    tree: &IdedExpr,
    compare: Compare,
    a: &'c IdedExpr,
    b: &'c IdedExpr,
) -> CheckedNode {
    let (left, right) = (checker.node(a), checker.node(b));
    let ((left, kind), (right, other)) = (left?, right?);
    let equality = matches!(compare, Compare::Equal | Compare::NotEqual);
    let fits = match (kind, other) {
        (Type::Null, Type::Date) | (Type::Date, Type::Null) | (Type::Null, Type::Null) => equality,
        (Type::Texts | Type::Bool, _) => kind == other && equality,
        _ => kind == other,
    };
    if !fits {
        let sides = (a, kind, b, other);
        return checker.wrong(unlike(checker, tree, compare, sides));
    }
    checker.possible(&left, &right, b)?;
    checker.possible(&right, &left, a)?;
    Some((Node::Compare(compare, Box::new(left), Box::new(right)), Type::Bool))
}

type Sides<'c> = (&'c IdedExpr, Type, &'c IdedExpr, Type);

fn unlike(
    checker: &Checker<'_>,
    tree: &IdedExpr,
    compare: Compare,
    (a, kind, b, other): Sides<'_>,
) -> Mistake {
    let title = format!("{} is compared with {}", kind.a(), other.a());
    let literal = |tree: &IdedExpr| matches!(tree.expr, Expr::Literal(_));
    let at = match (literal(a), literal(b)) {
        (true, false) => a,
        (false, true) => b,
        _ => tree,
    };
    let mistake = Mistake::new(code::TYPE, checker.span(at), title);
    match (kind, other) {
        (Type::Text, Type::Int) | (Type::Int, Type::Text) => mistake.help("a text stands in quotes: \"3\""),
        (Type::Texts, Type::Text) => mistake.help("ask whether the set holds it: \"text\" in attribute"),
        (Type::Text, Type::Texts) => mistake.help("ask for one of several: attribute in [\"a\", \"b\"]"),
        (Type::Date, Type::Text) | (Type::Text, Type::Date) => mistake.help("write date(\"2026-01-31\")"),
        (Type::Bool, Type::Text) | (Type::Text, Type::Bool) => {
            mistake.help("write true or false without quotes")
        }
        (Type::Null, _) | (_, Type::Null) => mistake
            .help("only a date can be null; an absent text reads \"\", an absent number 0, an absent set []"),
        _ if !matches!(compare, Compare::Equal | Compare::NotEqual) => {
            mistake.help("only `==` and `!=` compare these")
        }
        _ => mistake,
    }
}

fn membership<'c>(
    checker: &mut Checker<'c>,
    tree: &IdedExpr,
    item: &'c IdedExpr,
    list: &'c IdedExpr,
) -> CheckedNode {
    // A list of numbers or dates is expanded: `level in [1, 2]` is `level == 1 || level == 2`.
    if let Expr::List(items) = &list.expr
        && items
            .elements
            .first()
            .is_some_and(|e| matches!(&e.expr, Expr::Literal(cel::common::ast::LiteralValue::Int(_))))
    {
        let mut all: CheckedNode = None;
        for other in &items.elements {
            let (one, _) = comparing(checker, tree, Compare::Equal, item, other)?;
            all = Some(match all {
                None => (one, Type::Bool),
                Some((before, _)) => (Node::Or(Box::new(before), Box::new(one)), Type::Bool),
            });
        }
        return all;
    }
    let (item_found, list_found) = (checker.node(item), checker.node(list));
    let ((node, kind), (set, set_kind)) = (item_found?, list_found?);
    if set_kind != Type::Texts {
        let title = format!("`in` looks into a set of texts; this is {}", set_kind.a());
        let mistake = Mistake::new(code::TYPE, checker.span(list), title).label(set_kind.a());
        return checker.wrong(mistake.help("write attribute in [\"a\", \"b\"], or \"a\" in attribute"));
    }
    if kind != Type::Text {
        let title = format!("`in` looks for a text; this is {}", kind.a());
        let mistake = Mistake::new(code::TYPE, checker.span(item), title).label(kind.a());
        return checker.wrong(mistake);
    }
    if let Expr::List(items) = &list.expr {
        for other in &items.elements {
            if let Some((literal, _)) = checker.node(other) {
                checker.possible(&node, &literal, other)?;
            }
        }
    }
    Some((Node::In(Box::new(node), Box::new(set)), Type::Bool))
}

fn calculating<'c>(
    checker: &mut Checker<'c>,
    tree: &IdedExpr,
    arithmetic: Arithmetic,
    a: &'c IdedExpr,
    b: &'c IdedExpr,
) -> CheckedNode {
    let (left, right) = (checker.node(a), checker.node(b));
    let ((left, kind), (right, other)) = (left?, right?);
    match (kind, other, arithmetic) {
        (Type::Int, Type::Int, _) => {
            Some((Node::Arithmetic(arithmetic, Box::new(left), Box::new(right)), Type::Int))
        }
        (Type::Text, Type::Text, Arithmetic::Add) => {
            Some((Node::Concat(Box::new(left), Box::new(right)), Type::Text))
        }
        (Type::Texts, Type::Texts, Arithmetic::Add) => {
            Some((Node::Chain(Box::new(left), Box::new(right)), Type::Texts))
        }
        _ => {
            let title = format!("this cannot be calculated with {} and {}", kind.a(), other.a());
            let mistake = Mistake::new(code::TYPE, checker.span(tree), title);
            checker.wrong(match (kind, other) {
                (Type::Text, _) | (_, Type::Text) => mistake.help("make a text of it first: string(value)"),
                _ => {
                    mistake.help("`+ - * / %` are for whole numbers, `+` also joins texts, and sets of texts")
                }
            })
        }
    }
}
