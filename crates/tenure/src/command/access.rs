//! `tenure request`, `exception`, `override`, `delegate`: individual decisions about access and values, and their immediate effects.

use super::acting::moment;
use crate::cli::{
    About, Cli, Delegate, Exception, ExceptionCommand, Override, OverrideCommand, Request, RequestCommand,
    Wanted,
};
use crate::exit::{Exit, Failure};
use crate::{out, wire, worded};
use serde_json::json;
use std::sync::Arc;
use tenure_app::describe::{gate_words, step_words};
use tenure_app::{App, AppError, Asked, Decision, DecisionContext, Item, Signed};
use tenure_model::{AttributeName, EntitlementName, Name as _, Step};

pub(crate) async fn request(cli: &Cli, args: &Request) -> Result<Exit, Failure> {
    let app = wire::app(cli).await?;
    let moment = moment(cli, &app).await?;
    let what = |about: &About| app.decisions().entitlement_named(&about.entitlement);
    let decision = match &args.command {
        RequestCommand::Add(wanted) => {
            app.decisions().request(asked(&what(&wanted.about)?, wanted), &moment).await?
        }
        RequestCommand::Extend(wanted) => {
            app.decisions().extend(asked(&what(&wanted.about)?, wanted), &moment).await?
        }
        RequestCommand::End(about) => {
            app.decisions().end_standing(&what(about)?, &about.person, &moment).await?
        }
        RequestCommand::Keep { about, until } => {
            app.decisions().keep(&what(about)?, &about.person, *until, &moment).await?
        }
        RequestCommand::Emergency { about, lasts, reason } => {
            let what = what(about)?;
            let asked = Asked { what: &what, person: &about.person, until: None, reason };
            app.decisions().emergency(asked, *lasts, &moment).await?
        }
        RequestCommand::Rename { person } => app.decisions().ask_names_again(person, &moment).await?,
        RequestCommand::Seen(about) => app.decisions().seen(&what(about)?, &about.person, &moment).await?,
        RequestCommand::List { all: true, .. } => return list_all(cli, &app, &moment).await,
        RequestCommand::List { person, .. } => return list(cli, &app, person.as_deref(), &moment).await,
    };
    done(cli, &app, (&requested(&args.command), &decision), &moment).await
}

/// What a command did, as its first line says it before the name of the identity.
fn requested(command: &RequestCommand) -> String {
    match command {
        RequestCommand::Add(wanted) => format!("requested {} for", wanted.about.entitlement),
        RequestCommand::Extend(wanted) => {
            format!("requested a later end of {} for", wanted.about.entitlement)
        }
        RequestCommand::End(about) => format!("ended {} for", about.entitlement),
        RequestCommand::Keep { about, .. } => format!("kept {} for", about.entitlement),
        RequestCommand::Emergency { about, .. } => {
            format!("given in an emergency: {} for", about.entitlement)
        }
        RequestCommand::Seen(about) => {
            format!("recorded the review of the emergency grant of {} for", about.entitlement)
        }
        RequestCommand::Rename { .. } => "asked the approvers again about new names of".to_owned(),
        RequestCommand::List { .. } => String::new(),
    }
}

pub(crate) async fn exception(cli: &Cli, args: &Exception) -> Result<Exit, Failure> {
    let app = wire::app(cli).await?;
    let moment = moment(cli, &app).await?;
    let decision = match &args.command {
        ExceptionCommand::Add { wanted, instead, owner } => {
            let what = app.decisions().entitlement_named(&wanted.about.entitlement)?;
            app.decisions()
                .except(asked(&what, wanted), Signed { instead, owner: owner.as_deref() }, &moment)
                .await?
        }
        ExceptionCommand::End(about) => {
            app.decisions()
                .end_standing(&app.decisions().entitlement_named(&about.entitlement)?, &about.person, &moment)
                .await?
        }
    };
    let said = match &args.command {
        ExceptionCommand::Add { wanted, .. } => {
            format!("signed an exception: {} for", wanted.about.entitlement)
        }
        ExceptionCommand::End(about) => format!("ended the exception: {} for", about.entitlement),
    };
    done(cli, &app, (&said, &decision), &moment).await
}

pub(crate) async fn set_by_hand(cli: &Cli, args: &Override) -> Result<Exit, Failure> {
    let app = wire::app(cli).await?;
    let moment = moment(cli, &app).await?;
    let decision = match &args.command {
        OverrideCommand::Set { value: (name, value), person, until, reason } => {
            app.decisions()
                .set_by_hand(person, &attribute(name)?, value, (Some(*until), reason), &moment)
                .await?
        }
        OverrideCommand::End { attribute: name, person } => {
            app.decisions().clear_override(person, &attribute(name)?, &moment).await?
        }
    };
    let said = match &args.command {
        OverrideCommand::Set { value: (name, value), .. } => format!("set {name} to {value} by hand for"),
        OverrideCommand::End { attribute: name, .. } => {
            format!("ended the override of {name}, so the value of its source applies again, for")
        }
    };
    done(cli, &app, (&said, &decision), &moment).await
}

pub(crate) async fn delegate(cli: &Cli, args: &Delegate) -> Result<Exit, Failure> {
    let app = wire::app(cli).await?;
    let moment = moment(cli, &app).await?;
    let to = args.to.as_deref().unwrap_or_default();
    let decision = match &args.accept {
        Some(from) => app.delegations().accept_delegation(from, &moment).await?,
        None if args.end => app.delegations().answer_oneself(to, &moment).await?,
        None => app.delegations().delegate(to, (args.until, &args.reason), &moment).await?,
    };
    let said = match &args.accept {
        Some(_) => "accepted to be a delegate of",
        None if args.end => "ended the delegation of",
        None => "asked the delegate of",
    };
    done(cli, &app, (said, &decision), &moment).await
}

fn asked<'a>(what: &'a EntitlementName, wanted: &'a Wanted) -> Asked<'a> {
    Asked { what, person: &wanted.about.person, until: wanted.until, reason: &wanted.reason }
}

fn attribute(name: &str) -> Result<AttributeName, AppError> {
    AttributeName::new(name)
        .map_err(|e| AppError::unknown(Item::AttributeName { problem: e.to_string().into() }, name))
}

/// Does the work and shows what was done and what follows.
async fn done(
    cli: &Cli,
    app: &App,
    (said, decision): (&str, &Decision),
    moment: &DecisionContext,
) -> Result<Exit, Failure> {
    let work = app.work().work(moment, None, &|_, _| ()).await?;
    super::publish(cli, app).await?;
    let step = |s: &Step| match gate_words(&s.gate) {
        open if open.is_empty() => step_words(s),
        gate => format!("{} ({gate})", step_words(s)),
    };
    let steps: Vec<String> = decision.plan.steps.iter().map(step).collect();
    let standing = app.decisions().individual_decisions_of(&decision.id.to_string(), moment).await?;
    let waits = decision.plan.steps.iter().any(|s| !gate_words(&s.gate).is_empty());
    if cli.json {
        out::json(&json!({
            "person": decision.id.to_string(), "name": &*decision.title, "steps": steps,
            "decided": standing.into_iter().map(|s| s.json).collect::<Vec<_>>(),
            "findings": worded::findings_json(&decision.settlement),
        }));
    } else {
        out::line(&format!("{said} {}", decision.title));
        standing.iter().for_each(|s| out::line(&format!("  {}", s.line)));
        steps.iter().for_each(|s| out::line(&format!("  {s}")));
        for finding in &decision.settlement.findings {
            out::line(&format!("  finding: {}", worded::line(finding)));
        }
        if waits {
            out::line("`tenure approvals` shows who is asked");
        }
    }
    Ok(if work.held > 0 {
        Exit::Held
    } else if waits || work.needs_person + work.waiting > 0 {
        Exit::Open
    } else {
        Exit::Done
    })
}

async fn list(cli: &Cli, app: &App, person: Option<&str>, moment: &DecisionContext) -> Result<Exit, Failure> {
    let mine = moment.actor.as_ref().map(|a| a.id.to_string());
    let Some(person) = person.map(str::to_owned).or(mine) else {
        return Err(Failure::new(
            "A002",
            format!(
                "the login {} is mapped to a person whom no source has reported yet",
                crate::login::login()
            ),
            "name a person by --for; [actors] in tenure.toml says which person a login is",
        ));
    };
    let standing = app.decisions().individual_decisions_of(&person, moment).await?;
    if cli.json {
        out::json(&standing.into_iter().map(|s| s.json).collect());
    } else if standing.is_empty() {
        out::line("no individual decision is stored for this identity");
    } else {
        standing.iter().for_each(|s| out::line(&s.line));
    }
    Ok(Exit::Done)
}

async fn list_all(cli: &Cli, app: &App, moment: &DecisionContext) -> Result<Exit, Failure> {
    let requests = app.decisions().requests(moment).await?;
    if cli.json {
        let named = |(whose, shown): (Arc<str>, tenure_app::IndividualDecisionShown)| {
            let mut json = shown.json;
            json["person"] = json!(&*whose);
            json
        };
        out::json(&requests.into_iter().map(named).collect());
    } else if requests.is_empty() {
        out::line("no request that you may see is stored");
    } else {
        requests.iter().for_each(|(whose, shown)| out::line(&format!("{whose}: {}", shown.line)));
    }
    Ok(Exit::Done)
}
