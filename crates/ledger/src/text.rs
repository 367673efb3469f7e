//! Hex, base64 and decimals have only one spelling here, so that a text form can be compared byte by byte.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    let digit = |nibble: u8| DIGITS[usize::from(nibble)];
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(digit(byte >> 4));
        text.push(digit(byte & 0x0f));
    }
    text
}

/// Exactly `2 N` hexadecimal digits; `None` for anything else. Lower case only, as [`hex`] writes it.
pub(crate) fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != N * 2 {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
    }
    Some(bytes)
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

/// RFC 4648 §4, with padding.
pub(crate) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// The inverse of [`base64`]; stray bits, missing padding and white space are refused.
pub(crate) fn unbase64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// A decimal number as the C2SP formats write it: ASCII digits, no sign, no leading zero except in `0` itself.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    if text.is_empty()
        || !text.bytes().all(|b| b.is_ascii_digit())
        || (text.len() > 1 && text.starts_with('0'))
    {
        return None;
    }
    text.parse().ok()
}

/// The parts one after the other, each preceded by its length (big-endian u32): two different lists never give the same bytes.
pub(crate) fn length_prefixed(parts: &[&[u8]], mut sink: impl FnMut(&[u8])) {
    for part in parts {
        // The callers' limits are far below 4 GiB; saturating keeps the function total.
        sink(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
        sink(part);
    }
}
