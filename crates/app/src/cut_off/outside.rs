//! Keeps cut-offs also in a file outside the database, line by line. So a cut-off that was ordered after a backup survives the
//! restore of that backup.

use super::CutOffJournal;
use crate::{App, AppError, Damage, Login};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tenure_model::{CutOff, CutOffOrder, CutOffOrderId, CutOffTarget, Identity, IdentityId};
use tenure_store::Change;
use tenure_store::codec::Stored as _;
use tenure_store::note::{NoteOf as _, kinds, read_note};

/// First word of a line: the format version.
const FORMAT: &str = "1";
/// Last word of a line whose order is not carried out yet.
const ORDERED: &str = "ordered";

/// Content of a line; sealed, because a reason, a name and a key are personal.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// The order as a store keeps it; an ended order is a lifting. An order about an identity is kept in the form of a target.
    pub(super) order: String,
    /// Keys of the identity it is about: a database restored from before the identity existed knows it only by these keys.
    pub(super) keys: Vec<(Arc<str>, Arc<str>)>,
    /// It is the confirmation of a waiting order by a second person.
    #[serde(default)]
    pub(super) confirms: bool,
    /// The issuer was named by `--as`.
    #[serde(default)]
    pub(super) stood_in: bool,
    /// The login of the issuer, as the kernel stated it on that machine.
    #[serde(default)]
    pub(super) login: Option<KeptLogin>,
}

/// A login as stored in a line.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct KeptLogin {
    uid: u32,
    name: Option<Arc<str>>,
    by_login_uid: bool,
    real_uid: u32,
    sudo_uid: Option<Arc<str>>,
}

impl From<Login> for KeptLogin {
    fn from(login: Login) -> Self {
        let Login { uid, name, by_login_uid, real_uid, sudo_uid } = login;
        Self { uid, name, by_login_uid, real_uid, sudo_uid }
    }
}

impl From<KeptLogin> for Login {
    fn from(kept: KeptLogin) -> Self {
        let KeptLogin { uid, name, by_login_uid, real_uid, sudo_uid } = kept;
        Self { uid, name, by_login_uid, real_uid, sudo_uid }
    }
}

/// What the outside file said that this database did not know.
#[derive(Debug, Default)]
pub struct Taken {
    /// Number of cut-offs that were ordered again, or for the first time.
    pub again: usize,
    /// The known identities that they are about.
    pub people: Vec<IdentityId>,
}

/// A line: `1 ID ABOUT SEALED`, or `1 ID ABOUT SEALED ordered` for an order that was given while another process had the database.
/// Only the ids of the line and of the identity or order that it is about are readable.
pub(super) struct Line<'a> {
    pub(super) number: usize,
    pub(super) id: &'a str,
    pub(super) about: &'a str,
    pub(super) sealed: &'a str,
    pub(super) ordered: bool,
}

impl<'a> Line<'a> {
    pub(super) fn parse(number: usize, text: &'a str) -> Result<Self, AppError> {
        let words: Vec<&str> = text.split(' ').collect();
        match *words {
            [FORMAT, id, about, sealed] => Ok(Self { number, id, about, sealed, ordered: false }),
            [FORMAT, id, about, sealed, ORDERED] => Ok(Self { number, id, about, sealed, ordered: true }),
            _ => Err(unreadable(number, "it does not have four fields that begin with 1")),
        }
    }

    /// The associated data of the seal: no line can replace another, and no line that was only ordered can pass as carried out.
    fn filed(&self) -> String {
        filed(self.id, self.about, self.ordered)
    }
}

fn filed(id: &str, about: &str, ordered: bool) -> String {
    if ordered { format!("{id} {about} {ORDERED}") } else { format!("{id} {about}") }
}

/// The lines that have the format; the others are damage.
pub(super) fn parsed<'a>(text: &'a str, damaged: &mut Vec<Damage>) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    for (text, number) in text.lines().zip(1..) {
        match Line::parse(number, text) {
            Ok(line) => lines.push(line),
            Err(e) => damaged.push(Damage::new(&e, text)),
        }
    }
    lines
}

pub(crate) fn unreadable(number: usize, why: impl std::fmt::Display) -> AppError {
    AppError::Outside(format!(
        "line {number} of the cut-offs outside the database cannot be read: {why}; restore the file, or remove the line: \
         then its identity is not cut off by it"
    ))
}

/// Keys of the cut-off identity for the file: those from sources, or its names where no source gives a key.
pub(super) fn keys_of(app: &App, identity: &Identity) -> Vec<(Arc<str>, Arc<str>)> {
    let given =
        identity.engagements.iter().map(|e| &e.keys).chain(identity.supplements.iter().map(|s| &s.keys));
    let mut keys: Vec<(Arc<str>, Arc<str>)> =
        given.flat_map(|k| app.context.blocking.strong(k)).map(|(k, v)| (k.clone(), v.clone())).collect();
    if keys.is_empty() {
        keys.extend(identity.identifiers.iter().map(|(k, v)| (k.clone(), v.clone())));
    }
    keys.sort();
    keys.dedup();
    keys
}

impl CutOffJournal<'_> {
    /// Writes an identity's cut-off to the outside file, before the commit. The returned change belongs in the unit that commits it.
    pub(super) async fn keep_cut_off(&self, of: &Identity, cut: &CutOff) -> Result<Option<Change>, AppError> {
        let (ms, random) = self.app.machine.id();
        let (id, target) = (CutOffOrderId::new(ms, random), CutOffTarget::Person(of.id));
        let order = CutOffOrder { id, target, cut: cut.clone(), ended: None };
        self.keep_line(&of.id.to_string(), &order, keys_of(self.app, of)).await
    }

    /// The same for a lifting, after the commit: if the line is lost, the identity stays cut off.
    pub(super) async fn keep_lifted(
        &self,
        of: IdentityId,
        cut: CutOff,
        ended: (Timestamp, IdentityId),
    ) -> Result<(), AppError> {
        let (ms, random) = self.app.machine.id();
        let (id, target) = (CutOffOrderId::new(ms, random), CutOffTarget::Person(of));
        let order = CutOffOrder { id, target, cut, ended: Some(ended) };
        self.keep_line(&of.to_string(), &order, Vec::new()).await.map(|_| ())
    }

    /// The same for an order about a key or an account: before the commit, or after it when the order has ended.
    pub(super) async fn keep_order(&self, order: &CutOffOrder) -> Result<Option<Change>, AppError> {
        self.keep_line(&order.id.to_string(), order, Vec::new()).await
    }

    /// Writes an order outside while another process has the database. That process, or the next one that opens the database,
    /// carries it out. Returns the id of the line.
    pub(super) fn keep_ordered(&self, order: &CutOffOrder, kept: Kept) -> Result<Arc<str>, AppError> {
        let nowhere = || AppError::Outside("cut-offs have no place outside the database".to_owned());
        let outside = self.app.outside.as_ref().ok_or_else(nowhere)?;
        let (ms, random) = self.app.machine.id();
        let id = CutOffOrderId::new(ms, random).to_string();
        let about = match order.target {
            CutOffTarget::Person(person) => person.to_string(),
            _ => order.id.to_string(),
        };
        let line = self.line(&id, &about, true, order, kept)?;
        if outside.append(&line) {
            return Ok(Arc::from(id));
        }
        Err(AppError::Outside(
            "the cut-off could not be stored, and another process uses the database".to_owned(),
        ))
    }

    async fn keep_line(
        &self,
        about: &str,
        order: &CutOffOrder,
        keys: Vec<(Arc<str>, Arc<str>)>,
    ) -> Result<Option<Change>, AppError> {
        let Some(outside) = &self.app.outside else { return Ok(None) };
        let (ms, random) = self.app.machine.id();
        let id = CutOffOrderId::new(ms, random).to_string();
        let line = self.line(&id, about, false, order, Kept { keys, ..Kept::default() })?;
        if !outside.append(&line) {
            return Ok(None);
        }
        // Another process may have added a line before this one that the database does not know yet.
        let known = read_note(&*self.app.store, &kinds::KnownLine).await?.readable();
        let text = outside.read().unwrap_or_default();
        let ids: Vec<&str> = text.lines().map(|l| l.split(' ').nth(1).unwrap_or_default()).collect();
        let before = ids.iter().rposition(|i| **i == *id).and_then(|at| at.checked_sub(1));
        let follows = match before {
            None => true,
            Some(at) => known.as_deref() == ids.get(at).copied(),
        };
        Ok(follows.then(|| kinds::KnownLine.is(Arc::from(id))))
    }

    fn line(
        &self,
        id: &str,
        about: &str,
        ordered: bool,
        order: &CutOffOrder,
        mut kept: Kept,
    ) -> Result<String, AppError> {
        kept.order = String::from_utf8_lossy(&order.encode()?).into_owned();
        let bytes = serde_json::to_vec(&kept)
            .map_err(|e| AppError::Outside(format!("a cut-off cannot be written outside: {e}")))?;
        let sealed = self.app.vault.seal_outside(&filed(id, about, ordered), bytes, &self.app.machine)?;
        let last = if ordered { format!(" {ORDERED}") } else { String::new() };
        Ok(format!("{FORMAT} {id} {about} {sealed}{last}"))
    }

    pub(super) fn opened_line(&self, line: &Line<'_>) -> Result<(CutOffOrder, Kept), AppError> {
        let bytes = self
            .app
            .vault
            .open_outside(&line.filed(), line.sealed)
            .map_err(|e| unreadable(line.number, e))?;
        let kept: Kept = serde_json::from_slice(&bytes).map_err(|e| unreadable(line.number, e))?;
        let order =
            CutOffOrder::decode(kept.order.as_bytes(), &line.id).map_err(|e| unreadable(line.number, e))?;
        Ok((order, kept))
    }

    /// Removes personal data from the lines about erased identities; the cut-off itself stays.
    pub(crate) fn erase_outside(&self, ids: &[IdentityId]) -> Result<(), AppError> {
        let Some(outside) = &self.app.outside else { return Ok(()) };
        let text = outside.read().map_err(AppError::Outside)?;
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let (mut lines, mut changed) = (String::new(), false);
        for (text, number) in text.lines().zip(1..) {
            let line = Line::parse(number, text).ok().filter(|l| ids.iter().any(|id| id == l.about));
            if let Some(line) = line {
                let (mut order, kept) = self.opened_line(&line)?;
                order.cut.reason = Arc::from(crate::text::TITLE);
                let kept = Kept { keys: Vec::new(), ..kept };
                lines.push_str(&self.line(line.id, line.about, line.ordered, &order, kept)?);
                changed = true;
            } else {
                lines.push_str(text);
            }
            lines.push('\n');
        }
        if changed { outside.replace(&text, &lines).map_err(AppError::Outside) } else { Ok(()) }
    }
}
