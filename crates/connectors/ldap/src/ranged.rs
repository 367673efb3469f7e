//! Values that come in ranges: Active Directory shows 1,500 members of a group at once, under another name
//! (`member;range=0-1499`), and nothing under the plain one.

use crate::entry::Entry;
use crate::pool::Line;
use tenure_connect::{ConnectError, ErrorKind};

/// Maximum number of ranges of one attribute.
const RANGES_MAX: usize = 10_000;

/// All values of an attribute of an entry that was read, with the ranges that must still be requested.
pub(crate) async fn all_values(
    line: &Line,
    entry: &Entry,
    attribute: &str,
) -> Result<Vec<String>, ConnectError> {
    let mut values = entry.all(attribute).to_vec();
    let Some(mut range) = entry.range(attribute) else { return Ok(values) };
    for _ in 0..RANGES_MAX {
        values.extend_from_slice(range.values);
        let Some(next) = range.next else { return Ok(values) };
        let asked = vec![format!("{attribute};range={next}-*")];
        let more = line.wire.entry(&entry.dn, asked).await?;
        let more = more.as_ref().and_then(|e| e.range(attribute)).map(|r| (r.values.to_vec(), r.next));
        let Some((some, after)) = more else {
            let text = format!("`{}` shows its `{attribute}` up to {next} and no more", entry.dn);
            return Err(line.wire.error(ErrorKind::Protocol, text));
        };
        values.extend(some);
        match after {
            None => return Ok(values),
            Some(after) if after > next => range = crate::entry::Range { values: &[], next: Some(after) },
            Some(_) => break,
        }
    }
    let text = format!("the ranges of `{attribute}` of `{}` do not end", entry.dn);
    Err(line.wire.error(ErrorKind::Protocol, text))
}
