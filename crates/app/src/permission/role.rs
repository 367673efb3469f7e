//! What an actor can be to the target of an operation. A rule names roles; a role is read from the configuration and the records.

macro_rules! roles {
    ($($(#[$doc:meta])* $name:ident, $word:literal;)+) => {
        /// A role that entitles to operations.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Role {
            $($(#[$doc])* $name,)+
        }

        impl Role {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// Its name in the matrix and in refusals.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }
        }
    };
}

roles! {
    /// Tenure itself: a pass, a timer, or a command before its actor is a known identity.
    Tenure, "Tenure itself";
    /// Any identity that `[actors]` maps and that is here.
    Mapped, "any mapped identity";
    /// The identity itself.
    Holder, "the identity itself";
    /// The requester.
    Requester, "its requester";
    /// The issuer of the cut-off.
    Issuer, "its issuer";
    /// The approver of a question, or the delegate who is asked in that role.
    Approver, "an approver of the question";
    /// The manager or sponsor whom an engagement names.
    Manager, "the manager, sponsor or owner that an engagement names";
    /// The owner of a non-human identity.
    IdentityOwner, "the owner of the non-human identity";
    /// The deputy of a non-human identity.
    IdentityDeputy, "the deputy of the non-human identity";
    /// The owner of a source.
    SourceOwner, "the owner of the source";
    /// The owner of a system, or a member of the owning group.
    SystemOwner, "the owner of the system";
    /// A delegate of the owner of a system.
    SystemDeputy, "the deputy of the system's owner";
    /// A person whom the owner of a system names to attest manual work.
    Attester, "an identity that `attested_by` of the system names (without it: its owner, deputy, the manager, or the \
        escalation group)";
    /// A person whom policy names to receive first passwords.
    Recipient, "the recipient of first passwords";
    /// The owner of an entitlement or a bundle.
    EntitlementOwner, "the owner of the entitlement";
    /// The owner of a rule, a brake, a held change or a finding.
    RuleOwner, "the owner of the rule, the held change or the finding";
    /// `[retention] by`.
    Keeper, "`[retention] by`";
    /// `[governance] cut_off_by`.
    CutOffBy, "`[governance] cut_off_by`";
    /// `[governance] lift_by`.
    LiftBy, "`[governance] lift_by`";
    /// `[governance] cut_off_readers`.
    CutOffReader, "`[governance] cut_off_readers`";
    /// A person whom a withheld attribute names.
    Reader, "the reader of the withheld attribute";
    /// `[governance] operators`.
    Operator, "`[governance] operators`";
    /// `[governance] auditors`.
    Auditor, "`[governance] auditors`";
    /// An owner or a member of a group that the configuration names.
    Named, "an owner or group member that the configuration names";
    /// The escalation group.
    Escalation, "the escalation group";
}
