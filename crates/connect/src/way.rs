//! Text form of the path from an entitlement that an account holds to one that it inherits.

use std::sync::Arc;

/// Separator of two entitlements of a path.
const STEP: &str = " > ";

/// A path and one more step.
#[must_use]
pub fn longer(way: &str, entitlement: &str) -> Arc<str> {
    Arc::from(format!("{way}{STEP}{entitlement}"))
}

/// The entitlements of a path before `entitlement`; `None` if the system's text has another form.
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
