//! The floors of the application: `lib.rs` declares its modules in groups, lowest first. A module may use modules of its own floor or
//! below, and modules never use each other in a cycle. Imports count, and calls: `app.cut_off()` uses `cut_off`.

use std::collections::{BTreeMap, BTreeSet};

use super::finding::Finding;
use super::lexer::Source;

/// The folder that has floors.
const FOLDER: &str = "crates/app/src/";

/// Modules with the number of their floor, the names that `lib.rs` re-exports, and the calls that use a module.
struct Floors {
    of: BTreeMap<String, usize>,
    exported: BTreeMap<String, String>,
    reached_by: BTreeMap<String, String>,
}

/// From which module to which, with the place of the first use.
type Edges = BTreeMap<(String, String), (String, usize)>;

pub(crate) fn check(sources: &[Source]) -> Vec<Finding> {
    let sources: Vec<&Source> = sources.iter().filter(|s| s.path.starts_with(FOLDER)).collect();
    let Some(lib) = sources.iter().find(|s| s.path == format!("{FOLDER}lib.rs")) else { return Vec::new() };
    let floors = Floors::read(lib, &sources);
    let mut edges = Edges::new();
    for source in &sources {
        floors.note(source, &mut edges);
    }
    let mut found: Vec<Finding> =
        edges.iter().filter_map(|((from, to), place)| floors.upwards(from, to, place)).collect();
    found.extend(circles(&edges));
    found
}

impl Floors {
    fn read(lib: &Source, sources: &[&Source]) -> Self {
        let (mut of, mut floor) = (BTreeMap::new(), 0);
        for line in lib.raw.lines() {
            if line.starts_with("// ") {
                floor += 1;
            }
            let declared = line.trim_start_matches("pub ").strip_prefix("mod ");
            if let Some(name) = declared.and_then(|rest| rest.strip_suffix(';')) {
                of.insert(name.to_owned(), floor);
            }
        }
        let mut exported = BTreeMap::new();
        for statement in lib.code.split(';') {
            let Some((_, path)) = statement.split_once("pub use ") else { continue };
            let mut names = words(path);
            let Some(module) = names.next() else { continue };
            exported.extend(names.map(|name| (name.to_owned(), module.to_owned())));
        }
        let mut reached_by = BTreeMap::new();
        for source in sources {
            for part in source.code.split("part! {").skip(1) {
                let declared = part.split('}').next().unwrap_or_default();
                if let (Some(module), Some(call)) = (module_of(&source.path), words(declared).last()) {
                    reached_by.insert(call.to_owned(), module);
                }
            }
        }
        Self { of, exported, reached_by }
    }

    /// Records which modules a file uses.
    fn note(&self, source: &Source, edges: &mut Edges) {
        let Some(from) = module_of(&source.path) else { return };
        let mut add = |to: &str, at: usize| {
            let line = source.code.get(..at).unwrap_or_default().matches('\n').count();
            if to != from && self.of.contains_key(to) && !source.is_test_line(line) {
                let place = (source.path.clone(), line + 1);
                edges.entry((from.clone(), to.to_owned())).or_insert(place);
            }
        };
        for (at, _) in source.code.match_indices("crate::") {
            let rest = source.code.get(at + "crate::".len()..).unwrap_or_default();
            let taken =
                if rest.starts_with('{') { rest.split('}').next() } else { rest.split(['(', ';']).next() };
            let mut names = words(taken.unwrap_or_default());
            if !rest.starts_with('{') {
                let first = names.next().unwrap_or_default();
                add(self.exported.get(first).map_or(first, String::as_str), at);
                continue;
            }
            for name in names {
                if let Some(module) = self.exported.get(name) {
                    add(module, at);
                }
            }
        }
        for (at, _) in source.code.match_indices("()") {
            let before = source.code.get(..at).unwrap_or_default();
            let call = words(before).next_back().unwrap_or_default();
            let receiver = before.strip_suffix(call).and_then(|b| b.trim_end().strip_suffix('.'));
            let is_app = receiver.is_some_and(|r| words(r).next_back() == Some("app"));
            if let Some(module) = self.reached_by.get(call).filter(|_| is_app) {
                add(module, at);
            }
        }
    }

    fn upwards(&self, from: &str, to: &str, place: &(String, usize)) -> Option<Finding> {
        let (low, high) = (self.of.get(from)?, self.of.get(to)?);
        (high > low).then(|| {
            let message = format!(
                "`{from}` reaches up to `{to}`: move what it needs to a floor below, or let the caller do that step \
                 (floors: crates/app/src/lib.rs)"
            );
            Finding::new(&place.0, place.1, message)
        })
    }
}

/// The module of the crate's root to which a file belongs; `None` for `lib.rs`.
fn module_of(path: &str) -> Option<String> {
    let below = path.strip_prefix(FOLDER)?.split('/').next()?;
    let name = below.strip_suffix(".rs").unwrap_or(below);
    (name != "lib").then(|| name.to_owned())
}

fn words(text: &str) -> impl DoubleEndedIterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

/// Modules that use each other: one finding for each pair of a cycle, at the place of the first call.
fn circles(edges: &Edges) -> Vec<Finding> {
    let mut next: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (from, to) in edges.keys() {
        next.entry(from).or_default().insert(to);
    }
    let reaches = |from: &str, to: &str| {
        let (mut seen, mut open) = (BTreeSet::new(), vec![from]);
        while let Some(module) = open.pop() {
            for step in next.get(module).into_iter().flatten().copied() {
                if step == to {
                    return true;
                }
                if seen.insert(step) {
                    open.push(step);
                }
            }
        }
        false
    };
    let in_circle = edges.iter().filter(|((from, to), _)| reaches(to, from));
    in_circle
        .map(|((from, to), (file, line))| {
            let message =
                format!("`{from}` reaches `{to}`, and `{to}` leads back to `{from}`: a circle of modules");
            Finding::new(file, *line, message)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIB: &str = "//! It.\n\n// Base.\nmod app;\nmod text;\n\n// Above.\nmod feed;\nmod work;\n\npub use work::WorkReport;\n";

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        let mut sources = vec![Source::read("crates/app/src/lib.rs", LIB)];
        sources
            .extend(files.iter().map(|(path, text)| Source::read(&format!("crates/app/src/{path}"), text)));
        check(&sources).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_stands_below_is_reached() {
        let work = "use crate::text::fold;\ncrate::app::part! {\n    /// It.\n    Worker, work\n}\n";
        assert_eq!(
            found(&[("work/mod.rs", work), ("feed.rs", "fn f(app: &App) { app.work().go() }")]),
            [""; 0]
        );
    }

    #[test]
    fn an_import_and_a_call_upwards_are_found() {
        let work = "crate::app::part! {\n    /// It.\n    Worker, work\n}\n";
        for text in
            ["use crate::work::Job;", "use crate::{WorkReport};", "fn f() { self\n.app\n.work().go() }"]
        {
            let found = found(&[("work.rs", work), ("text.rs", text)]);
            assert!(found.iter().any(|f| f.contains("`text` reaches up to `work`")), "{text}: {found:?}");
        }
    }

    #[test]
    fn a_circle_on_one_floor_is_found() {
        let found = found(&[("work.rs", "use crate::feed::row;"), ("feed.rs", "use crate::work::task;")]);
        assert!(found.iter().any(|f| f.contains("a circle of modules")), "{found:?}");
    }

    #[test]
    fn tests_reach_what_they_like() {
        let text = "#[cfg(test)]\nmod tests {\n    use crate::work::Job;\n}\n";
        assert_eq!(found(&[("text.rs", text)]), [""; 0]);
    }
}
