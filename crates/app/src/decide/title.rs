//! The display name of an identity, and its names as they are searched.

use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_engine::correlate::fold;
use tenure_model::Identity;

/// The display name of an identity: its name key as the source wrote it, else its record key, else other data.
pub(super) fn title(identity: &Identity) -> Arc<str> {
    let named = identity.engagements.iter().rev().find_map(|e| e.keys.get("name").cloned());
    if identity.is_erased() {
        return Arc::from(crate::text::TITLE);
    }
    named
        .or_else(|| identity.engagements.first().map(|e| Arc::from(tenure_model::Name::as_str(&e.key))))
        .or_else(|| identity.supplements.first().map(|s| Arc::from(tenure_model::Name::as_str(&s.key))))
        .unwrap_or_else(|| Arc::from(identity.id.to_string()))
}

/// All its names as they are searched: ` word word =joined=`, in Latin letters without accents. A word is found by its beginning, after
/// a space; a name with other breaks between its words (`Al Rashid`, `Alrashid`) by the whole.
pub(super) fn search(identity: &Identity, title: &str) -> Arc<str> {
    if identity.is_erased() {
        return Arc::from("");
    }
    let keys =
        identity.engagements.iter().map(|e| &e.keys).chain(identity.supplements.iter().map(|s| &s.keys));
    let names: BTreeSet<&str> =
        keys.filter_map(|k| k.get("name")).map(|name| &**name).chain([title]).collect();
    let (mut words, mut joined) = (BTreeSet::new(), BTreeSet::new());
    for name in names {
        let folded = fold(name);
        words.extend(folded.words);
        joined.insert(folded.joined);
        // A part that is written as one is found as one: a given name of two Han characters, a name with a hyphen.
        words.extend(name.split_whitespace().map(|part| fold(part).joined).filter(|part| !part.is_empty()));
    }
    let words = words.iter().map(|word| format!(" {word}"));
    let joined = joined.iter().filter(|j| !j.is_empty()).map(|j| format!(" ={j}="));
    Arc::from(words.chain(joined).collect::<String>())
}
