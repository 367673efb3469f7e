//! How large the program is.

use crate::Fail;
use crate::figure::Figure;
use crate::machine::float;

/// The program beside this one, if it was built.
pub(crate) fn run() -> Result<Vec<Figure>, Fail> {
    let here = std::env::current_exe()?;
    let program = here.with_file_name("tenure");
    let Ok(found) = std::fs::metadata(&program) else { return Ok(Vec::new()) };
    let mib = float(found.len()) / f64::from(1 << 20);
    Ok(vec![Figure::new("binary", "tenure", mib, "MiB").note("the release build, without symbols")])
}
