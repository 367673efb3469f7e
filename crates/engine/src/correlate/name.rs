//! Similarity of two names: words are paired in any order.

use super::fold::{Folded, is_particle, sound};

/// Jaro-Winkler value below which two words count as different.
const WORD_FROM: f64 = 0.84;
/// A matching initial.
const INITIAL: f64 = 0.85;
/// Words that sound alike and are partly spelled alike.
const SOUNDS_ALIKE: f64 = 0.92;
const SOUNDS_ALIKE_FROM: f64 = 0.70;
/// For every word that only one of the two has.
const UNPAIRED: f64 = 0.05;
/// One word against several: only a given or a family name.
const LONE_WORD_MAX: f64 = 0.60;
/// Names that state different generations (father and son).
const GENERATIONS_DIFFER_MAX: f64 = 0.50;
/// The same letters, with different word breaks (`O Brien`, `OBrien`).
const JOINED_FROM: f64 = 0.96;

/// Similarity of two folded names, 0 to 1; `None` if one is empty.
#[must_use]
pub fn name_likeness(a: &Folded, b: &Folded) -> Option<f64> {
    if a.words.is_empty() || b.words.is_empty() {
        return None;
    }
    let (short, long) = if a.words.len() <= b.words.len() { (a, b) } else { (b, a) };
    let mut likeness = paired(&short.words, &long.words);
    let joined = strsim::jaro_winkler(&a.joined, &b.joined);
    if joined >= JOINED_FROM {
        likeness = likeness.max(joined);
    }
    if short.words.len() == 1 && long.words.len() > 1 && joined < JOINED_FROM {
        likeness = likeness.min(LONE_WORD_MAX);
    }
    if let (Some(a), Some(b)) = (a.generation, b.generation)
        && a != b
    {
        likeness = likeness.min(GENERATIONS_DIFFER_MAX);
    }
    Some(likeness)
}

/// Pairs the most similar words first; each word is used once.
fn paired(short: &[String], long: &[String]) -> f64 {
    let mut pairs: Vec<(f64, usize, usize)> = Vec::with_capacity(short.len() * long.len());
    for (i, a) in short.iter().enumerate() {
        for (j, b) in long.iter().enumerate() {
            let likeness = word_likeness(a, b);
            if likeness > 0.0 {
                pairs.push((likeness, i, j));
            }
        }
    }
    pairs.sort_by(|x, y| y.0.total_cmp(&x.0).then((x.1, x.2).cmp(&(y.1, y.2))));
    let (mut left, mut right) = (vec![false; short.len()], vec![false; long.len()]);
    let mut sum = 0.0;
    for (likeness, i, j) in pairs {
        if !left[i] && !right[j] {
            (left[i], right[j]) = (true, true);
            sum += likeness;
        }
    }
    // A particle that only one of them has is no evidence.
    let counted = |words: &[String], used: &[bool]| {
        words.iter().zip(used).filter(|(w, used)| **used || !is_particle(w)).count()
    };
    let in_short = counted(short, &left).max(1);
    let spare = long.iter().zip(&right).filter(|(w, used)| !**used && !is_particle(w)).count();
    let unpaired = spare.saturating_sub(in_short - left.iter().filter(|u| **u).count().min(in_short));
    (sum / count(in_short) - UNPAIRED * count(unpaired)).max(0.0)
}

/// Small counts only: at most the words of a name.
fn count(n: usize) -> f64 {
    f64::from(u32::try_from(n).unwrap_or(u32::MAX))
}

fn word_likeness(a: &str, b: &str) -> f64 {
    if a == b {
        return 1.0;
    }
    if a.len() == 1 || b.len() == 1 {
        return if a.as_bytes().first() == b.as_bytes().first() { INITIAL } else { 0.0 };
    }
    let likeness = strsim::jaro_winkler(a, b);
    if likeness >= SOUNDS_ALIKE_FROM && sound(a) == sound(b) {
        return likeness.max(SOUNDS_ALIKE);
    }
    if likeness >= WORD_FROM { likeness } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::correlate::fold;

    #[test]
    fn likeness_in_percent() {
        let table: Vec<String> = [
            ("Anna Müller", "MUELLER Anna"),
            ("Maisie Maggy Kline", "Maisie Kline"),
            ("Maria de la Cruz", "Maria Cruz"),
            ("J. Smith", "John Smith"),
            ("Sean O Brien", "Sean O'Brien"),
            ("Catherine Meier", "Kathrin Maier"),
            ("Mohammed Al-Rashid", "Muhammad Alrashid"),
            ("Anna Schmidt", "Anna Weber"),
            ("Anna Schmidt", "Lena Schmidt"),
            ("John Smith Jr", "John Smith Sr"),
            ("Maria", "Maria Kline"),
            ("Anna Schmidt", "Peter Weber"),
            ("Li Wei", "Li Na"),
        ]
        .iter()
        .map(|(a, b)| {
            let likeness = name_likeness(&fold(a), &fold(b)).unwrap();
            format!("{a} / {b}: {:.0}", likeness * 100.0)
        })
        .collect();
        insta::assert_snapshot!(table.join("\n"));
        assert_eq!(name_likeness(&fold(""), &fold("x")), None);
    }
}
