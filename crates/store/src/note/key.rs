//! The kinds of notes: the text under which each is stored, and the type of its value.

use super::value::{
    DamageNote, DismissedRows, EarlierBrake, ReportNote, SingleConfirmation, UnreviewedCutOff,
};
use crate::codec::Stored;
use crate::{Change, StoreError};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use tenure_model::{ConfigPart, IdentityId, Kind, Name, SetupHash, SourceName, SystemName};

/// A kind of note, with its parameters: the type of its value.
pub trait NoteOf {
    /// Its value.
    type Value: Stored;
    /// Its key.
    fn key(&self) -> NoteKey;
    /// The change that gives it this value.
    fn is(&self, value: Self::Value) -> Change;
}

macro_rules! notes {
    ($($(#[$doc:meta])+ $name:ident $(($($param:ident: $of:ty),+))? = $word:literal is $value:ty;)+) => {
        /// Which note. The text form is its name in the store, and is shown where it is damaged.
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
        pub enum NoteKey {
            $($(#[$doc])+ $name $(($($of),+))?,)+
        }

        /// A note with its value.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Note {
            $($(#[$doc])+ $name($($($of,)+)? $value),)+
        }

        /// The kinds, each as a type of its own: what is read under one of them has the type of its value.
        pub mod kinds {
            use super::{
                BTreeMap, BTreeSet, Change, ConfigPart, DamageNote, DismissedRows, EarlierBrake, IdentityId, Kind, Note, NoteKey,
                NoteOf, ReportNote, SetupHash, SingleConfirmation, SourceName, SystemName, Timestamp, UnreviewedCutOff, Arc,
            };

            $(
                $(#[$doc])+
                #[derive(Debug, Clone, PartialEq, Eq)]
                pub struct $name $(($(pub $of),+))?;

                impl NoteOf for $name {
                    type Value = $value;
                    fn key(&self) -> NoteKey {
                        let Self $(($($param),+))? = self;
                        NoteKey::$name $(($($param.clone()),+))?
                    }
                    fn is(&self, value: $value) -> Change {
                        let Self $(($($param),+))? = self;
                        Change::PutNote(Note::$name($($($param.clone(),)+)? value))
                    }
                }
            )+
        }

        impl NoteKey {
            /// The word of each kind.
            #[cfg(test)]
            const WORDS: &[&str] = &[$($word),+];

            /// One key of each kind, with these parameters.
            #[cfg(test)]
            fn examples(text: &str) -> Vec<Self> {
                vec![$(Self::$name $(($(<$of as Parameter>::example(text)),+))?),+]
            }

            /// The text under which it is stored.
            #[must_use]
            pub fn text(&self) -> Arc<str> {
                match self {
                    $(Self::$name $(($($param),+))? => joined($word, &[$($($param.written()),+)?]),)+
                }
            }

            /// The key that [`Self::text`] wrote.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                let mut parts = text.split('/');
                let key = match parts.next()? {
                    $($word => Self::$name $(($(read::<$of>(parts.next()?)?),+))?,)+
                    _ => return None,
                };
                parts.next().is_none().then_some(key)
            }

            /// Whether these bytes are a value of it.
            ///
            /// # Errors
            /// [`StoreError::Inconsistent`] where they are not.
            pub fn check(&self, bytes: &[u8]) -> Result<(), StoreError> {
                match self {
                    $(Self::$name { .. } => <$value as Stored>::decode(bytes, self).map(drop),)+
                }
            }
        }

        impl Note {
            /// Its key.
            #[must_use]
            pub fn key(&self) -> NoteKey {
                match self {
                    $(Self::$name($($($param,)+)? _) => NoteKey::$name $(($($param.clone()),+))?,)+
                }
            }

            /// The stored form of its value.
            ///
            /// # Errors
            /// As for [`Stored::encode`].
            pub fn encode(&self) -> Result<Vec<u8>, StoreError> {
                match self {
                    $(Self::$name(.., value) => value.encode(),)+
                }
            }
        }
    };
}

notes! {
    // Keys and proof.
    /// The signing key, sealed.
    SigningKey = "signing key" is Arc<str>;
    /// The key that verifies what the signing key signed.
    VerifierKey = "verifier key" is Arc<str>;
    /// The key for openings that are about no person, sealed.
    CommonKey = "common key" is Vec<u8>;
    /// The outside checkpoint that a new origin continues after, sealed; empty: none.
    SupersededCheckpoint = "superseded checkpoint" is Arc<str>;
    /// The canonical path of the folder to which the database belongs.
    Folder = "folder" is Arc<str>;
    /// Damage that was found.
    Damaged = "damaged" is Vec<DamageNote>;
    /// That an identity was erased: before that, no search for marks is needed.
    Erased = "erased" is bool;

    // The configuration.
    /// The configuration that waits for a second person, sealed.
    WaitingConfiguration = "waiting configuration" is Option<Arc<str>>;
    /// The configuration that one person alone confirmed.
    ConfigurationException = "configuration exception" is SingleConfirmation;
    /// The parts of the active configuration that have authors.
    AuthorsOfAccess = "authors of access" is BTreeMap<ConfigPart, BTreeSet<IdentityId>>;
    /// Brakes of earlier configurations that still apply.
    EarlierBrakes = "earlier brakes" is Vec<EarlierBrake>;
    /// The rules by which the stored keys find identities: their digest.
    RulesOfKeys = "rules of keys" is [u8; 32];
    /// The configuration under which all identities were settled.
    SettledUnder = "all identities settled under" is SetupHash;
    /// Since when a pass is running; none: the last one ended.
    PassUnderWay = "pass under way" is Option<Timestamp>;

    // Sources and systems.
    /// The file of a source that was taken, and the configuration; empty: it is read again.
    FeedTaken(source: SourceName) = "feed" is Arc<str>;
    /// The digest of the mapping by which the records of a source were read.
    Mapping(source: SourceName) = "mapping" is [u8; 32];
    /// The last report of a source.
    Report(source: SourceName) = "report" is ReportNote;
    /// Rows without a key that the owner of a source dismissed.
    Dismissed(source: SourceName) = "dismissed" is DismissedRows;
    /// When a system was scanned completely.
    Scanned(system: SystemName) = "scanned" is Timestamp;

    // Identities and work.
    /// Who reported the work on an account in a generation as done: a task that is created again keeps them.
    Performed(identity: IdentityId, system: SystemName, kind: Kind, generation: u64) = "performed" is Vec<IdentityId>;
    /// The first of two who lift a cut-off, and when; none: it was lifted.
    FirstToLift(identity: IdentityId) = "first of two to lift" is Option<(IdentityId, Timestamp)>;
    /// The identities that were cut off when they were merged into one.
    MergedCutOffs(into: IdentityId) = "cut off when merged" is Vec<IdentityId>;
    /// The cut-off by an issuer that is not reviewed.
    Unreviewed(issuer: IdentityId) = "unreviewed cut-off" is UnreviewedCutOff;
    /// The last line outside the database that the database knows.
    KnownLine = "cut-offs outside" is Arc<str>;
    /// Why a line outside the database was refused.
    RefusedLine(line: Arc<str>) = "cut-off refused" is Arc<str>;
}

impl fmt::Display for NoteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

/// Something that distinguishes the notes of one kind.
trait Parameter: Sized {
    fn written(&self) -> String;
    fn parsed(text: &str) -> Option<Self>;
    #[cfg(test)]
    fn example(text: &str) -> Self;
}

macro_rules! named {
    ($($of:ty),+) => {$(
        impl Parameter for $of {
            fn written(&self) -> String {
                self.as_str().to_owned()
            }
            fn parsed(text: &str) -> Option<Self> {
                Self::new(text).ok()
            }
            #[cfg(test)]
            fn example(text: &str) -> Self {
                Self::new(text).unwrap()
            }
        }
    )+};
}

named!(SourceName, SystemName, Kind);

impl Parameter for IdentityId {
    fn written(&self) -> String {
        self.to_string()
    }
    fn parsed(text: &str) -> Option<Self> {
        Self::parse(text)
    }
    #[cfg(test)]
    fn example(text: &str) -> Self {
        Self::from_bytes([u8::try_from(text.len()).unwrap(); 16])
    }
}

impl Parameter for u64 {
    fn written(&self) -> String {
        self.to_string()
    }
    fn parsed(text: &str) -> Option<Self> {
        text.parse().ok()
    }
    #[cfg(test)]
    fn example(text: &str) -> Self {
        text.len().try_into().unwrap()
    }
}

impl Parameter for Arc<str> {
    fn written(&self) -> String {
        self.to_string()
    }
    fn parsed(text: &str) -> Option<Self> {
        Some(Self::from(text))
    }
    #[cfg(test)]
    fn example(text: &str) -> Self {
        Self::from(text)
    }
}

/// The word and its parameters, joined so that no other key has this text: a stroke stands between parts only.
fn joined(word: &str, parameters: &[String]) -> Arc<str> {
    let mut text = word.to_owned();
    for parameter in parameters {
        text.push('/');
        text.push_str(&parameter.replace('%', "%25").replace('/', "%2F"));
    }
    Arc::from(text)
}

fn read<T: Parameter>(part: &str) -> Option<T> {
    let parameter = T::parsed(&part.replace("%2F", "/").replace("%25", "%"))?;
    // Only what was written so: two texts never are one key.
    (joined("", &[parameter.written()]).strip_prefix('/') == Some(part)).then_some(parameter)
}

#[cfg(test)]
mod tests {
    use super::NoteKey;
    use std::collections::BTreeSet;

    /// Parameters that look like several, like escapes, and like other keys.
    const TEXTS: [&str; 7] = ["hr", "h/r", "h%2Fr", "h%252Fr", "feed/hr", "%", "first of two to lift"];

    #[test]
    fn each_key_is_read_back_and_no_two_share_a_text() {
        let mut texts = BTreeSet::new();
        let mut keys = BTreeSet::new();
        for text in TEXTS {
            for key in NoteKey::examples(text) {
                assert_eq!(NoteKey::parse(&key.text()).as_ref(), Some(&key), "{key}");
                texts.insert(key.text());
                keys.insert(key);
            }
        }
        assert_eq!(texts.len(), keys.len(), "{texts:?}");
        assert!(keys.len() > NoteKey::WORDS.len() * 2, "the examples have parameters");
    }

    #[test]
    fn each_kind_has_a_word_of_its_own_without_a_stroke() {
        let words: BTreeSet<&str> = NoteKey::WORDS.iter().copied().collect();
        assert_eq!(words.len(), NoteKey::WORDS.len());
        assert!(words.iter().all(|word| !word.contains(['/', '%'])));
    }

    #[test]
    fn a_text_that_no_key_writes_is_no_key() {
        for text in ["", "garbage", "feed", "feed/", "feed/hr/x", "folder/x", "feed/h%2fr", "performed/1/2/3"]
        {
            assert_eq!(NoteKey::parse(text), None, "{text}");
        }
    }

    #[test]
    fn garbage_is_no_value_of_any_note() {
        for key in NoteKey::examples("hr") {
            for bytes in [&b""[..], b"\x00\xff", b"yes", br#"{"v":9,"d":null}"#, br#"{"v":1}"#] {
                let error = key.check(bytes).unwrap_err().to_string();
                assert!(error.contains(&*key.text()), "{error}");
            }
        }
    }
}
