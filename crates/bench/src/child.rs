//! Each part runs in a process of its own; its figures come back as one line of JSON.

use crate::args::{Args, Part};
use crate::figure::Figure;
use crate::{Fail, table};
use std::process::{Command, Stdio};

/// Runs a part in a child. What it says on the way goes to standard error.
pub(crate) fn run(part: Part, args: &Args) -> Result<Vec<Figure>, Fail> {
    let mut command = Command::new(std::env::current_exe()?);
    let output = command.args(args.for_child(part)).stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(format!("the part `{}` failed, {}", part.word(), output.status).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Prints the figures for the parent.
pub(crate) fn hand_over(figures: &[Figure]) -> Result<(), Fail> {
    table::line(&serde_json::to_string(figures)?);
    Ok(())
}
