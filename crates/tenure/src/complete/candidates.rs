//! What a value may be, read as the command would read it: by the same actor, with the same permit, at most fifty of each, within a
//! second, from a database that is there already.

use super::kind::Kind;
use super::line::Acts;
use crate::cli::Cli;
use crate::command::{moment, task_work};
use crate::exit::Failure;
use crate::open::Access;
use crate::wire;
use clap::Parser as _;
use clap_complete::engine::CompletionCandidate;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::time::Duration;
use tenure_app::describe::asked_for_words;
use tenure_app::{
    App, EntitlementFilter, EntitlementShown, FindingsFilter, IdentityShown, Page, PeopleFilter, Query,
};
use tenure_model::text::shown;
use tenure_model::{Case, EntitlementName, Finding, IdentityKind, Name as _, SystemName, Task};
use tenure_store::{ApprovalFilter, CaseFilter, TaskFilter};

/// Most candidates of one value.
const MOST: u32 = 50;
/// Most rows of a list among which those that begin as typed are looked for: the ids of lists are in no order of their digits.
const READ_MAX: u32 = 400;
/// How long the shell waits.
const WITHIN: Duration = Duration::from_millis(900);
/// Bytes of stack of the thread that reads: the parser of conditions is recursive.
const STACK_BYTES: usize = 8 << 20;
/// A candidate is put on a line that runs: only characters that no shell acts on are offered.
const PLAIN: &str = "-_./:@+=";

/// Whether a shell acts on no character of a word: names come from feeds, and the names of files from those who deliver them.
pub(super) fn is_plain(word: &str) -> bool {
    word.chars().all(|c| c.is_alphanumeric() || PLAIN.contains(c))
}

/// A value, and what it is.
type Row = (String, String);

/// Where candidates come from.
pub(super) struct Source {
    /// A command that reads, as the line states folder, actor and instant.
    line: Vec<String>,
    /// Whether one read was not in time: then there is no other.
    is_late: AtomicBool,
}

impl Source {
    /// For a line.
    pub(super) fn of(acts: &Acts) -> Self {
        let options = [("--folder", &acts.folder), ("--as", &acts.acting), ("--now", &acts.now)];
        let options =
            options.iter().filter_map(|(name, value)| Some(format!("{name}={}", value.as_deref()?)));
        // Any command that reads: what decides is who asks, and where.
        let line = ["tenure".to_owned()].into_iter().chain(options).chain(["people".to_owned()]);
        Self { line: line.collect(), is_late: AtomicBool::new(false) }
    }

    /// The values of a kind that begin with a text; none where they cannot be read, or may not be, or not in time.
    pub(super) fn beginning(&self, kind: Kind, text: &str) -> Vec<CompletionCandidate> {
        if let Kind::Word(words) = kind {
            let words = words.words().into_iter().filter(|w| w.starts_with(text));
            return words.map(CompletionCandidate::new).collect();
        }
        // A word that begins as an option does is none of these.
        if text.starts_with('-') || self.is_late.load(Ordering::Relaxed) {
            return Vec::new();
        }
        let Ok(cli) = Cli::try_parse_from(&self.line) else { return Vec::new() };
        let (answer, answered) = channel();
        let typed = text.to_owned();
        // The thread is left behind when it is late: the process ends.
        let reading = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let rows = runtime.ok().and_then(|runtime| runtime.block_on(rows(&cli, kind, &typed)).ok());
            drop(answer.send(rows.unwrap_or_default()));
        });
        if reading.is_err() {
            return Vec::new();
        }
        let rows = answered.recv_timeout(WITHIN).unwrap_or_else(|_| {
            self.is_late.store(true, Ordering::Relaxed);
            Vec::new()
        });
        let mut seen = BTreeSet::new();
        let begin = text.to_lowercase();
        let fits = |(word, _): &Row| {
            !word.starts_with('-') && is_plain(word) && word.to_lowercase().starts_with(&begin)
        };
        let rows = rows.into_iter().filter(fits).filter(|(word, _)| seen.insert(word.clone()));
        let most = usize::try_from(MOST).unwrap_or(usize::MAX);
        let offered = |(word, what): Row| {
            let what = shown(&what).into_owned();
            CompletionCandidate::new(word).help((!what.is_empty()).then(|| what.into()))
        };
        rows.take(most).map(offered).collect()
    }
}

/// Reads the rows of a kind, after the permit that a list needs.
async fn rows(cli: &Cli, kind: Kind, text: &str) -> Result<Vec<Row>, Failure> {
    let app = wire::seen(cli, Access::Peek).await?;
    let moment = moment(cli, &app).await?;
    let query = app.query(&moment).await?;
    let page = Page { limit: READ_MAX, after: None };
    let plain = |word: &str| (word.to_owned(), String::new());
    Ok(match kind {
        Kind::System => systems(&app),
        Kind::Source => app.context.setup.sources.keys().map(|s| plain(s.as_str())).collect(),
        Kind::Entitlement => entitlements(&app, &query, text).await?,
        Kind::SystemOrEntitlement if text.contains(':') => entitlements(&app, &query, text).await?,
        Kind::SystemOrEntitlement => systems(&app),
        Kind::Person => {
            let found = query.beginning_with(text, MOST).await?.into_iter();
            found.map(|(word, who)| (as_issued(&word, &who), who.line())).collect()
        }
        Kind::NonHuman => non_human(&query, text).await?,
        Kind::Approval => {
            let found = query.approvals_listed(&ApprovalFilter::default(), &page).await?.rows;
            found.iter().map(|r| (r.id.short(), format!("{} ({})", asked_for_words(r), r.rule))).collect()
        }
        Kind::Question => {
            let found = query.questions(&page).await?.rows;
            found.iter().map(|q| (q.id.short(), format!("{}:{}", q.source, q.key))).collect()
        }
        Kind::HeldChange => {
            let found = query.held_changes(&page).await?.rows;
            found.iter().map(|h| (h.id.short(), h.scope.to_string())).collect()
        }
        Kind::Finding => {
            let filter = FindingsFilter { acknowledged: Some(false), ..FindingsFilter::default() };
            let found = query.findings(&filter, &page).await?.rows;
            found.iter().map(|f| (f.id.short(), what(&f.finding))).collect()
        }
        Kind::Task => {
            let filter = TaskFilter { needs_person: true, ..TaskFilter::default() };
            let found = query.tasks_listed(&filter, &page).await?.rows;
            let what = |t: &Task| task_work(t);
            found.iter().map(|t| (t.task.id.short(), what(&t.task))).collect()
        }
        Kind::Case => {
            let found = query.cases(&CaseFilter::default(), &page).await?.rows;
            let state = |c: &Case| format!("{} {}", c.label.as_str(), c.state.as_str());
            found.iter().map(|c| (c.id.short(), state(c))).collect()
        }
        Kind::SourceFile | Kind::Folder | Kind::Word(_) => Vec::new(),
    })
}

fn what(finding: &Finding) -> String {
    format!("{} {}", finding.kind().as_str(), tenure_words::about(finding))
}

/// A number or name as lists show it; keys are stored folded.
fn as_issued(word: &str, who: &IdentityShown) -> String {
    let same = |shown: &&Arc<str>| shown.to_lowercase() == word.to_lowercase();
    who.number.iter().chain(&who.user_name).find(same).map_or_else(|| word.to_owned(), ToString::to_string)
}

fn systems(app: &App) -> Vec<Row> {
    app.context.setup.systems.keys().map(|s| (s.as_str().to_owned(), String::new())).collect()
}

/// Entitlements that begin with a text; systems, while it names none.
async fn entitlements(app: &App, query: &Query<'_>, text: &str) -> Result<Vec<Row>, Failure> {
    let Some((system, _)) = text.split_once(':') else {
        let systems = systems(app).into_iter();
        return Ok(systems.map(|(system, what)| (format!("{system}:"), what)).collect());
    };
    let typed = EntitlementName::new(text).ok();
    // All that begin with what is typed follow it in this list.
    let after = typed.as_ref().map(|typed| Arc::from(typed.as_str()));
    let system = SystemName::new(system).ok().filter(|_| after.is_none());
    let filter = EntitlementFilter { system, ..EntitlementFilter::default() };
    let rows = query.entitlements(&filter, &Page { limit: MOST, after }).await?.rows;
    // What a family could name is not offered before it is held.
    let itself = typed.filter(|typed| app.context.entitlement(typed).is_some_and(|of| of.name == *typed));
    let itself = itself.map(|typed| (typed.as_str().to_owned(), String::new()));
    let about = |e: &EntitlementShown| match &e.owner {
        Some(owner) => format!("risk {}, owner {owner}", e.risk),
        None => format!("risk {}, no owner", e.risk),
    };
    Ok(itself.into_iter().chain(rows.iter().map(|e| (e.name.as_str().to_owned(), about(e)))).collect())
}

async fn non_human(query: &Query<'_>, text: &str) -> Result<Vec<Row>, Failure> {
    let mut rows = Vec::new();
    for kind in [IdentityKind::Service, IdentityKind::Agent, IdentityKind::Shared] {
        let text = (!text.is_empty()).then(|| text.into());
        let filter = PeopleFilter { text, kind: Some(kind), ..PeopleFilter::default() };
        let page = Page { limit: READ_MAX, after: None };
        let found = query.people(&filter, &page).await?.rows;
        rows.extend(
            found
                .iter()
                .map(|who| (who.title.to_string(), format!("{} {}", kind.as_str(), who.phase.as_str()))),
        );
    }
    Ok(rows)
}
