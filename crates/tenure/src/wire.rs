//! Wires the application: store, keys, active configuration, connections.

use crate::cli::Cli;
use crate::connections::{connect, waiting};
use crate::exit::{self, Failure};
use crate::open::{Access, from_anywhere, lost_cut_offs, proved, to_order, unproved};
use crate::outside::CutOffs;
use crate::stored::{self, Understood};
use crate::{feeds::FileFeeds, folder, home, login, machine, out, secrets};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use tenure_app::{App, AppParts, SystemConnections};
use tenure_engine::Context;
use tenure_model::SystemName;
use tenure_policy::SetUp;

pub(crate) use crate::open::{Base, base, copied, outside, replay, replay_on};

/// The application over the active configuration of a folder's database. Of the folder itself only `tenure.toml` is read.
/// A cut-off that the database does not know, because it was set back or ordered meanwhile, is ordered first.
pub(crate) async fn app(cli: &Cli) -> Result<App, Failure> {
    let settings = folder::settings(&cli.folder)?;
    opened_over(cli, base(&cli.folder, &settings).await?, Understood::Whole).await
}

/// The same for a cut-off, which goes on with what can be read of a damaged configuration.
pub(crate) async fn app_for_cut_off(cli: &Cli) -> Result<App, Failure> {
    let settings = folder::settings(&cli.folder)?;
    let base = match base(&cli.folder, &settings).await {
        // A folder that was moved delays no cut-off.
        Err(failure) if failure.code == home::ELSEWHERE => {
            let base = from_anywhere(&cli.folder, &settings).await?;
            exit::tell(&failure);
            base
        }
        base => base?,
    };
    opened_over(cli, base, Understood::WhatCanBe).await
}

async fn opened_over(cli: &Cli, base: Base, understood: Understood) -> Result<App, Failure> {
    let (base, setup) = active(cli, base, understood).await?;
    let damaged = base.damaged.clone();
    let app = over(base, setup);
    let moment = app.clock().moment(cli.now).await?;
    app.stored().found_damaged(damaged, &moment).await?;
    // What is missing is noted: from here on it is kept again.
    crate::outside::keep_cut_offs(&cli.folder.join(&*app.context.setup.settings.checkpoints));
    cut_off_again(cli, &app).await?;
    tell_damaged(&app).await?;
    Ok(app)
}

/// Says what is damaged, in every command that decides, until it was dealt with.
async fn tell_damaged(app: &App) -> Result<(), Failure> {
    for damage in app.damage_reports().damaged().await? {
        exit::tell(&Failure::new(
            "L006",
            &*damage.what,
            if damage.withholds() { DAMAGED } else { DAMAGED_APART },
        ));
    }
    Ok(())
}

const DAMAGED: &str = "cut-offs and removals go on, and nothing is created, enabled or granted meanwhile; put it back as it was or \
find out what is lost, then a member of the escalation group says so with `tenure ledger repaired --reason \"…\"`";

const DAMAGED_APART: &str = "everything else goes on; put it back from a backup, then a member of the escalation group says so with \
`tenure ledger repaired --reason \"…\"`";

/// Orders cut-offs again that are kept outside and that the database does not know.
pub(crate) async fn cut_off_again(cli: &Cli, app: &App) -> Result<usize, Failure> {
    let moment = app.clock().moment(cli.now).await?;
    let again = app.cut_off_journal().order_again(&moment).await?.again;
    if again > 0 {
        let many = out::count(u64::try_from(again).unwrap_or(u64::MAX), "cut-off");
        out::note(&format!("{many} that the database did not know: ordered again, as kept outside it"));
    }
    Ok(again)
}

/// The application without its systems, for commands that only look at what is stored: they need no secret of any system, and
/// do not wait for a process that writes.
pub(crate) async fn stored(cli: &Cli) -> Result<App, Failure> {
    seen(cli, Access::Read).await
}

/// The same with another access.
pub(crate) async fn seen(cli: &Cli, access: Access) -> Result<App, Failure> {
    let settings = folder::settings(&cli.folder)?;
    let base = proved(unproved(&cli.folder, &settings, access).await?, &cli.folder, &settings).await?;
    let (base, setup) = active(cli, base, Understood::WhatCanBe).await?;
    Ok(with(base, setup, BTreeMap::new()))
}

/// The same where reading is evidence: it is recorded where no other process has the database; else values with restricted readers
/// are withheld.
pub(crate) async fn read_with_evidence(cli: &Cli) -> Result<App, Failure> {
    let folder = &*cli.folder;
    let settings = folder::settings(folder)?;
    let base = match unproved(folder, &settings, Access::Write).await {
        Err(failure) if failure.code == IN_USE => unproved(folder, &settings, Access::Read).await?,
        other => other?,
    };
    let base = proved(base, folder, &settings).await?;
    let (base, setup) = active(cli, base, Understood::WhatCanBe).await?;
    Ok(with(base, setup, BTreeMap::new()))
}

/// The code of a database that another process has.
pub(crate) const IN_USE: &str = "S001";
/// The code of a database that fails: it cannot be read or written, or its disk is full.
pub(crate) const FAILED: &str = "S004";

/// The application beside a process that has the database: with it a cut-off is ordered, also where a key is missing from the
/// database.
pub(crate) async fn beside(cli: &Cli) -> Result<App, Failure> {
    let settings = folder::settings(&cli.folder)?;
    let base = to_order(&cli.folder, &settings).await?;
    let (base, setup) = active(cli, base, Understood::WhatCanBe).await?;
    Ok(with(base, setup, BTreeMap::new()))
}

/// The application for `doctor`: also over a database that is behind the checkpoint outside it, and no cut-off is ordered
/// again.
pub(crate) async fn examined(cli: &Cli) -> Result<App, Failure> {
    let settings = folder::settings(&cli.folder)?;
    let base = unproved(&cli.folder, &settings, Access::Read).await?;
    let (base, setup) = active(cli, base, Understood::WhatCanBe).await?;
    Ok(over(base, setup))
}

/// The same, to write, where the database holds what the checkpoint outside it covers: for `ledger` commands that decide.
pub(crate) async fn to_write(cli: &Cli) -> Result<App, Failure> {
    let settings = folder::settings(&cli.folder)?;
    let base = base(&cli.folder, &settings).await?;
    let (base, setup) = active(cli, base, Understood::Whole).await?;
    Ok(over(base, setup))
}

/// The same from the folder to which that of the database was moved.
pub(crate) async fn moved(cli: &Cli) -> Result<App, Failure> {
    let settings = folder::settings(&cli.folder)?;
    let base = from_anywhere(&cli.folder, &settings).await?;
    let (base, setup) = active(cli, base, Understood::Whole).await?;
    Ok(with(base, setup, BTreeMap::new()))
}

/// The same, to write: after `ledger reopen`.
pub(crate) async fn reopened(cli: &Cli) -> Result<App, Failure> {
    let folder = &*cli.folder;
    let settings = folder::settings(folder)?;
    let base = unproved(folder, &settings, Access::Write).await?;
    let (base, setup) = active(cli, base, Understood::Whole).await?;
    let checkpoints = folder.join(&*setup.settings.checkpoints);
    let lost = lost_cut_offs(&base, &checkpoints).await?;
    let app = over(base, setup);
    let moment = app.clock().moment(cli.now).await?;
    app.stored().found_damaged(lost.into_iter().collect(), &moment).await?;
    crate::outside::keep_cut_offs(&checkpoints);
    tell_damaged(&app).await?;
    Ok(app)
}

/// The same without its systems, for `ledger` commands that write.
pub(crate) async fn ledger(cli: &Cli) -> Result<App, Failure> {
    let settings = folder::settings(&cli.folder)?;
    let base = unproved(&cli.folder, &settings, Access::Write).await?;
    let (base, setup) = active(cli, base, Understood::WhatCanBe).await?;
    Ok(with(base, setup, BTreeMap::new()))
}

/// The same for those that read.
pub(crate) async fn ledger_read(cli: &Cli) -> Result<App, Failure> {
    let settings = folder::settings(&cli.folder)?;
    let base = unproved(&cli.folder, &settings, Access::Read).await?;
    let (base, setup) = active(cli, base, Understood::WhatCanBe).await?;
    Ok(with(base, setup, BTreeMap::new()))
}

async fn active(cli: &Cli, base: Base, understood: Understood) -> Result<(Base, SetUp), Failure> {
    let (base, setup) = stored::active(base, understood).await?;
    login::admit(cli, &setup.settings, base.vault.born())?;
    Ok((base, setup))
}

/// The application over a given configuration. A system that cannot be connected does not block the others: its error
/// is reported, and each call to it fails.
pub(crate) fn over(base: Base, setup: SetUp) -> App {
    let mut systems = BTreeMap::new();
    for (name, connected) in connect(&setup, &base) {
        let wired = connected.unwrap_or_else(|failure| {
            exit::tell(&failure);
            waiting(&setup, &name, &failure)
        });
        systems.insert(name, wired);
    }
    with(base, setup, systems)
}

/// The same, and a system that cannot be connected is an error.
pub(crate) fn whole(base: Base, setup: SetUp) -> Result<App, Failure> {
    let systems = connect(&setup, &base).into_iter().map(|(name, wired)| Ok((name, wired?)));
    let systems = systems.collect::<Result<_, Failure>>()?;
    Ok(with(base, setup, systems))
}

fn with(base: Base, setup: SetUp, systems: BTreeMap<SystemName, SystemConnections>) -> App {
    let outbox = crate::outbox::Outbox {
        folder: base.folder.join(&*setup.settings.outbox),
        from: setup.settings.mail_from.to_string(),
        machine: base.machine.clone(),
    };
    let feeds = Arc::new(feeds(&base.folder, &setup));
    let parts = AppParts {
        messages: Some(Arc::new(outbox)),
        outside: Some(Arc::new(CutOffs::within(&base.folder.join(&*setup.settings.checkpoints)))),
        context: Arc::new(Context::new(Arc::new(setup), machine::zones())),
        systems,
        feeds,
        store: base.store,
        vault: base.vault,
        machine: base.machine,
        witness: None,
    };
    parts.into()
}

/// The feeds below a folder, without the files that hold secrets.
pub(crate) fn feeds(folder: &Path, setup: &SetUp) -> FileFeeds {
    let settings = &setup.settings;
    let values = setup.systems.values().flat_map(|s| s.connection.values());
    let secret = values.chain([&settings.key_encryption_key]).filter_map(|r| secrets::file_of(folder, r));
    let withheld = secret.chain([folder.join(&*settings.database)]).collect();
    FileFeeds { folder: folder.to_owned(), instead: BTreeMap::new(), withheld }
}

/// The application without its systems, for what is decided about configurations.
pub(crate) fn unconnected(base: Base, setup: SetUp) -> App {
    with(base, setup, BTreeMap::new())
}
