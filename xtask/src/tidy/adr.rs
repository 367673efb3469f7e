//! Decision records have one number each, so that "ADR 7" means one page.

use std::collections::BTreeMap;

use super::finding::Finding;

const FOLDER: &str = "docs/adr/";

pub(crate) fn check(paths: &[&str]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut numbers: BTreeMap<usize, &str> = BTreeMap::new();
    for path in paths {
        let Some(name) =
            path.strip_prefix(FOLDER).filter(|name| name.ends_with(".md") && *name != "README.md")
        else {
            continue;
        };
        let number = name.split_once('-').filter(|(digits, _)| digits.len() == 4);
        let Some(number) = number.and_then(|(digits, _)| digits.parse().ok()) else {
            findings.push(Finding::new(path, 1, "name it 0000-with-words.md: four digits, then the title"));
            continue;
        };
        if let Some(first) = numbers.insert(number, path) {
            findings.push(Finding::new(
                path,
                1,
                format!("has the number of {first}: take the next free one"),
            ));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(names: &[&str]) -> Vec<String> {
        let paths: Vec<_> = names.iter().map(|name| format!("docs/adr/{name}")).collect();
        let paths: Vec<_> = paths.iter().map(String::as_str).collect();
        check(&paths).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn numbers_are_unique() {
        assert_eq!(found(&["0001-a.md", "0003-b.md", "README.md"]), Vec::<String>::new());
        assert!(found(&["0001-a.md", "0001-b.md"])[0].contains("has the number of docs/adr/0001-a.md"));
        assert!(found(&["first.md"])[0].contains("four digits"));
    }
}
