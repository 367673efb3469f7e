//! The keys: one that seals the others, one per person for openings, one that signs checkpoints.

use crate::{AppError, Born, Machine};
use std::sync::Arc;
use tenure_ledger::commitment::NO_IDENTITY;
use tenure_ledger::note::SignedNote;
use tenure_ledger::seal::{KeyEncryptionKey, PersonKey, open_signing_key, seal_signing_key};
use tenure_ledger::{Checkpoint, Signer, VerifierKey};
use tenure_model::IdentityId;
use tenure_store::note::{NoteOf as _, kinds, read_note};
use tenure_store::{Change, Store, Unit};

/// Under which the outside checkpoint that a new origin continues after is sealed.
const SUPERSEDED: &str = "superseded checkpoint";

/// A person's key as it is stored: sealed by the key-encryption key.
pub type SealedKey = Arc<[u8]>;

/// The keys, open.
pub struct Vault {
    kek: KeyEncryptionKey,
    pub(crate) signer: Signer,
    common: PersonKey,
    pub(crate) born: Born,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault(…)")
    }
}

/// Whether nothing was ever decided in a database.
async fn is_new(store: &dyn Store) -> Result<bool, AppError> {
    let head = store.ledger_head().await?;
    Ok(head.size == 0 && head.checkpoint.is_none() && store.identity_count().await? == 0)
}

impl Vault {
    /// Opens the keys of a database, or makes them when it is new. A ledger without entries counts as live.
    ///
    /// # Errors
    /// When the key-encryption key does not open them, or one is missing in a database that is not new.
    pub async fn open(
        store: &dyn Store,
        kek: KeyEncryptionKey,
        machine: &Machine,
        origin: &str,
    ) -> Result<Self, AppError> {
        let signing = read_note(store, &kinds::SigningKey).await?.value()?;
        let sealed = (signing, read_note(store, &kinds::CommonKey).await?.value()?);
        if let (Some(signing), Some(common)) = &sealed {
            let signer = open_signing_key(signing, &kek)?;
            let common = PersonKey::open(common, NO_IDENTITY, &kek)?;
            return Ok(Self { kek, signer, common, born: Born::of(store).await? });
        }
        if sealed.0.is_some() || sealed.1.is_some() || !is_new(store).await? {
            return Err(AppError::Unproved(
                "a key of this database is missing from it, and it has a ledger: no new keys are made over a ledger".to_owned(),
            ));
        }
        let signer = Signer::from_seed(origin, &machine.random())?;
        let common = PersonKey::new(NO_IDENTITY, machine.random());
        let changes = vec![
            kinds::SigningKey.is(Arc::from(seal_signing_key(&signer, &kek, machine.random())?.as_str())),
            kinds::VerifierKey.is(Arc::from(signer.verifier().to_string())),
            kinds::CommonKey.is(common.seal(&kek, machine.random())?),
        ];
        store.commit(vec![Unit { expects: Vec::new(), changes }]).await?;
        Ok(Self { kek, signer, common, born: Born::Live })
    }

    /// The same for ordering a cut-off outside the database, where the key-encryption key is enough: a key that is missing or
    /// unreadable is replaced by one that opens and signs nothing of this database.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn open_to_order(
        store: &dyn Store,
        kek: KeyEncryptionKey,
        machine: &Machine,
        origin: &str,
    ) -> Result<Self, AppError> {
        let signing = read_note(store, &kinds::SigningKey).await?.readable();
        let signing = signing.and_then(|text| open_signing_key(&text, &kek).ok());
        let common = read_note(store, &kinds::CommonKey).await?.readable();
        let common = common.and_then(|sealed| PersonKey::open(&sealed, NO_IDENTITY, &kek).ok());
        Ok(Self {
            signer: signing.map_or_else(|| Signer::from_seed(origin, &machine.random()), Ok)?,
            common: common.unwrap_or_else(|| PersonKey::new(NO_IDENTITY, machine.random())),
            born: Born::of(store).await?,
            kek,
        })
    }

    /// What the database was created for.
    #[must_use]
    pub fn born(&self) -> Born {
        self.born
    }

    /// The key of a person, and its sealed form when it is new.
    ///
    /// # Errors
    /// When the stored key does not open.
    pub fn person(
        &self,
        id: IdentityId,
        sealed: Option<&[u8]>,
        machine: &Machine,
    ) -> Result<(PersonKey, Option<SealedKey>), AppError> {
        if let Some(sealed) = sealed {
            return Ok((PersonKey::open(sealed, *id.as_bytes(), &self.kek)?, None));
        }
        let key = PersonKey::new(*id.as_bytes(), machine.random());
        let sealed = key.seal(&self.kek, machine.random())?;
        Ok((key, Some(Arc::from(sealed))))
    }

    /// A keyed hash of a text of some kind: it recognises an erased text without revealing it.
    #[must_use]
    pub fn mark(&self, kind: &str, text: &str) -> [u8; 32] {
        self.common.mark(&[kind, text])
    }

    /// Seals data kept outside the database under `id`.
    ///
    /// # Errors
    /// When it is too long.
    pub(crate) fn seal_outside(
        &self,
        id: &str,
        secret: Vec<u8>,
        machine: &Machine,
    ) -> Result<String, AppError> {
        Ok(self.kek.seal_outside(id, secret, machine.random())?)
    }

    /// Opens it again.
    ///
    /// # Errors
    /// When it was changed, or sealed by another key.
    pub(crate) fn open_outside(&self, id: &str, sealed: &str) -> Result<Vec<u8>, AppError> {
        Ok(self.kek.open_outside(id, sealed)?.to_vec())
    }

    /// The key for openings that are about no person.
    #[must_use]
    pub fn common(&self) -> &PersonKey {
        &self.common
    }

    /// The change that stores the outside checkpoint that a new origin continues after; empty where there is none. It is sealed, so that
    /// only the holder of the key-encryption key can permit overwriting a checkpoint.
    ///
    /// # Errors
    /// When it is too long.
    pub(crate) fn superseded(&self, text: &str, machine: &Machine) -> Result<Change, AppError> {
        let sealed = self.seal_outside(SUPERSEDED, text.as_bytes().to_vec(), machine)?;
        Ok(kinds::SupersededCheckpoint.is(Arc::from(sealed)))
    }

    /// What [`Vault::superseded`] stored. Data that this key did not seal counts as none.
    pub(crate) async fn is_superseded(&self, store: &dyn Store, text: &str) -> Result<bool, AppError> {
        let sealed = read_note(store, &kinds::SupersededCheckpoint).await?.readable();
        let Some(sealed) = sealed else { return Ok(false) };
        let opened = self.open_outside(SUPERSEDED, &sealed);
        Ok(opened.is_ok_and(|known| known == text.as_bytes()))
    }

    /// The changes that make the signing key sign for another origin, from the next start on.
    ///
    /// # Errors
    /// When the origin cannot be a key's name.
    pub(crate) fn rename(&self, origin: &str, machine: &Machine) -> Result<Vec<Change>, AppError> {
        let signer = self.signer.renamed(origin)?;
        let sealed = seal_signing_key(&signer, &self.kek, machine.random())?;
        Ok(vec![
            kinds::SigningKey.is(Arc::from(sealed.as_str())),
            kinds::VerifierKey.is(Arc::from(signer.verifier().to_string())),
        ])
    }

    /// Opens a checkpoint that this key signed, for any origin.
    ///
    /// # Errors
    /// When it is no checkpoint, or not signed by this key.
    pub fn open_checkpoint(&self, text: &str) -> Result<Checkpoint, AppError> {
        let stated = Checkpoint::parse_text(SignedNote::parse(text.as_bytes())?.text())?;
        let key = self.verifier_for(&stated.origin)?;
        Ok(Checkpoint::open(text.as_bytes(), &[key])?)
    }

    /// The public half of the signing key, for an origin that it signs or signed for.
    ///
    /// # Errors
    /// When the origin cannot be a key's name.
    pub fn verifier_for(&self, origin: &str) -> Result<VerifierKey, AppError> {
        Ok(VerifierKey::new(origin, self.signer.verifier().key_bytes())?)
    }

    /// Signs checkpoints.
    #[must_use]
    pub fn signer(&self) -> &Signer {
        &self.signer
    }
}
