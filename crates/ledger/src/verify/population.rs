//! What sources reported in a period, provable offline: each feed run with its proof, and that none was omitted.

use super::entry::{confirm_proof, prove_entry};
use super::files::{Discrepancy, Files, read_bundle, read_checkpoint};
use crate::commitment::{Opening, OpeningError};
use crate::entry::{Entry, EntryError};
use crate::note::VerifierKey;
use crate::proof::{Proof, ProofFileError};
use crate::text;
use crate::tiles::TileId;
use crate::tree::{TILE_WIDTH, tile_width};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use thiserror::Error;

/// The kinds of entries about feed runs.
const RUNS: [&str; 2] = ["feed.taken", "feed.refused"];
/// The kind of entries that list the sources and how often each reports.
const SET_UP: &str = "setup.activated";
/// Maximum number of lines of a file.
const LINES_MAX: usize = 1_000_000;

/// Why a file does not prove a population.
#[derive(Debug, Error)]
pub enum PopulationError {
    /// A line does not have the format.
    #[error("line {line} of the population is not {expected}")]
    Line {
        /// The line, from 1.
        line: usize,
        /// What it should be.
        expected: &'static str,
    },
    /// An entry of the log belongs to the period and is missing.
    #[error(
        "entry {index} of the log ({kind}) belongs to the period and is not in the population: a run was left out"
    )]
    LeftOut {
        /// The entry.
        index: u64,
        /// Its kind.
        kind: String,
    },
    /// An entry is outside the scope.
    #[error("entry {index} ({kind}) is no run of a feed in the period")]
    Foreign {
        /// The entry.
        index: u64,
        /// Its kind.
        kind: String,
    },
    /// A proof or an opening does not hold.
    #[error(transparent)]
    Discrepancy(#[from] Discrepancy),
    /// A proof cannot be read.
    #[error(transparent)]
    Proof(#[from] ProofFileError),
    /// An opening cannot be read.
    #[error(transparent)]
    Opening(#[from] OpeningError),
}

/// One feed run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Its entry.
    pub index: u64,
    /// When.
    pub at: Timestamp,
    /// Its content.
    pub said: Said,
}

/// The content of the evidence of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Said {
    /// The source.
    #[serde(default)]
    pub source: String,
    /// SHA-256 of the file, in hexadecimal.
    #[serde(default)]
    pub digest: String,
    /// Rows read.
    #[serde(default)]
    pub rows: u64,
    /// Rows that were interpreted.
    #[serde(default)]
    pub taken: u64,
    /// Rows in quarantine.
    #[serde(default)]
    pub quarantined: u64,
    /// Known records that were missing.
    #[serde(default)]
    pub missing: u64,
    /// When the source extracted the file, if it states that.
    #[serde(default)]
    pub extracted: Option<String>,
    /// Why it was refused as a whole, if it was.
    #[serde(default)]
    pub refused: Option<String>,
    /// For a configuration: the sources, and how often each reports, in seconds.
    #[serde(default)]
    sources: BTreeMap<String, Option<i64>>,
}

/// A period in which a source reported less often than it declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// The source.
    pub source: String,
    /// The last report, or the beginning of the period.
    pub from: Timestamp,
    /// The next report, or the end of the period.
    pub until: Timestamp,
}

/// The reports of a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Population {
    /// First instant.
    pub from: Timestamp,
    /// First instant after it.
    pub before: Timestamp,
    /// Runs, in the order of the log.
    pub runs: Vec<Run>,
    /// Gaps of declared sources, by source.
    pub gaps: Vec<Gap>,
    /// Whether the log's files were available to prove that no run was omitted.
    pub whole: bool,
}

#[derive(Serialize, Deserialize)]
struct Head {
    population: u32,
    from: String,
    before: String,
}

#[derive(Serialize, Deserialize)]
struct Line {
    proof: String,
    opening: String,
}

/// The period of a population.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// First instant.
    pub from: Timestamp,
    /// First instant after it.
    pub before: Timestamp,
}

impl Period {
    /// Whether an entry belongs to the population of this period.
    #[must_use]
    pub fn needs(&self, entry: &Entry) -> bool {
        let before = entry.at < self.before.as_microsecond();
        match entry.kind.as_str() {
            SET_UP => before,
            kind => before && entry.at >= self.from.as_microsecond() && RUNS.contains(&kind),
        }
    }
    /// The first line of the file.
    #[must_use]
    pub fn head(&self) -> String {
        let head = Head { population: 1, from: self.from.to_string(), before: self.before.to_string() };
        serde_json::to_string(&head).unwrap_or_default()
    }
}

/// A line of the file: the entry with its proof, made from published files, and the opening of its commitment.
///
/// # Errors
/// When the files do not lead to the signed root, or the opening does not belong to the entry.
pub fn population_line(
    files: &(impl Files + ?Sized),
    keys: &[VerifierKey],
    index: u64,
    opening: &Opening,
) -> Result<String, Discrepancy> {
    let proof = prove_entry(files, keys, index)?;
    confirm_proof(&proof, Some(opening), keys)?;
    let bytes = opening.to_bytes().map_err(|_links| Discrepancy::Opening { index })?;
    let line = Line { proof: proof.to_string(), opening: text::base64(&bytes) };
    Ok(serde_json::to_string(&line).unwrap_or_default())
}

/// Checks a population with the public key and, if available, the log's files: then also that no run was omitted.
///
/// # Errors
/// The first error.
pub fn confirm_population<F: Files + ?Sized>(
    file: &str,
    keys: &[VerifierKey],
    files: Option<&F>,
) -> Result<Population, PopulationError> {
    let mut lines = file.lines().zip(1..);
    let wrong = |line, expected| PopulationError::Line { line, expected };
    let head: Option<Head> = lines.next().and_then(|(text, _)| serde_json::from_str(text).ok());
    let instant =
        |text: &str| text.parse::<Timestamp>().map_err(|_| wrong(1, "the begin and the end of a period"));
    let head = head.filter(|h| h.population == 1).ok_or(wrong(1, "the head of a population of version 1"))?;
    let period = Period { from: instant(&head.from)?, before: instant(&head.before)? };
    let mut all = Vec::new();
    for (text, line) in lines.take(LINES_MAX) {
        let read: Line = serde_json::from_str(text).map_err(|_| wrong(line, "a proof and an opening"))?;
        all.push(confirm_line(&read, keys, period, line)?);
    }
    all.sort_by_key(|run| run.index);
    if let Some(files) = files {
        let handed: BTreeSet<u64> = all.iter().map(|run| run.index).collect();
        none_left_out(files, keys, period, &handed)?;
    }
    let gaps = gaps(period, &all);
    all.retain(|run| !run.said.source.is_empty());
    Ok(Population { from: period.from, before: period.before, runs: all, gaps, whole: files.is_some() })
}

fn confirm_line(
    read: &Line,
    keys: &[VerifierKey],
    period: Period,
    line: usize,
) -> Result<Run, PopulationError> {
    let bytes = text::unbase64(&read.opening);
    let opening =
        Opening::from_bytes(&bytes.ok_or(PopulationError::Line { line, expected: "an opening in base64" })?)?;
    let proved = confirm_proof(&Proof::parse(read.proof.as_bytes())?, Some(&opening), keys)?;
    if !period.needs(&proved.entry) {
        return Err(PopulationError::Foreign { index: proved.index, kind: proved.entry.kind.to_string() });
    }
    let expected = "what the evidence of a run says";
    let said =
        serde_json::from_slice(opening.payload()).map_err(|_| PopulationError::Line { line, expected })?;
    // The time of an entry was checked when it was decoded.
    let at = Timestamp::from_microsecond(proved.entry.at).unwrap_or_default();
    Ok(Run { index: proved.index, at, said })
}

/// Checks that every entry of the log that belongs to the period is included.
fn none_left_out<F: Files + ?Sized>(
    files: &F,
    keys: &[VerifierKey],
    period: Period,
    handed: &BTreeSet<u64>,
) -> Result<(), PopulationError> {
    super::log::verify_log(files, keys, &mut |_, _| ())?;
    let size = read_checkpoint(files, keys)?.0.size;
    for bundle in 0..size.div_ceil(u64::from(TILE_WIDTH)) {
        let read = read_bundle(files, bundle, tile_width(size, TileId::new(0, bundle)))?;
        for (leaf, index) in read.entries.iter().zip(bundle * u64::from(TILE_WIDTH)..) {
            let unreadable =
                |source: EntryError| Discrepancy::Entry { index, path: read.path.clone(), source };
            let entry = Entry::decode(leaf).map_err(unreadable)?;
            if period.needs(&entry) && !handed.contains(&index) {
                return Err(PopulationError::LeftOut { index, kind: entry.kind.to_string() });
            }
        }
    }
    Ok(())
}

/// A source as declared: first and last instant, and how often it reports.
struct Declared {
    since: Timestamp,
    until: Option<Timestamp>,
    every: SignedDuration,
}

fn gaps(period: Period, all: &[Run]) -> Vec<Gap> {
    let mut gaps = Vec::new();
    for (source, declared) in declared(all) {
        let begin = period.from.max(declared.since);
        let end = declared.until.map_or(period.before, |until| until.min(period.before));
        let mine =
            |r: &&Run| r.said.source == source && r.said.refused.is_none() && r.at >= begin && r.at < end;
        let mut last = begin;
        for at in all.iter().filter(mine).map(|r| r.at).chain([end]) {
            if at.duration_since(last) > declared.every {
                gaps.push(Gap { source: source.clone(), from: last, until: at });
            }
            last = at;
        }
    }
    gaps
}

fn declared(all: &[Run]) -> BTreeMap<String, Declared> {
    let mut declared: BTreeMap<String, Declared> = BTreeMap::new();
    for set_up in all.iter().filter(|r| r.said.source.is_empty()) {
        for (source, is) in &mut declared {
            if !set_up.said.sources.contains_key(source) && is.until.is_none() {
                is.until = Some(set_up.at);
            }
        }
        for (source, every) in &set_up.said.sources {
            let Some(every) = every.map(SignedDuration::from_secs) else { continue };
            match declared.get_mut(source).filter(|d| d.until.is_none()) {
                Some(known) => known.every = every,
                None => {
                    declared.insert(source.clone(), Declared { since: set_up.at, until: None, every });
                }
            }
        }
    }
    declared
}
