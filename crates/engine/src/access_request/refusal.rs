//! Why an individual decision cannot be stored: a kind that stays the same when the text is reworded.

/// Why an individual decision cannot be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecisionRefusal {
    /// No reason is given.
    ReasonMissing,
    /// No last day is given.
    EndMissing,
    /// The last day is over.
    DateOver,
    /// The last day or the duration exceeds what policy permits.
    TooFar,
    /// The new end is not later than the present one.
    NotLater,
    /// The configuration does not declare it.
    NotDeclared,
    /// The text is not a value of the attribute.
    NotAValue,
    /// The entitlement has no owner.
    NoOwner,
    /// The holder is cut off.
    HolderCutOff,
    /// The holder has departed.
    HolderHasLeft,
    /// It is about the actor.
    OwnRecord,
    /// It is already requested.
    AlreadyInForce,
    /// There is no such decision.
    NotInForce,
    /// It is for one entitlement, not for a bundle.
    BundleNotAllowed,
    /// The last emergency has not been reviewed.
    ReviewOpen,
    /// No compensating control is given.
    CompensationMissing,
}
