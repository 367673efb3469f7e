//! The content of the ledger: a small open entry, and the personal rest behind a commitment.

use crate::describe::Shown;
use crate::{Actor, AppError, DecisionContext, Login, Machine, Vault};
use serde::Serialize;
use std::sync::Arc;
use tenure_ledger::seal::PersonKey;
use tenure_ledger::{Commitment, Draft, Entry, Label, OldHead, Opening, Salt};
use tenure_model::{
    AccountKey, CaseId, EntitlementName, Grant, Holding, IdentityId, Name, SetupHash, TaskId,
};
use tenure_store::Evidence;

/// Creates evidence for one moment and one configuration.
#[derive(Clone, Copy)]
pub struct Recorder<'a> {
    /// The keys.
    pub vault: &'a Vault,
    /// Randomness for salts and nonces.
    pub machine: &'a Machine,
    /// The deciding configuration; `None` before there is one.
    pub setup: Option<&'a SetupHash>,
    /// When and by whom.
    pub moment: &'a DecisionContext,
}

/// The subject of an entry.
#[derive(Clone, Copy, Default)]
pub struct About<'a> {
    /// The identity and its key.
    pub identity: Option<(IdentityId, &'a PersonKey)>,
    /// The case.
    pub case: Option<CaseId>,
    /// Whether it closes that case.
    pub closes: bool,
    /// The task.
    pub task: Option<TaskId>,
    /// The account.
    pub account: Option<&'a AccountKey>,
    /// The name of the account in its system.
    pub account_name: Option<&'a str>,
    /// The entitlements.
    pub entitlements: &'a [EntitlementName],
}

/// The common part of every opening: the subject, what happened, the actor, and the way of authentication.
#[derive(Serialize)]
struct Told<'a, T> {
    #[serde(flatten)]
    payload: T,
    #[serde(skip_serializing_if = "Subjects::is_empty")]
    about: Subjects<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    actor: Option<Acted<'a>>,
    /// The person named by `--as`.
    #[serde(rename = "as", skip_serializing_if = "Option::is_none")]
    stood_in: Option<Acted<'a>>,
}

#[derive(Serialize)]
struct Subjects<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    case: Option<Shown<CaseId>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    system: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<Shown<&'a AccountKey>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    entitlements: Vec<&'a str>,
}

impl Subjects<'_> {
    fn is_empty(&self) -> bool {
        self.case.is_none() && self.account.is_none() && self.entitlements.is_empty()
    }
}

#[derive(Serialize)]
struct Acted<'a> {
    id: Shown<IdentityId>,
    name: &'a str,
    /// The way of authentication.
    method: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    login: Option<LoggedIn<'a>>,
}

/// The actor's login as the kernel states it.
#[derive(Serialize)]
struct LoggedIn<'a> {
    uid: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    by: &'static str,
    real_uid: u32,
    /// The value in the environment: recorded, not trusted.
    #[serde(skip_serializing_if = "Option::is_none")]
    sudo_uid: Option<&'a str>,
}

impl<'a> LoggedIn<'a> {
    fn new(login: &'a Login) -> Self {
        Self {
            uid: login.uid,
            name: login.name.as_deref(),
            by: if login.by_login_uid { "login uid" } else { "real uid" },
            real_uid: login.real_uid,
            sudo_uid: login.sudo_uid.as_deref(),
        }
    }
}

impl<'a, T> Told<'a, T> {
    fn new(payload: T, about: &About<'a>, moment: &'a DecisionContext) -> Self {
        let acted = |actor: &'a Actor| Acted {
            id: Shown(actor.id),
            name: &actor.title,
            method: method_of(actor),
            login: actor.login.as_ref().map(LoggedIn::new),
        };
        let of = |stood_in| moment.actor.as_ref().filter(|a| a.stood_in == stood_in).map(acted);
        let about = Subjects {
            case: about.case.map(Shown),
            system: about.account.map(|a| a.system.as_str()),
            account: about.account.map(Shown),
            name: about.account_name,
            entitlements: about.entitlements.iter().map(Name::as_str).collect(),
        };
        Self { payload, about, actor: of(false), stood_in: of(true) }
    }
}

/// The way an actor was authenticated.
fn method_of(actor: &Actor) -> &'static str {
    match &actor.login {
        _ if actor.stood_in => "stated, not authenticated",
        Some(login) if login.by_login_uid => "login uid",
        Some(_) => "real uid",
        None => "no process of a user",
    }
}

impl Recorder<'_> {
    /// Evidence of kind `kind` (a label such as `case.decided`) with a payload, an object, that only its opening shows.
    ///
    /// # Errors
    /// When the payload is beyond the ledger's limits.
    pub fn evidence(
        &self,
        kind: &'static str,
        about: About<'_>,
        payload: impl Serialize,
    ) -> Result<Evidence, AppError> {
        self.evidence_after(None, kind, about, payload)
    }

    /// The same, as the first entry of a log that continues another one.
    ///
    /// # Errors
    /// As [`Recorder::evidence`].
    pub(crate) fn evidence_after(
        &self,
        continues: Option<OldHead>,
        kind: &'static str,
        about: About<'_>,
        payload: impl Serialize,
    ) -> Result<Evidence, AppError> {
        let bytes = serde_json::to_vec(&Told::new(payload, &about, self.moment))
            .map_err(|e| AppError::Ledger(format!("a payload cannot be written: {e}")))?;
        let key = about.identity.map_or_else(|| self.vault.common(), |(_, key)| key);
        let opening = Opening::new(Salt::new(self.machine.random()), *key.identity(), bytes)?;
        let entry = Entry {
            kind: Label::new(kind)?,
            at: self.moment.now.as_microsecond(),
            setup: self.setup.and_then(hash_bytes),
            with_now: self.moment.with_now,
            role: Some(Label::new(if self.moment.actor.is_some() { "person" } else { "tenure" })?),
            case: about.case.map(|c| *c.as_bytes()),
            task: about.task.map(|t| *t.as_bytes()),
            // Set when the entry has its place.
            commitment: Commitment::from_bytes([0; 32]),
            continues,
        };
        Ok(Evidence {
            draft: Draft::new(&entry, &opening, self.vault.common())?,
            identity: about.identity.map(|(id, _)| id),
            case: about.case,
            closes: about.closes,
            opening: Some(Arc::from(key.seal_opening(&opening, self.machine.random())?)),
        })
    }
}

/// The entitlements of an account that are being granted or removed.
pub(crate) fn in_motion(grants: &[Grant], account: &AccountKey) -> Vec<EntitlementName> {
    let moving =
        |g: &&Grant| matches!(g.holding, Holding::Ordered | Holding::Ending) && g.account == *account;
    grants.iter().filter(moving).map(|g| g.entitlement.clone()).collect()
}

/// The bytes of a configuration hash, which is written as 64 hexadecimal digits.
fn hash_bytes(hash: &SetupHash) -> Option<[u8; 32]> {
    let text = hash.as_str().as_bytes();
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    (text.len() == 64).then_some(bytes)
}
