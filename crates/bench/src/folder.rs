//! The folder of the measured organisation: its configuration, its keys, and the feed of each day.

use crate::Fail;
use crate::organisation::{access_file, files};
use crate::peers::{Peers, TOKEN};
use crate::people::{Day, PLAIN_ATTRIBUTES, Person, pick, scatter};
use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::{BufWriter, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use tenure_ledger::seal::KeyEncryptionKey;

/// A temporary folder; it goes when it is dropped.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    /// An organisation whose commands were never run.
    pub(crate) fn new(peers: &Peers, likeness: bool) -> Result<Self, Fail> {
        let folder = Self(tempfile::tempdir()?);
        for below in ["keys", "feeds", "sources", "systems", "policy"] {
            fs::create_dir(folder.path(below))?;
        }
        for (path, text) in files(peers, likeness) {
            fs::write(folder.path(&path), text)?;
        }
        let mut key = [0; 32];
        getrandom::fill(&mut key)?;
        folder.write_secret("keys/key-encryption.key", &KeyEncryptionKey::from_bytes(key).to_base64())?;
        folder.write_secret("keys/token", TOKEN)?;
        Ok(folder)
    }

    /// What other users of the host can read is no secret, and the program refuses it.
    fn write_secret(&self, below: &str, text: &str) -> std::io::Result<()> {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(self.path(below))?;
        file.write_all(text.as_bytes())
    }

    pub(crate) fn root(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.root().join(below)
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.path("tenure.db")
    }

    pub(crate) fn feed(&self) -> PathBuf {
        self.path("feeds/hr.csv")
    }

    /// Edits the policy.
    pub(crate) fn change_policy(&self) -> std::io::Result<()> {
        let (path, text) = access_file(true);
        fs::write(self.path(&path), text)
    }

    /// Writes the feed of a day: the ten attributes that rules and names read, and forty that nothing reads.
    pub(crate) fn write_feed(&self, people: u32, day: Day) -> std::io::Result<()> {
        let mut file = BufWriter::new(fs::File::create(self.feed())?);
        let mut head = "number,given_name,family_name,born,type,start,department,role,site,level,cost_centre,company,building,manager".to_owned();
        for n in 1..=PLAIN_ATTRIBUTES {
            let _written = write!(head, ",field_{n:02}");
        }
        writeln!(file, "{head}")?;
        let mut line = String::with_capacity(1_000);
        for person in day.people(people) {
            line.clear();
            row(&person, &mut line);
            writeln!(file, "{line}")?;
        }
        file.flush()
    }
}

fn row(p: &Person, line: &mut String) {
    let _written = write!(
        line,
        "{},{},{},{},{},{},D-{:02},R-{:03},S-{:02},{},{:06},Company {},Building {},{}",
        Person::badge(p.number),
        p.given,
        p.family,
        p.born,
        p.engagement(),
        p.start,
        p.department,
        p.role,
        p.site,
        p.level,
        p.department * 100 + p.level,
        p.site % 7,
        p.site,
        p.manager().unwrap_or_default(),
    );
    for n in 1..=PLAIN_ATTRIBUTES {
        // A few values that many people share, as most attributes of people are, and a few unique ones.
        let _written = match n % 8 {
            0 => {
                write!(line, ",{:012x}", scatter(u64::from(p.number) << 8 | u64::from(n)) & 0xffff_ffff_ffff)
            }
            _ => write!(line, ",value {} of {n}", pick(p.number, 500 + u64::from(n), 50)),
        };
    }
}
