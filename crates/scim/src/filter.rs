//! Filters (RFC 7644 §3.4.2.2): parsed by `scim_v2`, checked against the schemas and evaluated over JSON here.

use crate::path::{Described, resolve, shown, sub_name};
use crate::schema::{Attribute, Kind, Schemas};
use crate::{ScimError, ScimType, field};
use jiff::Timestamp;
use scim_v2::filter::{AttrExp, AttrPath, CompValue, CompareOp, Filter as Parsed, ValFilter};
use serde_json::{Map, Value};
use std::cmp::Ordering;

/// Maximum size of a filter in bytes. The parser limits depth and number of terms (64 and 1,024).
const FILTER_BYTES_MAX: usize = 64 * 1024;

/// A filter that was checked against the schemas of a resource type.
#[derive(Debug, Clone)]
pub struct Filter(Node);

#[derive(Debug, Clone)]
pub(crate) enum Node {
    Present(Target),
    Compare(Target, Op, CompValue),
    /// `emails[…]`: one value must pass the whole filter.
    Element(Target, Box<Node>),
    Not(Box<Node>),
    And(Vec<Node>),
    Or(Vec<Node>),
}

#[derive(Debug, Clone)]
pub(crate) struct Target {
    extension: Option<String>,
    attribute: String,
    sub: Option<String>,
    kind: Kind,
    case_exact: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Op {
    Eq,
    Ne,
    Co,
    Sw,
    Ew,
    Gt,
    Lt,
    Ge,
    Le,
}

impl Filter {
    /// Reads and checks a filter.
    ///
    /// # Errors
    /// `invalidFilter`, with an explanation.
    pub fn parse(text: &str, schemas: &Schemas) -> Result<Self, ScimError> {
        if text.len() > FILTER_BYTES_MAX {
            return Err(wrong(text, &format!("longer than {FILTER_BYTES_MAX} bytes")));
        }
        let parsed: Parsed = text.parse().map_err(|_| wrong(text, "this is not a filter"))?;
        compile(&parsed, schemas).map(Self)
    }

    /// Whether the resource matches.
    #[must_use]
    pub fn matches(&self, resource: &Value) -> bool {
        self.0.matches(resource)
    }

    /// The value that a core attribute must equal for the filter to match, if the filter states one: an index can look it up before
    /// the whole filter is evaluated. `attribute` is spelt as in the schema, `members.value` dotted.
    #[must_use]
    pub fn must_equal(&self, attribute: &str) -> Option<&str> {
        self.0.must_equal(attribute)
    }

    /// Whether the filter is a single equality: then an index has the whole answer.
    #[must_use]
    pub fn is_equality(&self) -> bool {
        matches!(self.0, Node::Compare(_, Op::Eq, CompValue::Str(_)))
    }
}

/// A text as a filter literal, quotes and backslashes escaped: nothing in it can end the literal (RFC 7644 §3.4.2.2 requires JSON
/// strings).
#[must_use]
pub fn quote(text: &str) -> String {
    Value::from(text).to_string()
}

/// `attribute eq "text"`.
#[must_use]
pub fn eq(attribute: &str, text: &str) -> String {
    format!("{attribute} eq {}", quote(text))
}

fn wrong(text: &str, what: &str) -> ScimError {
    ScimError::new(ScimType::InvalidFilter, format!("filter `{}`: {what}", shown(text)))
}

fn compile(filter: &Parsed, schemas: &Schemas) -> Result<Node, ScimError> {
    let all = |items: &[Parsed]| items.iter().map(|i| compile(i, schemas)).collect::<Result<Vec<_>, _>>();
    Ok(match filter {
        Parsed::Attr(AttrExp::Present(path)) => Node::Present(target(path, schemas)?.0),
        Parsed::Attr(AttrExp::Comparison(path, op, value)) => {
            comparison(target(path, schemas)?.0, op, value)?
        }
        Parsed::ValuePath(v) => {
            let (target, definition) = target(&v.attr, schemas)?;
            Node::Element(target, Box::new(compile_element(&v.filter, definition.as_ref())?))
        }
        Parsed::Not(inner) => Node::Not(Box::new(compile(inner, schemas)?)),
        Parsed::And(items) => Node::And(all(items.as_slice())?),
        Parsed::Or(items) => Node::Or(all(items.as_slice())?),
    })
}

/// Compiles the part in brackets: names are sub-attributes of `definition`.
pub(crate) fn compile_element(filter: &ValFilter, definition: Option<&Attribute>) -> Result<Node, ScimError> {
    let all = |items: &[ValFilter]| {
        items.iter().map(|i| compile_element(i, definition)).collect::<Result<Vec<_>, _>>()
    };
    Ok(match filter {
        ValFilter::Attr(AttrExp::Present(path)) => Node::Present(element_target(path, definition)?),
        ValFilter::Attr(AttrExp::Comparison(path, op, value)) => {
            comparison(element_target(path, definition)?, op, value)?
        }
        ValFilter::Not(inner) => Node::Not(Box::new(compile_element(inner, definition)?)),
        ValFilter::And(items) => Node::And(all(items.as_slice())?),
        ValFilter::Or(items) => Node::Or(all(items.as_slice())?),
    })
}

fn target(path: &AttrPath, schemas: &Schemas) -> Result<(Target, Option<Attribute>), ScimError> {
    let unknown = || wrong(&path.to_string(), "the schema has no such attribute");
    let r = resolve(path, schemas).ok_or_else(unknown)?;
    let definition = r.definition;
    let Some(attribute) = r.name else {
        // An extension as a whole: present when any of its attributes is.
        let whole = r.extension.unwrap_or_default();
        let t =
            Target { extension: None, attribute: whole, sub: None, kind: Kind::Complex, case_exact: true };
        return Ok((t, None));
    };
    let sub = match &r.sub {
        Some(s) => Some(sub_name(definition.as_ref(), s).ok_or_else(unknown)?),
        None => None,
    };
    // The value of a complex attribute is its sub-attribute `value` (RFC 7643 §2.4).
    let leaf = definition.as_ref().and_then(|d| match &sub {
        Some(s) => d.sub(s),
        None if d.kind == Kind::Complex => d.sub("value").or(Some(d)),
        None => Some(d),
    });
    let kind = leaf.map_or(Kind::Text, |d| d.kind);
    let case_exact = leaf.is_some_and(|d| d.case_exact);
    Ok((Target { extension: r.extension, attribute, sub, kind, case_exact }, definition))
}

fn element_target(path: &AttrPath, definition: Option<&Attribute>) -> Result<Target, ScimError> {
    let unknown = || wrong(&path.to_string(), "no such sub-attribute");
    if path.uri.is_some() || path.sub_attr.is_some() {
        return Err(unknown());
    }
    let attribute = sub_name(definition, &path.name).ok_or_else(unknown)?;
    let leaf = definition.and_then(|d| d.sub(&attribute));
    let kind = leaf.map_or(Kind::Text, |d| d.kind);
    Ok(Target { extension: None, attribute, sub: None, kind, case_exact: leaf.is_some_and(|d| d.case_exact) })
}

fn comparison(target: Target, op: &CompareOp, value: &CompValue) -> Result<Node, ScimError> {
    let op = match op {
        CompareOp::Eq => Op::Eq,
        CompareOp::Ne => Op::Ne,
        CompareOp::Co => Op::Co,
        CompareOp::Sw => Op::Sw,
        CompareOp::Ew => Op::Ew,
        CompareOp::Gt => Op::Gt,
        CompareOp::Lt => Op::Lt,
        CompareOp::Ge => Op::Ge,
        CompareOp::Le => Op::Le,
    };
    // "If the attribute type is Boolean or Binary, … SHALL fail" (RFC 7644 §3.4.2.2, gt lt ge le).
    let ordered = matches!(op, Op::Gt | Op::Lt | Op::Ge | Op::Le);
    let unordered = matches!(target.kind, Kind::Boolean | Kind::Binary)
        || matches!(value, CompValue::True | CompValue::False | CompValue::Null);
    if ordered && unordered {
        return Err(wrong(&target.attribute, "true, false, null and binary values have no order"));
    }
    Ok(Node::Compare(target, op, value.clone()))
}

impl Node {
    pub(crate) fn matches(&self, resource: &Value) -> bool {
        match self {
            Self::Present(t) => t.leaves(resource).iter().any(|v| is_present(v)),
            Self::Compare(t, op, value) => {
                let leaves = t.leaves(resource);
                if leaves.is_empty() {
                    return absent(*op, value);
                }
                leaves.iter().any(|leaf| compare(leaf, *op, value, t))
            }
            Self::Element(t, inner) => t.elements(resource).iter().any(|e| inner.matches(e)),
            Self::Not(inner) => !inner.matches(resource),
            Self::And(items) => items.iter().all(|i| i.matches(resource)),
            Self::Or(items) => items.iter().any(|i| i.matches(resource)),
        }
    }

    fn must_equal(&self, wanted: &str) -> Option<&str> {
        match self {
            Self::Compare(t, Op::Eq, CompValue::Str(s)) if t.extension.is_none() && t.is_named(wanted) => {
                Some(s)
            }
            Self::Element(t, inner) if t.extension.is_none() => {
                let sub = wanted.strip_prefix(t.attribute.as_str())?.strip_prefix('.')?;
                inner.must_equal(sub)
            }
            Self::And(items) => items.iter().find_map(|i| i.must_equal(wanted)),
            _ => None,
        }
    }

    /// The members required by a conjunction of equalities; `None` for any other filter.
    pub(crate) fn described(&self) -> Option<Described> {
        match self {
            Self::Compare(t, Op::Eq, value) => {
                let value = match value {
                    CompValue::Str(s) => Value::from(s.as_str()),
                    CompValue::True => Value::Bool(true),
                    CompValue::False => Value::Bool(false),
                    CompValue::Number(n) => Value::Number(n.clone()),
                    CompValue::Null => return None,
                };
                Some(Map::from_iter([(t.attribute.clone(), value)]))
            }
            Self::And(items) => {
                let mut all = Map::new();
                for item in items {
                    all.extend(item.described()?);
                }
                Some(all)
            }
            _ => None,
        }
    }
}

impl Target {
    fn is_named(&self, wanted: &str) -> bool {
        match (wanted.split_once('.'), &self.sub) {
            (Some((name, sub)), Some(own)) => self.attribute == name && own == sub,
            // `members eq "x"` compares `members.value`.
            (Some((name, "value")), None) => self.attribute == name,
            (None, None) => self.attribute == wanted,
            _ => false,
        }
    }

    fn elements<'a>(&self, resource: &'a Value) -> Vec<&'a Value> {
        let base = match &self.extension {
            Some(urn) => field(resource, urn),
            None => Some(resource),
        };
        // Within brackets of a list of plain values, `value` is the element itself.
        if base.is_some_and(|b| !b.is_object()) && self.attribute.eq_ignore_ascii_case("value") {
            return base.into_iter().collect();
        }
        match base.and_then(|b| field(b, &self.attribute)) {
            Some(Value::Array(items)) => items.iter().filter(|i| !i.is_null()).collect(),
            Some(single) => vec![single],
            None => Vec::new(),
        }
    }

    fn leaves<'a>(&self, resource: &'a Value) -> Vec<&'a Value> {
        let elements = self.elements(resource);
        match &self.sub {
            Some(sub) => elements.into_iter().filter_map(|e| field(e, sub)).collect(),
            None => elements.into_iter().map(|e| field(e, "value").unwrap_or(e)).collect(),
        }
    }
}

fn is_present(value: &Value) -> bool {
    !crate::json::is_unassigned(value) && value.as_str().is_none_or(|s| !s.is_empty())
}

/// A missing attribute has no value: it equals null and differs from everything else.
fn absent(op: Op, value: &CompValue) -> bool {
    match op {
        Op::Eq => *value == CompValue::Null,
        Op::Ne => *value != CompValue::Null,
        _ => false,
    }
}

fn compare(leaf: &Value, op: Op, wanted: &CompValue, target: &Target) -> bool {
    match (leaf, wanted) {
        (Value::String(have), CompValue::Str(want)) => compare_text(have, op, want, target),
        (Value::Number(have), CompValue::Number(want)) => match (have.as_i64(), want.as_i64()) {
            (Some(a), Some(b)) => ordered(Some(a.cmp(&b)), op),
            _ => ordered(have.as_f64().zip(want.as_f64()).and_then(|(a, b)| a.partial_cmp(&b)), op),
        },
        (Value::Bool(have), CompValue::True | CompValue::False) => {
            ordered(Some(have.cmp(&(*wanted == CompValue::True))), op)
        }
        _ => op == Op::Ne,
    }
}

fn compare_text(have: &str, op: Op, want: &str, target: &Target) -> bool {
    if target.kind == Kind::DateTime
        && let (Ok(a), Ok(b)) = (have.parse::<Timestamp>(), want.parse::<Timestamp>())
    {
        return ordered(Some(a.cmp(&b)), op);
    }
    if target.case_exact {
        return compare_same_case(have, op, want);
    }
    compare_same_case(&have.to_lowercase(), op, &want.to_lowercase())
}

fn compare_same_case(have: &str, op: Op, want: &str) -> bool {
    match op {
        Op::Co => have.contains(want),
        Op::Sw => have.starts_with(want),
        Op::Ew => have.ends_with(want),
        _ => ordered(Some(have.cmp(want)), op),
    }
}

fn ordered(order: Option<Ordering>, op: Op) -> bool {
    let Some(order) = order else { return op == Op::Ne };
    match op {
        Op::Eq => order.is_eq(),
        Op::Ne => order.is_ne(),
        Op::Gt => order.is_gt(),
        Op::Lt => order.is_lt(),
        Op::Ge => order.is_ge(),
        Op::Le => order.is_le(),
        Op::Co | Op::Sw | Op::Ew => false,
    }
}
