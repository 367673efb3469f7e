//! Arguments of commands about the program itself: begin a folder, a pass, the sample organisation, documents.

use clap::Args;
use std::path::PathBuf;

/// `tenure init`
#[derive(Debug, Args)]
pub(crate) struct Init {
    /// Name of the organisation
    #[arg(long, default_value = "Example")]
    pub(crate) organisation: String,
    /// Make the database too, for a replay: --now and --as work in it, for ever; its outputs and ledger say so
    #[arg(long)]
    pub(crate) replay: bool,
}

/// `tenure run`
#[derive(Debug, Args)]
pub(crate) struct Run {
    /// Stop working the queue after this long, for example 30s or 5m
    #[arg(long = "for", value_name = "TIME", value_parser = super::span)]
    pub(crate) patience: Option<jiff::SignedDuration>,
    /// Confirm that the clock is right although it jumped by more than 7 days: deletions and lapses go on
    #[arg(long)]
    pub(crate) clock_ok: bool,
}

/// `tenure completions`
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// For which shell
    pub(crate) shell: clap_complete::Shell,
}

/// `tenure demo`
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Keep the organisation's folder here instead of in a temporary one
    #[arg(long, value_name = "FOLDER")]
    pub(crate) keep: Option<PathBuf>,
    /// Another organisation
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
}

/// `tenure docs`
#[derive(Debug, Args)]
pub(crate) struct Docs {
    /// Below this folder
    pub(crate) below: PathBuf,
}

/// `tenure man`
#[derive(Debug, Args)]
pub(crate) struct Man {
    /// Into this folder
    #[arg(value_name = "FOLDER")]
    pub(crate) below: PathBuf,
}
