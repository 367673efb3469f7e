//! Output without what another run, or another machine, prints differently: ids, hashes, keys, ports and places.

use std::path::Path;

/// Characters of an id as it is printed.
const ID_CHARS: usize = 36;
/// Characters of a short id, which may be figures only.
const SHORT_CHARS: usize = 8;
/// Words before a short id; the empty one: it begins the line.
const BEFORE_IDS: [&str; 11] =
    ["", "id", "task", "request", "change", "question", "approve", "deny", "release", "--done", "--again"];
/// The shortest run of hexadecimal digits that is taken for a part of an id or a hash.
const HEX_CHARS: usize = 7;
/// The shortest word that is taken for a key or a signature.
const SECRET_CHARS: usize = 40;

/// The text with placeholders.
pub(super) fn settled(text: &str, folder: &Path) -> String {
    let here = folder.display().to_string();
    let real = folder.canonicalize().map_or_else(|_| here.clone(), |real| real.display().to_string());
    let text = text.replace(&real, "/srv/tidewater").replace(&here, "/srv/tidewater");
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

fn line(text: &str) -> String {
    let (mut out, mut word, mut before) = (String::new(), String::new(), String::new());
    for c in text.chars() {
        if c.is_ascii_alphanumeric() || "-+/=:.".contains(c) {
            word.push(c);
        } else {
            out.push_str(&one(&before, &word));
            out.push(c);
            before = std::mem::take(&mut word);
        }
    }
    out.push_str(&one(&before, &word));
    out.trim_end().to_owned()
}

/// A word after another one, or what stands for it.
fn one(before: &str, word: &str) -> String {
    // A place in a list: `2026-06-12T11:00:00Z/ID`.
    if word.split('/').any(is_id) {
        return word
            .split('/')
            .map(|part| if is_id(part) { "ID" } else { part })
            .collect::<Vec<_>>()
            .join("/");
    }
    if let Some((before, port)) = word.split_once("127.0.0.1:") {
        let rest = port.trim_start_matches(|c: char| c.is_ascii_digit());
        return format!("{before}127.0.0.1:PORT{rest}");
    }
    let core = word.trim_end_matches(['.', ':', '/']);
    let tail = &word[core.len()..];
    let is_long =
        core.len() >= SECRET_CHARS && !core.contains("//") && core.chars().any(|c| c.is_ascii_digit());
    let name = if is_id(core) {
        "ID"
    } else if is_long && core.contains('+') && core.contains("/tenure") {
        "KEY"
    } else if is_long && !core.contains('.') {
        "BASE64"
    } else if is_hex(core) || is_short(core) && BEFORE_IDS.contains(&before) {
        "HEX"
    } else {
        return word.to_owned();
    };
    format!("{name}{tail}")
}

fn is_id(word: &str) -> bool {
    word.len() == ID_CHARS
        && word
            .char_indices()
            .all(|(at, c)| if [8, 13, 18, 23].contains(&at) { c == '-' } else { c.is_ascii_hexdigit() })
}

/// What may be a short id, where one is named.
fn is_short(word: &str) -> bool {
    word.len() == SHORT_CHARS && word.bytes().all(|b| b.is_ascii_hexdigit())
}

/// A part of an id or a hash: hexadecimal digits with letters and figures among them.
fn is_hex(word: &str) -> bool {
    word.len() >= HEX_CHARS
        && word.chars().all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c))
        && word.chars().any(|c| c.is_ascii_digit())
        && word.chars().any(|c| c.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::settled;
    use std::path::Path;

    #[test]
    fn what_differs_from_run_to_run_is_replaced_and_the_rest_is_not() {
        let text = "task 01a22d4b-8253-708b-bd3e-cf23bdad155b: http://127.0.0.1:41234/Users, configuration 2afcbdbe3a32: /tmp/x/tidewater/proofs\n\
                    Łukasz Żak (10011), svc-backup-01, 2026-06-12T15:00:00Z, lzak@tidewater.example, id 95095482  \n\
                    tenure approve 12345678, --after 2026-06-12T11:00:00Z/01a22d4b-8253-708b-bd3e-cf23bdad155b, on 20260612";
        let same = "task ID: http://127.0.0.1:PORT/Users, configuration HEX: /srv/tidewater/proofs\n\
                    Łukasz Żak (10011), svc-backup-01, 2026-06-12T15:00:00Z, lzak@tidewater.example, id HEX\n\
                    tenure approve HEX, --after 2026-06-12T11:00:00Z/ID, on 20260612";
        assert_eq!(settled(text, Path::new("/tmp/x/tidewater")), same);
    }
}
