//! What a write asks of an account: plain values, and references by external id.

use super::account::FakeAccount;
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_model::{AttributeName, Value};

#[derive(Default)]
pub(super) struct Wanted {
    pub(super) plain: BTreeMap<AttributeName, Option<Value>>,
    pub(super) references: BTreeMap<AttributeName, Option<Arc<str>>>,
}

impl Wanted {
    pub(super) fn write_to(self, account: &mut FakeAccount) {
        put_all(&mut account.attributes, self.plain);
        put_all(&mut account.references, self.references);
    }
}

fn put_all<V>(into: &mut BTreeMap<AttributeName, V>, wanted: BTreeMap<AttributeName, Option<V>>) {
    for (name, value) in wanted {
        match value {
            Some(value) => into.insert(name, value),
            None => into.remove(&name),
        };
    }
}
