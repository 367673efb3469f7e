//! The sentence of each finding: what happened, to what, and what to do. The command that helps is the edge's own.

use crate::phrase::{
    and_deputy, candidates, doubt, every, faults, listed, overdue, owner_of_exception, paths, request_end,
    shown, usable, vacant, with,
};
use tenure_model::{Finding, FindingDetail, IdentityId};

/// The sentences in one table: a detail without a sentence does not compile.
macro_rules! sentences {
    ($($name:ident $({ $($field:ident $(: $called:ident)?),+ })? => $sentence:expr;)+) => {
        /// The sentence of a finding, without its kind and its subject.
        #[must_use]
        pub fn finding(finding: &Finding) -> String {
            match &finding.detail {
                $(FindingDetail::$name $({ $($field $(: $called)?),+ })? => $sentence,)+
            }
        }
    };
}

/// What a finding is about, for people: an id by its short form, by which commands take it.
#[must_use]
pub fn about(finding: &Finding) -> String {
    let id = |word: &str| IdentityId::parse(word).filter(|_| word.len() == WHOLE_ID);
    let short = |word: &str| id(word).map_or_else(|| word.to_owned(), |id| id.short());
    finding.about.split(' ').map(short).collect::<Vec<_>>().join(" ")
}

/// Characters of a whole id. All ids have one form.
const WHOLE_ID: usize = 36;

sentences! {
    // References and owners.
    ReferenceLeft { attribute, name, between, deputy } => {
        let left = if *between { "has left or is between two engagements" } else { "has left" };
        format!("{attribute} `{name}` {left}: name another one in the source{}", and_deputy(deputy.as_ref()))
    };
    ReferenceCutOff { attribute, name, deputy } => {
        format!("{attribute} `{name}` is cut off: name another one in the source{}", and_deputy(deputy.as_ref()))
    };
    ReferenceUnknown { attribute, name } => {
        format!("{attribute} `{name}` matches no identity: correct the source")
    };
    ReferenceAmbiguous { attribute, name } => {
        format!("{attribute} `{name}` matches several identities: state a unique key in the source")
    };
    ReferenceCircular { attribute, name } => {
        format!("the chain of {attribute} from `{name}` on leads back to this identity: correct the source")
    };
    ExceptionOwnerLeft { owner } => owner_of_exception(owner.as_ref());
    ExceptionOfEarlierHolder { person, from } => format!(
        "it names `{person}` from {from} on, when this identity did not exist yet: it is for the earlier holder of that name, and \
         nothing is granted; sign a new exception for this identity"
    );
    OwnerlessUntil { until } => format!("it has no owner: it is disabled at {until} unless a new owner is named");
    Ownerless => "it has no owner, so it cannot be activated: name an owner who is active".to_owned();
    OwnerVacant { name, why, with: owned } => format!(
        "its owner `{name}` {}{}: the escalation group decides meanwhile; name a successor in the configuration",
        vacant(*why),
        with(owned)
    );
    ApproverVacant { name, why } => format!(
        "its approver `{name}` {}: the escalation group answers instead; name a successor in the rule",
        vacant(*why)
    );
    QuestionWithoutApprover { group } => format!(
        "no approver is left: each available member of the escalation group is the holder, a requester or a delegate of one of \
         them; nothing is given meanwhile, and the question has no deadline before an approver is available. help: add a member to \
         `{group}` in [groups] of tenure.toml; the next pass asks them"
    );
    EscalationShort { group, needed, gone, owned } => {
        let who = every(" (", gone, " left or cut off)");
        let owned = every("; who left owned also ", owned, ": name their successors there too");
        format!(
            "fewer than {needed} members of the escalation group are available{who}: one cannot decide about what \
             concerns the other; add members to `{group}` in [groups] of tenure.toml{owned}"
        )
    };
    NumberShared { key, number } => format!(
        "several people have had the {key} `{number}`, so it does not name one identity in the configuration: use a \
         number that only one of them has had"
    );

    // Engagements.
    UnusedUntil { since, until } => {
        format!("nothing has used it since {since}: it is disabled at {until} unless it is used or its source says so")
    };
    UnusedDisabled { since } => {
        format!("nothing has used it since {since}: it is disabled: end it, or state that it is used")
    };
    ZoneAssumed { source, key, zone } => format!(
        "the zone of {source}:{key} is not known: an end counts in the earliest zone that the source declares, {zone}, a beginning \
         in the latest; correct the source"
    );
    ZoneUnreadable { problem } => format!(
        "{problem}: an end counts in UTC+14, the earliest zone there is, a beginning in the latest one; correct the source"
    );
    SourceRemoved { source, ends } => {
        let then = match ends {
            Some(ends) => format!("it ends at {ends} unless a source states it under the same keys"),
            None => "it is kept by `sourceless = \"keep\"`".to_owned(),
        };
        format!("the source `{source}` has left the configuration: {then}")
    };
    EarlierEnd { record, end, better, better_end } => {
        let states = better_end.map_or("states no end".to_owned(), |end| format!("says {end}"));
        format!("{record} ends at {end}, but {better}, which has the better rank and counts, {states}: correct one of them by then")
    };
    LateEnd { ended, known, usable } => format!(
        "it ended at {ended}, which became known at {known}, and was usable until {usable}: review what was done with it"
    );
    WatchMatched { condition, record, owner } => {
        format!("`{condition}` is true for {record}: {owner} decides what to do; nothing changes automatically")
    };
    WatchFailed { condition, problem, record, owner } => format!(
        "`{condition}` cannot be evaluated ({problem}) for {record}: {owner} decides what to do; nothing changes automatically"
    );

    // Access.
    SeparationHeld { rule, owner, paths: ways } => format!(
        "conflicts with the separation rule `{rule}`, and was held before the conflict was found{}: ask {owner} to end one side or to sign an exception",
        paths(ways)
    );
    SeparationBlocks { rule, owner, entitlements, paths: ways } => format!(
        "`{rule}` keeps {} from being granted{}; ask {owner}",
        listed(entitlements),
        paths(ways)
    );
    NotManaged { rule, entitlement } => format!(
        "rule `{rule}` gives `{entitlement}`, which no system declares with an owner: nothing is granted; declare it"
    );
    BundleGone { bundle } => {
        format!("the policy does not declare `{bundle}` any more: nothing is granted; end the request")
    };
    GrantNotComputed { problem } => problem.to_string();
    NoCandidate => "no name can be issued: each candidate is taken; add a candidate to the identifier in the policy".to_owned();
    NameMisleading { value } => format!(
        "`{value}` mixes letters of several scripts, which look alike, or holds characters that are not shown: no account gets such a \
         name; help: correct the name in the source, or write the candidates with `.ascii()`"
    );
    AdoptionUnanswered { rule, entitlement, at } => format!(
        "no approver of `{rule}` answered about {entitlement} until {at}: it is kept until its review, not approved"
    );
    ApprovalUnanswered { rule, entitlement, at } => format!(
        "the escalation group did not answer `{rule}` about {entitlement}, so it was refused at {at}: request it again"
    );
    RequestReview { why, since, until } => {
        format!("{} at {since}: its approver keeps it, or it ends at {until}", request_end(*why))
    };
    EmergencyReview => "granted in an emergency, without an approval: its owner reviews what was done".to_owned();
    ExceptionReview { until } => format!("the exception ends at {until}: renew it, or let it end");
    CutOffReviewDue { by } => {
        format!("the review of the cut-off was due by {by}: lift it, or set a new review date")
    };
    CutOffUnreviewed { issuer, target, group, by } => {
        let target = target.as_deref().unwrap_or("a key or an account");
        format!("{issuer} cut off {target} without a role in it: `group:{group}` reviews it by {by}")
    };
    CutOffOverdue { identity, what } => format!(
        "the cut-off of identity {} is not complete by its deadline: {}; its case shows what is missing and to whom it is assigned",
        identity.short(),
        overdue(*what)
    );
    OrderReviewDue { by } => format!("the review of the order was due by {by}: lift it, or order it again");

    // Accounts in systems.
    AccountAmbiguous { account, usable: is, candidates: some, why } => format!(
        "`{account}` is {} and may belong to {}: {}; link it to an identity or declare it an orphan. Until \
         then none of them gets an account there",
        usable(*is),
        candidates(some),
        doubt(*why)
    );
    AccountNotAdopted { account, usable: is, holder, evidence } => format!(
        "`{account}` is {} and belongs to {holder} ({evidence}), and is not adopted: adopt it, or rename it there",
        usable(*is)
    );
    AccountOrphan { account, usable: is, class, owner } => format!(
        "`{account}` belongs to no identity and is {}: {}, its owner is {owner}; link it to an identity, or remove it",
        usable(*is),
        class.as_str()
    );
    OrphanDeclared { account, owner } => format!("`{account}` belongs to no identity, as {owner} declared");
    AccountRemoved => "the account was removed outside Tenure".to_owned();
    AccountDisabled => "the account was disabled outside Tenure".to_owned();
    AccountEnabled => "the account was enabled outside Tenure".to_owned();
    DisabledByHandAsked { since, owner, system } => format!(
        "the account was disabled there by hand, as seen at {since}; {owner} decides whether {system} enables it again or keeps it \
         disabled"
    );
    DisabledByHandKept { since } => {
        format!("the account was disabled there by hand, as seen at {since}; it is kept disabled")
    };
    AccountMoved { place } => format!(
        "the account was moved to `{place}`, outside the scanned containers: move it back, or add the container"
    );
    NameDiffers { is, due } => format!("the name is `{is}` and should be `{due}`");
    AttributeDiffers { attribute, is, due } => {
        format!("{attribute} is {} and should be {}", shown(is.as_ref()), shown(due.as_ref()))
    };
    AttributeNotComputed { problem } => format!("the value could not be computed, the last one stays: {problem}");
    GrantUnjustified { entitlement } => format!("holds {entitlement} without a justification");
    InheritedUnjustified { entitlement, path } => {
        format!("holds {entitlement} without a justification, inherited through {path}: remove that membership")
    };
    GrantRemoved { entitlement } => format!("{entitlement} was removed outside Tenure");
    NestingUndeclared { outer, inner, owner, system } => format!(
        "members of {outer} inherit {inner}, and the configuration does not declare it; {owner} owns {inner}: \
         remove the nested membership in {system}, or write `contains = [\"{}\"]` at `{}`",
        inner.local(),
        outer.local()
    );
    NestingCircular { owner, system } => format!(
        "these contain each other, so members of one are members of all; {owner} owns {system}: remove one nested membership there"
    );
    SecretUnknown { entitlement, name, owner } => format!(
        "{entitlement} opens `{name}`, and no service, agent or shared account has this name: its owner {owner} corrects \
         `opens` or declares the identity"
    );

    // Systems.
    NeverReconciled { system, accounts, owner } => format!(
        "{accounts} accounts are due in {system}, and rules may find them there: no manual task to create one is \
         assigned before {} has reconciled the system once and adopted what was found",
        owner.as_deref().unwrap_or("its owner")
    );
    ScanHides => "a scan did not show accounts that are known: it is not evidence of absence".to_owned();
    ScanShowsLessThanHalf => {
        "a scan showed less than half of the accounts that are known: it is not evidence of absence. Is it \
         the right system, and may Tenure read all accounts there?".to_owned()
    };
    ScanGap { entitlement, problem } => {
        let of = entitlement.as_ref().map_or(String::new(), |e| format!("{e}: "));
        format!("{of}{problem}; the scan is not evidence of absence")
    };
    ScanInterrupted { problem } => format!("the scan was interrupted and has no effect: {problem}");
    HoldingUnread { entitlement, problem } => format!("whether it holds {entitlement} is not confirmed: {problem}");
    AccessRefused { system, problem } => format!(
        "{system} refuses Tenure's own access: {problem}; open tasks there are tried again until it does: check the credentials \
         and their permissions"
    );
    WritingRefused { system, problem } => format!(
        "{system} does not let Tenure write: {problem}; open tasks there are tried again until it does: check the credentials \
         and their permissions"
    );

    // Feeds.
    FeedOverdue { source, last, owner } => {
        format!("{source} has not reported since {last}: its owner {owner} checks the export")
    };
    FeedOutOfOrder { file, extracted, last, owner } => format!(
        "{file}: it was extracted at {extracted}, before the last one that was taken, of {last}: deliver the latest export; older \
         ones are never needed; its owner is {owner}"
    );
    RowQuarantined { faults: all } => faults(all);
    KeyMistyped { record, row } => format!(
        "record `{record}` is not in the feed, and the row with the key `{row}` waits for a person and may be it: it is not counted \
         as missing; help: correct the key in the source, or answer whose the row is"
    );
    HeldChangeOverdue { reason, deadline, owner } => format!(
        "{reason}; a decision was due before {deadline}: {owner} or the escalation group releases it, or its source corrects it"
    );
    RecordUnanswered { deadline, question } => {
        format!(
            "which identity this record belongs to was to be answered before {deadline}: answer question {}",
            question.short()
        )
    };

    // Stored data.
    DataUnreadable { problem } => format!("{problem}: record the repair when it is done");
}

#[cfg(test)]
mod tests {
    use super::{about, finding};
    use std::collections::BTreeSet;
    use tenure_model::{Finding, FindingDetail};

    #[test]
    fn each_detail_has_a_sentence_of_its_own_that_shows_its_parameters() {
        let examples = FindingDetail::examples();
        let said: Vec<String> = examples.iter().map(|d| finding(&Finding::new("x", d.clone()))).collect();
        assert_eq!(said.iter().collect::<BTreeSet<_>>().len(), said.len(), "two details have one sentence");
        for (detail, text) in examples.iter().zip(&said) {
            assert!(!text.trim().is_empty() && !text.contains("  "), "{}: {text}", detail.code());
            for name in ["ACCOUNT", "ATTRIBUTE", "PROBLEM", "SYSTEM", "RULE", "PERSON", "RECORD", "SOURCE"] {
                let is_one = detail.parameters().contains_key(&*name.to_lowercase());
                assert!(!is_one || text.contains(name), "{} does not show {name}: {text}", detail.code());
            }
        }
    }

    /// Whether a text has an id of 36 characters.
    fn has_whole_id(text: &str) -> bool {
        text.split(|c: char| !(c.is_ascii_hexdigit() || c == '-')).any(|word| word.len() == 36)
    }

    #[test]
    fn ids_are_shown_as_commands_take_them() {
        for detail in FindingDetail::examples() {
            let code = detail.code();
            let said = finding(&Finding::new("x", detail));
            assert!(!has_whole_id(&said), "{code}: {said}");
        }
        let of = |text: &str| about(&Finding::new(text, FindingDetail::AccountRemoved));
        assert_eq!(of("order 01a20647-caec-7d60-8625-4a90f900fe91"), "order f900fe91");
        assert_eq!(of("hr:1005"), "hr:1005");
    }

    #[test]
    fn what_is_not_stated_leaves_no_trace() {
        let said = |detail| finding(&Finding::new("x", detail));
        let short = FindingDetail::EscalationShort {
            group: "security".into(),
            needed: 2,
            gone: Vec::new(),
            owned: Vec::new(),
        };
        assert_eq!(
            said(short),
            "fewer than 2 members of the escalation group are available: one cannot decide about what concerns the other; \
             add members to `security` in [groups] of tenure.toml"
        );
        let drift = FindingDetail::AttributeDiffers {
            attribute: tenure_model::Name::new("mail").unwrap(),
            is: None,
            due: Some("a@b.example".into()),
        };
        assert_eq!(said(drift), "mail is nothing and should be `a@b.example`");
    }
}
