//! Arguments of the form `NAME=VALUE`.

/// Reads two texts with `=` between them.
pub(super) fn pair(text: &str) -> Result<(String, String), String> {
    let parts = text.split_once('=').filter(|(name, value)| !name.is_empty() && !value.is_empty());
    parts
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .ok_or_else(|| "write a name and a value with = between them".to_owned())
}
