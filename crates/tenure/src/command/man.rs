//! `tenure man`: writes the manual pages, one for each command, from the parser itself.

use crate::cli::{Man, command};
use crate::exit::{Exit, Failure};
use crate::out;

pub(crate) fn man(args: &Man) -> Result<Exit, Failure> {
    let failed = Failure::unwritable(&args.below);
    std::fs::create_dir_all(&args.below).map_err(failed)?;
    clap_mangen::generate_to(command(), &args.below).map_err(failed)?;
    out::line(&format!(
        "manual pages are in {}: man {}",
        args.below.display(),
        args.below.join("tenure.1").display()
    ));
    Ok(Exit::Done)
}
