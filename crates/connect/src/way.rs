//! How the way is written that leads from what an account holds to what it holds by that.

use std::sync::Arc;

/// Between two entitlements of a way.
const STEP: &str = " > ";

/// A way and one step more.
#[must_use]
pub fn longer(way: &str, entitlement: &str) -> Arc<str> {
    Arc::from(format!("{way}{STEP}{entitlement}"))
}

/// The entitlements that a way leads through before it comes to `entitlement`; `None` when it is something else that the system
/// says.
#[must_use]
pub fn steps_to<'w>(way: &'w str, entitlement: &str) -> Option<Vec<&'w str>> {
    let before = way.strip_suffix(entitlement)?.strip_suffix(STEP)?;
    Some(before.split(STEP).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_is_read_as_it_was_written() {
        let way = longer(&longer("team", "unit"), "staff");
        assert_eq!(steps_to(&way, "staff"), Some(vec!["team", "unit"]));
        assert_eq!(steps_to(&way, "unit"), None);
        assert_eq!(steps_to("the members of cn=staff", "staff"), None);
    }
}
