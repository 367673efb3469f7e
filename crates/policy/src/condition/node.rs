//! The typed tree of a checked condition: every name resolved, every type known.

use super::functions::Function;
use super::inputs::Builtin;
use std::sync::Arc;
use tenure_model::{AttributeName, Value, ValueType};

/// Types during checking: those of attributes, and that of the literal `null`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Type {
    Text,
    Int,
    Bool,
    Date,
    /// A list of texts: an attribute's set, or the result of `split`.
    Texts,
    Null,
}

impl Type {
    pub(crate) fn of(value_type: ValueType) -> Self {
        match value_type {
            ValueType::Text => Self::Text,
            ValueType::Int => Self::Int,
            ValueType::Bool => Self::Bool,
            ValueType::Date => Self::Date,
            ValueType::Texts => Self::Texts,
        }
    }
    pub(crate) fn value_type(self) -> Option<ValueType> {
        Some(match self {
            Self::Text => ValueType::Text,
            Self::Int => ValueType::Int,
            Self::Bool => ValueType::Bool,
            Self::Date => ValueType::Date,
            Self::Texts => ValueType::Texts,
            Self::Null => return None,
        })
    }
    /// With its article, for messages.
    pub(crate) fn a(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Int => "a whole number",
            Self::Bool => "true or false",
            Self::Date => "a date",
            Self::Texts => "a set of texts",
            Self::Null => "null",
        }
    }
}

/// Comparisons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compare {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Arithmetic on whole numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

/// One node.
#[derive(Debug, Clone)]
pub(crate) enum Node {
    Constant(Value),
    Null,
    Attribute(AttributeName, ValueType),
    Builtin(Builtin),
    Identifier(Arc<str>),
    /// Former names of an identifier.
    Former(Arc<str>),
    Column(Arc<str>),
    /// The current text of `exists` or `all`.
    Element,
    List(Vec<Node>),
    Not(Box<Node>),
    And(Box<Node>, Box<Node>),
    Or(Box<Node>, Box<Node>),
    Compare(Compare, Box<Node>, Box<Node>),
    /// Text in texts.
    In(Box<Node>, Box<Node>),
    Arithmetic(Arithmetic, Box<Node>, Box<Node>),
    Negate(Box<Node>),
    Concat(Box<Node>, Box<Node>),
    /// Concatenation of lists of texts.
    Chain(Box<Node>, Box<Node>),
    Choose(Box<Node>, Box<Node>, Box<Node>),
    /// The text at an index of a list, from 0; `""` beyond its end.
    At(Box<Node>, Box<Node>),
    Call(Function, Vec<Node>),
    Matches(Box<Node>, regex_lite::Regex),
    Exists(Box<Node>, Box<Node>),
    All(Box<Node>, Box<Node>),
}

impl Node {
    /// The node with `dn()` around each text that is concatenated with others and not literal in the expression. `within`: it is
    /// already a part.
    pub(crate) fn into_place(self, within: bool) -> Self {
        match self {
            Self::Concat(a, b) => Self::Concat(Box::new(a.into_place(true)), Box::new(b.into_place(true))),
            Self::Choose(when, a, b) => {
                Self::Choose(when, Box::new(a.into_place(within)), Box::new(b.into_place(within)))
            }
            Self::Constant(_) | Self::Null | Self::Call(Function::Dn, _) => self,
            other if within => Self::Call(Function::Dn, vec![other]),
            other => other,
        }
    }
}
