//! What a person does in a scenario.

use crate::book::instant;
use jiff::Timestamp;
use serde::Deserialize;

/// Something that a person does: one of the verbs.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Act {
    /// The actor, by worker number; without it, an actor who is no known person.
    pub by: Option<String>,
    /// Cuts this person off; with `reason`.
    pub cut_off: Option<String>,
    /// Cuts off this account (`system:name`), which is linked to no identity.
    pub cut_off_account: Option<String>,
    /// Cuts off any identity that appears with this key or name (`worker_number=W99`, `name=Eva Eng`).
    pub cut_off_key: Option<String>,
    /// With a cut-off: when it is reviewed.
    #[serde(default, deserialize_with = "instant")]
    pub review: Option<Timestamp>,
    /// Sets the new review date `review` of this person's cut-off.
    pub keep_cut_off: Option<String>,
    /// Confirms, as the second person, the cut-off of this person.
    pub confirm: Option<String>,
    /// Lifts an order to cut off, as it is listed.
    pub lift_order: Option<String>,
    /// Reads what Tenure shows about this person …
    pub reads: Option<String>,
    /// … which says all of this …
    #[serde(default)]
    pub says: Vec<String>,
    /// … and nothing of this.
    #[serde(default)]
    pub hides: Vec<String>,
    /// Lifts this person's cut-off.
    pub lift: Option<String>,
    /// Sets a hold on this person; with `class` and `reason`.
    pub hold: Option<String>,
    /// Lifts a hold of this person; with `class`.
    pub lift_hold: Option<String>,
    /// Erases this person; `reason` is given where the step has one.
    pub erase: Option<String>,
    /// Which sort of hold (`legal`, `hr`), or of reason for a cut-off (`death`, `security`, …).
    pub class: Option<String>,
    /// Approves the pending requests about this person (of `rule`, where given).
    pub approve: Option<String>,
    /// Denies them.
    pub deny: Option<String>,
    /// Which rule's requests.
    pub rule: Option<String>,
    /// Releases the held change of this scope (`source hr`, `system directory`).
    pub release: Option<String>,
    /// Only for these people.
    #[serde(default)]
    pub only: Vec<String>,
    /// Answers that this record (`source:key`) belongs to `person`.
    pub same: Option<String>,
    /// Answers all open correlation questions with the identity that this kind of key of each record names.
    pub same_by: Option<String>,
    /// The person that `same` names.
    pub person: Option<String>,
    /// Answers that this record belongs to a new identity.
    pub new: Option<String>,
    /// Merges this person …
    pub merge: Option<String>,
    /// … into this one.
    pub into: Option<String>,
    /// Splits this record (`source:key`) off from `person`.
    pub split: Option<String>,
    /// Records that the manual work about this person is done.
    pub done: Option<String>,
    /// Attests the manual work about this person; `reason` says what was seen.
    pub attest: Option<String>,
    /// Accepts the risk of `fact` about this person until `until`, with `reason`.
    pub accept: Option<String>,
    /// Which open fact.
    pub fact: Option<String>,
    /// Acknowledges this finding (`kind: about`, as findings are expected) until `until`, with `reason`.
    pub acknowledge: Option<String>,
    /// Dismisses the row without a key that this finding is about, with `reason`.
    pub dismiss: Option<String>,
    /// Links this account (`system:name`) to `person`, and adopts its access.
    pub claim: Option<String>,
    /// Enables again their account in this system, which was disabled by hand.
    pub enable: Option<String>,
    /// Keeps it disabled.
    pub keep_disabled: Option<String>,
    /// Records that this account (`system:name`) belongs to no identity.
    pub disclaim: Option<String>,
    /// Tries the work about this person again that is assigned to a person.
    pub again: Option<String>,
    /// States something of this non-human identity: a new one where `kind` is given.
    pub custody: Option<String>,
    /// Uses the code in the last message to this address (`link`: which one, from 1) to set `password`.
    pub activate: Option<String>,
    /// With `activate`: which message to that address.
    #[serde(default)]
    pub link: usize,
    /// With `activate`: the new password.
    pub password: Option<String>,
    /// Sends a new link for this person.
    pub renew: Option<String>,
    /// Ends this non-human identity, now; with `person`, ends what that person has of this by an individual decision.
    pub end: Option<String>,
    /// With `custody`: `service`, `agent` or `shared`.
    pub kind: Option<String>,
    /// With `custody` or `exception`: the owner.
    pub owner: Option<String>,
    /// With `custody`: the deputy, who answers when the owner is gone.
    pub deputy: Option<String>,
    /// With `custody`: what it is for.
    pub purpose: Option<String>,
    /// With `custody` and decisions about access: the last day; with `hold`: the first instant after it.
    pub until: Option<String>,
    /// Which system's work.
    pub system: Option<String>,
    /// Requests this entitlement (or `bundle:name`) for `person`, until the day `until`.
    pub request: Option<String>,
    /// Requests a later end of what `person` has by request.
    pub extend: Option<String>,
    /// Confirms that `person` still needs this.
    pub keep: Option<String>,
    /// Asks again about the rename of this person that was refused.
    pub rename: Option<String>,
    /// Gives this to `person` at once, for `hours` (emergency).
    pub emergency: Option<String>,
    /// Reviews what `person` did with this in an emergency.
    pub seen: Option<String>,
    /// Signs an exception for `person`, until the day `until`; `instead` names the compensating control.
    pub exception: Option<String>,
    /// Sets a value of `person` by hand (`department=Sales`), until the day `until`; without `=value` the override ends.
    #[serde(rename = "override")]
    pub set_value: Option<String>,
    /// Makes this person the delegate of `by`, until the day `until`; without it, ends the delegation.
    pub delegate: Option<String>,
    /// Accepts to be the delegate of this person.
    pub accept_delegation: Option<String>,
    /// For how long.
    pub hours: Option<i64>,
    /// The compensating control.
    pub instead: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// It must be refused, with this code (or a part of the text, see `codes.toml`).
    pub refused: Option<String>,
}

impl Act {
    /// The last day, where one is named.
    ///
    /// # Panics
    /// When it is no day.
    #[must_use]
    pub fn day(&self) -> Option<jiff::civil::Date> {
        self.until.as_deref().map(|day| day.parse().unwrap_or_else(|e| panic!("{day}: {e}")))
    }
}
