//! Cut-offs are also kept outside the database, line by line, so that one that was ordered after a backup was made outlives the
//! day on which the database is set back to it.

use super::CutOffJournal;
use super::new::evidence_of;
use super::order::order_payload;
use super::person::Changed;
use crate::text::fold;
use crate::{About, App, AppError, Damage, Login, Moment};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_model::{CutOff, CutOffOrder, CutOffOrderId, CutOffTarget, Identity, IdentityId};
use tenure_store::codec::Stored as _;
use tenure_store::{Change, Unit};

/// Note that holds the id of the last line outside of which this database knows.
const KNOWN: &str = "cut-offs outside";
/// The first word of a line.
const FORMAT: &str = "1";
/// The last word of a line about what is still to be carried out.
const ORDERED: &str = "ordered";

/// What a line says; sealed, since a reason, a name and a key are personal.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// The order as a store keeps it; that it has ended is a lifting. About somebody it is as if they were a target.
    pub(super) order: String,
    /// The keys of whom it is about: a database from before them knows them by nothing else.
    pub(super) keys: Vec<(Arc<str>, Arc<str>)>,
    /// That it is a second person's yes to one that waits.
    #[serde(default)]
    pub(super) confirms: bool,
    /// That `--as` named who ordered it.
    #[serde(default)]
    pub(super) stood_in: bool,
    /// The login of who ordered it, as the kernel stated it there.
    #[serde(default)]
    pub(super) login: Option<KeptLogin>,
}

/// A login as a line keeps it.
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

/// What the file outside said that this database did not know.
#[derive(Debug, Default)]
pub struct Taken {
    /// How many cut-offs were ordered again, or for the first time.
    pub again: usize,
    /// Whom they are about, of those who are known.
    pub people: Vec<IdentityId>,
}

/// A line: `1 ID ABOUT SEALED`, or `1 ID ABOUT SEALED ordered` for what was ordered while another process had the database.
/// Open are ids only, of the line and of the identity or the order that it is about.
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
            _ => Err(unreadable(number, "it is not four words that begin with 1")),
        }
    }

    /// Under what it is sealed, so that no line stands for another, and none that was ordered for one that was carried out.
    fn filed(&self) -> String {
        filed(self.id, self.about, self.ordered)
    }
}

fn filed(id: &str, about: &str, ordered: bool) -> String {
    if ordered { format!("{id} {about} {ORDERED}") } else { format!("{id} {about}") }
}

/// The lines that can be read as such; the others are damage.
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

/// The file outside lacks the last line that this database knows: it was emptied, cut short or put back.
fn lost(known: Option<&[u8]>, text: &str) -> Option<Damage> {
    let known = known.filter(|id| !id.is_empty())?;
    let is_there = text.lines().any(|l| l.split(' ').nth(1).is_some_and(|id| id.as_bytes() == known));
    let what = "the cut-offs that are kept outside the database lack lines that it knows: the file was removed, cut short or \
                replaced by an older one, and cut-offs that came after those lines may be missing from the database too";
    (!is_there).then(|| Damage::new(&what, known))
}

pub(crate) fn unreadable(number: usize, why: impl std::fmt::Display) -> AppError {
    AppError::Outside(format!(
        "line {number} of the cut-offs that are kept outside the database cannot be read: {why}; put the file back as it was, \
         or take the line out, and whoever it is about is not cut off by it"
    ))
}

/// What the file holds about somebody's cut-off: their keys, or their names where no source gives any.
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
    /// Keeps outside that somebody is cut off, before it is committed. What comes back belongs into the unit that commits it.
    pub(super) async fn keep_cut_off(&self, of: &Identity, cut: &CutOff) -> Result<Option<Change>, AppError> {
        let (ms, random) = self.app.machine.id();
        let (id, target) = (CutOffOrderId::new(ms, random), CutOffTarget::Person(of.id));
        let order = CutOffOrder { id, target, cut: cut.clone(), ended: None };
        self.keep_line(&of.id.to_string(), &order, keys_of(self.app, of)).await
    }

    /// The same for a lifting, after it was committed: one that is lost leaves somebody cut off.
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

    /// The same for an order about a key or an account, before it is committed, or after, where it has ended.
    pub(super) async fn keep_order(&self, order: &CutOffOrder) -> Result<Option<Change>, AppError> {
        self.keep_line(&order.id.to_string(), order, Vec::new()).await
    }

    /// Keeps outside what is ordered while another process has the database: that process carries it out, or whoever opens
    /// the database next. Says the id of the line.
    pub(super) fn keep_ordered(&self, order: &CutOffOrder, kept: Kept) -> Result<Arc<str>, AppError> {
        let nowhere = || AppError::Outside("cut-offs are kept nowhere outside the database".to_owned());
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
            "the cut-off could not be kept, and another process has the database".to_owned(),
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
        // Another process may have added a line before this one, of which the database does not know yet.
        let (text, known) = (outside.read().unwrap_or_default(), self.app.store.note(KNOWN).await?);
        let ids: Vec<&str> = text.lines().map(|l| l.split(' ').nth(1).unwrap_or_default()).collect();
        let before = ids.iter().rposition(|i| **i == *id).and_then(|at| at.checked_sub(1));
        let follows = match before {
            None => true,
            Some(at) => known.as_deref() == ids.get(at).map(|i| i.as_bytes()),
        };
        Ok(follows.then(|| Change::PutNote(Arc::from(KNOWN), Arc::from(id.as_bytes()))))
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

    /// Orders again what is in force by the file outside and not in this database, because it was set back or changed behind
    /// Tenure, or because a process ended between the two; and carries out what was ordered while another process had the
    /// database. A line that cannot be read is damage, and hides no other line.
    ///
    /// # Errors
    /// When the file cannot be read, or the store fails.
    pub async fn order_again(&self, moment: &Moment) -> Result<Taken, AppError> {
        let Some(outside) = &self.app.outside else { return Ok(Taken::default()) };
        let (text, mut damaged) = match outside.read() {
            Ok(text) => (text, Vec::new()),
            // A file that cannot be read keeps back no cut-off that the database knows.
            Err(why) => (String::new(), vec![Damage::new(&why, why.as_bytes())]),
        };
        let lines = parsed(&text, &mut damaged);
        let known = self.app.store.note(KNOWN).await?;
        if damaged.is_empty()
            && let Some(lost) = lost(known.as_deref(), &text)
        {
            damaged.push(lost);
        }
        let known = lines.iter().rposition(|l| known.as_deref() == Some(l.id.as_bytes()));
        let unknown = known.map_or(0, |at| at + 1);
        // One that cannot be read may be put back as it was, so it is never the last that is known.
        let mut last = None;
        let mut in_force: BTreeMap<(String, bool), (&Line<'_>, bool, CutOffOrder, Kept)> = BTreeMap::new();
        // All lines count, since what the database knew may have been taken out of it.
        for (line, is_new) in lines.iter().zip(0..).map(|(line, at)| (line, at >= unknown)) {
            if line.ordered && !is_new {
                // It was carried out, and then another line says so, or it was refused.
                continue;
            }
            match self.opened_line(line) {
                Ok((order, kept)) => {
                    last = if is_new { Some(line) } else { last };
                    let about = self.about_now(line, &order.target).await;
                    match order.ended {
                        Some(_) => in_force.retain(|(of, _), _| *of != about),
                        // What was carried out is stated once more by a line that needs no order.
                        None => {
                            in_force.insert((about, kept.confirms), (line, is_new, order, kept));
                        }
                    }
                }
                Err(e) if is_new => damaged.push(Damage::new(&e, line.sealed)),
                // It was read when it was new; what is in force by it now cannot be said.
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
                // A record that cannot be read, or that does not fit together, stops no other line: its own is tried again each time.
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
            let note = Change::PutNote(Arc::from(KNOWN), Arc::from(last.id.as_bytes()));
            self.app.store.commit(vec![Unit { expects: Vec::new(), changes: vec![note] }]).await?;
        }
        Ok(taken)
    }

    /// Whether the database knows of a line: what it says was carried out, or refused.
    ///
    /// # Errors
    /// When the file cannot be read, or the store fails.
    pub async fn is_taken(&self, line: &str) -> Result<bool, AppError> {
        let Some(outside) = &self.app.outside else { return Ok(true) };
        let text = outside.read().map_err(AppError::Outside)?;
        let known = self.app.store.note(KNOWN).await?;
        let mut ids = text.lines().map(|l| l.split(' ').nth(1).unwrap_or_default());
        let is_known = |id: &str| known.as_deref() == Some(id.as_bytes());
        Ok(ids.by_ref().any(|id| id == line) && (is_known(line) || ids.any(is_known)))
    }

    /// Whom or what a line is about now: somebody may have been merged into another identity.
    async fn about_now(&self, line: &Line<'_>, target: &CutOffTarget) -> String {
        match target {
            // Of a record that cannot be read it is the id alone.
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
        moment: &Moment,
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

    async fn put_again(&self, order: CutOffOrder, from: &Value, moment: &Moment) -> Result<bool, AppError> {
        let named = fold(&order.target.to_string());
        if self.app.store.cut_off_orders().await?.iter().any(|o| fold(&o.target.to_string()) == named) {
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

    /// Takes what is personal out of the lines about somebody who was erased; that they are cut off stays.
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
