//! The type checker over `cel`'s tree: a misspelt name is an error with a suggestion, even beside `|| true`.

use super::functions::{OVERLOADS, SPECIAL};
use super::inputs::{Builtin, Reads};
use super::node::{Node, Type};
use super::operators;
use super::parse::{Mistake, Parsed, parse};
use super::scope::{Declared, Scope};
use crate::diagnostic::{code, did_you_mean, list};
use cel::common::ast::{
    ComprehensionExpr, Expr, IdedExpr, ListExpr, LiteralValue, SelectExpr, operators as op,
};
use std::ops::Range;
use std::sync::Arc;
use tenure_model::{AttributeName, Name, Value};

/// A checked text.
pub(crate) struct Checked {
    pub(crate) node: Node,
    pub(crate) kind: Type,
    pub(crate) reads: Reads,
}

/// Parses and checks a text. `wanted`: the type that it must have.
pub(crate) fn compile(
    text: &str,
    scope: Scope,
    declared: &Declared,
    wanted: Option<Type>,
) -> Result<Checked, Vec<Mistake>> {
    let parsed = parse(text).map_err(|m| vec![m])?;
    let mut checker = Checker {
        scope,
        declared,
        parsed: &parsed,
        element: None,
        mistakes: Vec::new(),
        reads: Reads::default(),
    };
    let found = checker.node(&parsed.tree);
    if let (Some((_, kind)), Some(wanted)) = (&found, wanted)
        && *kind != wanted
    {
        let title = format!("this is {}, and {} is needed", kind.a(), wanted.a());
        checker.mistakes.push(Mistake::new(code::TYPE, 0..text.len(), title).label(kind.a()));
    }
    match found {
        Some((node, kind)) if checker.mistakes.is_empty() => Ok(Checked { node, kind, reads: checker.reads }),
        _ => Err(checker.mistakes),
    }
}

/// A node with its type; `None` if it is wrong, which is already reported.
pub(super) type CheckedNode = Option<(Node, Type)>;

pub(super) struct Checker<'c> {
    scope: Scope,
    declared: &'c Declared,
    parsed: &'c Parsed<'c>,
    /// The variable of the `exists` or `all` that is being checked.
    element: Option<&'c str>,
    mistakes: Vec<Mistake>,
    reads: Reads,
}

impl<'c> Checker<'c> {
    pub(super) fn span(&self, tree: &IdedExpr) -> Range<usize> {
        self.parsed.span(tree.id)
    }
    pub(super) fn wrong(&mut self, mistake: Mistake) -> CheckedNode {
        self.mistakes.push(mistake);
        None
    }

    pub(super) fn node(&mut self, tree: &'c IdedExpr) -> CheckedNode {
        match &tree.expr {
            Expr::Literal(value) => self.literal(tree, value),
            Expr::Ident(name) => self.name(tree, name),
            Expr::Select(select) => self.select(tree, select),
            Expr::List(items) => self.list(items),
            Expr::Comprehension(loop_) => self.quantified(tree, loop_),
            Expr::Call(call) => match (call.func_name.as_str(), call.args.as_slice()) {
                (op::INDEX, [list, place]) => self.index(tree, list, place),
                (name, args) if call.target.is_none() && operators::is_operator(name) => {
                    operators::check(self, tree, name, args)
                }
                (name, _) => self.function(tree, name, call.target.as_deref(), &call.args),
            },
            Expr::Map(_) | Expr::Struct(_) | Expr::Unspecified => {
                let mistake =
                    Mistake::new(code::SYNTAX, self.span(tree), "maps and structures are not available here");
                self.wrong(
                    mistake.help("conditions know texts, numbers, true and false, dates, and lists of texts"),
                )
            }
        }
    }

    fn literal(&mut self, tree: &IdedExpr, value: &LiteralValue) -> CheckedNode {
        Some(match value {
            LiteralValue::Boolean(b) => (Node::Constant(Value::Bool(*b.inner())), Type::Bool),
            LiteralValue::Int(i) => (Node::Constant(Value::Int(*i.inner())), Type::Int),
            LiteralValue::String(s) => (Node::Constant(Value::text(s.inner())), Type::Text),
            LiteralValue::Null => (Node::Null, Type::Null),
            LiteralValue::Double(_) | LiteralValue::UInt(_) | LiteralValue::Bytes(_) => {
                let mistake = Mistake::new(
                    code::TYPE,
                    self.span(tree),
                    "this kind of number or bytes is not available",
                );
                return self.wrong(mistake.help("write a whole number such as `3`"));
            }
        })
    }

    fn name(&mut self, tree: &IdedExpr, name: &str) -> CheckedNode {
        if self.element == Some(name) {
            return Some((Node::Element, Type::Text));
        }
        if let Some(decl) = self.declared.attributes.get(name).filter(|_| self.scope.attributes)
            && let Ok(attribute) = AttributeName::new(name)
        {
            self.reads.attributes.insert(attribute.clone());
            return Some((Node::Attribute(attribute, decl.value_type), Type::of(decl.value_type)));
        }
        if let Some(builtin) = self.scope.builtins.iter().find(|b| b.as_str() == name) {
            return Some(self.builtin(*builtin));
        }
        let span = self.span(tree);
        self.unknown(span, name)
    }

    fn builtin(&mut self, name: Builtin) -> (Node, Type) {
        self.reads.builtins.insert(name);
        let kind = if name == Builtin::GrantRisk { Type::Int } else { Type::Text };
        (Node::Builtin(name), kind)
    }

    fn select(&mut self, tree: &IdedExpr, select: &SelectExpr) -> CheckedNode {
        let dot = self.span(tree);
        let field = select.field.as_str();
        if select.test {
            let mistake =
                Mistake::new(code::FUNCTION, self.parsed.with_word_before(dot), "`has()` is not available");
            return self
                .wrong(mistake.help("an absent text reads \"\", an absent date is null: compare with that"));
        }
        let Expr::Ident(root) = &select.operand.expr else {
            return self.wrong(Mistake::new(
                code::UNKNOWN_NAME,
                dot,
                format!("nothing here has a part called `{field}`"),
            ));
        };
        let start = self.span(&select.operand).start;
        let whole = format!("{root}.{field}");
        let span = start..self.parsed.end_of_field(dot.end, field);
        match root.as_str() {
            "row" if self.scope.row => {
                self.reads.columns.insert(Arc::from(field));
                Some((Node::Column(Arc::from(field)), Type::Text))
            }
            "id" if self.scope.identifiers && self.declared.identifiers.contains(field) => {
                self.reads.identifiers.insert(Arc::from(field));
                Some((Node::Identifier(Arc::from(field)), Type::Text))
            }
            "former" if self.scope.former && self.declared.identifiers.contains(field) => {
                self.reads.former.insert(Arc::from(field));
                Some((Node::Former(Arc::from(field)), Type::Texts))
            }
            _ => match self.scope.builtins.iter().find(|b| b.as_str() == whole) {
                Some(builtin) => Some(self.builtin(*builtin)),
                None => self.unknown(span, &whole),
            },
        }
    }

    /// An unknown name: reports why, and a suggestion.
    fn unknown(&mut self, span: Range<usize>, name: &str) -> CheckedNode {
        let names = self.scope.names(self.declared);
        let root = name.split('.').next().unwrap_or(name);
        let help = match root {
            "now" | "timestamp" | "today" => {
                Some("conditions cannot read the clock: time enters by `during`, from and until".to_owned())
            }
            "phase" => Some("say `during = [\"active\"]` beside `when` instead".to_owned()),
            "change" | "grant" => Some(format!("`{root}` is known in [[approval]] rules only")),
            "former" if !self.scope.former => {
                Some("former names are known in attributes that are written to accounts only".to_owned())
            }
            "row" => Some("`row` is known in the mappings of a source only".to_owned()),
            _ if self.scope.row => Some(format!("write `row.{name}` for the column `{name}`")),
            _ => did_you_mean(name, names.iter().map(String::as_str)),
        };
        let mistake = Mistake::new(code::UNKNOWN_NAME, span, format!("`{name}` is not known here"));
        self.wrong(mistake.label("unknown name").maybe_help(help))
    }

    fn list(&mut self, items: &'c ListExpr) -> CheckedNode {
        let mut nodes = Vec::new();
        for item in &items.elements {
            let (node, kind) = self.node(item)?;
            if kind != Type::Text {
                let mistake = Mistake::new(code::TYPE, self.span(item), "a list holds texts").label(kind.a());
                return self.wrong(mistake);
            }
            nodes.push(node);
        }
        let texts: Option<Vec<Arc<str>>> = nodes.iter().map(constant_text).collect();
        Some(match texts {
            Some(texts) => (Node::Constant(Value::texts(texts)), Type::Texts),
            None => (Node::List(nodes), Type::Texts),
        })
    }

    /// `row["column"]`, and an index into a list.
    fn index(&mut self, tree: &IdedExpr, list: &'c IdedExpr, place: &'c IdedExpr) -> CheckedNode {
        if self.scope.row && matches!(&list.expr, Expr::Ident(name) if name == "row") {
            let span = self.span(place);
            let (node, kind) = self.node(place)?;
            return match (constant_text(&node), kind) {
                (Some(column), _) => {
                    self.reads.columns.insert(column.clone());
                    Some((Node::Column(column), Type::Text))
                }
                _ => self.wrong(Mistake::new(
                    code::TYPE,
                    span,
                    "a column is named by a literal text: row[\"name\"]",
                )),
            };
        }
        let span = self.span(tree);
        let (list, list_kind) = self.node(list)?;
        let (place, place_kind) = self.node(place)?;
        match (list_kind, place_kind) {
            (Type::Texts, Type::Int) => Some((Node::At(Box::new(list), Box::new(place)), Type::Text)),
            _ => {
                let title = format!("`[ ]` takes a place out of a list of texts; this is {}", list_kind.a());
                self.wrong(Mistake::new(code::TYPE, span, title).help("for example row.name.split(\" \")[0]"))
            }
        }
    }

    /// `exists` and `all`, which the parser rewrote into loops.
    fn quantified(&mut self, tree: &IdedExpr, loop_: &'c ComprehensionExpr) -> CheckedNode {
        let body = match (&loop_.accu_init.expr, &loop_.loop_step.expr) {
            (Expr::Literal(LiteralValue::Boolean(start)), Expr::Call(call)) => {
                let exists = call.func_name == op::LOGICAL_OR && !*start.inner();
                let all = call.func_name == op::LOGICAL_AND && *start.inner();
                call.args.get(1).filter(|_| exists || all).map(|body| (exists, body))
            }
            _ => None,
        };
        let span = self.parsed.with_word_before(self.span(tree));
        let Some((exists, body)) = body.filter(|_| self.element.is_none()) else {
            let mistake = Mistake::new(code::FUNCTION, span, "this loop is not available");
            return self.wrong(
                mistake.help("`exists` and `all` over a set of texts are, and not inside each other"),
            );
        };
        let (list, kind) = self.node(&loop_.iter_range)?;
        if kind != Type::Texts {
            let title = format!("`exists` and `all` look at each text of a set; this is {}", kind.a());
            return self.wrong(Mistake::new(code::TYPE, span, title));
        }
        self.element = Some(&loop_.iter_var);
        let found = self.node(body);
        self.element = None;
        let (body_node, body_kind) = found?;
        if body_kind != Type::Bool {
            let title = format!("this must be true or false for each text; it is {}", body_kind.a());
            let span = self.span(body);
            return self.wrong(Mistake::new(code::TYPE, span, title));
        }
        let (list, body) = (Box::new(list), Box::new(body_node));
        Some((if exists { Node::Exists(list, body) } else { Node::All(list, body) }, Type::Bool))
    }

    fn function(
        &mut self,
        tree: &IdedExpr,
        name: &str,
        target: Option<&'c IdedExpr>,
        args: &'c [IdedExpr],
    ) -> CheckedNode {
        let span = self.parsed.name_before(self.span(tree), name);
        if matches!(name, "timestamp" | "duration" | "now") {
            let mistake = Mistake::new(code::CLOCK, span, format!("`{name}()` is not available"));
            let help = "conditions cannot read the clock; for a fixed day write date(\"2026-01-31\")";
            return self.wrong(mistake.help(help));
        }
        let mut found = Vec::new();
        for arg in target.into_iter().chain(args) {
            found.push((arg, self.node(arg)));
        }
        let known: Vec<&str> = OVERLOADS.iter().map(|o| o.name).chain(SPECIAL).collect();
        if !known.contains(&name) {
            let help = did_you_mean(name, known.iter().copied());
            let mistake = Mistake::new(code::FUNCTION, span, format!("there is no function `{name}`"));
            return self.wrong(mistake.label("unknown function").maybe_help(help));
        }
        let found: Option<Vec<_>> = found.into_iter().map(|(tree, f)| f.map(|f| (tree, f))).collect();
        let found = found?;
        match name {
            "matches" => self.matches(span, found),
            _ => super::calls::call(self, span, name, target.is_some(), found),
        }
    }

    fn matches(&mut self, span: Range<usize>, found: Vec<(&IdedExpr, (Node, Type))>) -> CheckedNode {
        let usage = "write text.matches(\"pattern\") with a literal pattern";
        match found.as_slice() {
            [(_, (text, Type::Text)), (tree, (pattern, Type::Text))] => {
                let Some(source) = constant_text(pattern) else {
                    let span = self.span(tree);
                    return self.wrong(
                        Mistake::new(code::TYPE, span, "the pattern must be a literal text").help(usage),
                    );
                };
                match super::calls::pattern(&source) {
                    Ok(pattern) => Some((Node::Matches(Box::new(text.clone()), pattern), Type::Bool)),
                    Err(error) => {
                        let span = self.span(tree);
                        let title = "the pattern is not a regular expression";
                        self.wrong(Mistake::new(code::PATTERN, span, title).label(error))
                    }
                }
            }
            _ => self.wrong(
                Mistake::new(code::ARGUMENTS, span, "`matches` compares a text with a pattern").help(usage),
            ),
        }
    }

    /// Checks that a literal beside a name with few possible values is one of them.
    pub(super) fn possible(&mut self, name: &Node, literal: &Node, tree: &IdedExpr) -> Option<()> {
        let (Node::Builtin(name), Some(text)) = (name, constant_text(literal)) else { return Some(()) };
        let values = self.declared.values_of(*name);
        if values.is_empty() || text.is_empty() || values.iter().any(|v| **v == *text) {
            return Some(());
        }
        let span = self.span(tree);
        let known = values.iter().map(String::as_str);
        let help = did_you_mean(&text, known.clone()).or_else(|| list(known));
        let title = format!("`{}` is never `{text}`", name.as_str());
        self.wrong(Mistake::new(code::IMPOSSIBLE_VALUE, span, title).maybe_help(help))?;
        None
    }
}

/// The text of a literal.
pub(super) fn constant_text(node: &Node) -> Option<Arc<str>> {
    match node {
        Node::Constant(Value::Text(text)) => Some(text.clone()),
        _ => None,
    }
}
