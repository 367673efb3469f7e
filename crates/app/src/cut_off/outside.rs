//! Cut-offs are also kept outside the database, line by line, so that one that was ordered after a backup was made outlives the
//! day on which the database is set back to it.

use super::new::evidence_of;
use super::order::order_payload;
use super::person::Changed;
use crate::references::fold;
use crate::{About, App, AppError, Moment};
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
/// How often somebody was merged into somebody at most, when one looks for who it is now.
const MERGES_MAX: usize = 16;

/// What a line says; sealed, since a reason, a name and a key are personal.
#[derive(Serialize, Deserialize)]
struct Kept {
    /// The order as a store keeps it; that it has ended is a lifting. About somebody it is as if they were a target.
    order: String,
    /// The keys of whom it is about: a database from before them knows them by nothing else.
    keys: Vec<(Arc<str>, Arc<str>)>,
}

/// A line: `1 ID ABOUT SEALED`. Open are ids only, of the line and of the identity or the order that it is about.
struct Line<'a> {
    number: usize,
    id: &'a str,
    about: &'a str,
    sealed: &'a str,
}

impl<'a> Line<'a> {
    fn parse(number: usize, text: &'a str) -> Result<Self, AppError> {
        let words: Vec<&str> = text.split(' ').collect();
        match *words {
            [FORMAT, id, about, sealed] => Ok(Self { number, id, about, sealed }),
            _ => Err(unreadable(number, "it is not four words that begin with 1")),
        }
    }

    /// Under what it is sealed, so that no line stands for another.
    fn filed(&self) -> String {
        format!("{} {}", self.id, self.about)
    }
}

fn unreadable(number: usize, why: impl std::fmt::Display) -> AppError {
    AppError::Outside(format!(
        "line {number} of the cut-offs that are kept outside the database cannot be read: {why}; put the file back as it was, \
         or take the line out, and whoever it is about is not cut off by it"
    ))
}

/// What the file holds about somebody's cut-off: their keys, or their names where no source gives any.
fn keys_of(app: &App, identity: &Identity) -> Vec<(Arc<str>, Arc<str>)> {
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

impl App {
    /// Keeps outside that somebody is cut off, before it is committed. What comes back belongs into the unit that commits it.
    pub(super) fn keep_cut_off(&self, of: &Identity, cut: &CutOff) -> Result<Option<Change>, AppError> {
        let (ms, random) = self.machine.id();
        let (id, target) = (CutOffOrderId::new(ms, random), CutOffTarget::Person(of.id));
        let order = CutOffOrder { id, target, cut: cut.clone(), ended: None };
        self.keep_line(&of.id.to_string(), &order, keys_of(self, of))
    }

    /// The same for a lifting, after it was committed: one that is lost leaves somebody cut off.
    pub(super) fn keep_lifted(
        &self,
        of: IdentityId,
        cut: CutOff,
        ended: (Timestamp, IdentityId),
    ) -> Result<(), AppError> {
        let (ms, random) = self.machine.id();
        let (id, target) = (CutOffOrderId::new(ms, random), CutOffTarget::Person(of));
        let order = CutOffOrder { id, target, cut, ended: Some(ended) };
        self.keep_line(&of.to_string(), &order, Vec::new()).map(|_| ())
    }

    /// The same for an order about a key or an account, before it is committed, or after, where it has ended.
    pub(super) fn keep_order(&self, order: &CutOffOrder) -> Result<Option<Change>, AppError> {
        self.keep_line(&order.id.to_string(), order, Vec::new())
    }

    fn keep_line(
        &self,
        about: &str,
        order: &CutOffOrder,
        keys: Vec<(Arc<str>, Arc<str>)>,
    ) -> Result<Option<Change>, AppError> {
        let Some(outside) = &self.outside else { return Ok(None) };
        let (ms, random) = self.machine.id();
        let id = CutOffOrderId::new(ms, random).to_string();
        let line = self.line(&id, about, order, keys)?;
        Ok(outside.append(&line).then(|| Change::PutNote(Arc::from(KNOWN), Arc::from(id.as_bytes()))))
    }

    fn line(
        &self,
        id: &str,
        about: &str,
        order: &CutOffOrder,
        keys: Vec<(Arc<str>, Arc<str>)>,
    ) -> Result<String, AppError> {
        let order = String::from_utf8_lossy(&order.encode()?).into_owned();
        let bytes = serde_json::to_vec(&Kept { order, keys })
            .map_err(|e| AppError::Outside(format!("a cut-off cannot be written outside: {e}")))?;
        let sealed = self.vault.seal_outside(&format!("{id} {about}"), bytes, &self.machine)?;
        Ok(format!("{FORMAT} {id} {about} {sealed}"))
    }

    fn opened_line(&self, line: &Line<'_>) -> Result<(CutOffOrder, Kept), AppError> {
        let bytes =
            self.vault.open_outside(&line.filed(), line.sealed).map_err(|e| unreadable(line.number, e))?;
        let kept: Kept = serde_json::from_slice(&bytes).map_err(|e| unreadable(line.number, e))?;
        let order =
            CutOffOrder::decode(kept.order.as_bytes(), &line.id).map_err(|e| unreadable(line.number, e))?;
        Ok((order, kept))
    }

    /// Orders again what the file outside says and this database does not know, because it was set back, or because a
    /// process ended between the two. Says how many.
    ///
    /// # Errors
    /// When the file or one of its lines cannot be read, or the store fails.
    pub async fn order_again(&self, moment: &Moment) -> Result<usize, AppError> {
        let Some(outside) = &self.outside else { return Ok(0) };
        let text = outside.read().map_err(AppError::Outside)?;
        let lines: Vec<Line<'_>> = text
            .lines()
            .zip(1..)
            .map(|(text, number)| Line::parse(number, text))
            .collect::<Result<_, _>>()?;
        let known = self.store.note(KNOWN).await?;
        let known = lines.iter().rposition(|l| known.as_deref() == Some(l.id.as_bytes()));
        let unknown = &lines[known.map_or(0, |at| at + 1)..];
        let Some(last) = unknown.last() else { return Ok(0) };
        let mut in_force = BTreeMap::new();
        for line in unknown {
            let (order, kept) = self.opened_line(line)?;
            match order.ended {
                Some(_) => in_force.remove(line.about),
                None => in_force.insert(line.about, (line.number, order, kept)),
            };
        }
        let mut done = 0;
        for (number, order, kept) in in_force.into_values() {
            done += usize::from(self.order_one_again(number, order, kept, moment).await?);
        }
        let note = Change::PutNote(Arc::from(KNOWN), Arc::from(last.id.as_bytes()));
        self.store.commit(vec![Unit { expects: Vec::new(), changes: vec![note] }]).await?;
        Ok(done)
    }

    async fn order_one_again(
        &self,
        number: usize,
        order: CutOffOrder,
        kept: Kept,
        moment: &Moment,
    ) -> Result<bool, AppError> {
        let from = json!({ "kept_outside": { "line": number, "ordered": order.cut.at.to_string() } });
        let CutOffTarget::Person(id) = order.target else {
            return self.put_again(order, &from, moment).await;
        };
        let Some(id) = self.who_is_now(id).await? else {
            let mut done = false;
            for (kind, value) in kept.keys {
                let (ms, random) = self.machine.id();
                let target = CutOffTarget::Key { kind, value };
                let about = CutOffOrder { id: CutOffOrderId::new(ms, random), target, ..order.clone() };
                done |= self.put_again(about, &from, moment).await?;
            }
            return Ok(done);
        };
        let Some(stored) = self.store.subjects(&[id]).await?.pop() else { return Ok(false) };
        if stored.identity.is_cut_off() || stored.identity.is_erased() {
            return Ok(false);
        }
        let cut = CutOff { at: order.cut.at.min(moment.now), ..order.cut };
        self.change_cut_off(&id.to_string(), moment, &|_| {
            let mut what = json!({ "cut_off": evidence_of(&cut) });
            what["from"] = from.clone();
            Ok(Changed { cut: Some(cut.clone()), extra: Vec::new(), what, again: true })
        })
        .await?;
        Ok(true)
    }

    /// The identity that somebody is now: others may have been merged. `None`: this database never knew them.
    async fn who_is_now(&self, id: IdentityId) -> Result<Option<IdentityId>, AppError> {
        let mut at = id;
        for _ in 0..MERGES_MAX {
            let Some(stored) = self.store.subjects(&[at]).await?.pop() else { return Ok(None) };
            let Some(into) = stored.identity.merged_into else { break };
            at = into;
        }
        Ok(Some(at))
    }

    async fn put_again(&self, order: CutOffOrder, from: &Value, moment: &Moment) -> Result<bool, AppError> {
        let named = fold(&order.target.to_string());
        if self.store.cut_off_orders().await?.iter().any(|o| fold(&o.target.to_string()) == named) {
            return Ok(false);
        }
        let mut payload = order_payload(&order);
        payload["from"] = from.clone();
        let evidence = self.recorder(moment).evidence("cut-off.ordered", About::default(), payload)?;
        let changes =
            vec![Change::PutCutOffOrder(order), Change::BusinessTime(moment.now), Change::Append(evidence)];
        self.store.commit(vec![Unit { expects: Vec::new(), changes }]).await?;
        Ok(true)
    }

    /// Takes what is personal out of the lines about somebody who was erased; that they are cut off stays.
    pub(crate) fn erase_outside(&self, ids: &[IdentityId]) -> Result<(), AppError> {
        let Some(outside) = &self.outside else { return Ok(()) };
        let text = outside.read().map_err(AppError::Outside)?;
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let (mut lines, mut changed) = (String::new(), false);
        for (text, number) in text.lines().zip(1..) {
            let line = Line::parse(number, text)?;
            if ids.iter().any(|id| id == line.about) {
                let (mut order, _) = self.opened_line(&line)?;
                order.cut.reason = Arc::from(crate::erase::TITLE);
                lines.push_str(&self.line(line.id, line.about, &order, Vec::new())?);
                changed = true;
            } else {
                lines.push_str(text);
            }
            lines.push('\n');
        }
        if changed { outside.replace(&lines).map_err(AppError::Outside) } else { Ok(()) }
    }
}
