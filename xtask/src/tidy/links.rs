//! Links between documents lead to files that exist.

use std::path::Path;

use super::finding::Finding;
use super::project::TextFile;

pub(crate) fn check(file: &TextFile, root: &Path) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut fenced = false;
    for (index, line) in file.text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        for target in targets(line) {
            if !leads_somewhere(&file.path, target, root) {
                let message = format!("the link to {target} leads nowhere: correct it, or remove it");
                findings.push(Finding::new(&file.path, index + 1, message));
            }
        }
    }
    findings
}

/// The targets in `](...)` and in `[name]: ...`, without a title. Code in backticks is not a link.
fn targets(line: &str) -> Vec<&str> {
    let outside_code: Vec<&str> = line.split('`').step_by(2).collect();
    let inline = outside_code.iter().flat_map(|text| text.split("](").skip(1));
    let mut targets: Vec<&str> =
        inline.filter_map(|rest| rest.split_once(')')).map(|(target, _)| target).collect();
    if let Some((_, target)) = line.strip_prefix('[').and_then(|rest| rest.split_once("]: ")) {
        targets.push(target);
    }
    targets.into_iter().filter_map(|target| target.split_whitespace().next()).collect()
}

/// Links within the page and to other sites are not checked.
fn leads_somewhere(from: &str, target: &str, root: &Path) -> bool {
    let target = target.trim_matches(['<', '>']);
    let foreign = target.contains("://") || target.starts_with("mailto:");
    let path = target.split(['#', '?']).next().unwrap_or_default();
    if foreign || path.is_empty() {
        return true;
    }
    let folder = Path::new(from).parent().unwrap_or(Path::new(""));
    let file = match path.strip_prefix('/') {
        Some(from_root) => root.join(from_root),
        None => root.join(folder).join(path),
    };
    file.exists()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::finding::shown;

    #[test]
    fn only_links_to_missing_files_are_found() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("docs")).unwrap();
        std::fs::write(root.path().join("docs/there.md"), "").unwrap();
        let text = "[a](there.md) [b](there.md#part \"title\") [c](https://example.test/x) [d](#here)\n\
                    see [e](gone.md) and `[f](code.md)`\n```\n[g](fenced.md)\n```\n[h]: ../gone.txt\n\
                    [i](/docs/there.md) [j](../docs)\n";
        let file = TextFile { path: "docs/page.md".to_owned(), text: text.to_owned() };
        let found = shown(&check(&file, root.path()));
        assert_eq!(
            found,
            [
                "2: the link to gone.md leads nowhere: correct it, or remove it",
                "6: the link to ../gone.txt leads nowhere: correct it, or remove it",
            ]
        );
    }
}
