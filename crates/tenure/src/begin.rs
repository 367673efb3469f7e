//! The beginning of a ledger: its name, its empty head outside the database, and its first entry.

use crate::exit::Failure;
use crate::wire::outside;
use std::path::Path;
use tenure_app::{Born, Machine, Vault};
use tenure_policy::GlobalSettings;
use tenure_store::Store;

/// Begins a ledger that has no entry yet. Its empty head is written outside first, so that from then on a file that is missing was
/// taken away.
pub(crate) async fn begin_ledger(
    folder: &Path,
    settings: &GlobalSettings,
    (store, vault, machine): (&dyn Store, &mut Vault, &Machine),
    born: Born,
) -> Result<(), Failure> {
    if store.ledger_head().await?.size > 0 {
        return Ok(());
    }
    match outside(folder, settings)?.filter(|text| tenure_app::is_checkpoint(text)) {
        Some(text) => drop(tenure_app::proved(store, vault, Some(&text)).await?),
        None => {
            let text = tenure_app::sign_head(store, vault).await?;
            crate::outside::write_checkpoint(&folder.join(&*settings.checkpoints), &text)?;
        }
    }
    crate::outside::begin_cut_offs(&folder.join(&*settings.checkpoints))?;
    // A replay belongs to no folder: nothing in it gives access.
    let home = (born == Born::Live).then(|| crate::home::bond(folder, &folder.join(&*settings.database)));
    Ok(vault.begin(store, machine, born, home.as_deref()).await?)
}

/// The ledger's origin: a name without spaces and plus signs (C2SP signed-note), from the organisation's.
pub(crate) fn origin(organisation: &str) -> String {
    let name: String = organisation
        .chars()
        .map(|c| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { '-' })
        .collect();
    format!("{}/tenure", name.trim_matches('-'))
}
