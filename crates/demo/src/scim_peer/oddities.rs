//! Answers of services that do not follow the standard strictly.

use super::options::{ActiveAs, MembersAs, Quirks};
use serde_json::{Value, json};
use tenure_scim::{field, remove_field, set_field, truth};

/// A user or group as it is answered; `listed`: in a list.
pub(crate) fn oddly(mut view: Value, listed: bool, quirks: &Quirks) -> Value {
    let active = field(&view, "active").and_then(truth);
    let silent = match quirks.active {
        ActiveAs::Always | ActiveAs::Number | ActiveAs::Word => false,
        ActiveAs::Never => true,
        ActiveAs::WhenOff => active == Some(true),
        ActiveAs::WhenOn => active == Some(false),
    };
    if silent {
        remove_field(&mut view, "active");
    }
    match (quirks.active, active) {
        (ActiveAs::Number, Some(on)) => set_field(&mut view, "active", json!(u8::from(on))),
        (ActiveAs::Word, Some(on)) => {
            set_field(&mut view, "active", json!(if on { "current" } else { "left" }))
        }
        _ => {}
    }
    members(&mut view, listed, quirks);
    if quirks.numeric_ids {
        number(&mut view, "id");
    }
    view
}

fn members(view: &mut Value, listed: bool, quirks: &Quirks) {
    let Some(Value::Array(items)) = field(view, "members").cloned() else { return };
    let part = |item: &Value, name: &str| field(item, name).cloned().unwrap_or_default();
    let with = |name: &'static str| items.iter().map(|i| json!({ name: part(i, name) })).collect::<Vec<_>>();
    let hidden = match quirks.members {
        MembersAs::Hidden => true,
        MembersAs::HiddenInLists => listed,
        _ => false,
    };
    if hidden {
        remove_field(view, "members");
        return;
    }
    let written = match quirks.members {
        MembersAs::Standard | MembersAs::Hidden | MembersAs::HiddenInLists => return,
        MembersAs::Numbers => {
            let mut items = items.clone();
            items.iter_mut().for_each(|item| number(item, "value"));
            Value::Array(items)
        }
        MembersAs::Texts => items.iter().map(|i| part(i, "value")).collect(),
        MembersAs::Names => items.iter().map(|i| json!(format!("name of {}", part(i, "value")))).collect(),
        MembersAs::NamesAsValues => {
            items.iter().map(|i| json!({ "value": format!("name of {}", part(i, "value")) })).collect()
        }
        MembersAs::References => Value::Array(with("$ref")),
        MembersAs::Displays => items.iter().map(|_| json!({ "display": "a member" })).collect(),
        MembersAs::OneObject if items.len() == 1 => items.first().cloned().unwrap_or_default(),
        MembersAs::OneObject => return,
    };
    set_field(view, "members", written);
}

/// The digits of an id as a number.
fn number(of: &mut Value, name: &str) {
    let digits = field(of, name).and_then(Value::as_str).map(|id| id.trim_start_matches(char::is_alphabetic));
    if let Some(number) = digits.and_then(|d| d.parse::<u64>().ok()) {
        set_field(of, name, json!(number));
    }
}
