//! The keys of `tenure.toml`.

use super::key::{ReferenceKey, may, must, or, when};

pub(super) const KEYS: &[ReferenceKey] = &[
    must("edition", "1", "the edition of the language; the first line of the file"),
    must(
        "organisation.name",
        "text",
        "the name of the organisation; the origin of the ledger is made from it",
    ),
    or("storage.path", "path", "\"tenure.db\"", "the database"),
    or(
        "ledger.checkpoints",
        "path",
        "\"checkpoints\"",
        "where signed checkpoints are written; keep them on another disk",
    ),
    or(
        "outbox.path",
        "path",
        "\"outbox\"",
        "where messages are left for the local mail system, as a maildir",
    ),
    or("outbox.from", "text", "\"tenure@localhost\"", "the sender of messages"),
    must("keys.key_encryption_key", "secret", "the key that seals all other keys"),
    or("people.key", "text", "\"worker_number\"", "the key by which a configuration names people"),
    may(
        "actors",
        "login = person",
        "no login may act",
        "which person a login of the operating system is; `uid:NUMBER` for a number",
    ),
    when(
        "groups",
        "group = list of people",
        "`last_resort` is there: it names one of them, of at least two people",
        "groups that other keys name as `group:NAME`",
    ),
    must(
        "governance.last_resort",
        "group",
        "the escalation group: it decides when no other authorised person is left",
    ),
    or(
        "governance.reapprove_after",
        "list of reason classes",
        "[\"compromise\"]",
        "after a cut-off of such a class is lifted, approvals are asked for again",
    ),
    may(
        "governance.cut_off_readers",
        "person or group",
        "issuer and escalation group",
        "who else reads the reason of a cut-off",
    ),
    may(
        "governance.cut_off_by",
        "list of people and groups",
        "the groups `security` and `on-call`, if there are such",
        "who cuts off at once, beside owners, managers and the escalation group",
    ),
    may(
        "governance.lift_by",
        "person or group, or a table by reason class",
        "the escalation group",
        "who lifts cut-offs; `\"*\"` stands for the other classes",
    ),
    may(
        "governance.operators",
        "person or group",
        "each person in `[actors]`",
        "who runs passes and applies configurations",
    ),
    may(
        "governance.auditors",
        "person or group",
        "the escalation group only",
        "who else reads openings of the ledger",
    ),
    or(
        "governance.allow_as",
        "true or false",
        "true",
        "whether a command may act as another person in a replay; in a live database it never may",
    ),
];
