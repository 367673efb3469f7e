//! The content of a link, and what is stored of it.

use crate::Machine;
use jiff::Timestamp;
use sha2::Digest as _;
use sha2::Sha256;
use tenure_connect::Secret;
use tenure_model::{AccountKey, IdentityId, Link};

/// Most attempts with a password that the system refuses.
const TRIES: u8 = 5;

/// A new link, and its code: the identity, and 32 random bytes. The code exists only in the message.
pub(super) fn made(
    machine: &Machine,
    id: IdentityId,
    account: &AccountKey,
    expires: Timestamp,
) -> (Link, Secret) {
    let (salt, secret) = (machine.random::<32>(), machine.random::<32>());
    let code = Secret::new(&format!("{}.{}", hex(id.as_bytes()), hex(&secret)));
    let link = Link { account: account.clone(), salt, hash: hash(&salt, &secret), expires, tries: TRIES };
    (link, code)
}

/// The identity and the secret of a code; `None`: it is no code.
pub(super) fn read(code: &Secret) -> Option<(IdentityId, [u8; 32])> {
    let (id, secret) = code.expose().trim().split_once('.')?;
    Some((IdentityId::from_bytes(bytes(id)?), bytes(secret)?))
}

/// Whether a secret opens a link. All bytes are compared, whatever the first ones are.
pub(super) fn opens(link: &Link, secret: &[u8; 32]) -> bool {
    let given = hash(&link.salt, secret);
    given.iter().zip(&link.hash).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
}

fn hash(salt: &[u8; 32], secret: &[u8; 32]) -> [u8; 32] {
    Sha256::new().chain_update(salt).chain_update(secret).finalize().into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut found = [0; N];
    if text.len() != 2 * N || !text.is_ascii() {
        return None;
    }
    for (byte, pair) in found.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(found)
}
