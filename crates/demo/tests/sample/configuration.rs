//! The configuration of the sample loads without a diagnostic, for any seed.

use std::collections::BTreeSet;
use tenure_demo::{Endpoint, Endpoints, Organisation};
use tenure_model::Name;
use tenure_policy::{Loaded, load};
use tenure_scim::{Path, Schemas, urn};

pub(crate) fn endpoints() -> Endpoints {
    let at = |port: u16, name: &str| Endpoint {
        url: format!("http://127.0.0.1:{port}/scim/v2"),
        token: format!("file:secrets/{name}"),
    };
    Endpoints {
        directory: at(4001, "directory"),
        git: at(4002, "git"),
        vpn: at(4003, "vpn"),
        erp: at(4004, "erp"),
        key: "file:secrets/key".to_owned(),
        operator: "operator".to_owned(),
    }
}

pub(crate) fn loaded(organisation: &Organisation) -> Loaded {
    let files = organisation.write_configuration(&endpoints());
    match load(&files) {
        Ok(loaded) => loaded,
        Err(found) => {
            panic!("{}", found.iter().map(|d| d.render(&files, false)).collect::<Vec<_>>().join("\n\n"))
        }
    }
}

#[test]
fn it_loads_without_errors_and_warnings() {
    for seed in [0, 1, 42, u64::MAX] {
        let organisation = Organisation::generate(seed);
        let files = organisation.write_configuration(&endpoints());
        let warnings = loaded(&organisation).warnings;
        let warnings: Vec<String> = warnings.iter().map(|d| d.render(&files, false)).collect();
        assert_eq!(warnings.join("\n\n"), "", "seed {seed}");
        for (path, text) in &files {
            assert!(!text.contains("<<"), "{path} has a place that was not filled:\n{text}");
        }
    }
}

#[test]
fn everybody_it_names_works_there() {
    let organisation = Organisation::generate(1);
    let setup = loaded(&organisation).setup;
    let mut named: BTreeSet<&str> = setup.settings.groups.values().flatten().map(|n| &**n).collect();
    named.extend(setup.settings.actors.values().map(|n| &**n));
    named.extend(setup.policy.exceptions.iter().map(|e| &*e.person));
    let owners = setup
        .systems
        .values()
        .flat_map(|s| s.entitlements.iter().filter_map(|e| e.owner.as_deref()).chain([&*s.owner]));
    named.extend(owners.filter(|o| !o.starts_with("group:")));
    for number in named {
        assert!(organisation.name_of(number).is_some(), "no person has the number {number}");
    }
}

#[test]
fn the_groups_are_those_that_the_configuration_declares() {
    let setup = loaded(&Organisation::generate(1)).setup;
    for (system, groups) in Organisation::groups() {
        let declared = &setup.systems[system];
        assert_eq!(&*declared.connector, "scim");
        for group in &groups {
            assert!(declared.entitlement(group).is_some(), "{system} does not declare {group}");
        }
        for entitlement in declared.entitlements.iter().filter(|e| !e.name.local().contains('{')) {
            assert!(groups.contains(entitlement.name.local()), "{} has no group", entitlement.name.as_str());
        }
    }
}

#[test]
fn endpoints_with_quotes_stay_inside_their_quotes() {
    let mut strange = endpoints();
    strange.operator = r#"DOMAIN\o"brien"#.to_owned();
    let files = Organisation::generate(1).write_configuration(&strange);
    let setup = load(&files).unwrap().setup;
    assert!(setup.settings.actors.contains_key(r#"DOMAIN\o"brien"#));
}

#[test]
fn scim_services_have_the_attributes_that_are_written() {
    let setup = loaded(&Organisation::generate(1)).setup;
    let schemas = Schemas::user().unwrap();
    for system in setup.systems.values().filter(|s| &*s.connector == "scim") {
        for attribute in &system.attributes {
            let name = attribute.name.as_str();
            let extended = format!("{}:{name}", urn::ENTERPRISE_USER);
            let known = [name, &extended].iter().any(|text| Path::parse(text, &schemas).is_ok());
            assert!(known, "{}: {name}", system.name);
        }
    }
}
