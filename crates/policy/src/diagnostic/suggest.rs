//! "Did you mean": the known word that is most similar to a misspelt one.

/// Minimum similarity of a suggestion: 0 is any word, 1 is the same word.
const LIKENESS_MIN: f64 = 0.72;

/// Maximum number of words that a list in a message names.
const LISTED_MAX: usize = 12;

/// The most similar known word, if one is similar enough.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = fold(word);
    known
        .into_iter()
        .map(|k| (strsim::normalized_damerau_levenshtein(&folded, &fold(k)), k))
        .map(
            |(likeness, k)| if is_part(&folded, k) { (likeness.max(LIKENESS_MIN), k) } else { (likeness, k) },
        )
        .filter(|(likeness, _)| *likeness >= LIKENESS_MIN)
        .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)))
        .map(|(_, k)| k)
}

/// `dept` for `department` is not similar by edit distance, but every letter of it occurs there in order.
fn is_part(folded: &str, known: &str) -> bool {
    let known = fold(known);
    let mut letters = known.chars();
    folded.len() >= 3
        && known.starts_with(&folded[..folded.chars().next().map_or(0, char::len_utf8)])
        && folded.chars().all(|c| letters.any(|k| k == c))
}

fn fold(word: &str) -> String {
    word.chars().filter(|c| !matches!(c, '_' | '-' | ' ')).flat_map(char::to_lowercase).collect()
}

/// A help text for an unknown word: the closest known one, or all of them.
pub(crate) fn did_you_mean<'a>(
    word: &str,
    known: impl IntoIterator<Item = &'a str> + Clone,
) -> Option<String> {
    match nearest(word, known.clone()) {
        Some(near) => Some(format!("did you mean `{near}`?")),
        None => list(known).map(|list| format!("known here: {list}")),
    }
}

/// Words with commas, shortened; `None` without any.
pub(crate) fn list<'a>(words: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let mut words: Vec<&str> = words.into_iter().collect();
    words.dedup();
    let shown = words.iter().take(LISTED_MAX).map(|w| format!("`{w}`")).collect::<Vec<_>>().join(", ");
    match words.len() {
        0 => None,
        n if n > LISTED_MAX => Some(format!("{shown} and {} more", n - LISTED_MAX)),
        _ => Some(shown),
    }
}
