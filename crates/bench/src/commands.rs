//! The commands in the order in which an organisation meets them, each as a process of its own beside what the host needs.

use crate::figure::Figure;
use crate::folder::Folder;
use crate::machine::float;
use crate::measure::{self, Used};
use crate::organisation::{RULES, SYSTEMS};
use crate::peers::Peers;
use crate::people::{Day, Person};
use crate::plain::{self, Plain};
use crate::queries::Queries;
use crate::{Fail, bare};
use std::path::Path;

/// People that an import brings to durable tasks in a second.
const PEOPLE_A_SECOND: f64 = 4_000.0;
/// Seconds after which a changed policy shows whom it concerns, whatever the size.
const WHAT_IF_SECONDS: f64 = 5.0;
/// Lines that a list shows.
const PAGE: u32 = 100;

/// What is measured.
struct Bench<'a> {
    program: &'a Path,
    people: u32,
    folder: Folder,
    peers: Peers,
    /// Seconds that the program needs to begin and to end.
    begins: f64,
    figures: Vec<Figure>,
}

/// Measures all commands with an organisation of so many people.
pub(crate) fn measured(program: &Path, people: u32, likeness: bool) -> Result<Vec<Figure>, Fail> {
    let peers = Peers::start()?;
    let folder = Folder::new(&peers, likeness)?;
    let begins = measure::run(program, folder.root(), &["--version"])?.wall;
    let mut bench = Bench { program, people, folder, peers, begins, figures: Vec::new() };
    bench.apply()?;
    let each = bench.import()?;
    bench.work()?;
    bench.idle()?;
    bench.changes(each)?;
    bench.questions()?;
    bench.ledger()?;
    bench.plan()?;
    bench.peers.stop();
    Ok(bench.figures)
}

impl Bench<'_> {
    fn run(&self, arguments: &[&str]) -> Result<Used, Fail> {
        measure::run(self.program, self.folder.root(), arguments)
    }

    fn queries(&self) -> Result<Queries, Fail> {
        Queries::open(&self.folder.database())
    }

    fn add(&mut self, name: &'static str, used: Used, limit: f64, note: String) {
        self.figures.push(Figure { people: self.people, name, used, goal: None, limit, note });
    }

    fn add_with_goal(&mut self, name: &'static str, goal: f64, used: Used, limit: f64, note: String) {
        self.add(name, used, limit, note);
        self.figures.iter_mut().next_back().into_iter().for_each(|f| f.goal = Some(goal));
    }

    /// The first configuration.
    fn apply(&mut self) -> Result<(), Fail> {
        let used = self.run(&["apply", "--yes"])?;
        let note = format!(
            "the first configuration: 50 attributes, {RULES} rules, {} systems; limit: the program begins",
            SYSTEMS.len()
        );
        self.add("apply", used, self.begins, note);
        Ok(())
    }

    /// All people from the feed to durable tasks. Gives the seconds that plain SQLite needs for one of them.
    fn import(&mut self) -> Result<f64, Fail> {
        self.folder.write_feed(self.people, Day::First)?;
        let used = self.run(&["run", "--for", "0s"])?;
        let count = self.queries()?.count("SELECT count(*) FROM identity")?;
        if count == 0 {
            return Err("the import took no people".into());
        }
        let tasks = self.queries()?.count("SELECT count(*) FROM task WHERE state <> 'done'")?;
        let copied = self.folder.path("plain.db");
        let plain = plain::insert_again(&self.folder.database(), &copied, count.unsigned_abs())?;
        std::fs::remove_file(copied)?;
        let note = import_note(&used, &plain, count, tasks);
        let limit = plain.took;
        self.add_with_goal("run, first feed", float(count) / PEOPLE_A_SECOND, used, limit, note);
        Ok(limit / float(count))
    }

    /// The tasks of the import, called and read back.
    fn work(&mut self) -> Result<(), Fail> {
        let open = "SELECT count(*) FROM task WHERE state <> 'done'";
        let (before, asked) = (self.queries()?.count(open)?, self.peers.requests());
        let used = self.run(&["run"])?;
        let done = before - self.queries()?.count(open)?;
        if before > 0 && done == 0 {
            return Err("the run did none of its tasks".into());
        }
        let requests = self.peers.requests() - asked;
        let limit = bare::exchange()? * float(requests);
        let note = format!(
            "{done} tasks done and read back ({:.0} a second) by {requests} requests to services in this process, which share the processors; \
             limit: as many exchanges of 1 KiB over a local socket, one after another",
            float(done) / used.wall
        );
        self.add("run, first tasks", used, limit, note);
        Ok(())
    }

    /// The same feed again.
    fn idle(&mut self) -> Result<(), Fail> {
        let used = self.run(&["run"])?;
        let limit = bare::read_and_hash(&self.folder.feed())?;
        self.add("run, nothing to do", used, limit, "the same feed; limit: read it and hash it".to_owned());
        Ok(())
    }

    fn changes(&mut self, each: f64) -> Result<(), Fail> {
        self.folder.write_feed(self.people, Day::Second)?;
        let asked = self.peers.requests();
        let used = self.run(&["run"])?;
        let requests = self.peers.requests() - asked;
        let changed = Day::Second.changed(self.people);
        let limit = bare::read_and_hash(&self.folder.feed())?
            + f64::from(changed) * each
            + bare::exchange()? * float(requests);
        let note = format!(
            "{changed} people: half are new, half have another role; {requests} requests; limit: read and hash the feed, insert as many people \
             by plain SQLite, exchange as often"
        );
        self.add("run, 1 % changes", used, limit, note);
        Ok(())
    }

    /// What people ask, in the order of the command line.
    fn questions(&mut self) -> Result<(), Fail> {
        let queries = self.queries()?;
        let begins = self.begins;
        let middle = Person::new(self.people / 2);
        let badge = Person::badge(middle.number);
        let used = self.run(&["explain", &badge])?;
        let by_number = "SELECT b.body, a.target, a.observed FROM identity_key k JOIN identity i ON i.id = k.identity \
                         JOIN identity_body b ON b.number = i.body LEFT JOIN account a ON a.identity = i.id WHERE k.value = ?1";
        let read = queries.read(by_number, [&badge])?;
        self.add(
            "explain PERSON",
            used,
            begins + read,
            "limit: the program begins, and reads the same rows by SQL".to_owned(),
        );

        let used = self.run(&["people"])?;
        let read = queries.read("SELECT id, title, phase FROM identity ORDER BY id LIMIT ?1", [PAGE])?;
        let note = format!("the first {PAGE}; limit: the program begins, and reads as many rows");
        self.add("people", used, begins + read, note);

        let used = self.run(&["people", &middle.family])?;
        let family = format!("%{}%", middle.family.to_lowercase());
        let read = queries.read("SELECT id, title FROM identity WHERE search LIKE ?1 LIMIT 100", [family])?;
        let note = "a family name; limit: the program begins, and looks through all names".to_owned();
        self.add("people TEXT", used, begins + read, note);

        let used = self.run(&["holders", "directory:staff"])?;
        let holders = "SELECT identity, justifications FROM \"grant\" WHERE system = 'directory' AND entitlement = 'staff' LIMIT ?1";
        let read = queries.read(holders, [PAGE])?;
        let note = format!(
            "the first {PAGE} of an entitlement of all; limit: the program begins, and reads as many rows"
        );
        self.add("holders ENTITLEMENT", used, begins + read, note);
        Ok(())
    }

    fn ledger(&mut self) -> Result<(), Fail> {
        let used = self.run(&["ledger", "verify"])?;
        let queries = self.queries()?;
        let entries = queries.count("SELECT count(*) FROM leaf")?;
        let note =
            format!("{entries} entries; limit: read each and hash it, and one inner node each (SHA-256)");
        self.add("ledger verify", used, queries.hash_entries()?, note);
        Ok(())
    }

    fn plan(&mut self) -> Result<(), Fail> {
        self.folder.change_policy()?;
        let used = self.run(&["plan"])?;
        let limit = bare::copy(&self.folder.database(), &self.folder.path("copy.db"))?
            + self.queries()?.read("SELECT body FROM identity_body", [])?;
        let note = "a role gives more, another applies to fewer people; limit: copy the database and read what it has of each identity";
        self.add_with_goal("plan, policy edit", WHAT_IF_SECONDS, used, limit, note.to_owned());
        Ok(())
    }
}

fn import_note(used: &Used, plain: &Plain, count: i64, tasks: i64) -> String {
    let each = |n: f64| n / float(count);
    format!(
        "{count} people to {tasks} durable tasks: {:.0} people/s, {:.0} µs of processor time, {:.1} rows, {:.0} bytes of database and {:.0} written \
         each; limit: the same rows by plain SQLite, {} people a transaction, WAL, synchronous=FULL",
        float(count) / used.wall,
        each(used.processor) * 1e6,
        each(float(plain.rows())),
        each(float(plain.source_bytes)),
        each(used.written),
        plain::PEOPLE_PER_TRANSACTION,
    )
}
