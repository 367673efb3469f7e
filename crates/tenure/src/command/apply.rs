//! `tenure apply`: makes the folder's set-up the active one.

use crate::cli::{Apply, Cli};
use crate::exit::{Exit, Failure};
use crate::{folder, out, wire};
use serde_json::json;
use std::sync::Arc;

pub(crate) async fn apply(cli: &Cli, args: &Apply) -> Result<Exit, Failure> {
    let files = folder::read(&cli.folder)?;
    let loaded = folder::load(&files)?;
    let base = wire::base(&cli.folder, &loaded.setup.settings).await?;
    let hash = loaded.setup.hash.clone();
    if base.store.active_set_up().await?.is_some_and(|a| a.hash == hash) {
        if cli.json {
            out::json(&json!({ "set_up": hash.to_string(), "changed": false }));
        } else {
            out::line(&format!("set-up {} is active already", short(&hash.to_string())));
        }
        return Ok(Exit::Done);
    }
    let stored = files.iter().map(|(p, t)| (Arc::from(p.as_str()), Arc::from(t.as_str()))).collect();
    let (store, vault, machine) = (base.store.clone(), base.vault.clone(), base.machine.clone());
    let app = wire::whole(base, loaded.setup)?;
    let moment = app.moment(cli.now).await?;
    tenure_app::activate(&*store, &vault, &machine, &app.context.setup, stored, &super::user(), &moment)
        .await?;
    let labels = if args.settle {
        let spinner = out::spinner("settling everybody");
        let labels = app.settle_everybody(&moment).await?;
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
        labels.iter().for_each(|l| out::line(&super::run::labels_line(l)));
    }
    Ok(Exit::Done)
}

fn short(hash: &str) -> &str {
    hash.get(..12).unwrap_or(hash)
}
