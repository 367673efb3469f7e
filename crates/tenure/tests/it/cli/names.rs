//! A rename of an identity: planned, asked about, refused, asked about again, approved, and found by the old name.

use super::acme::{Acme, TUESDAY, WEDNESDAY};

/// The owners, one of whom is renamed.
const RENAMED: &str = "1001,Astrid,Berg,employee,Security,,2024-01-08,\n\
                       1002,Ola,Moen,employee,IT,1001,2024-02-01,\n";

fn request(acme: &Acme, at: &str) -> String {
    let (requests, code) = acme.json(&["approvals", "--now", at]);
    assert_eq!((requests["approvals"].as_array().unwrap().len(), code), (1, Some(4)));
    assert_eq!(requests["approvals"][0]["renames"][0]["to"], "omoen");
    requests["approvals"][0]["id"].as_str().unwrap().to_owned()
}

#[test]
fn another_name_is_asked_for_and_holds_with_a_yes() {
    let acme = Acme::begun();
    acme.feed(&[RENAMED]);
    acme.tenure(&["plan", "--now", TUESDAY]).says("asks for other names: user_name omuller → omoen");
    let (plan, _) = acme.json(&["plan", "--now", TUESDAY]);
    assert_eq!(plan["people"][0]["renames"][0]["from"], "omuller");
    acme.tenure(&["run", "--now", TUESDAY]).ends(4).says("1 request waits for an answer");
    acme.tenure(&["approvals", "--now", TUESDAY])
        .says("user_name omuller → omoen (the old names are kept as aliases)")
        .says("(Astrid Berg)");
    acme.tenure(&["explain", "1002", "--now", TUESDAY])
        .says("proposed: user_name omuller → omoen, which waits for approval");
    let id = request(&acme, TUESDAY);
    acme.tenure(&["deny", &id, "--now", TUESDAY]).says("denied: Ola Moen keeps the present names");
    acme.tenure(&["explain", "1002", "--now", TUESDAY])
        .says("user_name: omuller, made of family_name Müller, given_name Ola")
        .says("which was refused at 2026-01-13T09:00:00Z");
    acme.tenure(&["run", "--now", WEDNESDAY]).says_no("waits for an answer");
    acme.tenure_as("1002", &["request", "rename", "--for", "1002", "--now", WEDNESDAY]);
    acme.tenure_as("1002", &["request", "rename", "--for", "1002", "--now", WEDNESDAY])
        .fails(1, "A003")
        .says("its approvers are asked already");
    acme.tenure_as("1002", &["request", "rename", "--for", "1001", "--now", WEDNESDAY])
        .fails(1, "A003")
        .says("no other names are due");
    let id = request(&acme, WEDNESDAY);
    acme.tenure(&["approve", &id, "--now", WEDNESDAY]).says("approved: Ola Moen gets the new names");
    acme.tenure(&["explain", "omuller", "--now", WEDNESDAY])
        .says("user_name: omoen, made of family_name Moen, given_name Ola, formerly omuller");
    let (explained, _) = acme.json(&["explain", "1002", "--now", WEDNESDAY]);
    assert_eq!(explained["former"]["user_name"][0], "omuller");
}
