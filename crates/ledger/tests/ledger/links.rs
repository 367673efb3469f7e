//! Links of entries: one spelling, bound by the commitment, and followed from the first entry on.

use crate::support::opening;
use tenure_ledger::links::LinksError;
use tenure_ledger::seal::PersonKey;
use tenure_ledger::{
    Break, Chain, Draft, Entry, Links, Opening, Place, State, Subject, SubjectKind, leaf_hash,
};

const ONE: [u8; 16] = [1; 16];
const CASE: [u8; 16] = [2; 16];

fn subject(kind: SubjectKind) -> Subject {
    Subject { kind, id: ONE }
}

fn place(number: u64, previous: Option<u64>) -> Option<Place> {
    Some(Place { number, previous })
}

fn state(before: Option<u8>, after: Option<u8>) -> State {
    let digest = |byte: Option<u8>| byte.map(|b| [b; 32]);
    State { subject: subject(SubjectKind::Identity), before: digest(before), after: digest(after) }
}

fn links(n: u64, previous: Option<u64>, before: Option<u8>, after: Option<u8>) -> Links {
    let same = place(n, previous);
    Links { case: same, identity: same, closes: false, states: vec![state(before, after)] }
}

#[test]
fn links_have_one_form() {
    for kind in SubjectKind::ALL {
        assert_eq!(Subject::from_bytes(&subject(kind).to_bytes()), Some(subject(kind)));
    }
    let mut full = links(3, Some(7), None, Some(9));
    full.closes = true;
    full.states.push(state(Some(1), None));
    for one in [Links::default(), links(1, None, None, None), full] {
        let bytes = one.encode().unwrap();
        assert_eq!(Links::decode(&bytes).as_ref(), Ok(&one));
        for cut in 0..bytes.len() {
            assert!(Links::decode(&bytes[..cut]).is_err(), "{cut} bytes of {one:?}");
        }
        assert_eq!(Links::decode(&[&bytes[..], &[0]].concat()), Err(LinksError::Malformed));
    }
    assert_eq!(Links::decode(&[2, 0, 0, 0]), Err(LinksError::Version { found: 2 }));
    assert_eq!(Links::decode(&[1, 8, 0, 0]), Err(LinksError::Malformed), "a flag that nothing means");
}

#[test]
fn a_draft_becomes_the_entry_that_its_opening_opens() {
    let common = PersonKey::new([0; 16], [7; 32]);
    let entry = crate::support::entry(1);
    let draft = Draft::new(&entry, &opening(1), &common).unwrap();
    let written = links(1, None, None, Some(3));
    let done = draft.finish(&written.encode().unwrap(), 12);
    assert_eq!(done.leaf, leaf_hash(&done.entry));
    let read = Entry::decode(&done.entry).unwrap();
    assert!(opening(1).linked(written.clone()).opens(&read.commitment));
    let handed = Opening::from_bytes(&opening(1).linked(written).to_bytes().unwrap()).unwrap();
    assert!(handed.opens(&read.commitment), "links are handed over with the opening");
    assert!(!opening(1).opens(&read.commitment), "and without them it opens nothing");
    assert!(!opening(1).linked(links(2, None, None, Some(3))).opens(&read.commitment));
    // The rest of the entry is unchanged.
    assert_eq!(Entry { commitment: entry.commitment, ..read }, entry);
    // The stamp is for this key, this place and this entry.
    let stamp = common.stamp_key(&opening(1).inner());
    assert_eq!(stamp.stamp(12, &done.leaf), done.stamp);
    assert_ne!(stamp.stamp(13, &done.leaf), done.stamp);
    assert_ne!(common.stamp_key(&opening(2).inner()).stamp(12, &done.leaf), done.stamp);
    let other = PersonKey::new([0; 16], [8; 32]);
    assert_ne!(other.stamp_key(&opening(1).inner()).stamp(12, &done.leaf), done.stamp);
}

#[test]
fn a_chain_shows_what_was_left_out_and_what_changed_without_an_entry() {
    let follow = |all: &[(u64, Links)]| {
        let mut chain = Chain::default();
        let wrong: Vec<Break> = all
            .iter()
            .flat_map(|(index, links)| chain.follow(*index, Some(CASE), Some(ONE), links))
            .collect();
        (chain, wrong)
    };
    let (first, second) = ((4, links(1, None, None, Some(1))), (9, links(2, Some(4), Some(1), Some(2))));
    let (mut chain, wrong) = follow(&[first.clone(), second.clone()]);
    assert_eq!(wrong, Vec::<Break>::new());
    assert_eq!(chain.take(subject(SubjectKind::Identity)), Some(([2; 32], 9)));
    assert_eq!(chain.rest().count(), 0);
    // The second without the first: errors for its case, its identity, and the state that it found.
    assert_eq!(follow(std::slice::from_ref(&second)).1.len(), 3);
    // A state that changed between them.
    let (_, wrong) = follow(&[first.clone(), (9, links(2, Some(4), Some(8), Some(2)))]);
    assert_eq!(wrong, [Break::State { index: 9, subject: subject(SubjectKind::Identity) }]);
    // An entry written as if it were the first.
    assert_eq!(follow(&[first, (9, links(1, None, Some(1), Some(2)))]).1.len(), 2);
}
