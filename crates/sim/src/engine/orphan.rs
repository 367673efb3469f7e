//! Unlinked accounts that are cut off, as the engine alone knows them: those made by hand, now or when a scan sees them.

use super::keys::fold;
use super::world::{DecidedIdentity, World};
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_engine::cut_off::ordered_account;
use tenure_engine::{AccountSeen, OrphanIdentity, ScannedAccount, orphan_identity};
use tenure_model::{
    CaseLabel, CutOff, CutOffTarget, IdentityId, Kind, Name as _, Phase, Subject, SystemName,
};
use tenure_policy::System;

impl World {
    /// Cuts off an unlinked account (`system:name`); the order stays for any account that appears there under this name.
    pub(super) fn cut_off_account(&mut self, account: &str, cut: CutOff) -> Result<(), String> {
        let (system, name) = account.split_once(':').ok_or("an account is written system:name")?;
        let system = SystemName::new(system).map_err(|e| e.to_string())?;
        let declared = self.context.setup.systems.get(&system).cloned();
        let declared = declared.ok_or_else(|| format!("the configuration has no system `{system}`"))?;
        self.order(CutOffTarget::Account { system: system.clone(), name: Arc::from(name) }, cut.clone());
        if self.inventory.get(&system).is_some_and(|all| all.contains_key(name)) {
            self.take_off(&declared, name, cut);
            self.resettle_dependents();
        }
        Ok(())
    }

    /// Cuts off the unlinked accounts that an order means and that a scan has seen.
    pub(super) fn cut_off_seen(&mut self, system: &System) {
        for name in self.open_accounts(system) {
            let order = ordered_account(&system.name, &system.account_name, &name, &self.orders);
            if let Some(cut) = order.map(|o| o.cut.clone()) {
                self.take_off(system, &name, cut);
            }
        }
        self.resettle_dependents();
    }

    /// The account becomes that of a new identity, and is decided disabled.
    fn take_off(&mut self, system: &System, name: &str, cut: CutOff) {
        let id = IdentityId::new(0, self.id());
        let kind = Kind::default();
        let by_hand = self.inventory.get_mut(&system.name).and_then(|all| all.get_mut(name)).unwrap();
        by_hand.linked = true;
        let found = ScannedAccount {
            seen: AccountSeen { name, kind: &kind, attributes: &by_hand.attributes },
            external_id: &Arc::from(name),
            enabled: by_hand.enabled,
            entitlements: &by_hand.holds,
            through: &BTreeMap::new(),
        };
        let OrphanIdentity { identity, account, grants, .. } =
            orphan_identity(&self.context, system, id, &found, self.now);
        self.issued.insert((system.account_name.clone(), fold(name)), Some(id));
        let mut after = identity.clone();
        after.decisions.cut_off = Some(cut);
        let subject = Subject { accounts: vec![account], grants, ..Subject::new(identity) };
        let (phase, next, open) = (Phase::Expected, None, None);
        let (findings, reads) = Default::default();
        self.known.insert(id, DecidedIdentity { subject, phase, next, findings, reads, open });
        let decision = self.weigh(after, Some(CaseLabel::CutOff), None);
        self.commit(decision);
    }
}
