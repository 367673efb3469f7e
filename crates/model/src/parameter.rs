//! Typed parameters of findings, questions and refusals: each value has one form that is stored and shown to programs, whatever the sentence says.

use crate::{
    AttributeName, CorrelationId, EntitlementName, FindingKind, HoldClass, IdentityId, IdentityKind,
    Name as _, OrphanClass, Phase, RecordKey, RuleName, SourceName, SystemName, TaskId, ValueType,
};
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// The form of a parameter, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parameter {
    /// It is not stated. It is left out of a record.
    Absent,
    /// Whether something is so.
    Flag(bool),
    /// A number.
    Number(u64),
    /// A text, a name, an id, a date or an instant.
    Text(Arc<str>),
    /// Several, in order.
    List(Vec<Parameter>),
    /// Several, by name.
    Record(BTreeMap<Arc<str>, Parameter>),
}

impl Parameter {
    /// A record of the stated values.
    #[must_use]
    pub fn record<const N: usize>(fields: [(&str, Self); N]) -> BTreeMap<Arc<str>, Self> {
        let stated = fields.into_iter().filter(|(_, value)| *value != Self::Absent);
        stated.map(|(name, value)| (Arc::from(name), value)).collect()
    }

    /// Whether it, or one of its parts, is this text.
    #[must_use]
    pub fn has_text(&self, wanted: &str) -> bool {
        match self {
            Self::Absent | Self::Flag(_) | Self::Number(_) => false,
            Self::Text(text) => &**text == wanted,
            Self::List(all) => all.iter().any(|p| p.has_text(wanted)),
            Self::Record(all) => all.values().any(|p| p.has_text(wanted)),
        }
    }

    /// Appends its bytes: a mark for its sort, and a length before whatever has none of its own.
    pub(crate) fn write(&self, bytes: &mut Vec<u8>) {
        let length = |n: usize| u64::try_from(n).unwrap_or(u64::MAX).to_be_bytes();
        match self {
            Self::Absent => bytes.push(b'-'),
            Self::Flag(is) => bytes.extend([b'f', u8::from(*is)]),
            Self::Number(n) => {
                bytes.push(b'n');
                bytes.extend(n.to_be_bytes());
            }
            Self::Text(text) => {
                bytes.push(b't');
                bytes.extend(length(text.len()));
                bytes.extend(text.as_bytes());
            }
            Self::List(all) => {
                bytes.push(b'l');
                bytes.extend(length(all.len()));
                all.iter().for_each(|p| p.write(bytes));
            }
            Self::Record(all) => {
                bytes.push(b'r');
                bytes.extend(length(all.len()));
                for (name, value) in all {
                    bytes.extend(length(name.len()));
                    bytes.extend(name.as_bytes());
                    value.write(bytes);
                }
            }
        }
    }
}

/// As the log has it: a text as it is, a list in brackets, a record in braces.
impl fmt::Display for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => Ok(()),
            Self::Flag(is) => is.fmt(f),
            Self::Number(n) => n.fmt(f),
            Self::Text(text) => f.write_str(text),
            Self::List(all) => {
                let all: Vec<String> = all.iter().map(ToString::to_string).collect();
                write!(f, "[{}]", all.join(", "))
            }
            Self::Record(all) => {
                let all: Vec<String> = all.iter().map(|(name, value)| format!("{name}={value}")).collect();
                write!(f, "{{{}}}", all.join(", "))
            }
        }
    }
}

/// A type of a parameter.
pub trait Typed: Sized {
    /// Its form.
    fn state(&self) -> Parameter;
    /// Reads the form.
    fn read(form: &Parameter) -> Option<Self>;
    /// An example for the documentation of a parameter with this name.
    fn example(name: &str) -> Parameter;
}

/// Reads a parameter of a record; one that is left out is absent.
#[must_use]
pub fn taken<T: Typed>(record: &BTreeMap<Arc<str>, Parameter>, name: &str) -> Option<T> {
    T::read(record.get(name).unwrap_or(&Parameter::Absent))
}

macro_rules! typed {
    ($($type:ty: $write:expr, $read:expr, $example:expr;)+) => {$(
        impl Typed for $type {
            fn state(&self) -> Parameter {
                let write: fn(&Self) -> Arc<str> = $write;
                Parameter::Text(write(self))
            }
            fn read(form: &Parameter) -> Option<Self> {
                let read: fn(&str) -> Option<Self> = $read;
                match form {
                    Parameter::Text(text) => read(text),
                    _ => None,
                }
            }
            fn example(name: &str) -> Parameter {
                let example: fn(&str) -> String = $example;
                Parameter::Text(example(name).into())
            }
        }
    )+};
}

fn capitals(name: &str) -> String {
    name.to_uppercase()
}

typed! {
    Arc<str>: Self::clone, |text| Some(text.into()), capitals;
    AttributeName: |n| n.as_str().into(), |text| Self::new(text).ok(), capitals;
    RecordKey: |n| n.as_str().into(), |text| Self::new(text).ok(), capitals;
    RuleName: |n| n.as_str().into(), |text| Self::new(text).ok(), capitals;
    SourceName: |n| n.as_str().into(), |text| Self::new(text).ok(), capitals;
    SystemName: |n| n.as_str().into(), |text| Self::new(text).ok(), capitals;
    EntitlementName: |n| n.as_str().into(), |text| Self::new(text).ok(), |name| format!("SYSTEM:{}", capitals(name));
    OrphanClass: |c| c.as_str().into(), Self::parse, |_| Self::Unknown.as_str().to_owned();
    FindingKind: |k| k.as_str().into(), Self::parse, |_| Self::NoOwner.as_str().to_owned();
    HoldClass: |c| c.as_str().into(), Self::parse, |_| Self::Legal.as_str().to_owned();
    IdentityKind: |k| k.as_str().into(), Self::parse, |_| Self::Service.as_str().to_owned();
    Phase: |p| p.as_str().into(), Self::parse, |_| Self::Active.as_str().to_owned();
    ValueType: |t| t.as_str().into(), Self::parse, |_| Self::Date.as_str().to_owned();
    TaskId: |id| id.to_string().into(), Self::parse, |_| Self::from_bytes([0; 16]).to_string();
    IdentityId: |id| id.to_string().into(), Self::parse, |_| Self::from_bytes([0; 16]).to_string();
    CorrelationId: |id| id.to_string().into(), Self::parse, |_| Self::from_bytes([0; 16]).to_string();
    Timestamp: |at| at.to_string().into(), |text| text.parse().ok(), |_| Self::UNIX_EPOCH.to_string();
    Date: |day| day.to_string().into(), |text| text.parse().ok(), |_| Self::constant(1970, 1, 1).to_string();
}

impl Typed for bool {
    fn state(&self) -> Parameter {
        Parameter::Flag(*self)
    }
    fn read(form: &Parameter) -> Option<Self> {
        if let Parameter::Flag(is) = form { Some(*is) } else { None }
    }
    fn example(_: &str) -> Parameter {
        Parameter::Flag(true)
    }
}

impl Typed for u64 {
    fn state(&self) -> Parameter {
        Parameter::Number(*self)
    }
    fn read(form: &Parameter) -> Option<Self> {
        if let Parameter::Number(n) = form { Some(*n) } else { None }
    }
    fn example(_: &str) -> Parameter {
        Parameter::Number(2)
    }
}

impl<T: Typed> Typed for Option<T> {
    fn state(&self) -> Parameter {
        self.as_ref().map_or(Parameter::Absent, Typed::state)
    }
    fn read(form: &Parameter) -> Option<Self> {
        if *form == Parameter::Absent { Some(None) } else { T::read(form).map(Some) }
    }
    fn example(name: &str) -> Parameter {
        T::example(name)
    }
}

impl<T: Typed> Typed for Vec<T> {
    fn state(&self) -> Parameter {
        Parameter::List(self.iter().map(Typed::state).collect())
    }
    fn read(form: &Parameter) -> Option<Self> {
        if let Parameter::List(all) = form { all.iter().map(T::read).collect() } else { None }
    }
    fn example(name: &str) -> Parameter {
        Parameter::List(vec![T::example(name)])
    }
}

macro_rules! records {
    ($($(#[$doc:meta])+ $name:ident { $($(#[$said:meta])+ $field:ident: $type:ty,)+ })+) => {$(
        $(#[$doc])+
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name {
            $($(#[$said])+ pub $field: $type,)+
        }

        impl Typed for $name {
            fn state(&self) -> Parameter {
                Parameter::Record(Parameter::record([$((stringify!($field), self.$field.state())),+]))
            }
            fn read(form: &Parameter) -> Option<Self> {
                let Parameter::Record(all) = form else { return None };
                Some(Self { $($field: taken(all, stringify!($field))?),+ })
            }
            fn example(_: &str) -> Parameter {
                let all = [$((stringify!($field), <$type as Typed>::example(stringify!($field)))),+];
                Parameter::Record(Parameter::record(all))
            }
        }
    )+};
}

records! {
    /// How a grant touches a side of a separation rule.
    SeparationPath {
        /// The grant, as the identity holds it.
        grant: EntitlementName,
        /// The entitlement of the rule that it includes; none where the grant itself is inherited from a group that is not managed.
        includes: Option<EntitlementName>,
        /// The entitlements between the two.
        through: Vec<EntitlementName>,
    }
    /// An identity to which an account may belong.
    PossibleHolder {
        /// Its name.
        name: Arc<str>,
        /// How similar the two are.
        percent: u64,
    }
    /// A fault of a row in quarantine.
    RowFault {
        /// The code of the fault.
        code: Arc<str>,
        /// File, line, column.
        place: Arc<str>,
        /// The value, as read.
        value: Arc<str>,
        /// What is wrong, as the reader of the row said it.
        reason: Arc<str>,
    }
}

macro_rules! words {
    ($($(#[$doc:meta])+ $name:ident { $($(#[$said:meta])+ $case:ident = $word:literal,)+ })+) => {$(
        $(#[$doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$said])+ $case,)+
        }

        impl Typed for $name {
            fn state(&self) -> Parameter {
                Parameter::Text(Arc::from(match self {
                    $(Self::$case => $word,)+
                }))
            }
            fn read(form: &Parameter) -> Option<Self> {
                [$(Self::$case),+].into_iter().find(|case| case.state() == *form)
            }
            fn example(_: &str) -> Parameter {
                let [first, ..] = [$(Self::$case),+];
                first.state()
            }
        }
    )+};
}

words! {
    /// What ends a request, by the policy.
    RequestEnd {
        /// A mover attribute changed.
        Moved = "moved",
        /// An absence began.
        Absent = "absent",
        /// The type of the engagement changed.
        Converted = "converted",
        /// Another engagement continues.
        Continued = "continued",
    }
    /// What is wrong with the people that a name of the configuration means.
    Vacancy {
        /// All of them have left or are cut off.
        Gone = "gone",
        /// No source knows the name.
        Unknown = "unknown",
    }
    /// Why a person is asked whose account this is.
    AccountDoubt {
        /// Names are similar; similarity never links.
        Alike = "alike",
        /// Its attributes point at several people.
        SeveralPeople = "several-people",
        /// Several accounts of one kind point at one person.
        SeveralAccounts = "several-accounts",
        /// The person already has an account of this kind there.
        HasOne = "has-one",
    }
    /// What of a removal is overdue.
    Overdue {
        /// Access that must be removed may still be usable.
        Access = "access",
        /// Access is removed; a session, a key, a token or a handover remains.
        Rest = "rest",
    }
}
