//! Orders again the cut-offs that the file outside the database has in force and the database does not.

use super::CutOffJournal;
use super::new::evidence_of;
use super::order::order_payload;
use super::outside::{Kept, Line, Taken, parsed};
use super::person::Changed;
use crate::damage::lines_lost;
use crate::text::fold;
use crate::{About, AppError, Damage, DecisionContext};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_model::{CutOff, CutOffOrder, CutOffOrderId, CutOffTarget};
use tenure_store::note::{NoteOf as _, kinds, read_note};
use tenure_store::{Change, Unit};

/// A line that is in force as far as the file says, with what it states.
struct InForce<'l> {
    line: &'l Line<'l>,
    /// Whether the database does not know the line yet.
    is_new: bool,
    order: CutOffOrder,
    kept: Kept,
}

impl CutOffJournal<'_> {
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
        let unknown = self.first_unknown(&text, &lines, &mut damaged).await?;
        // An unreadable line may be restored later, so it never counts as the last known line.
        let (in_force, last) = self.in_force(&lines, unknown, &mut damaged).await;
        self.app.stored().found_damaged(damaged, moment).await?;
        let mut taken = Taken::default();
        for one in in_force {
            let about = match one.order.target {
                CutOffTarget::Person(id) => Some(id),
                _ => None,
            };
            if self.carry_out_line(one, moment).await? {
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

    /// The place of the first line that the database does not know. A file that lost lines is damage.
    async fn first_unknown(
        &self,
        text: &str,
        lines: &[Line<'_>],
        damaged: &mut Vec<Damage>,
    ) -> Result<usize, AppError> {
        let known = read_note(&*self.app.store, &kinds::KnownLine).await?;
        if damaged.is_empty() || known.is_unreadable() {
            damaged.extend(lines_lost(&known, text));
        }
        let known = known.readable().and_then(|id| lines.iter().rposition(|l| *l.id == *id));
        Ok(known.map_or(0, |at| at + 1))
    }

    /// What is in force by all lines, because what the database knew may have been removed from it; and the last new line that can be
    /// read.
    async fn in_force<'l>(
        &self,
        lines: &'l [Line<'l>],
        unknown: usize,
        damaged: &mut Vec<Damage>,
    ) -> (Vec<InForce<'l>>, Option<&'l Line<'l>>) {
        let mut last = None;
        let mut in_force: BTreeMap<(String, bool), InForce<'l>> = BTreeMap::new();
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
                            in_force.insert((about, kept.confirms), InForce { line, is_new, order, kept });
                        }
                    }
                }
                Err(e) if is_new => damaged.push(Damage::new(&e, line.sealed)),
                // It was read when it was new; whether it is in force cannot be determined now.
                Err(_) => {}
            }
        }
        let mut in_force: Vec<_> = in_force.into_values().collect();
        in_force.sort_by_key(|one| one.line.number);
        (in_force, last)
    }

    /// Carries out one line. An unreadable or inconsistent record stops no other line; its own line is tried again each time.
    async fn carry_out_line(&self, one: InForce<'_>, moment: &DecisionContext) -> Result<bool, AppError> {
        let InForce { line, is_new, order, kept } = one;
        let done = match line.ordered {
            true => self.carry_out_ordered(line, order, &kept, moment).await,
            false => self.order_one_again(line.number, is_new, order, kept, moment).await,
        };
        match done {
            Err(e) if e.is_of_one_record() => {
                if is_new {
                    let what =
                        format!("line {} of the cut-offs outside is not carried out: {e}", line.number);
                    self.app.stored().found_damaged(vec![Damage::new(&what, line.sealed)], moment).await?;
                }
                Ok(false)
            }
            done => done,
        }
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
}
