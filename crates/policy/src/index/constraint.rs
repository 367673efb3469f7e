//! What a condition certainly requires of single values: for finding rules by value, and for proving that two exclude each other.

use super::Read;
use crate::condition::{Compare, Node};
use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_model::{Value, ValueType};

/// A requirement on one read: the condition can only be true if it is fulfilled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Demand {
    /// The read.
    pub(crate) read: Read,
    /// Its type.
    pub(crate) value_type: ValueType,
    /// The permitted values (for a set of texts: it must contain one of them).
    pub(crate) any_of: BTreeSet<Value>,
    /// Negated: none of them.
    pub(crate) not: bool,
}

impl Demand {
    /// What an absent value reads as.
    pub(crate) fn absent(&self) -> Option<Value> {
        match self.value_type {
            ValueType::Text => Some(Value::text("")),
            ValueType::Int => Some(Value::Int(0)),
            ValueType::Bool => Some(Value::Bool(false)),
            ValueType::Date | ValueType::Texts => None,
        }
    }
}

/// The requirements of the conjuncts of a condition, and whether they are the whole condition.
pub(crate) fn demands(node: &Node) -> (Vec<Demand>, bool) {
    let mut found = Vec::new();
    let mut all = true;
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        match (node, demand(node)) {
            (Node::Constant(Value::Bool(true)), _) => {}
            (Node::And(a, b), _) => open.extend([&**b, &**a]),
            (_, Some(demand)) => found.push(demand),
            (_, None) => all = false,
        }
    }
    (found, all)
}

fn demand(node: &Node) -> Option<Demand> {
    match node {
        Node::Compare(Compare::Equal, a, b) => equality(a, b, false),
        Node::Compare(Compare::NotEqual, a, b) => equality(a, b, true),
        Node::Attribute(_, ValueType::Bool) => is(node, Value::Bool(true), false),
        Node::Not(inner) => {
            let demand = demand(inner)?;
            Some(Demand { not: !demand.not, ..demand })
        }
        Node::In(item, list) => membership(item, list),
        Node::Or(a, b) => {
            let (a, b) = (demand(a)?, demand(b)?);
            let joins = a.read == b.read && !a.not && !b.not;
            joins.then(|| Demand { any_of: a.any_of.union(&b.any_of).cloned().collect(), ..a })
        }
        _ => None,
    }
}

fn equality(a: &Node, b: &Node, not: bool) -> Option<Demand> {
    match (a, b) {
        (_, Node::Constant(Value::Texts(_))) | (Node::Constant(Value::Texts(_)), _) => None,
        (read, Node::Constant(value)) | (Node::Constant(value), read) => is(read, value.clone(), not),
        _ => None,
    }
}

fn is(node: &Node, value: Value, not: bool) -> Option<Demand> {
    let (read, value_type) = read_of(node)?;
    Some(Demand { read, value_type, any_of: BTreeSet::from([value]), not })
}

fn membership(item: &Node, list: &Node) -> Option<Demand> {
    let texts = |items: &Arc<[Arc<str>]>| items.iter().map(|t| Value::Text(t.clone())).collect();
    match (item, list) {
        (_, Node::Constant(Value::Texts(items))) => {
            let (read, value_type) = read_of(item)?;
            Some(Demand { read, value_type, any_of: texts(items), not: false })
        }
        (Node::Constant(value), _) => {
            let (read, value_type) = read_of(list)?;
            Some(Demand { read, value_type, any_of: BTreeSet::from([value.clone()]), not: false })
        }
        _ => None,
    }
}

fn read_of(node: &Node) -> Option<(Read, ValueType)> {
    match node {
        Node::Attribute(name, value_type) => Some((Read::Attribute(name.clone()), *value_type)),
        Node::Builtin(name) if *name == crate::Builtin::GrantRisk => {
            Some((Read::Builtin(*name), ValueType::Int))
        }
        Node::Builtin(name) => Some((Read::Builtin(*name), ValueType::Text)),
        _ => None,
    }
}

/// Whether requirements, together, can be proved impossible.
pub(crate) fn impossible(demands: &[Demand]) -> bool {
    demands.iter().filter(|d| !d.not).any(|first| {
        let mut left = first.any_of.clone();
        for other in demands.iter().filter(|d| d.read == first.read) {
            match other.not {
                true => left.retain(|v| !other.any_of.contains(v)),
                // A set may fulfil one requirement by one text and the next by another.
                false if first.value_type == ValueType::Texts => {}
                false => left.retain(|v| other.any_of.contains(v)),
            }
        }
        left.is_empty()
    })
}
