//! A service of which a part cannot be read: removals and cut-offs are written all the same, and confirmed as far as can be read.

use super::acme::{Acme, MONDAY, TUESDAY};
use super::service::organisation;
use tenure_demo::scim_peer::Quirks;

/// What the system said was done, and no read has shown yet.
fn all_claimed(acme: &Acme, person: &str) {
    let (cases, _) = acme.json(&["case", person, "--now", TUESDAY]);
    let facts = cases["cases"][0]["facts"].as_array().unwrap();
    assert!(!facts.is_empty() && facts.iter().all(|f| f["state"] == "claimed"), "{cases:#}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cut_off_is_written_where_only_reading_users_fails() {
    let (acme, service) = organisation("enforce").await;
    acme.tenure(&["run", "--now", MONDAY]).ends(0);
    service.state().set_quirks(Quirks { refuses_reads: Some(("/Users".into(), 500)), ..Quirks::default() });
    acme.tenure(&["cutoff", "1101", "--reason", "a key was found", "--now", TUESDAY])
        .ends(4)
        .says("still open: directory: disabling of the account: claimed by the system at ")
        .says("still open: directory: removal of membership `engineering`: claimed by the system at ")
        .says("and not confirmed by a later read yet")
        .says_no("membership `engineering` removed");
    assert_eq!((service.state().active_count(), service.state().members("engineering").len()), (9, 7));
    all_claimed(&acme, "1101");
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_damaged_user_keeps_nobody_elses_end_from_being_confirmed() {
    let (acme, service) = organisation("enforce").await;
    acme.tenure(&["run", "--now", MONDAY]).ends(0);
    let rewrites = vec![("\"Given2 Family2\"".to_owned(), "\"Given2 \\ud83d Family2\"".to_owned())];
    service.state().set_quirks(Quirks { rewrites, ..Quirks::default() });
    acme.tenure(&["cutoff", "1101", "--reason", "a key was found", "--now", TUESDAY])
        .ends(0)
        .says("everything was read back and is as decided");
    acme.tenure(&["scan", "--now", TUESDAY]).ends(7).says("half of a surrogate pair").says("gfamily2");
    acme.tenure(&["cutoff", "1102", "--reason", "a key was found", "--now", TUESDAY])
        .ends(4)
        .says("still open: directory: disabling of the account: ");
    all_claimed(&acme, "1102");
    assert_eq!(service.state().active_count(), 8);
    service.stop().await;
}
