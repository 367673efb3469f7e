//! `tenure plan`: the whole population through the same code with this folder's configuration and feeds, on a copy.

use super::plan_file::{CHANGE, GAIN, LOSS, PlanFile, sign, totals};
use crate::cli::{Cli, Plan};
use crate::exit::{Exit, Failure};
use crate::feeds::FileFeeds;
use crate::{folder, out, wire};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tenure_app::describe::{gate_words, instant_words, rename_json, renames_words, step_json, step_words};
use tenure_app::{App, Changed, Changes, DecisionContext, FeedReport, Foreseen, Made, called};
use tenure_engine::account_name;
use tenure_model::{CaseLabel, IdentityId, Justification, Name, SourceName, Step, StepKind};
use tenure_policy::SetUp;
use tenure_store::{StoredSubject, TaskCounts, WaitingCounts};

/// People that are listed unless all are asked for.
const LISTED: usize = 20;

/// Most people whose accounts are named without --all.
const NAMED_MAX: usize = 10_000;

/// How changes are counted that have no cause in the person's own records: the policy or the date changed.
const UNNAMED: &str = "by policy or date";

pub(crate) async fn plan(cli: &Cli, args: &Plan) -> Result<Exit, Failure> {
    let proposed = propose(cli, args).await?;
    // Written before anything is shown: a file that cannot be written is no data.
    args.out.as_ref().map_or(Ok(()), |path| proposed.file(!args.no_feeds).write(path))?;
    report(cli, args, &proposed);
    if let Some(path) = &args.out {
        out::note(&format!("written: {}; `tenure apply --plan {0}` does this and no more", path.display()));
    }
    let foreseen = &proposed.foreseen;
    // A plan without a feed that is to be taken is no answer.
    if foreseen.feeds.iter().any(|f| f.refused.is_some()) {
        return Ok(Exit::Invalid);
    }
    let holds = foreseen.feeds.iter().any(|f| f.held.is_some()) || !foreseen.held.is_empty();
    let changes = !foreseen.changes.is_empty() || !foreseen.work.is_empty();
    Ok(if changes || holds { Exit::Differs } else { Exit::Done })
}

/// What the next pass would do with a proposed configuration.
pub(super) struct Proposed {
    foreseen: Foreseen,
    before: Before,
    /// The people who change, with their accounts as they would be.
    people: BTreeMap<IdentityId, StoredSubject>,
    systems: Arc<SetUp>,
    /// The hash of the active configuration.
    base: Option<String>,
}

impl Proposed {
    /// The plan as a file.
    pub(super) fn file(&self, feeds: bool) -> PlanFile {
        PlanFile::of(self.base.clone(), self.systems.hash.as_str(), feeds, &self.foreseen.changes)
    }
}

/// Decides for the whole population, on a copy.
pub(super) async fn propose(cli: &Cli, args: &Plan) -> Result<Proposed, Failure> {
    let files = folder::read(&cli.folder)?;
    let settings = folder::load(&files)?.setup.settings;
    super::acting::permitted(cli, tenure_app::Operation::Plan).await?;
    let database = cli.folder.join(&*settings.database);
    let copy = beside(&database, &cli.folder)?;
    if database.exists() {
        // Opened and closed, the database is one file without a log beside it.
        drop(wire::base(&cli.folder, &settings).await?);
        let to = copy.path().join("tenure.db");
        std::fs::copy(&database, &to)
            .map_err(|e| Failure::internal(format!("{} cannot be copied: {e}", database.display())))?;
    }
    let policy = args.policy.as_deref().unwrap_or(&cli.folder);
    let proposed = folder::load(&folder::read(policy)?)?.setup;
    let feeds = FileFeeds { instead: instead(args, &proposed)?, ..wire::feeds(&cli.folder, &proposed) };
    let (mut app, base) = on_copy(cli, &settings, copy.path(), proposed).await?;
    app.feeds = Arc::new(feeds);
    app.outside = None;
    let spinner = out::spinner("deciding for all identities, on a copy");
    let moment = app.clock().moment_of_plan(cli.now).await?;
    let before = Before::read(&app, &moment).await?;
    let foreseen = app.plans().foresee(false, !args.no_feeds, &moment).await?;
    let changed: Vec<IdentityId> = foreseen.changes.keys().copied().collect();
    let listed = if args.all { changed.len() } else { changed.len().min(NAMED_MAX) };
    let people = app.query(&moment).await?.subjects(changed.get(..listed).unwrap_or_default()).await?;
    let people = people.into_iter().map(|s| (s.identity.id, s)).collect();
    spinner.finish_and_clear();
    Ok(Proposed { foreseen, before, people, systems: app.context.setup.clone(), base })
}

/// What is pending, held and waiting before the next pass: it is no new decision.
struct Before {
    waiting: WaitingCounts,
    tasks: TaskCounts,
}

impl Before {
    async fn read(app: &App, moment: &DecisionContext) -> Result<Self, Failure> {
        let query = app.query(moment).await?;
        Ok(Self { waiting: query.waiting_counts().await?, tasks: query.task_counts().await? })
    }

    fn json(&self) -> serde_json::Value {
        json!({
            "approvals": self.waiting.approvals, "questions": self.waiting.questions, "held": self.waiting.held_changes,
            "tasks": {
                "needs_person": self.tasks.needs_person, "held": self.tasks.held,
                "waiting": self.tasks.ready + self.tasks.leased,
            },
        })
    }

    /// One line; nothing where nothing waits.
    fn words(&self) -> Option<String> {
        let all = [
            (self.waiting.approvals, "request", "for approval"),
            (self.waiting.questions, "record", "with a correlation question"),
            (self.waiting.held_changes, "change", "held by a brake"),
            (self.tasks.needs_person, "manual task", "to do"),
            (self.tasks.held, "task", "held by the brake of a system"),
            (self.tasks.ready + self.tasks.leased, "task", "for the next pass"),
        ];
        let some: Vec<String> = all
            .iter()
            .filter(|(n, ..)| *n > 0)
            .map(|(n, what, why)| format!("{} {why}", out::count(*n, what)))
            .collect();
        (!some.is_empty()).then(|| format!("open already, and not part of this plan: {}", some.join(", ")))
    }
}

/// A folder for the copy, beside the database, or in the configuration folder before there is one; never in a place that users
/// share.
fn beside(database: &Path, folder: &Path) -> Result<tempfile::TempDir, Failure> {
    let place = database.parent().filter(|parent| parent.is_dir()).unwrap_or(folder);
    let made = tempfile::Builder::new().prefix("plan-").tempdir_in(place);
    made.map_err(|e| {
        Failure::new(
            "C005",
            format!("{}: no folder for the copy can be made there: {e}", place.display()),
            "check the path in [storage] of tenure.toml, its permissions and the space left",
        )
    })
}

/// The files of `--feed`.
fn instead(args: &Plan, setup: &SetUp) -> Result<BTreeMap<SourceName, PathBuf>, Failure> {
    let mut files = BTreeMap::new();
    for (source, file) in &args.feed {
        let Some((name, _)) = setup.sources.get_key_value(source.as_str()) else {
            let known: Vec<&str> = setup.sources.keys().map(Name::as_str).collect();
            return Err(Failure::new(
                "A001",
                format!("source `{source}` is not known"),
                format!("the configuration has {}", known.join(", ")),
            ));
        };
        if files.insert(name.clone(), PathBuf::from(file)).is_some() {
            let what = format!("source `{source}` is given two files");
            return Err(Failure::new("A003", what, "name each source once: its feed is one file"));
        }
    }
    Ok(files)
}

/// The application over a copy of the database and a proposed configuration; what it commits is noted and then thrown away.
async fn on_copy(
    cli: &Cli,
    settings: &tenure_policy::GlobalSettings,
    copy: &Path,
    proposed: SetUp,
) -> Result<(App, Option<String>), Failure> {
    let mut settings = settings.clone();
    settings.database = Arc::from(copy.join("tenure.db").to_string_lossy());
    let base = wire::copied(&cli.folder, &settings).await?;
    let (store, vault, machine) = (base.store.clone(), base.vault.clone(), base.machine.clone());
    let app = wire::over(base, proposed);
    let active = store.active_set_up().await?;
    let hash = active.as_ref().map(|active| active.hash.as_str().to_owned());
    if active.as_ref().is_none_or(|a| a.hash != app.context.setup.hash) {
        let moment = app.clock().moment_of_plan(cli.now).await?;
        // Where the active configuration allows less, its brakes still hold for a day.
        // As if the person who plans applied it: what they would gain by it is asked about.
        let setup = &app.context.setup;
        let by = super::apply::author(cli, vault.born(), active.as_ref(), setup).unwrap_or_default();
        let bootstrap = active.is_none() || store.identity_count().await? == 0;
        let made = if bootstrap { Made::First } else { Made::Fixture };
        let previous = active.as_ref().and_then(folder::active);
        let over = (previous.as_ref(), &**setup);
        let how = (&*by, made);
        tenure_app::activate_over(&*store, &vault, &machine, over, BTreeMap::new(), how, &moment).await?;
    }
    Ok((app, hash))
}

/// Shows a plan.
pub(super) fn report(cli: &Cli, args: &Plan, proposed: &Proposed) {
    let Foreseen { changes, feeds, held: brakes, work } = &proposed.foreseen;
    let before = &proposed.before;
    let (mut labels, mut systems, mut rules) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for change in changes.values() {
        *labels.entry(change.label.map_or(UNNAMED, CaseLabel::as_str)).or_insert(0_u64) += 1;
        for step in &change.steps {
            *systems.entry(step.account.system.to_string()).or_insert(0_u64) += 1;
            for reason in &step.because {
                *rules.entry(reason.reference.to_string()).or_insert(0_u64) += 1;
            }
        }
    }
    if cli.json {
        let people: Vec<_> = changes
            .iter()
            .map(|(id, c)| {
                json!({
                    "id": id.to_string(), "person": &*c.title, "label": c.label.map(CaseLabel::as_str),
                    "steps": c.steps.iter().map(step_json).collect::<Vec<_>>(),
                    "pending": c.pending.iter().map(step_json).collect::<Vec<_>>(),
                    "questions": c.questions.iter().map(|q| &**q).collect::<Vec<_>>(),
                    "renames": c.renames.iter().map(rename_json).collect::<Vec<_>>(),
                })
            })
            .collect();
        out::json(&json!({
            "labels": labels, "systems": systems, "rules": rules, "people": people, "totals": totals_json(changes),
            "held": held(feeds, brakes), "waiting": before.json(),
            "work": work.iter().map(|(whose, what)| json!({ "person": &**whose, "what": &**what })).collect::<Vec<_>>(),
            "refused": feeds.iter().filter_map(|f| f.refused.as_ref().map(tenure_words::refused)).collect::<Vec<_>>(),
            "quarantined": feeds.iter().map(|f| f.quarantined.len()).sum::<usize>(),
            "asked": feeds.iter().map(|f| f.asked).sum::<u64>(),
        }));
        return;
    }
    let counts = |counts: &BTreeMap<String, u64>| {
        counts.iter().map(|(what, n)| format!("{n} {what}")).collect::<Vec<_>>().join(", ")
    };
    let labels = labels.iter().map(|(l, n)| ((*l).to_owned(), *n)).collect();
    let mut totals = vec![headline(changes, work, &counts(&labels))];
    totals.extend(totals_words(changes));
    if !rules.is_empty() {
        totals.push(format!("reasons by rule: {}", counts(&rules)));
    }
    totals.iter().for_each(|t| out::line(t));
    feeds.iter().for_each(feed);
    brakes.iter().for_each(|(system, why)| brake(system, why));
    before.words().iter().for_each(|w| out::line(w));
    list(args, proposed);
    out::list(
        work.iter().map(|(whose, what)| format!("{whose}: {what}")),
        if args.all { work.len() } else { LISTED },
    );
}

/// How many would change, and how.
fn headline(changes: &Changes, work: &[(Arc<str>, Arc<str>)], labels: &str) -> String {
    if !changes.is_empty() {
        return format!("{} would change: {labels}", out::count(changes.len(), "person"));
    }
    if work.is_empty() {
        return "no identity would change".to_owned();
    }
    format!("nothing new is decided; {} would be done by another one", out::count(work.len(), "open task"))
}

/// Which identities would change, by name, step by step.
fn list(args: &Plan, proposed: &Proposed) {
    let changes = &proposed.foreseen.changes;
    let listed = if args.all { changes.len() } else { LISTED };
    let mut by_name: Vec<(&IdentityId, &Changed)> = changes.iter().collect();
    by_name.sort_by_key(|(_, c)| c.title.clone());
    for (id, change) in by_name.into_iter().take(listed) {
        let subject = proposed.people.get(id);
        let who = subject.map_or_else(|| change.title.to_string(), |s| called(&s.title, &s.identity));
        let label = change.label.map(|l| format!(" ({l})")).unwrap_or_default();
        out::line(&format!("{who}{label}"));
        if !change.renames.is_empty() {
            out::line(&format!("  ~ asks for other names: {}", renames_words(&change.renames)));
        }
        for step in &change.steps {
            out::line(&step_line(step, account_of(step, subject, &proposed.systems)));
        }
        change.questions.iter().for_each(|q| out::line(&format!("  {q}")));
        if !change.pending.is_empty() {
            let waits = out::count(change.pending.len(), "step");
            out::line(&format!("  already waiting for an answer, or refused: {waits}"));
        }
    }
    if changes.len() > listed {
        out::line(&format!("… and {} more: --all lists all of them", changes.len() - listed));
    }
}

/// The name of a step's account in its system.
fn account_of(step: &Step, subject: Option<&StoredSubject>, setup: &SetUp) -> Option<String> {
    let subject = subject?;
    let account = subject.accounts.iter().find(|a| a.key == step.account)?;
    let system = setup.systems.get(&step.account.system)?;
    account_name(system, &subject.identity, account).map(|name| name.to_string())
}

/// One step: what it does to access, on which account, why, from and until when, and what it waits for.
fn step_line(step: &Step, account: Option<String>) -> String {
    let reason = |j: &Justification| {
        let from = j.from.map(|from| format!(" from {}", instant_words(from))).unwrap_or_default();
        let until = j.until.map(|until| format!(" until {}", instant_words(until))).unwrap_or_default();
        format!("{}{from}{until}", j.reference)
    };
    let reasons: Vec<String> = step.because.iter().map(reason).collect();
    let why = if reasons.is_empty() { step.note.to_string() } else { reasons.join(", ") };
    let gate = gate_words(&step.gate);
    let gate = if gate.is_empty() { gate } else { format!("; {gate}") };
    format!("  {} {} ({why}{gate})", sign(&step.kind), on_account(step, account))
}

/// A step in words, with the name of its account.
fn on_account(step: &Step, account: Option<String>) -> String {
    let named = account.as_ref().map(|name| format!(" `{name}`")).unwrap_or_default();
    let whole = |verb: &str| format!("{verb} account{named} in {}", step.account);
    match &step.kind {
        StepKind::Create => whole("create"),
        StepKind::Enable => whole("enable"),
        StepKind::Disable => whole("disable"),
        StepKind::Delete => whole("delete"),
        _ => step_words(step) + &account.map(|name| format!(" for `{name}`")).unwrap_or_default(),
    }
}

/// Gains, losses and changes by system.
fn totals_words(changes: &Changes) -> Option<String> {
    let of = |(system, [gains, losses, others]): (&String, &[u64; 3])| {
        format!("{system} {GAIN}{gains} {LOSS}{losses} {CHANGE}{others}")
    };
    let totals: Vec<String> = totals(changes).iter().map(of).collect();
    (!totals.is_empty()).then(|| format!("gains, losses and changes by system: {}", totals.join(", ")))
}

fn totals_json(changes: &Changes) -> serde_json::Value {
    let of = |(system, [gains, losses, others]): (String, [u64; 3])| {
        (system, json!({ "gains": gains, "losses": losses, "changes": others }))
    };
    totals(changes).into_iter().map(of).collect::<serde_json::Map<_, _>>().into()
}

/// What blocks a feed, in the words of `run`.
fn feed(feed: &FeedReport) {
    let name = feed.source.as_ref().map(ToString::to_string).unwrap_or_default();
    let paint = out::Paint::stdout();
    if let Some(why) = &feed.refused {
        let why = tenure_words::refused(why);
        out::line(&format!("{name}: {} {why}", paint.red("the feed would be refused:")));
    }
    if !feed.quarantined.is_empty() {
        out::line(&format!("{name}: {} would go to quarantine", out::count(feed.quarantined.len(), "row")));
    }
    if feed.asked > 0 {
        out::line(&format!(
            "{name}: {} would raise a correlation question",
            out::count(feed.asked, "record")
        ));
    }
    if let Some((_, why)) = &feed.held {
        brake(&name, why);
    }
}

/// What the brake of a source or a system would hold.
fn brake(of: &str, why: &str) {
    out::line(&format!("{of}: {} {why}", out::Paint::stdout().red("the brake would hold:")));
}

fn held(feeds: &[FeedReport], brakes: &[(Arc<str>, Arc<str>)]) -> Vec<String> {
    let feeds = feeds.iter().filter_map(|f| f.held.as_ref()).map(|(_, why)| why.to_string());
    feeds.chain(brakes.iter().map(|(_, why)| why.to_string())).collect()
}
