//! `identity`: services and agents that are stated by command, from their first day to their last.

use super::acme::{Acme, HEADER, MONDAY, OWNERS, TUESDAY, WEDNESDAY};
use super::service::organisation;
use tenure_demo::scim_peer::ScimPeer;

const MACHINES: &str = r#"

[[baseline]]
name  = "machines"
when  = 'identity.kind != "person"'
grant = ["directory:account"]

[[baseline]]
name  = "build robots"
when  = 'identity.kind == "service" && role == "build"'
grant = ["directory:engineering"]
"#;

/// A policy that allows non-human identities.
fn with_machines(acme: &Acme) {
    let attributes = "[attributes]\nmachine = \"text\"\nrole = \"text\"\npurpose = \"text\"\n\
                      owner = { type = \"text\", reference = \"worker_number\" }\n\
                      deputy = { type = \"text\", reference = \"worker_number\" }";
    acme.edit("policy/people.toml", "[attributes]", attributes);
    acme.edit(
        "policy/people.toml",
        "candidates = [",
        "kinds      = [\"person\", \"service\", \"agent\"]\ncandidates = [\n  'machine',",
    );
    let access = std::fs::read_to_string(acme.path("policy/access.toml")).unwrap();
    acme.write("policy/access.toml", &format!("{access}{MACHINES}"));
    acme.edit("policy/access.toml", "engagement.type != \"employee\"", "engagement.type == \"contractor\"");
    acme.applied(MONDAY);
}

async fn begun() -> (Acme, ScimPeer) {
    let (acme, service) = organisation("enforce").await;
    with_machines(&acme);
    acme.tenure(&["run", "--now", MONDAY]).ends(0);
    (acme, service)
}

const CI: &[&str] = &[
    "identity",
    "add",
    "service",
    "ci-build",
    "--owner",
    "1001",
    "--deputy",
    "1002",
    "--purpose",
    "builds what is merged",
    "--until",
    "2026-06-30",
    "--set",
    "role=build",
    "--now",
    MONDAY,
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_lives_by_command() {
    let (acme, service) = begun().await;
    insta::assert_snapshot!("identity_add", acme.tenure(CI).shown());
    assert_eq!(service.state().user("ci-build").unwrap()["active"], true);
    assert!(service.state().members("engineering").contains("ci-build"));
    acme.tenure(CI).fails(1, "A003").says("`ci-build` is the name of service command:ci-build");

    insta::assert_snapshot!(
        "identity_show",
        acme.tenure(&["identity", "show", "ci-build", "--now", TUESDAY]).shown()
    );
    insta::assert_snapshot!("identity_list", acme.tenure(&["identity", "list", "--now", TUESDAY]).shown());
    let (list, code) = acme.json(&["identity", "list", "--now", TUESDAY]);
    assert_eq!(
        (list[0]["owner"]["key"].as_str(), list[0]["until"].as_str(), code),
        (Some("1001"), Some("2026-06-30"), Some(0)),
        "{list:#}"
    );
    acme.tenure(&["explain", "ci-build", "directory:engineering", "--now", TUESDAY])
        .ends(0)
        .says("ci-build has directory:engineering (held)");

    acme.tenure(&[
        "identity",
        "change",
        "ci-build",
        "--set",
        "role=idle",
        "--deputy",
        "1101",
        "--now",
        TUESDAY,
    ])
    .ends(0)
    .says("deputy: Given1 Family1 (1101)")
    .says("revoke directory:engineering");
    assert!(!service.state().members("engineering").contains("ci-build"));

    insta::assert_snapshot!(
        "identity_end",
        acme.tenure(&["identity", "end", "ci-build", "--now", WEDNESDAY]).shown()
    );
    assert_eq!(service.state().user("ci-build").unwrap()["active"], false);
    let (cases, code) = acme.json(&["case", "ci-build", "--now", WEDNESDAY]);
    assert_eq!((cases["cases"][0]["label"].as_str(), code), (Some("leaver"), Some(0)), "{cases:#}");
    let facts = cases["cases"][0]["facts"].as_array().unwrap();
    assert!(!facts.is_empty() && facts.iter().all(|f| f["state"] == "confirmed"), "{cases:#}");
    acme.tenure(&["identity", "end", "ci-build", "--now", WEDNESDAY]).fails(1, "A003").says("already");
    acme.tenure(&["identity", "list", "--now", WEDNESDAY])
        .ends(0)
        .says("no service, agent or shared account is known");
    acme.tenure(&["identity", "list", "--all", "--now", WEDNESDAY])
        .ends(0)
        .says("ci-build (service, departed)");
    // The name stays its own, and it may go on.
    acme.tenure(CI).fails(1, "A003");
    acme.tenure(&["identity", "change", "ci-build", "--until", "2026-02-01", "--now", WEDNESDAY]).ends(0);
    assert_eq!(service.state().user("ci-build").unwrap()["active"], true);
    acme.tenure(&["ledger", "verify"]).ends(0);
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_expiry_ends_it_and_so_does_silence_when_its_owner_left() {
    let (acme, service) = begun().await;
    acme.tenure(CI).ends(0);
    acme.tenure(&[
        "identity",
        "add",
        "agent",
        "triage",
        "--owner",
        "1101",
        "--purpose",
        "sorts tickets",
        "--until",
        "2026-12-31",
        "--now",
        TUESDAY,
    ])
    .ends(0);
    assert_eq!(service.state().user("triage").unwrap()["active"], true);
    // The owner's last day was Tuesday.
    let rest: String = (2..=8)
        .map(|n| format!("{},Given{n},Family{n},employee,Engineering,1002,2025-01-01,\n", 1100 + n))
        .collect();
    let left = "1101,Given1,Family1,employee,Engineering,1002,2025-01-01,2026-01-13\n";
    acme.write("feeds/hr.csv", &format!("{HEADER}{OWNERS}{left}{rest}"));
    acme.tenure(&["run", "--now", WEDNESDAY]).ends(7).says("no-owner command:triage");
    // It goes on for a time, and the leaver's case is open as long.
    assert_eq!(service.state().user("triage").unwrap()["active"], true);
    let (cases, _) = acme.json(&["case", "1101", "--now", WEDNESDAY]);
    assert_eq!(cases["cases"][0]["state"], "open", "{cases:#}");
    acme.tenure(&["case", "1101", "--now", WEDNESDAY]).says("  `triage` needs a new owner\n");
    acme.tenure(&["run", "--now", "2026-01-28T09:00:00Z"]).ends(7).says("no-owner command:triage");
    assert_eq!(service.state().user("triage").unwrap()["active"], false);
    const LATER: &str = "2026-01-29T09:00:00Z";
    acme.tenure(&["identity", "show", "triage", "--now", LATER]).ends(0).says("who has left or is cut off");
    acme.tenure(&["identity", "change", "triage", "--owner", "1102", "--now", LATER]).ends(0);
    assert_eq!(service.state().user("triage").unwrap()["active"], true);
    let (cases, _) = acme.json(&["case", "1101", "--now", LATER]);
    assert_eq!(cases["cases"][0]["state"], "closed", "{cases:#}");
    // The end of June, where the owner of `ci-build` is.
    acme.tenure(&["run", "--now", "2026-06-30T21:59:59Z"]).ends(0);
    assert_eq!(service.state().user("ci-build").unwrap()["active"], true);
    acme.tenure(&["run", "--now", "2026-06-30T22:00:00Z"]).ends(0);
    assert_eq!(service.state().user("ci-build").unwrap()["active"], false);
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn approvals_gate_it_like_any_joiner() {
    let (acme, service) = begun().await;
    acme.edit("policy/access.toml", "engagement.type == \"contractor\"", "engagement.type == \"custody\"");
    acme.applied(MONDAY);
    acme.tenure(CI).ends(4).says("enable directory (waits");
    assert_eq!(service.state().user("ci-build").unwrap()["active"], false);
    acme.tenure(&["approvals", "--now", MONDAY]).ends(4).says("ci-build");
    service.stop().await;
}

#[test]
fn what_cannot_be_stated() {
    let acme = Acme::begun();
    let add = |more: &[&str]| {
        let start = ["identity", "add", "service", "robot", "--purpose", "tests", "--now", TUESDAY];
        acme.tenure(&[&start, more].concat())
    };
    add(&["--owner", "1001", "--until", "2026-06-30"])
        .fails(1, "A001")
        .says("declare owner = { type = \"text\", reference");
    with_machines(&acme);
    for (arguments, code, says) in [
        (&["--owner", "nobody", "--until", "2026-06-30"][..], "A001", "`nobody` is not known"),
        (&["--until", "2026-06-30"], "A002", "the owner or the purpose is missing"),
        (&["--owner", "1001"], "A002", "an expiry is missing: 2027-01-14 at the latest"),
        (&["--owner", "1001", "--until", "2027-01-15"], "A002", "is not within 2026-01-13 to 2027-01-14"),
        (&["--owner", "1001", "--until", "2026-01-12"], "A002", "is not within"),
        (
            &["--owner", "1001", "--deputy", "1001", "--until", "2026-06-30"],
            "A002",
            "the deputy is the owner",
        ),
        (&["--owner", "1001", "--until", "2026-06-30", "--set", "colour=red"], "A001", "declare colour"),
        (
            &["--owner", "1001", "--until", "2026-06-30", "--set", "owner=1002"],
            "A002",
            "is not an attribute to set",
        ),
    ] {
        add(arguments).fails(1, code).says(says);
    }
    acme.tenure(&["identity", "add", "person", "x"]).ends(2).says("possible values: service, agent, shared");
    acme.tenure(&["identity", "end", "1001", "--now", TUESDAY]).fails(1, "A002").says("is a person");
    acme.tenure(&["identity", "show", "robot"]).fails(1, "A001").says("tenure identity list");
    // Where policy says so, it has no end.
    let access = std::fs::read_to_string(acme.path("policy/access.toml")).unwrap();
    acme.write(
        "policy/access.toml",
        &format!("{access}\n[custody]\nlongest = \"30 days\"\nendless = true\n"),
    );
    acme.applied(TUESDAY);
    add(&["--owner", "1001", "--until", "2026-06-30"]).fails(1, "A002").says("2026-01-13 to 2026-02-12");
    add(&["--owner", "1001"]).ends(4).says("until: no end");
    acme.tenure(&["cutoff", "1002", "--reason", "a test", "--now", TUESDAY]).ends(4);
    acme.tenure(&["identity", "change", "robot", "--owner", "1002", "--now", TUESDAY])
        .fails(1, "A002")
        .says("cannot be the owner: cut off");
    acme.write("sources/command.toml", "edition = 1\n");
    acme.tenure(&["check"]).fails(3, "C002").says("no source can have the name `command`");
}
