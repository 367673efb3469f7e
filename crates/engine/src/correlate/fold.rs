//! Names folded so that case, accents, script, order and punctuation are ignored.

use unicode_normalization::UnicodeNormalization;

/// Maximum number of words of a name that are compared.
const WORDS_MAX: usize = 8;
/// Length of a phonetic code in letters.
const SOUND_LETTERS_MAX: usize = 6;
const TITLES: &[&str] = &["dr", "prof", "mr", "mrs", "ms", "mx", "herr", "frau", "dipl", "phd", "ing"];
const GENERATIONS: &[(&str, &str)] =
    &[("jr", "2"), ("junior", "2"), ("ii", "2"), ("sr", "1"), ("senior", "1"), ("iii", "3"), ("iv", "4")];
const PARTICLES: &[&str] = &[
    "van", "von", "de", "der", "den", "la", "le", "al", "el", "bin", "ibn", "del", "di", "da", "do", "dos",
    "y",
];
/// Letters that one language or transcription writes differently from another.
const SOUNDS: &[(&str, &str)] = &[
    ("sch", "s"),
    ("ph", "f"),
    ("ck", "k"),
    ("ch", "k"),
    ("kh", "k"),
    ("sh", "s"),
    ("zh", "s"),
    ("cz", "s"),
    ("sz", "s"),
    ("ts", "s"),
    ("tz", "s"),
    ("th", "t"),
    ("dh", "d"),
    ("gh", "k"),
    ("x", "ks"),
];

/// A name in the form in which names are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folded {
    /// Its words: lower-case ASCII, sorted, without titles.
    pub words: Vec<String>,
    /// All words in the order given (`Family, Given` reversed), without spaces.
    pub joined: String,
    /// Junior or senior, if stated: distinguishes several people of one name.
    pub generation: Option<&'static str>,
}

/// Folds a name: `Dr. MÜLLER, Anna-Maria` and `anna maria mueller` become equal; `李伟` becomes `li wei`.
#[must_use]
pub fn fold(name: &str) -> Folded {
    let turned = match name.split_once(',') {
        Some((family, given)) if !given.contains(',') && !is_suffix(given) => format!("{given} {family}"),
        _ => name.replace(',', " "),
    };
    let mut words: Vec<String> =
        ascii_words(&turned).into_iter().map(|w| without_umlaut_spelling(&w)).collect();
    words.truncate(WORDS_MAX);
    let generation =
        GENERATIONS.iter().find(|(word, _)| words.len() > 1 && words.last().is_some_and(|w| w == word));
    if generation.is_some() {
        words.pop();
    }
    if words.iter().filter(|w| !TITLES.contains(&&***w)).count() > 1 {
        words.retain(|w| !TITLES.contains(&&**w));
    }
    let joined = words.concat();
    words.sort();
    Folded { words, joined, generation: generation.map(|(_, number)| *number) }
}

fn is_suffix(text: &str) -> bool {
    let word = text.trim().trim_end_matches('.').to_lowercase();
    GENERATIONS.iter().any(|(g, _)| *g == word)
}

/// Whether a word joins names and carries little information.
pub(super) fn is_particle(word: &str) -> bool {
    PARTICLES.contains(&word)
}

/// Words in ASCII. Han and Hangul names are written without a space: the first character is the family name.
fn ascii_words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut run: Vec<char> = Vec::new();
    for c in name.nfkc().flat_map(char::to_lowercase).chain([' ']) {
        if is_syllable_sign(c) {
            end_word(&mut word, &mut words);
            run.push(c);
            continue;
        }
        end_run(&mut run, &mut words);
        match c {
            '\'' | '’' | '‘' | 'ʼ' | 'ʻ' | '`' | '´' => {}
            c if c.is_alphanumeric() || is_mark(c) => {
                let latin = any_ascii::any_ascii_char(c);
                word.extend(
                    latin.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()),
                );
            }
            _ => end_word(&mut word, &mut words),
        }
    }
    words
}

fn end_word(word: &mut String, words: &mut Vec<String>) {
    if !word.is_empty() {
        words.push(std::mem::take(word));
    }
}

fn end_run(run: &mut Vec<char>, words: &mut Vec<String>) {
    let latin = |signs: &[char]| -> String {
        let letters = signs.iter().flat_map(|c| any_ascii::any_ascii_char(*c).chars());
        letters.filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
    };
    if let Some((family, given)) = run.split_first() {
        words.push(latin(&[*family]));
        words.push(latin(given));
        words.retain(|w| !w.is_empty());
    }
    run.clear();
}

/// Han and Hangul.
fn is_syllable_sign(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
}

/// Marks that belong to the previous letter (vowel signs of Indic scripts, combining accents): never a word break.
fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

/// `Mueller`, `Müller` and `Muller` become `muller`, `Aalto` and `Ålto` become `alto`.
fn without_umlaut_spelling(word: &str) -> String {
    word.replace("ae", "a").replace("oe", "o").replace("ue", "u").replace("aa", "a")
}

/// A rough phonetic code of a word: consonants in classes, vowels only at the start. Equal for `catherine` and `kathrin`.
pub(super) fn sound(word: &str) -> String {
    let mut text = word.to_owned();
    for (from, to) in SOUNDS {
        text = text.replace(from, to);
    }
    let mut key = String::new();
    for (i, c) in text.chars().enumerate() {
        let class = match c {
            'a' | 'e' | 'i' | 'o' | 'u' | 'y' | 'j' if i == 0 => 'a',
            'a' | 'e' | 'i' | 'o' | 'u' | 'y' | 'j' | 'h' => continue,
            'c' | 'q' | 'k' | 'g' => 'k',
            'z' | 's' => 's',
            'v' | 'w' | 'f' => 'f',
            other => other,
        };
        if !key.ends_with(class) {
            key.push(class);
        }
        if key.len() >= SOUND_LETTERS_MAX {
            break;
        }
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_meet() {
        for (a, b) in [
            ("Anna Müller", "MUELLER, Anna"),
            ("Anna Müller", "anna muller"),
            ("Jürgen Groß", "Gross Juergen"),
            ("Þórdís Björk", "Thordis Bjork"),
            ("李伟", "Li Wei"),
            ("王小明", "Wang Xiaoming"),
            ("Dr. Anna-Maria O’Neill", "Anna Maria ONeill"),
            ("Łukasz Wójcik", "Lukasz Wojcik"),
            ("Nguyễn Văn An", "Nguyen Van An"),
            ("Мария Петрова", "Mariya Petrova"),
            ("Jose\u{301} Nun\u{303}ez", "José Nuñez"),
            ("John Smith, Jr.", "John Smith junior"),
        ] {
            assert_eq!(fold(a).words, fold(b).words, "{a} / {b}");
        }
        assert_ne!(fold("John Smith Sr").generation, fold("John Smith Jr").generation);
        assert!(fold("  ,, ").words.is_empty());
    }

    #[test]
    fn words_that_sound_alike_have_one_sound() {
        for (a, b) in [
            ("catherine", "kathrin"),
            ("filip", "philipp"),
            ("meier", "maier"),
            ("kim", "gim"),
            ("iusupov", "yusupoff"),
        ] {
            assert_eq!(sound(a), sound(b), "{a} / {b}");
        }
        assert_ne!(sound("schmidt"), sound("weber"));
    }
}
