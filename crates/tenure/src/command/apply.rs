//! `tenure apply`: makes the folder's configuration the active one, or keeps it for a second person where it widens control.

use super::plan_file::PlanFile;
use crate::cli::{Apply, Cli, Plan};
use crate::exit::{Exit, Failure};
use crate::wire::Base;
use crate::{connections, folder, login, out, wire};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_app::{App, Born, DecisionContext, Made, Operation, Waiting};
use tenure_policy::SetUp;
use tenure_store::SetUpRow;

/// Widened keys that are listed.
const LISTED: usize = 20;

type Stored = BTreeMap<Arc<str>, Arc<str>>;

pub(crate) async fn apply(cli: &Cli, args: &Apply) -> Result<Exit, Failure> {
    if let Some(hash) = &args.confirm {
        return confirm(cli, args, hash).await;
    }
    let planned = args.plan.as_deref().map(PlanFile::read).transpose()?;
    let files = folder::read(&cli.folder)?;
    let loaded = folder::load(&files)?;
    let base = wire::base(&cli.folder, &loaded.setup.settings).await?;
    let hash = loaded.setup.hash.clone();
    let active = base.store.active_set_up().await?;
    let by = author(cli, base.vault.born(), active.as_ref(), &loaded.setup)?;
    if let Some(active) = &active {
        versions_rise(active, &loaded.setup)?;
    }
    if active.as_ref().is_some_and(|a| a.hash == hash) {
        planned.as_ref().map_or(Ok(()), |planned| planned.is_of(&hash.to_string()))?;
        return nothing_new(cli, base, loaded.setup).await;
    }
    let stored: Stored = files.iter().map(|(p, t)| (Arc::from(p.as_str()), Arc::from(t.as_str()))).collect();
    let bootstrap = base.store.identity_count().await? == 0;
    let Some(active) = active.filter(|_| !bootstrap) else {
        return first(cli, (args, planned.as_ref()), base, loaded.setup, stored, &by).await;
    };
    let active_files: folder::Files =
        active.files.iter().map(|(p, t)| (p.to_string(), t.to_string())).collect();
    let widening = tenure_policy::widening(&active_files, &files);
    // By the rules of the active one; where this program cannot read that, by those of the corrected folder.
    let previous = folder::active(&active);
    let judge = previous.clone().unwrap_or_else(|| loaded.setup.clone());
    let app = wire::unconnected(base.clone(), judge);
    let permit = app.permit_for(Operation::Apply, &super::acting::moment(cli, &app).await?).await?;
    app.configuration().keeps_able(&loaded.setup.settings).await?;
    match previous {
        Some(previous) if !widening.keys.is_empty() => {
            // A configuration that could never connect does not wait for a second person.
            if let Some(wrong) = connections::unconnectable(&loaded.setup, &cli.folder).into_iter().next() {
                return Err(wrong);
            }
            let over = (&previous, &loaded.setup);
            let waiting = Waiting::new(over, stored, &by, &widening, permit.moment().now);
            let waiting = app.configuration().propose_configuration(waiting, &permit).await?;
            super::publish(cli, &app).await?;
            Ok(show_waiting(cli, &app, &waiting))
        }
        previous => {
            let made = Made::Alone(permit);
            drop((app, base));
            let base = consented(cli, (args, planned.as_ref()), &active, &loaded.setup).await?;
            make_active(cli, args, base, (previous.as_ref(), loaded.setup), stored, (&by, made)).await
        }
    }
}

/// Nothing is active, or no identity is known: nothing can be lost, and there is no question.
async fn first(
    cli: &Cli,
    (args, planned): (&Apply, Option<&PlanFile>),
    base: Base,
    setup: SetUp,
    stored: Stored,
    by: &str,
) -> Result<Exit, Failure> {
    let base = match planned {
        Some(planned) => {
            drop(base);
            as_planned(cli, planned).await?;
            wire::base(&cli.folder, &setup.settings).await?
        }
        None => base,
    };
    make_active(cli, args, base, (None, setup), stored, (by, Made::First)).await
}

/// Goes on with a plan that was read, with a yes given beforehand, or with one typed under the plan. The database is free meanwhile: it
/// is opened again, and holds the same active configuration.
async fn consented(
    cli: &Cli,
    (args, planned): (&Apply, Option<&PlanFile>),
    active: &SetUpRow,
    setup: &SetUp,
) -> Result<Base, Failure> {
    if let Some(planned) = planned {
        as_planned(cli, planned).await?;
    } else if !args.yes && super::consent::is_possible(cli) {
        let planned = Plan { feed: Vec::new(), policy: None, no_feeds: false, all: false, out: None };
        let proposed = super::plan::propose(cli, &planned).await?;
        super::plan::report(cli, &planned, &proposed);
        super::consent::confirmed("make this configuration active")?;
    } else if !args.yes {
        let help = "read `tenure plan --out FILE`, then give --plan FILE; or give --yes";
        return Err(super::consent::unasked("make this configuration active", help));
    }
    let base = wire::base(&cli.folder, &setup.settings).await?;
    let now = base.store.active_set_up().await?.map(|now| now.hash);
    if now.as_ref() == Some(&active.hash) {
        return Ok(base);
    }
    let what = "another configuration became active while this one was planned";
    Err(Failure::new("A004", what, "review it with `tenure plan`, and try again"))
}

/// Refuses what is not in the plan.
async fn as_planned(cli: &Cli, planned: &PlanFile) -> Result<(), Failure> {
    let no_feeds = !planned.feeds;
    let args = Plan { feed: Vec::new(), policy: None, no_feeds, all: false, out: None };
    let now = super::plan::propose(cli, &args).await?.file(planned.feeds);
    planned.permits(&now)
}

/// The folder's configuration is the active one: a waiting one is withdrawn.
async fn nothing_new(cli: &Cli, base: Base, setup: SetUp) -> Result<Exit, Failure> {
    let hash = setup.hash.to_string();
    let app = wire::unconnected(base, setup);
    let moment = super::acting::moment(cli, &app).await?;
    let withdrawn = app.configuration().withdraw_configuration(&moment).await?;
    if withdrawn {
        super::publish(cli, &app).await?;
    }
    if cli.json {
        out::json(&json!({ "set_up": hash, "changed": false, "withdrawn": withdrawn }));
    } else {
        out::line(&format!("configuration {} is active already", short(&hash)));
        if withdrawn {
            out::line("the configuration that waited for a second person is withdrawn");
        }
    }
    Ok(Exit::Done)
}

async fn confirm(cli: &Cli, args: &Apply, hash: &str) -> Result<Exit, Failure> {
    let app = wire::app(cli).await?;
    let moment = super::acting::moment(cli, &app).await?;
    let confirmed = app.configuration().confirm_configuration(hash, &moment).await?;
    if !cli.json {
        out::line("this confirmation widens control:");
        out::list(confirmed.waiting.widens.iter().map(|w| format!("  {w}")), LISTED);
    }
    let proposed = folder::compile(&confirmed.waiting.files)?;
    app.configuration().keeps_able(&proposed.settings).await?;
    let previous = app.context.setup.clone();
    drop(app);
    let base = wire::base(&cli.folder, &folder::settings(&cli.folder)?).await?;
    let (files, by) = (confirmed.waiting.files, confirmed.waiting.by);
    make_active(cli, args, base, (Some(&*previous), proposed), files, (&by, confirmed.made)).await
}

async fn make_active(
    cli: &Cli,
    args: &Apply,
    base: Base,
    (previous, setup): (Option<&SetUp>, SetUp),
    files: Stored,
    (by, made): (&str, Made),
) -> Result<Exit, Failure> {
    let (store, vault, machine) = (base.store.clone(), base.vault.clone(), base.machine.clone());
    let damaged = base.damaged.clone();
    let app = wire::whole(base, setup)?;
    let moment = acted(cli, &app, previous).await?;
    app.stored().found_damaged(damaged, &moment).await?;
    let setup = (previous, &*app.context.setup);
    let exception = if let Made::Exception(_, until) = &made { Some(*until) } else { None };
    tenure_app::activate_over(&*store, &vault, &machine, setup, files, (by, made), &moment).await?;
    wire::cut_off_again(cli, &app).await?;
    let labels = if args.settle {
        let spinner = out::spinner("deciding for all identities");
        let labels = app.work().attended(&moment, None, app.reconfigured().settle_everybody(&moment)).await?;
        spinner.finish_and_clear();
        Some(labels)
    } else {
        None
    };
    super::publish(cli, &app).await?;
    let hash = app.context.setup.hash.to_string();
    if cli.json {
        let labels = labels.as_ref().map(super::run::labels_json);
        out::json(&json!({ "set_up": hash, "changed": true, "labels": labels }));
    } else {
        out::line(&format!("configuration {} is active", short(&hash)));
        if let Some(until) = exception {
            out::line(&format!(
                "confirmed by one person alone, as an exception until {until}: a second person must review it before then"
            ));
        }
        labels.iter().for_each(|l| out::line(&super::run::labels_line(l, 0, 0)));
    }
    Ok(Exit::Done)
}

/// The moment; the actor is the person to whom the configuration that was active until now maps the login.
async fn acted(cli: &Cli, app: &App, previous: Option<&SetUp>) -> Result<DecisionContext, Failure> {
    let mut moment = app.clock().moment(cli.now).await?;
    let login = login::login();
    let settings = previous.map_or(&app.context.setup.settings, |p| &p.settings);
    moment.actor = match (&cli.acting, settings.actor(&login.uid_key(), login.name.as_deref())) {
        // Before the first feed no person is known.
        (Some(_), _) if previous.is_none() => super::acting::actor(cli, app).await.ok().flatten(),
        (Some(_), _) => super::acting::actor(cli, app).await?,
        (None, Some(key)) => app.people().person(key).await.ok().map(|subject| tenure_app::Actor {
            id: subject.identity.id,
            title: subject.title,
            stood_in: false,
            login: Some(login),
        }),
        (None, None) => None,
    };
    Ok(moment)
}

/// Says what waits, why, and what to do.
fn show_waiting(cli: &Cli, app: &App, waiting: &Waiting) -> Exit {
    if cli.json {
        out::json(&json!({
            "set_up": &*waiting.hash, "changed": false, "waits": true, "widens": waiting.widens,
        }));
    } else {
        out::line(&format!(
            "configuration {} waits for a second person, because it widens control:",
            short(&waiting.hash)
        ));
        out::list(waiting.widens.iter().map(|w| format!("  {w}")), LISTED);
        out::line(&format!(
            "a member of the group `{}` who neither wrote it nor gains by it confirms it: `tenure apply --confirm {}`",
            app.context.setup.settings.last_resort,
            short(&waiting.hash)
        ));
    }
    Exit::Open
}

/// The author: who makes the configuration active, by the key of the active one; by that of the proposed one where none is active yet.
pub(super) fn author(
    cli: &Cli,
    born: Born,
    active: Option<&SetUpRow>,
    proposed: &SetUp,
) -> Result<String, Failure> {
    let login = login::login();
    let compiled = active.map(|a| folder::compile(&a.files)).transpose();
    // A configuration that this program cannot read maps no login: then the corrected folder does.
    let settings = compiled.ok().flatten().map_or_else(|| proposed.settings.clone(), |setup| setup.settings);
    if active.is_some() {
        login::admit(cli, &settings, born)?;
    } else if settings.actor(&login.uid_key(), login.name.as_deref()).is_none()
        && (cli.acting.is_none() || born == Born::Live)
    {
        return Err(login::unmapped_at_first(&login));
    }
    let mapped = settings.actor(&login.uid_key(), login.name.as_deref());
    Ok(cli.acting.clone().or_else(|| mapped.map(ToString::to_string)).unwrap_or_else(|| login.key()))
}

/// A bundle is requested, approved and reviewed under its version: other content is another version.
fn versions_rise(active: &SetUpRow, proposed: &SetUp) -> Result<(), Failure> {
    let files: Vec<(String, String)> =
        active.files.iter().map(|(path, text)| (path.to_string(), text.to_string())).collect();
    // A configuration that another version of this program accepted and this one cannot read has no versions to compare.
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
