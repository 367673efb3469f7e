//! Keeps cut-offs also in a file outside the database, line by line. So a cut-off that was ordered after a backup survives the
//! restore of that backup.

use super::CutOffJournal;
use super::new::evidence_of;
use super::order::order_payload;
use super::person::Changed;
use crate::text::fold;
use crate::{About, App, AppError, Damage, DecisionContext, Login};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_model::{CutOff, CutOffOrder, CutOffOrderId, CutOffTarget, Identity, IdentityId};
use tenure_store::codec::Stored as _;
use tenure_store::note::{NoteOf as _, kinds, read_note};
use tenure_store::{Change, Unit};

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
    sealed: &'a str,
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
fn parsed<'a>(text: &'a str, damaged: &mut Vec<Damage>) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    for (text, number) in text.lines().zip(1..) {
        match Line::parse(number, text) {
            Ok(line) => lines.push(line),
            Err(e) => damaged.push(Damage::new(&e, text)),
        }
    }
    lines
}

/// The outside file lacks the last line that this database knows: it was emptied, truncated or restored.
fn lost(known: Option<&str>, text: &str) -> Option<Damage> {
    let known = known.filter(|id| !id.is_empty())?;
    let is_there = text.lines().any(|l| l.split(' ').nth(1) == Some(known));
    let what = "the file of cut-offs outside the database lacks lines that the database knows: it was removed, truncated or \
        replaced by an older one, and later cut-offs may be missing from the database too";
    (!is_there).then(|| Damage::new(&what, known))
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

    fn opened_line(&self, line: &Line<'_>) -> Result<(CutOffOrder, Kept), AppError> {
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

    /// Orders again what is in force in the outside file but not in this database: the database was restored or changed outside
    /// Tenure, or a process ended between the two writes. Also carries out orders given while another process had the
    /// database. An unreadable line is damage, and hides no other line.
    ///
    /// # Errors
    /// When the file cannot be read, or the store fails.
    pub async fn order_again(&self, moment: &DecisionContext) -> Result<Taken, AppError> {
        let Some(outside) = &self.app.outside else { return Ok(Taken::default()) };
        let (text, mut damaged) = match outside.read() {
            Ok(text) => (text, Vec::new()),
            // When the file cannot be read, the cut-offs that the database knows still apply.
            Err(why) => (String::new(), vec![Damage::new(&why, why.as_bytes())]),
        };
        let lines = parsed(&text, &mut damaged);
        let known = read_note(&*self.app.store, &kinds::KnownLine).await?;
        if known.is_unreadable() {
            let what = "which line outside the database it knows last cannot be read: each line is carried out again, and later \
                cut-offs may be missing from the file";
            damaged.push(Damage::new(&what, what));
        }
        let known = known.readable();
        if damaged.is_empty()
            && let Some(lost) = lost(known.as_deref(), &text)
        {
            damaged.push(lost);
        }
        let known = lines.iter().rposition(|l| known.as_deref() == Some(l.id));
        let unknown = known.map_or(0, |at| at + 1);
        // An unreadable line may be restored later, so it never counts as the last known line.
        let mut last = None;
        let mut in_force: BTreeMap<(String, bool), (&Line<'_>, bool, CutOffOrder, Kept)> = BTreeMap::new();
        // All lines count, because what the database knew may have been removed from it.
        for (line, is_new) in lines.iter().zip(0..).map(|(line, at)| (line, at >= unknown)) {
            if line.ordered && !is_new {
                // It was carried out, and another line says so, or it was refused.
                continue;
            }
            match self.opened_line(line) {
                Ok((order, kept)) => {
                    last = if is_new { Some(line) } else { last };
                    let about = self.about_now(line, &order.target).await;
                    match order.ended {
                        Some(_) => in_force.retain(|(of, _), _| *of != about),
                        // A cut-off that was carried out is stated again by a line that needs no order.
                        None => {
                            in_force.insert((about, kept.confirms), (line, is_new, order, kept));
                        }
                    }
                }
                Err(e) if is_new => damaged.push(Damage::new(&e, line.sealed)),
                // It was read when it was new; whether it is in force cannot be determined now.
                Err(_) => {}
            }
        }
        self.app.stored().found_damaged(damaged, moment).await?;
        let mut taken = Taken::default();
        let mut in_force: Vec<_> = in_force.into_values().collect();
        in_force.sort_by_key(|(line, ..)| line.number);
        for (line, is_new, order, kept) in in_force {
            let about = match order.target {
                CutOffTarget::Person(id) => Some(id),
                _ => None,
            };
            let done = match line.ordered {
                true => self.carry_out_ordered(line, order, &kept, moment).await,
                false => self.order_one_again(line.number, is_new, order, kept, moment).await,
            };
            let done = match done {
                Ok(done) => done,
                // An unreadable or inconsistent record stops no other line; its own line is tried again each time.
                Err(e) if e.is_of_one_record() => {
                    if is_new {
                        let what =
                            format!("line {} of the cut-offs outside is not carried out: {e}", line.number);
                        self.app
                            .stored()
                            .found_damaged(vec![Damage::new(&what, line.sealed)], moment)
                            .await?;
                    }
                    false
                }
                Err(e) => return Err(e),
            };
            if done {
                taken.again += 1;
                taken.people.extend(about);
            }
        }
        if let Some(last) = last {
            let note = kinds::KnownLine.is(Arc::from(last.id));
            self.app.store.commit(vec![Unit { expects: Vec::new(), changes: vec![note] }]).await?;
        }
        Ok(taken)
    }

    /// Whether the database knows a line: its order was carried out or refused.
    ///
    /// # Errors
    /// When the file cannot be read, or the store fails.
    pub async fn is_taken(&self, line: &str) -> Result<bool, AppError> {
        let Some(outside) = &self.app.outside else { return Ok(true) };
        let text = outside.read().map_err(AppError::Outside)?;
        let known = read_note(&*self.app.store, &kinds::KnownLine).await?.readable();
        let mut ids = text.lines().map(|l| l.split(' ').nth(1).unwrap_or_default());
        let is_known = |id: &str| known.as_deref() == Some(id);
        Ok(ids.by_ref().any(|id| id == line) && (is_known(line) || ids.any(is_known)))
    }

    /// The present subject of a line: the identity may have been merged into another one.
    async fn about_now(&self, line: &Line<'_>, target: &CutOffTarget) -> String {
        match target {
            // When the record cannot be read, only the id is known.
            CutOffTarget::Person(id) => {
                self.app.authority().who_is_now(*id).await.ok().flatten().unwrap_or(*id).to_string()
            }
            _ => line.about.to_owned(),
        }
    }

    async fn order_one_again(
        &self,
        number: usize,
        is_new: bool,
        order: CutOffOrder,
        kept: Kept,
        moment: &DecisionContext,
    ) -> Result<bool, AppError> {
        let from = json!({ "kept_outside": { "line": number, "ordered": order.cut.at.to_string() } });
        let CutOffTarget::Person(id) = order.target else {
            return self.put_again(order, &from, moment).await;
        };
        let Some(id) = self.app.authority().who_is_now(id).await? else {
            let mut done = false;
            if !is_new {
                return Ok(done);
            }
            for (kind, value) in kept.keys {
                let (ms, random) = self.app.machine.id();
                let target = CutOffTarget::Key { kind, value };
                let about = CutOffOrder { id: CutOffOrderId::new(ms, random), target, ..order.clone() };
                done |= self.put_again(about, &from, moment).await?;
            }
            return Ok(done);
        };
        let Some(stored) = self.app.store.subjects(&[id]).await?.pop() else { return Ok(false) };
        if stored.identity.is_cut_off() || stored.identity.is_erased() {
            return Ok(false);
        }
        let cut = CutOff { at: order.cut.at.min(moment.now), ..order.cut };
        self.app
            .cut_off()
            .change_cut_off(&id.to_string(), moment, &|_| {
                let mut what = json!({ "cut_off": evidence_of(&cut) });
                what["from"] = from.clone();
                Ok(Changed { cut: Some(cut.clone()), extra: Vec::new(), what, again: true })
            })
            .await?;
        Ok(true)
    }

    async fn put_again(
        &self,
        order: CutOffOrder,
        from: &Value,
        moment: &DecisionContext,
    ) -> Result<bool, AppError> {
        let named = fold(&order.target.to_string());
        if self.app.stored().orders().await?.iter().any(|o| fold(&o.target.to_string()) == named) {
            return Ok(false);
        }
        let mut payload = order_payload(&order);
        payload["from"] = from.clone();
        let evidence = self.app.recorder(moment).evidence("cut-off.ordered", About::default(), payload)?;
        let changes =
            vec![Change::PutCutOffOrder(order), Change::BusinessTime(moment.now), Change::Append(evidence)];
        self.app.store.commit(vec![Unit { expects: Vec::new(), changes }]).await?;
        Ok(true)
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
