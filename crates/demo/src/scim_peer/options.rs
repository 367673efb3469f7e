//! How a peer is set up, and the ways in which it can misbehave as real services do.

use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;

/// Where `meta.created` and the `Date` header come from.
pub type PeerClock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// What a peer is made with.
#[derive(Clone)]
pub struct PeerOptions {
    /// What it is called in `/ServiceProviderConfig`.
    pub name: String,
    /// The only bearer token that it takes.
    pub token: String,
    /// Its clock.
    pub clock: PeerClock,
    /// Whether it offers cursor paging (RFC 9865) and prefers it.
    pub cursors: bool,
    /// Whether requests are kept for [`crate::scim_peer::PeerState::recorded`].
    pub record: bool,
    /// How it misbehaves; can be changed while it runs.
    pub quirks: Quirks,
}

impl PeerOptions {
    /// A well-behaved peer.
    #[must_use]
    pub fn new(name: &str, token: &str, clock: PeerClock) -> Self {
        Self {
            name: name.to_owned(),
            token: token.to_owned(),
            clock,
            cursors: false,
            record: false,
            quirks: Quirks::default(),
        }
    }
}

/// How long the service asks to wait when it throttles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryAfter {
    /// `Retry-After: 7`.
    Seconds(u32),
    /// `Retry-After: <date>`, so many seconds after the `Date` of the answer.
    Date(u32),
    /// No such header.
    Unsaid,
}

/// An answer that is given instead of any other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Canned {
    /// HTTP status.
    pub status: u16,
    /// Extra headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

/// How members of groups are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MembersAs {
    /// As the standard says.
    #[default]
    Standard,
    /// With a `value` that is a number.
    Numbers,
    /// Plain texts: ids.
    Texts,
    /// Plain texts: user names.
    Names,
    /// With a `value` that is a name and no id.
    NamesAsValues,
    /// Only with `$ref`.
    References,
    /// One member as an object instead of a list.
    OneObject,
    /// Only with `display`.
    Displays,
    /// Never.
    Hidden,
    /// In a group that is asked for, and not in lists.
    HiddenInLists,
}

/// When a user says whether it is active.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ActiveAs {
    /// Always.
    #[default]
    Always,
    /// Never.
    Never,
    /// Only when it is not.
    WhenOff,
    /// Only when it is.
    WhenOn,
    /// By 1 and 0.
    Number,
    /// By a word that is neither true nor false.
    Word,
}

/// What a creation is answered with instead of the new user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CreatedAs {
    /// The user of this name, as it is.
    Other(String),
    /// Only an address; `{id}` in it is the new user's id.
    Address(String),
    /// The user of this name, which is renamed to what was asked for: it was found by something else.
    Renamed(String),
}

/// Ways to misbehave. The default is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Quirks {
    /// `remove` with a value filter is accepted and does nothing (seen in authentik).
    pub ignores_filtered_removes: bool,
    /// `remove` of `members` with listed values removes those only (what Entra means by it).
    pub removes_listed_values: bool,
    /// A user's `groups` attribute is always missing, whatever the groups say.
    pub forgets_user_groups: bool,
    /// A filter over `members.value` finds nothing, silently.
    pub member_filter_finds_nothing: bool,
    /// Every filter is ignored and everything is listed.
    pub ignores_filters: bool,
    /// PATCH is refused with 405: only PUT works.
    pub refuses_patch: bool,
    /// PATCH of users, too, is answered 204 without a body.
    pub patch_answers_204: bool,
    /// PATCH of groups, too, is answered 200 with the whole group.
    pub patch_answers_groups: bool,
    /// POST is answered 201 without a body.
    pub create_answers_nothing: bool,
    /// POST is answered 200, as if the user had been found.
    pub create_answers_200: bool,
    /// New users are active whatever was sent.
    pub creates_active: bool,
    /// Lists have no `totalResults`.
    pub hides_total: bool,
    /// What is not there is answered 400 (seen in Entra).
    pub missing_is_400: bool,
    /// Most resources on a page, below what is asked for; 0 for no such limit.
    pub page_max: usize,
    /// Every n-th request is answered 429; 0 for never.
    pub throttle_every: u64,
    /// What the 429 says.
    pub retry_after: Option<RetryAfter>,
    /// After a write, so many reads still show the state before it.
    pub stale_reads: u32,
    /// Each answer takes this long.
    pub delay: Duration,
    /// This answer, whatever was asked.
    pub canned: Option<Canned>,
    /// How members are written.
    pub members: MembersAs,
    /// When users say whether they are active.
    pub active: ActiveAs,
    /// PUT of a user without `active` switches it off.
    pub put_without_active_is_off: bool,
    /// Users that are off are left out of lists and filters.
    pub hides_inactive: bool,
    /// The user of this name is left out of lists and filters.
    pub hides_user: Option<String>,
    /// Groups may not be written: 403.
    pub refuses_group_writes: bool,
    /// Every change of members is accepted and nothing is done.
    pub ignores_members: bool,
    /// Ids are shown as numbers: what is left of them without the letter.
    pub numeric_ids: bool,
    /// What a creation is answered with.
    pub created_as: Option<CreatedAs>,
    /// `totalResults` counts the page.
    pub counts_page_only: bool,
    /// `startIndex` is ignored.
    pub ignores_start: bool,
    /// There is always a next cursor; behind the end the last page comes again.
    pub endless_cursor: bool,
    /// In the text of each answer, the first of each two is written as the second.
    pub rewrites: Vec<(String, String)>,
    /// Reads of what begins so (`/Users`) are answered with this status; writes work.
    pub refuses_reads: Option<(String, u16)>,
}
