//! Identities whose number or issued name begins with a text: for completion, which reads a few rows of an index.

use super::Query;
use crate::text::fold;
use crate::{AppError, IdentityShown};
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_model::{IdentityId, Phase};

impl Query<'_> {
    /// At most `limit` identities whose number, or a name that was issued to them, begins with a text; each with the number or name
    /// that does. No name of a person is searched.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn beginning_with(
        &self,
        text: &str,
        limit: u32,
    ) -> Result<Vec<(Arc<str>, IdentityShown)>, AppError> {
        let begin = fold(text);
        let settings = &self.app.context.setup.settings;
        let mut found: BTreeMap<Arc<str>, IdentityId> = BTreeMap::new();
        // No id is before this one: a key that is the text itself is found too.
        let after = Some((Arc::from(&*begin), IdentityId::from_bytes([0; 16])));
        for (key, id) in self.app.store.keys_after(&settings.actor_key, after, limit).await? {
            found.insert(key.value, id);
        }
        for identifier in &self.app.context.setup.policy.identifiers {
            found.extend(self.app.store.names_from(&identifier.name, &begin, limit).await?);
        }
        found.retain(|word, _| fold(word).starts_with(&*begin));
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        let found: Vec<(Arc<str>, IdentityId)> = found.into_iter().take(most).collect();
        let ids: Vec<IdentityId> = found.iter().map(|(_, id)| *id).collect();
        let shown = self.app.people().shown(&ids).await?;
        let whole: BTreeMap<IdentityId, IdentityShown> = shown.into_iter().map(|who| (who.id, who)).collect();
        let is_here = |who: &&IdentityShown| who.phase != Phase::Erased && who.merged_into.is_none();
        let row = |(word, id): (Arc<str>, IdentityId)| Some((word, whole.get(&id).filter(is_here)?.clone()));
        Ok(found.into_iter().filter_map(row).collect())
    }
}
