//! The public forms of a checked text: a condition (boolean) and an expression (a value).

use super::inputs::{Inputs, Reads};
use super::node::{Node, Type};
use super::{Fault, Problem, eval};
use crate::At;
use std::fmt;
use std::sync::Arc;
use tenure_model::{Value, ValueType};

/// A checked text with its place. Cheap to clone.
struct Compiled {
    text: Arc<str>,
    at: At,
    node: Node,
    reads: Reads,
}

impl Compiled {
    fn problem(&self, fault: &Fault) -> Problem {
        Problem { at: self.at.clone(), text: self.text.clone(), what: Arc::from(fault.to_string()) }
    }
}

/// A boolean condition over declared inputs.
#[derive(Clone)]
pub struct Condition(Arc<Compiled>);

/// A computed value over declared inputs.
#[derive(Clone)]
pub struct Expression(Arc<Compiled>, ValueType);

impl Condition {
    pub(crate) fn new(text: Arc<str>, at: At, node: Node, reads: Reads) -> Self {
        Self(Arc::new(Compiled { text, at, node, reads }))
    }
    /// The condition that always holds, for a rule without `when`.
    pub(crate) fn always(at: At) -> Self {
        Self::new(Arc::from("true"), at, Node::Constant(Value::Bool(true)), Reads::default())
    }
    /// Whether it is true.
    ///
    /// # Errors
    /// When these inputs have no answer (see [`Problem`]).
    pub fn holds(&self, inputs: &Inputs<'_>) -> Result<bool, Problem> {
        self.holds_over(inputs)
    }
    pub(crate) fn holds_over(&self, read: &impl eval::Read) -> Result<bool, Problem> {
        eval::truth(&self.0.node, read).map_err(|f| self.0.problem(&f))
    }
    pub(crate) fn node(&self) -> &Node {
        &self.0.node
    }
    /// As written.
    #[must_use]
    pub fn source(&self) -> &Arc<str> {
        &self.0.text
    }
    /// Where it is written.
    #[must_use]
    pub fn at(&self) -> &At {
        &self.0.at
    }
    /// What it reads.
    #[must_use]
    pub fn reads(&self) -> &Reads {
        &self.0.reads
    }
}

impl Expression {
    /// `None` if the node has no value of its own (the literal `null`).
    pub(crate) fn new(text: Arc<str>, at: At, node: Node, kind: Type, reads: Reads) -> Option<Self> {
        let value_type = kind.value_type()?;
        Some(Self(Arc::new(Compiled { text, at, node, reads }), value_type))
    }
    /// The same as a place in a directory: if it concatenates texts, those that are not literal in it are values within a
    /// distinguished name, and escaped as by `dn()`. A comma in a department does not change the place.
    pub(crate) fn into_place(self) -> Self {
        let Compiled { text, at, node, reads } = &*self.0;
        let node = node.clone().into_place(false);
        let compiled = Compiled { text: text.clone(), at: at.clone(), node, reads: reads.clone() };
        Self(Arc::new(compiled), self.1)
    }
    /// Its value. `None` for an absent date, an empty text and an empty set, and for the bare name of an attribute without a value.
    ///
    /// # Errors
    /// When these inputs have no answer (see [`Problem`]).
    pub fn value(&self, inputs: &Inputs<'_>) -> Result<Option<Value>, Problem> {
        if let Node::Attribute(name, _) = &self.0.node {
            return Ok(eval::Read::attribute(inputs, name).filter(|v| !v.is_blank()).cloned());
        }
        let value = eval::value(&self.0.node, inputs).map_err(|f| self.0.problem(&f))?;
        Ok(value.filter(|v| !v.is_blank()))
    }
    /// Its value as text: `""` if there is none, sets joined by `, `.
    ///
    /// # Errors
    /// When these inputs have no answer (see [`Problem`]).
    pub fn text(&self, inputs: &Inputs<'_>) -> Result<Arc<str>, Problem> {
        Ok(match self.value(inputs)? {
            None => Arc::from(""),
            Some(Value::Text(text)) => text,
            Some(other) => Arc::from(other.to_string()),
        })
    }
    /// The type of its values.
    #[must_use]
    pub fn value_type(&self) -> ValueType {
        self.1
    }
    /// As written.
    #[must_use]
    pub fn source(&self) -> &Arc<str> {
        &self.0.text
    }
    /// Where it is written.
    #[must_use]
    pub fn at(&self) -> &At {
        &self.0.at
    }
    /// What it reads.
    #[must_use]
    pub fn reads(&self) -> &Reads {
        &self.0.reads
    }
}

impl fmt::Debug for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Condition({})", self.0.text)
    }
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Expression({})", self.0.text)
    }
}
