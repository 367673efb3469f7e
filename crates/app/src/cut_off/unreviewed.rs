//! One cut-off that any mapped identity may order before a review by the escalation group; never of an identity that must act on cut-offs.

use super::CutOffs;
use super::new::{NewCutOff, REVIEW_MAX, UNREVIEWED_MAX};
use crate::directory::Directory;
use crate::finding_rows::finding_id;
use crate::{AppError, CutOffRefusal, Permit, Role};
use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_connect::{Message, Secret, Topic};
use tenure_model::{CutOff, Finding, FindingDetail, Identity, IdentityId, MailAddress};
use tenure_store::note::{NoteOf as _, UnreviewedCutOff, kinds, read_note};
use tenure_store::{Change, FindingRow, StoredSubject};

impl CutOffs<'_> {
    /// The cut-off that a permit allows, with the notes of its unit.
    pub(super) async fn allowed(
        &self,
        permit: &Permit,
        about: Option<&StoredSubject>,
        new: &NewCutOff,
    ) -> Result<(CutOff, Vec<Change>), AppError> {
        let (issuer, moment) = (permit.actor()?, permit.moment());
        if permit.role() != Role::Mapped {
            return Ok((new.by(issuer.id, REVIEW_MAX, moment)?, Vec::new()));
        }
        let cut = new.by(issuer.id, UNREVIEWED_MAX, moment)?;
        if self.must_act(about).await? {
            return Err(AppError::refused(CutOffRefusal::MemberProtected { actor: issuer.title.clone() }));
        }
        if self.unreviewed_of(issuer.id).await? {
            return Err(AppError::refused(CutOffRefusal::OneUnreviewed { actor: issuer.title.clone() }));
        }
        let detail = FindingDetail::CutOffUnreviewed {
            issuer: issuer.title.clone(),
            target: about.map(|a| a.title.clone()),
            group: self.app.context.setup.settings.last_resort.clone(),
            by: cut.review,
        };
        let finding = Finding::new(format!("cut-off by {}", issuer.title), detail);
        let told = Change::PutFinding(FindingRow {
            id: told(issuer.id),
            identity: None,
            system: None,
            finding,
            owner: None,
            deadline: None,
            since: moment.now,
        });
        let target = about.map_or(UnreviewedCutOff::Order, |a| UnreviewedCutOff::Identity(a.identity.id));
        Ok((cut, vec![kinds::Unreviewed(issuer.id).is(target), told]))
    }

    /// Tells the escalation group at once about a cut-off that it must review: a message to each member with a known address. An
    /// undelivered message loses nothing: the finding stays until the review.
    pub(super) async fn tell_escalation(&self, noted: &[Change]) -> Result<(), AppError> {
        let told = noted.iter().find_map(|c| match c {
            Change::PutFinding(row) => Some(&row.finding),
            _ => None,
        });
        let (Some(finding), Some(messages)) = (told, &self.app.messages) else { return Ok(()) };
        let settings = &self.app.context.setup.settings;
        let group =
            Directory::load(self.app).await?.people(settings, &format!("group:{}", settings.last_resort));
        for member in self.app.stored().readable(&group).await? {
            let Some(to) = address_of(&member.identity) else { continue };
            let subject = Arc::from("A cut-off waits for the review of the escalation group");
            let (about, body) = (Some(finding.clone()), Secret::new(""));
            let message = Message { to, topic: Topic::CutOffReview, subject, about, body };
            if let Err(why) = messages.deliver(&message) {
                tracing::warn!(member = %member.identity.id, why, "a message about a cut-off was not delivered");
            }
        }
        Ok(())
    }

    /// Whether an issuer has a cut-off in force that the escalation group has not reviewed.
    async fn unreviewed_of(&self, issuer: IdentityId) -> Result<bool, AppError> {
        let noted = read_note(&*self.app.store, &kinds::Unreviewed(issuer)).await?;
        if noted.is_unreadable() {
            // One may be in force: those in `cut_off_by` cut off meanwhile.
            return Ok(true);
        }
        let id = match noted.readable() {
            None | Some(UnreviewedCutOff::Reviewed) => return Ok(false),
            Some(UnreviewedCutOff::Order) => {
                let orders = self.app.stored().orders().await?;
                return Ok(orders.iter().any(|o| o.cut.by == issuer));
            }
            Some(UnreviewedCutOff::Identity(id)) => id,
        };
        let id = self.app.authority().who_is_now(id).await?;
        let subjects = self.app.store.subjects(&id.into_iter().collect::<Vec<_>>()).await?;
        Ok(subjects.iter().any(|s| s.identity.is_cut_off()))
    }

    /// The notes that a cut-off by this issuer is reviewed or lifted.
    pub(super) fn reviewed(issuer: IdentityId) -> [Change; 2] {
        [kinds::Unreviewed(issuer).is(UnreviewedCutOff::Reviewed), Change::EndFinding(told(issuer))]
    }

    /// Whether an identity is in `cut_off_by` or the escalation group.
    async fn must_act(&self, about: Option<&StoredSubject>) -> Result<bool, AppError> {
        let Some(about) = about else { return Ok(false) };
        let settings = &self.app.context.setup.settings;
        let directory = Directory::load(self.app).await?;
        let escalation = format!("group:{}", settings.last_resort);
        let names = settings.cut_off_by.iter().map(|n| &**n).chain([&*escalation]);
        let all: BTreeSet<IdentityId> = names.flat_map(|name| directory.people(settings, name)).collect();
        Ok(all.contains(&about.identity.id))
    }
}

/// The message address of an identity: one that a source states as a key, else an issued name that is an address.
fn address_of(identity: &Identity) -> Option<Arc<str>> {
    let stated = identity.engagements.iter().rev().filter_map(|e| e.keys.get("email"));
    let mut all = stated.chain(identity.identifiers.values());
    all.find(|a| MailAddress::parse(a.trim()).is_some()).map(|a| Arc::from(a.trim()))
}

fn told(issuer: IdentityId) -> tenure_model::FindingId {
    finding_id(&[b"unreviewed cut-off", issuer.as_bytes()])
}
