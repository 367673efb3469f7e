//! `tenure apply`: makes the folder's set-up the active one.

use crate::cli::{Apply, Cli};
use crate::exit::{Exit, Failure};
use crate::{folder, login, out, wire};
use serde_json::json;
use std::sync::Arc;
use tenure_policy::SetUp;
use tenure_store::SetUpRow;

pub(crate) async fn apply(cli: &Cli, args: &Apply) -> Result<Exit, Failure> {
    let files = folder::read(&cli.folder)?;
    let loaded = folder::load(&files)?;
    let base = wire::base(&cli.folder, &loaded.setup.settings).await?;
    let hash = loaded.setup.hash.clone();
    let active = base.store.active_set_up().await?;
    let by = author(cli, active.as_ref(), &loaded.setup)?;
    if let Some(active) = &active {
        versions_rise(active, &loaded.setup)?;
    }
    if active.is_some_and(|a| a.hash == hash) {
        if cli.json {
            out::json(&json!({ "set_up": hash.to_string(), "changed": false }));
        } else {
            out::line(&format!("set-up {} is active already", short(&hash.to_string())));
        }
        return Ok(Exit::Done);
    }
    let stored = files.iter().map(|(p, t)| (Arc::from(p.as_str()), Arc::from(t.as_str()))).collect();
    let (store, vault, machine) = (base.store.clone(), base.vault.clone(), base.machine.clone());
    let damaged = base.damaged.clone();
    let app = wire::whole(base, loaded.setup)?;
    let moment = app.moment(cli.now).await?;
    app.found_damaged(damaged, &moment).await?;
    tenure_app::activate(&*store, &vault, &machine, &app.context.setup, stored, &by, &moment).await?;
    wire::cut_off_again(cli, &app).await?;
    let labels = if args.settle {
        let spinner = out::spinner("settling everybody");
        let labels = app.attended(&moment, app.settle_everybody(&moment)).await?;
        spinner.finish_and_clear();
        Some(labels)
    } else {
        None
    };
    super::publish(cli, &app).await?;
    if cli.json {
        let labels = labels.as_ref().map(super::run::labels_json);
        out::json(&json!({ "set_up": hash.to_string(), "changed": true, "labels": labels }));
    } else {
        out::line(&format!("set-up {} is active", short(&hash.to_string())));
        labels.iter().for_each(|l| out::line(&super::run::labels_line(l, 0, 0)));
    }
    Ok(Exit::Done)
}

/// Who makes the configuration active, by the key of the active one; by that of the proposed one where none is active yet.
fn author(cli: &Cli, active: Option<&SetUpRow>, proposed: &SetUp) -> Result<String, Failure> {
    let login = login::login();
    let compiled = active.map(|a| folder::compile(&a.files)).transpose();
    // What this program cannot read maps no login: then the corrected folder does.
    let settings = compiled.ok().flatten().map_or_else(|| proposed.settings.clone(), |setup| setup.settings);
    if active.is_some() {
        login::admit(cli, &settings)?;
    } else if settings.actor(&login.uid_key(), login.name.as_deref()).is_none() && cli.acting.is_none() {
        return Err(login::unmapped_at_first(&login));
    }
    let mapped = settings.actor(&login.uid_key(), login.name.as_deref());
    Ok(cli.acting.clone().or_else(|| mapped.map(ToString::to_string)).unwrap_or_else(|| login.key()))
}

/// A bundle is requested, approved and reviewed under its version: other content is another version.
fn versions_rise(active: &SetUpRow, proposed: &SetUp) -> Result<(), Failure> {
    let files: Vec<(String, String)> =
        active.files.iter().map(|(path, text)| (path.to_string(), text.to_string())).collect();
    // What another version of this program accepted and this one cannot read has no versions to compare.
    let Ok(active) = tenure_policy::load(&files) else { return Ok(()) };
    let found = proposed.policy.unversioned(&active.setup.policy);
    let Some((bundle, old, new)) = found.first() else { return Ok(()) };
    Err(Failure::invalid(
        "C012",
        format!("the bundle `{bundle}` holds something else than in version {old}, and says version {new}"),
        format!("write version = {} in its [[bundle]]", old + 1),
    ))
}

fn short(hash: &str) -> &str {
    hash.get(..12).unwrap_or(hash)
}
