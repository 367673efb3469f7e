//! The ledger against published vectors, against an independent implementation, and against tampering.

#[cfg(test)]
mod entry;
#[cfg(test)]
mod formats;
mod links;
#[cfg(test)]
mod note;
#[cfg(test)]
mod seal;
#[cfg(test)]
mod support;
#[cfg(test)]
mod tree;
#[cfg(test)]
mod verify;
