//! All documents: a new one is one line here, and `cargo xtask check` then keeps it current.

use super::{cli_reference, connections, error_pages, keys, sample, states};
use crate::exit::Failure;

/// A document: its path below `docs/`, and its text.
pub(crate) type Document = (String, String);

/// Tells a person who is about to edit a page where it comes from.
const NOTE: &str = "<!-- Written by `cargo xtask gen`. Change the program, not this page. -->\n\n";

/// Every document, in the order of their paths.
pub(crate) async fn all() -> Result<Vec<Document>, Failure> {
    let mut documents = error_pages::pages();
    documents.push(("cli.md".to_owned(), cli_reference::page(&sample::play(false).await?)));
    documents.push(("connections.md".to_owned(), connections::page()));
    documents.push(("keys.md".to_owned(), keys::page()));
    documents.push(("authority.md".to_owned(), tenure_app::matrix()));
    documents.push(("states.md".to_owned(), states::page()));
    documents.sort();
    Ok(documents.into_iter().map(|(path, text)| (path, format!("{NOTE}{text}"))).collect())
}
