//! Every scenario in every stage, each as a test of its own.

use libtest_mimic::{Arguments, Failed, Trial};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use tenure_sim::{Book, Place, Scenario, Stage, live, live_in_engine};
use tenure_testkit::peer::{or_skip, slapd};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    let book = Book::read(&folder);
    let mut trials = Vec::new();
    for scenario in book.scenarios {
        let scenario = Arc::new(scenario);
        for stage in Stage::ALL {
            let (of, folder) = (scenario.clone(), folder.clone());
            let name = format!("{}::{}", stage.as_str(), scenario.name);
            trials.push(Trial::test(name, move || lived(&of, stage, &folder)));
        }
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn lived(scenario: &Scenario, stage: Stage, folder: &Path) -> Result<(), Failed> {
    let told = |wrong: String| Failed::from(format!("{}\n{wrong}", scenario.title));
    let place = match stage {
        Stage::Engine => return live_in_engine(scenario, folder).map_err(told),
        Stage::Fake => Place::new(None),
        Stage::Slapd => {
            let Some(slapd) = or_skip(slapd()) else { return Ok(()) };
            Place::new(Some(slapd))
        }
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(live(scenario, folder, place)).map_err(told)
}
