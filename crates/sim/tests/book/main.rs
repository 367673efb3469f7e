//! Every scenario in every stage, each as a test of its own.

use libtest_mimic::{Arguments, Failed, Trial};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use tenure_sim::{Book, Scenario, Stage, in_stage};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    let book = Book::read(&folder);
    let mut trials = Vec::new();
    for scenario in book.scenarios {
        let scenario = Arc::new(scenario);
        if scenario.binds_to_instants() {
            let (path, folder) = (folder.join(format!("{}.toml", scenario.name)), folder.clone());
            let run = move || {
                let fine = Scenario::read(&path)?.with_nanoseconds();
                in_stage(&fine, Stage::Fake, &folder).map(drop).map_err(Failed::from)
            };
            trials.push(Trial::test(format!("nanoseconds::{}", scenario.name), run));
        }
        for stage in Stage::ALL.into_iter().filter(|s| !scenario.not_in.contains_key(s.as_str())) {
            let (of, folder) = (scenario.clone(), folder.clone());
            let name = format!("{}::{}", stage.as_str(), scenario.name);
            let run = move || match in_stage(&of, stage, &folder) {
                Ok(_) => Ok(()),
                Err(wrong) => Err(Failed::from(format!("{}\n{wrong}", of.title))),
            };
            trials.push(Trial::test(name, run));
        }
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}
