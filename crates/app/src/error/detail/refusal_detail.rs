//! The refusals of all areas.

use super::{
    AccessRefusal, ActorRefusal, CutOffRefusal, IdentityRefusal, OperationRefusal, SystemRefusal, WorkRefusal,
};
use crate::error::Refusal;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use tenure_engine::DecisionRefusal;
use tenure_model::Parameter;

macro_rules! areas {
    ($($(#[$doc:meta])+ $name:ident($type:ty),)+) => {
        /// What exactly was refused, with the parameters of its sentence. The sentence is made at the edge.
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
        pub enum RefusalDetail {
            $($(#[$doc])+ $name($type),)+
        }

        impl RefusalDetail {
            /// The stable code of its sentence. An old code is never given another meaning.
            #[must_use]
            pub fn code(&self) -> &'static str {
                match self {
                    $(Self::$name(detail) => detail.code(),)+
                }
            }

            /// Its parameters by name; one that is not stated is left out.
            #[must_use]
            pub fn parameters(&self) -> BTreeMap<Arc<str>, Parameter> {
                match self {
                    $(Self::$name(detail) => detail.parameters(),)+
                }
            }

            /// Reads a code with its parameters; `None` if it is not known, or a parameter is missing or has another type.
            #[must_use]
            pub fn read(code: &str, parameters: &BTreeMap<Arc<str>, Parameter>) -> Option<Self> {
                None$(.or_else(|| <$type>::read(code, parameters).map(Self::$name)))+
            }

            /// One of each, for the documentation: a text is the name of its parameter.
            #[must_use]
            pub fn examples() -> Vec<Self> {
                let mut all = Vec::new();
                $(all.extend(<$type>::examples().into_iter().map(Self::$name));)+
                all
            }
        }

        $(impl From<$type> for RefusalDetail {
            fn from(detail: $type) -> Self {
                Self::$name(detail)
            }
        })+
    };
}

areas! {
    /// About the actor.
    Actor(ActorRefusal),
    /// A decision by command cannot be stored.
    Decision(DecisionRefusal),
    /// About access and its approval.
    Access(AccessRefusal),
    /// About a cut-off.
    CutOff(CutOffRefusal),
    /// About an identity, its records and its data.
    Identity(IdentityRefusal),
    /// About a task, a finding or a held change.
    Work(WorkRefusal),
    /// About a system and its accounts.
    System(SystemRefusal),
    /// About the clock, the configuration, a feed or the ledger.
    Operation(OperationRefusal),
}

impl RefusalDetail {
    /// The reason to which it belongs: what scenarios and programs rest on.
    #[must_use]
    pub fn why(&self) -> Refusal {
        match self {
            Self::Actor(detail) => detail.why(),
            Self::Decision(detail) => detail.into(),
            Self::Access(detail) => detail.why(),
            Self::CutOff(detail) => detail.why(),
            Self::Identity(detail) => detail.why(),
            Self::Work(detail) => detail.why(),
            Self::System(detail) => detail.why(),
            Self::Operation(detail) => detail.why(),
        }
    }
}

/// For the log: the code and the parameters, no sentence.
impl fmt::Display for RefusalDetail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.why().as_str(), self.code())?;
        self.parameters().iter().try_for_each(|(name, value)| write!(f, " {name}={value}"))
    }
}

#[cfg(test)]
mod tests {
    use super::RefusalDetail;
    use crate::{ActorRefusal, Operation, Refusal, Stake, Via};
    use std::collections::BTreeSet;

    #[test]
    fn each_refusal_has_a_code_of_its_own_and_each_reason_has_one() {
        let examples = RefusalDetail::examples();
        let codes: BTreeSet<&str> = examples.iter().map(RefusalDetail::code).collect();
        assert_eq!(codes.len(), examples.len(), "two refusals share a code");
        assert!(codes.iter().all(|c| c.chars().all(|c| c.is_ascii_lowercase() || c == '-')));
        let mut reasons: BTreeSet<Refusal> = examples.iter().map(RefusalDetail::why).collect();
        for (stake, via) in Stake::ALL.iter().flat_map(|s| Via::ALL.iter().map(move |v| (*s, *v))) {
            let operation = Operation::Lift;
            reasons.insert(ActorRefusal::Barred { actor: "a".into(), operation, stake, via }.why());
        }
        let none: Vec<&str> =
            Refusal::ALL.iter().filter(|r| !reasons.contains(r)).map(|r| r.as_str()).collect();
        assert_eq!(none, Vec::<&str>::new(), "a reason has no refusal");
    }

    #[test]
    fn each_refusal_is_read_as_it_was_stated() {
        for detail in RefusalDetail::examples() {
            let read = RefusalDetail::read(detail.code(), &detail.parameters());
            assert_eq!(read, Some(detail));
        }
    }

    #[test]
    fn the_log_has_code_and_parameters() {
        let refused = ActorRefusal::ActorGone { actor: "Ada (7)".into(), operation: Operation::Certify };
        let logged = RefusalDetail::from(refused).to_string();
        assert_eq!(logged, "actor-has-left: actor-gone actor=Ada (7) operation=certify");
    }
}
