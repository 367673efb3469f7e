//! An identifier is never issued twice.

use super::sample::{account, id, key, name, note, noted, put_person};
use super::{Done, Fixture, commit, committed};
use std::sync::Arc;
use tenure_model::IdentityId;
use tenure_store::{Change, Store, StoreError};

fn issue(n: u64, name: &str, value: &str) -> Change {
    Change::IssueIdentifier { identity: id(n), name: Arc::from(name), value: Arc::from(value) }
}

async fn holder(store: &dyn Store, name: &str, value: &str) -> Result<Option<IdentityId>, StoreError> {
    let found = store.identifiers(&[(Arc::from(name), Arc::from(value))]).await?;
    Ok(found.first().map(|(_, _, id)| *id))
}

pub async fn a_name_is_issued_once_for_ever(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    committed(&*store, vec![issue(1, "user_name", "mmk1532")]).await?;
    assert_eq!(holder(&*store, "user_name", "mmk1532").await?, Some(id(1)));
    let refused = commit(&*store, vec![note("lost", "x"), issue(2, "user_name", "mmk1532")]).await?;
    assert!(!refused.is_committed(), "{refused:?}");
    assert_eq!(noted(&*store, "lost").await?, None);
    committed(&*store, vec![issue(1, "user_name", "mmk1532")]).await?;
    committed(&*store, vec![issue(2, "mail", "mmk1532")]).await?;
    assert_eq!(holder(&*store, "user_name", "mmk1532").await?, Some(id(1)));
    assert_eq!(holder(&*store, "mail", "mmk1532").await?, Some(id(2)));
    assert_eq!(holder(&*store, "mail", "other").await?, None);
    Ok(())
}

pub async fn a_name_differs_by_more_than_case(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    committed(&*store, vec![issue(1, "user_name", "Straße")]).await?;
    for same in ["straße", "STRASSE", "Ｓtraße"] {
        assert!(!commit(&*store, vec![issue(2, "user_name", same)]).await?.is_committed(), "{same}");
        assert_eq!(holder(&*store, "user_name", same).await?, Some(id(1)));
    }
    committed(&*store, vec![issue(1, "user_name", "STRASSE"), issue(2, "user_name", "strase")]).await?;
    Ok(())
}

pub async fn one_unit_cannot_issue_a_name_to_two(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let refused = commit(&*store, vec![issue(1, "mail", "a"), issue(2, "mail", "A")]).await?;
    assert!(!refused.is_committed());
    assert_eq!(holder(&*store, "mail", "a").await?, None);
    committed(&*store, vec![issue(1, "mail", "a"), issue(1, "mail", "A")]).await?;
    Ok(())
}

/// Two ways to write one name, in the case and the form of letters of several scripts.
const SAME: [(&str, &str); 8] = [
    ("Straße", "STRASSE"),
    ("İnci", "i\u{307}nci"),
    ("ılgın", "ILGIN"),
    ("Zoë", "zoe\u{308}"),
    ("\u{212B}sa", "a\u{30A}sa"),
    ("ΣΊΣΥΦΟΣ", "σίσυφος"),
    ("ＭＡＸ", "max"),
    ("ﬁona", "FIONA"),
];

/// A name finds the identity to which it was issued, and its account, in each form of its letters.
pub async fn a_name_is_found_in_each_form_of_its_letters(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    for (n, (issued, written)) in (1..).zip(SAME) {
        let account = Change::PutAccount(id(n), account("git", None, issued));
        committed(&*store, vec![put_person(n), issue(n, "user_name", issued), account]).await?;
        assert_eq!(holder(&*store, "user_name", written).await?, Some(id(n)), "{written}");
        let taken = commit(&*store, vec![issue(99, "user_name", written)]).await?;
        assert!(!taken.is_committed(), "{written} is {issued}");
        let sought = [Arc::from(written)];
        let owner = store.account_owners(&name("git"), &sought).await?;
        assert_eq!(owner, [(sought[0].clone(), id(n), key("git"))], "the account of {written}");
    }
    for other in ["inci", "zoe", "asa", "strase"] {
        assert_eq!(holder(&*store, "user_name", other).await?, None, "{other} is another name");
    }
    Ok(())
}
