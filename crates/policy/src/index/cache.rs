//! Answers by class, kept while they are used: engagements of one class share one answer.

use super::{ClassAnswer, ClassKey};
use crate::Policy;
#[expect(clippy::disallowed_types, reason = "only looked up by key: its order cannot be seen")]
use std::collections::HashMap;
use std::sync::Arc;

/// Maximum number of classes that a cache keeps.
pub const CLASSES_CACHED_MAX: usize = 65_536;

/// Answers of one policy, in two generations: when the young one has half of [`CLASSES_CACHED_MAX`], it becomes the old one, and
/// answers not used since are dropped. Never use it for another policy.
#[expect(clippy::disallowed_types, reason = "only looked up by key: its order cannot be seen")]
#[derive(Debug, Default)]
pub struct ClassCache {
    young: HashMap<ClassKey, Arc<ClassAnswer>>,
    old: HashMap<ClassKey, Arc<ClassAnswer>>,
}

impl ClassCache {
    /// The answer of the class, computed when it is not known.
    pub fn answer(&mut self, policy: &Policy, key: ClassKey) -> Arc<ClassAnswer> {
        if let Some(answer) = self.young.get(&key) {
            return answer.clone();
        }
        let answer = self.old.remove(&key).unwrap_or_else(|| Arc::new(policy.answer(&key)));
        if self.young.len() >= CLASSES_CACHED_MAX / 2 {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, answer.clone());
        answer
    }
}
