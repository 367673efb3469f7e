//! Whether a case is overdue. Its clock runs from the later of "takes effect" and "became known". Loss of access has a deadline of its
//! own, apart from that of the last session, key and token.

use crate::Context;
use jiff::Timestamp;
use tenure_model::{Case, CaseLabel, CaseState, Fact, Obligation, Overdue};

/// What of a case is overdue at `now`; `facts` are those of its identity.
#[must_use]
pub fn overdue(context: &Context, case: &Case, facts: &[Fact], now: Timestamp) -> Option<Overdue> {
    let lifecycle = &context.setup.policy.lifecycle;
    let open = || facts.iter().filter(|f| f.case == case.id && f.state.is_open());
    let past = |allowed| case.clocks.runs_from().checked_add(allowed).is_ok_and(|end| now > end);
    let for_access = match case.label {
        CaseLabel::CutOff => lifecycle.cut_off_deadline,
        _ => lifecycle.deadline,
    };
    if case.state != CaseState::Open {
        None
    } else if past(for_access) && open().any(|f| is_access(&f.obligation)) {
        Some(Overdue::Access)
    } else if past(lifecycle.deadline) && open().next().is_some() {
        Some(Overdue::Rest)
    } else {
        None
    }
}

/// When the deadline of an open case is over: that of access while access may still be usable, else that of the rest; `None` where
/// nothing is to be removed.
#[must_use]
pub fn deadline_of(context: &Context, case: &Case, facts: &[Fact]) -> Option<Timestamp> {
    let lifecycle = &context.setup.policy.lifecycle;
    let open = || facts.iter().filter(|f| f.case == case.id && f.state.is_open());
    open().next()?;
    let allowed = match case.label {
        CaseLabel::CutOff if open().any(|f| is_access(&f.obligation)) => lifecycle.cut_off_deadline,
        _ => lifecycle.deadline,
    };
    Some(tenure_model::range::moved(case.clocks.runs_from(), allowed))
}

fn is_access(obligation: &Obligation) -> bool {
    matches!(
        obligation,
        Obligation::AccountUnusable | Obligation::AccountDeleted | Obligation::EntitlementGone(_)
    )
}
