//! Evaluation of a checked tree: total except for the faults of [`Fault`], without a clock, bounded by the tree's size.

use super::functions::{self, TEXT_BYTES_MAX};
use super::inputs::{Builtin, Inputs};
use super::node::{Arithmetic, Compare, Node};
use super::problem::Fault;
use jiff::civil::Date;
use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;
use tenure_model::{AttributeName, Name, Value, ValueType};

/// A value during evaluation: borrowed if possible. A list keeps its order (`split` needs it) until it is returned.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Val<'a> {
    Null,
    Text(Cow<'a, str>),
    Int(i64),
    Bool(bool),
    Date(Date),
    Texts(Cow<'a, [Arc<str>]>),
}

/// Source of the values of names: the inputs of one evaluation, or a class.
pub(crate) trait Read {
    fn attribute(&self, name: &AttributeName) -> Option<&Value>;
    fn builtin(&self, name: Builtin) -> Option<Val<'_>>;
    fn identifier(&self, name: &str) -> Option<&str>;
    fn former(&self, name: &str) -> &[Arc<str>];
    fn column(&self, name: &str) -> Option<&str>;
}

impl Read for Inputs<'_> {
    fn attribute(&self, name: &AttributeName) -> Option<&Value> {
        Inputs::attribute(self, name)
    }
    fn builtin(&self, name: Builtin) -> Option<Val<'_>> {
        match name {
            Builtin::EngagementType => self.engagement_type.map(|t| text(t.as_str())),
            Builtin::EngagementSource => self.engagement_source.map(|s| text(s.as_str())),
            Builtin::IdentityKind => self.identity_kind.map(|k| text(k.as_str())),
            Builtin::Phase => self.phase.map(|p| text(p.as_str())),
            Builtin::Change => self.change.map(|c| text(c.as_str())),
            Builtin::GrantSystem => self.grant.map(|g| text(g.entitlement.system_str())),
            Builtin::GrantName => self.grant.map(|g| text(g.entitlement.local())),
            Builtin::GrantRisk => self.grant.map(|g| Val::Int(i64::from(g.risk))),
        }
    }
    fn identifier(&self, name: &str) -> Option<&str> {
        self.identifiers?.get(name).map(|t| &**t)
    }
    fn former(&self, name: &str) -> &[Arc<str>] {
        self.former.and_then(|all| all.get(name)).map_or(&[], Vec::as_slice)
    }
    fn column(&self, name: &str) -> Option<&str> {
        self.row?.get(name)
    }
}

pub(crate) fn text(text: &str) -> Val<'_> {
    Val::Text(Cow::Borrowed(text))
}

/// Whether a condition holds.
pub(crate) fn truth(node: &Node, read: &impl Read) -> Result<bool, Fault> {
    Eval { read, element: None }.bool(node)
}

/// The value of an expression; `None` for null.
pub(crate) fn value(node: &Node, read: &impl Read) -> Result<Option<Value>, Fault> {
    Ok(match (Eval { read, element: None }).eval(node)? {
        Val::Null => None,
        Val::Text(t) => Some(Value::text(&t)),
        Val::Int(i) => Some(Value::Int(i)),
        Val::Bool(b) => Some(Value::Bool(b)),
        Val::Date(d) => Some(Value::Date(d)),
        Val::Texts(items) => Some(Value::texts(items.iter())),
    })
}

fn borrowed(value: &Value) -> Val<'_> {
    match value {
        Value::Text(t) => text(t),
        Value::Int(i) => Val::Int(*i),
        Value::Bool(b) => Val::Bool(*b),
        Value::Date(d) => Val::Date(*d),
        Value::Texts(items) => Val::Texts(Cow::Borrowed(items)),
    }
}

/// The value that an absent attribute reads as.
fn absent(value_type: ValueType) -> Val<'static> {
    match value_type {
        ValueType::Text => text(""),
        ValueType::Int => Val::Int(0),
        ValueType::Bool => Val::Bool(false),
        ValueType::Date => Val::Null,
        ValueType::Texts => Val::Texts(Cow::Borrowed(&[])),
    }
}

struct Eval<'e, R> {
    read: &'e R,
    /// The current text of the innermost `exists` or `all`.
    element: Option<&'e str>,
}

impl<'e, R: Read> Eval<'e, R> {
    fn eval(&self, node: &'e Node) -> Result<Val<'e>, Fault> {
        Ok(match node {
            Node::Constant(value) => borrowed(value),
            Node::Null => Val::Null,
            Node::Attribute(name, value_type) => match self.read.attribute(name) {
                Some(value) if value.value_type() == *value_type => borrowed(value),
                Some(_) => return Err(Fault::Mismatch("an attribute")),
                None => absent(*value_type),
            },
            Node::Builtin(name) => self.read.builtin(*name).unwrap_or(match name {
                Builtin::GrantRisk => Val::Int(0),
                _ => text(""),
            }),
            Node::Identifier(name) => text(self.read.identifier(name).unwrap_or_default()),
            Node::Former(name) => Val::Texts(Cow::Borrowed(self.read.former(name))),
            Node::Column(name) => text(self.read.column(name).unwrap_or_default()),
            Node::Element => text(self.element.unwrap_or_default()),
            Node::List(items) => self.list(items)?,
            Node::Not(_)
            | Node::And(..)
            | Node::Or(..)
            | Node::Compare(..)
            | Node::In(..)
            | Node::Matches(..)
            | Node::Exists(..)
            | Node::All(..) => Val::Bool(self.logic(node)?),
            Node::Arithmetic(op, a, b) => Val::Int(arithmetic(*op, self.int(a)?, self.int(b)?)?),
            Node::Negate(a) => Val::Int(self.int(a)?.checked_neg().ok_or(Fault::Overflow)?),
            Node::Concat(a, b) => {
                let (a, b) = (self.text(a)?, self.text(b)?);
                bounded(format!("{a}{b}"))?
            }
            Node::Chain(a, b) => {
                let (mut all, more) = (self.texts(a)?.into_owned(), self.texts(b)?);
                all.extend(more.iter().cloned());
                Val::Texts(Cow::Owned(all))
            }
            Node::Choose(condition, yes, no) => {
                if self.bool(condition)? {
                    self.eval(yes)?
                } else {
                    self.eval(no)?
                }
            }
            Node::At(list, place) => {
                let place = usize::try_from(self.int(place)?).ok();
                match (self.texts(list)?, place) {
                    (Cow::Borrowed(items), Some(i)) => text(items.get(i).map_or("", |t| t)),
                    (Cow::Owned(items), Some(i)) => {
                        Val::Text(Cow::Owned(items.get(i).map(ToString::to_string).unwrap_or_default()))
                    }
                    (_, None) => text(""),
                }
            }
            Node::Call(function, args) => {
                let args = args.iter().map(|a| self.eval(a)).collect::<Result<Vec<_>, _>>()?;
                functions::apply(*function, args)?
            }
        })
    }

    fn logic(&self, node: &'e Node) -> Result<bool, Fault> {
        match node {
            Node::Not(a) => Ok(!self.bool(a)?),
            Node::And(a, b) => self.both(a, b, false),
            Node::Or(a, b) => self.both(a, b, true),
            Node::Compare(op, a, b) => Ok(compare(*op, &self.eval(a)?, &self.eval(b)?)),
            Node::In(item, list) => {
                let item = self.text(item)?;
                Ok(self.texts(list)?.iter().any(|t| **t == *item))
            }
            Node::Matches(a, pattern) => Ok(pattern.is_match(&self.text(a)?)),
            Node::Exists(list, body) => self.each(list, body, true),
            Node::All(list, body) => self.each(list, body, false).map(|found| !found),
            _ => match self.eval(node)? {
                Val::Bool(b) => Ok(b),
                _ => Err(Fault::Mismatch("a condition")),
            },
        }
    }

    /// `&&` and `||`: as in CEL, a side that decides is enough even if the other one has a fault.
    fn both(&self, a: &'e Node, b: &'e Node, decides: bool) -> Result<bool, Fault> {
        match self.bool(a) {
            Ok(a) if a == decides => Ok(decides),
            Ok(_) => self.bool(b),
            Err(fault) => match self.bool(b) {
                Ok(b) if b == decides => Ok(decides),
                _ => Err(fault),
            },
        }
    }

    /// Whether some text of the list makes the body equal `wanted`.
    fn each(&self, list: &'e Node, body: &'e Node, wanted: bool) -> Result<bool, Fault> {
        let items = self.texts(list)?;
        let mut fault = None;
        for item in items.iter() {
            match (Eval { read: self.read, element: Some(item) }).bool(body) {
                Ok(b) if b == wanted => return Ok(true),
                Ok(_) => {}
                Err(f) => fault = Some(f),
            }
        }
        fault.map_or(Ok(false), Err)
    }

    fn list(&self, items: &'e [Node]) -> Result<Val<'e>, Fault> {
        let items = items.iter().map(|i| self.text(i).map(|t| Arc::from(&*t)));
        Ok(Val::Texts(Cow::Owned(items.collect::<Result<Vec<_>, _>>()?)))
    }
    fn bool(&self, node: &'e Node) -> Result<bool, Fault> {
        match node {
            Node::Constant(Value::Bool(b)) => Ok(*b),
            Node::Attribute(..) | Node::Choose(..) | Node::Call(..) => match self.eval(node)? {
                Val::Bool(b) => Ok(b),
                _ => Err(Fault::Mismatch("a condition")),
            },
            _ => self.logic(node),
        }
    }
    fn int(&self, node: &'e Node) -> Result<i64, Fault> {
        match self.eval(node)? {
            Val::Int(i) => Ok(i),
            _ => Err(Fault::Mismatch("a number")),
        }
    }
    fn text(&self, node: &'e Node) -> Result<Cow<'e, str>, Fault> {
        match self.eval(node)? {
            Val::Text(t) => Ok(t),
            _ => Err(Fault::Mismatch("a text")),
        }
    }
    fn texts(&self, node: &'e Node) -> Result<Cow<'e, [Arc<str>]>, Fault> {
        match self.eval(node)? {
            Val::Texts(t) => Ok(t),
            _ => Err(Fault::Mismatch("a set of texts")),
        }
    }
}

/// Refuses a text over the limit.
pub(crate) fn bounded(text: String) -> Result<Val<'static>, Fault> {
    if text.len() > TEXT_BYTES_MAX { Err(Fault::TooLong) } else { Ok(Val::Text(Cow::Owned(text))) }
}

fn arithmetic(op: Arithmetic, a: i64, b: i64) -> Result<i64, Fault> {
    let by_zero = b == 0 && matches!(op, Arithmetic::Divide | Arithmetic::Remainder);
    if by_zero {
        return Err(Fault::DivisionByZero);
    }
    match op {
        Arithmetic::Add => a.checked_add(b),
        Arithmetic::Subtract => a.checked_sub(b),
        Arithmetic::Multiply => a.checked_mul(b),
        Arithmetic::Divide => a.checked_div(b),
        Arithmetic::Remainder => a.checked_rem(b),
    }
    .ok_or(Fault::Overflow)
}

/// The checker ensured equal types; only dates may be null, and null has no order.
fn compare(op: Compare, a: &Val<'_>, b: &Val<'_>) -> bool {
    let order = match (a, b) {
        (Val::Text(a), Val::Text(b)) => Some(a.cmp(b)),
        (Val::Int(a), Val::Int(b)) => Some(a.cmp(b)),
        (Val::Bool(a), Val::Bool(b)) => Some(a.cmp(b)),
        (Val::Date(a), Val::Date(b)) => Some(a.cmp(b)),
        (Val::Texts(a), Val::Texts(b)) => return same_set(a, b) == (op == Compare::Equal),
        (Val::Null, Val::Null) if matches!(op, Compare::Equal | Compare::NotEqual) => Some(Ordering::Equal),
        _ => None,
    };
    match (op, order) {
        (Compare::Equal, order) => order == Some(Ordering::Equal),
        (Compare::NotEqual, order) => order != Some(Ordering::Equal),
        (_, None) => false,
        (Compare::Less, Some(order)) => order.is_lt(),
        (Compare::LessOrEqual, Some(order)) => order.is_le(),
        (Compare::Greater, Some(order)) => order.is_gt(),
        (Compare::GreaterOrEqual, Some(order)) => order.is_ge(),
    }
}

/// Sets are equal if they contain the same texts, in any order and number.
fn same_set(a: &[Arc<str>], b: &[Arc<str>]) -> bool {
    a.iter().all(|t| b.contains(t)) && b.iter().all(|t| a.contains(t))
}
