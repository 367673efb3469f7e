//! `tenure doctor`: asks everything that Tenure depends on, and says what is wrong and what to do.

use crate::cli::Cli;
use crate::exit::{Exit, Failure};
use crate::{folder, out, wire};
use serde_json::json;

pub(crate) async fn doctor(cli: &Cli) -> Result<Exit, Failure> {
    let mut checks: Vec<(String, Result<String, String>)> = Vec::new();
    let files = folder::read(&cli.folder)?;
    let loaded = folder::load(&files)?;
    checks.push((
        "set-up".to_owned(),
        Ok(format!("{} files, {} warnings", files.len(), loaded.warnings.len())),
    ));
    let app = wire::app(&cli.folder).await?;
    let active = app.context.setup.hash == loaded.setup.hash;
    checks.push(("active set-up".to_owned(), if active {
        Ok("is this folder's".to_owned())
    } else {
        Err("differs from this folder: `tenure plan` shows the difference, `tenure apply` makes it active".to_owned())
    }));
    for (name, wired) in &app.systems {
        for (which, connection) in [("writer", &wired.writer), ("reader", &wired.reader)] {
            let result = connection.test().await.map(|h| h.product.to_string()).map_err(|e| e.to_string());
            checks.push((format!("system {name}, {which}"), result));
        }
    }
    for (name, source) in &app.context.setup.sources {
        let last = app.store.feed_runs(name, 1).await?.pop();
        let now = app.moment(cli.now).await?.now;
        let result = match (last, source.every) {
            (None, _) => Err("has never reported: `tenure run` takes its feed".to_owned()),
            (Some(run), Some(every)) if now.duration_since(run.at) > every => {
                Err(format!("is overdue: it last reported at {}", run.at))
            }
            (Some(run), _) => Ok(format!("last reported at {}, {} rows", run.at, run.rows)),
        };
        checks.push((format!("source {name}"), result));
    }
    let tasks = app.store.task_counts().await?;
    let waiting = format!("{} ready, {} wait for a person", tasks.ready, tasks.needs_person);
    checks.push((
        "queue".to_owned(),
        if tasks.needs_person == 0 {
            Ok(waiting)
        } else {
            Err(format!("{waiting}: `tenure case` shows them"))
        },
    ));
    let held = app.store.held_changes().await?.len();
    checks.push((
        "brakes".to_owned(),
        if held == 0 {
            Ok("hold nothing".to_owned())
        } else {
            Err(format!("hold {held} changes: `tenure release` lists them"))
        },
    ));
    let ledger = app.verify_ledger(None, &|_, _| ()).await;
    checks.push((
        "ledger".to_owned(),
        ledger.map(|l| format!("{} entries verify", l.entries)).map_err(|e| e.to_string()),
    ));
    Ok(show(cli, &checks))
}

fn show(cli: &Cli, checks: &[(String, Result<String, String>)]) -> Exit {
    if cli.json {
        out::json(
            &checks
                .iter()
                .map(|(what, result)| {
                    json!({
                        "check": what, "ok": result.is_ok(),
                        "says": match result { Ok(text) | Err(text) => text },
                    })
                })
                .collect(),
        );
    } else {
        let paint = out::Paint::stdout();
        for (what, result) in checks {
            match result {
                Ok(text) => out::line(&format!("{} {what}: {text}", paint.green("ok   "))),
                Err(text) => out::line(&format!("{} {what}: {text}", paint.red("wrong"))),
            }
        }
    }
    if checks.iter().all(|(_, r)| r.is_ok()) { Exit::Done } else { Exit::Open }
}
