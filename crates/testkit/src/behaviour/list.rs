//! The list of behaviours in the order in which they are checked, and the run.

use super::harness::Harness;
use super::probe::{CheckFn, Probe, Stop};
use super::report::{BehaviourResult, Outcome, Report};
use super::{accounts, attributes, endings, entitlements, naming, scanning, unsupported};
use tenure_connect::Capabilities;

/// A capability that a behaviour is about.
struct Need(&'static str, fn(&Capabilities) -> bool);

const READ: Need = Need("read", |c| c.read);
const SCAN: Need = Need("scan", |c| c.scan);
const CREATE: Need = Need("create", |c| c.create);
const UPDATE: Need = Need("update", |c| c.update);
const RENAME: Need = Need("rename", |c| c.rename);
const DISABLE: Need = Need("disable", |c| c.disable);
const DELETE: Need = Need("delete", |c| c.delete);
const GRANT: Need = Need("grant", |c| c.grant);
const CATALOGUE: Need = Need("catalogue", |c| c.catalogue);
const CONDITIONAL: Need = Need("conditional", |c| c.conditional);
const SESSIONS: Need = Need("sessions", |c| c.sessions);
const CREDENTIALS: Need = Need("credentials", |c| c.credentials);
const PASSWORDS: Need = Need("passwords", |c| c.passwords);
const ROTATE: Need = Need("rotate", |c| c.rotate);

struct Behaviour {
    sentence: &'static str,
    needs: &'static [Need],
    check: CheckFn,
}

macro_rules! behaviours {
    ($($sentence:literal [$($need:ident),*] $check:path;)+) => {
        &[$(Behaviour {
            sentence: $sentence,
            needs: &[$($need),*],
            check: |probe| Box::pin($check(probe)),
        }),+]
    };
}

const BEHAVIOURS: &[Behaviour] = behaviours! {
    "a connection answers and names the product" [] accounts::it_answers;
    "reads that the system cannot do are unsupported" [] unsupported::reads;
    "writes that the system cannot do are unsupported" [] unsupported::writes;
    "an account that is not there is read as none" [READ] accounts::absent_is_none;
    "a created account is read back as it was created" [READ, CREATE] accounts::created_is_read_back;
    "an account is found by name, and by external id whatever its name" [READ, CREATE] accounts::name_or_native_id;
    "a created account cannot be used yet" [READ, CREATE] accounts::created_is_unusable;
    "creating a name that is there fails as exists" [READ, CREATE] accounts::create_twice_exists;
    "enabling and disabling work, and twice changes nothing" [READ, CREATE, DISABLE] accounts::switched_on_and_off;
    "enabling and disabling change nothing else" [READ, CREATE, DISABLE] accounts::switching_keeps_the_rest;
    "a write to an account that is not there fails as not found" [READ] accounts::writes_to_nobody_are_not_found;
    "an update writes what it names and nothing else" [READ, CREATE, UPDATE] attributes::update_writes_what_it_names;
    "what an administrator set by hand survives an update" [READ, CREATE, UPDATE] attributes::a_hand_edit_survives;
    "an attribute without a value is removed" [READ, CREATE, UPDATE] attributes::none_removes;
    "values that need escaping are read back as written" [READ, CREATE, UPDATE] attributes::awkward_values;
    "a set of texts has no order and no remainders" [READ, CREATE, UPDATE] attributes::sets_have_no_order;
    "a reference is written and read as an account's name" [READ, CREATE, UPDATE] attributes::references_name_accounts;
    "a write with an old version conflicts" [READ, CREATE, UPDATE, CONDITIONAL] attributes::an_old_version_conflicts;
    "a rename keeps external id, state and entitlements" [READ, CREATE, RENAME] naming::rename_keeps_the_account;
    "a rename to a taken name fails as exists" [READ, CREATE, RENAME] naming::a_taken_name_is_refused;
    "names that need escaping work everywhere" [READ, CREATE] naming::awkward_names;
    "entitlements are given and taken, and twice changes nothing" [READ, CREATE, GRANT] entitlements::given_and_taken;
    "an entitlement that the system does not have is refused" [READ, CREATE, GRANT] entitlements::unknown_is_refused;
    "revoking takes from one account only" [READ, CREATE, GRANT] entitlements::revoking_takes_from_one;
    "enabling and disabling keep entitlements" [READ, CREATE, DISABLE, GRANT] entitlements::held_through_switching;
    "writers at the same moment do not undo each other" [READ, CREATE, GRANT] entitlements::at_the_same_moment;
    "the catalogue lists what can be granted" [CATALOGUE] entitlements::catalogue_lists_them;
    "a deleted account is gone, and deleting again changes nothing" [READ, CREATE, DELETE] accounts::deleted_is_gone;
    "a new account of an old name holds nothing" [READ, CREATE, DELETE, GRANT] accounts::a_second_life_holds_nothing;
    "sessions are listed and ended" [READ, CREATE, SESSIONS] endings::sessions_end;
    "credentials are listed and revoked" [READ, CREATE, CREDENTIALS] endings::credentials_are_revoked;
    "a password that is set has a date" [READ, CREATE, PASSWORDS] endings::a_password_is_dated;
    "a password makes no account usable" [READ, CREATE, PASSWORDS] endings::a_password_opens_nothing;
    "a secret that is made anew has a date" [READ, CREATE, PASSWORDS, ROTATE] endings::a_secret_is_made_anew;
    "a scan shows an account as a read does" [READ, CREATE, SCAN] scanning::a_scan_shows_what_a_read_shows;
    "a scan does not show what is deleted" [READ, CREATE, SCAN, DELETE] scanning::a_scan_shows_no_deleted;
    "a scan lists each account once, over pages, and ends" [READ, CREATE, SCAN] scanning::a_scan_is_complete;
};

/// Checks every behaviour of the contract that the system's capabilities promise, one after the other.
/// Call `verdict()` on the report.
pub async fn run(harness: &dyn Harness) -> Report {
    let (writer, reader) = (harness.writer(), harness.reader());
    let can = writer.capabilities();
    let probe = Probe { harness, writer, reader, can };
    let mut entries = Vec::new();
    for behaviour in BEHAVIOURS {
        let missing = behaviour.needs.iter().find(|Need(_, has)| !has(&probe.can));
        let outcome = match missing {
            Some(Need(name, _)) => Outcome::Skipped(format!("the system has no capability `{name}`")),
            None => match (behaviour.check)(&probe).await {
                Ok(()) => Outcome::Passed,
                Err(Stop::Failed(what)) => Outcome::Failed(what),
                Err(Stop::Skipped(why)) => Outcome::Skipped(why),
            },
        };
        entries.push(BehaviourResult { behaviour: behaviour.sentence, outcome });
    }
    Report { entries }
}
