//! The codes of the application and of this program, with what their pages say; those of policy and feeds are kept by
//! the crates that find them.

use tenure_connect::ErrorKind;

/// Code, title, what happened, what to do.
pub(crate) const OWN: &[(&str, &str, &str, &str)] = &[
    (
        "U001",
        "The command line is wrong",
        "A command or an option is not known, a value is missing or cannot be read, or two options exclude each other. The exit code is 2.",
        "The message names the place. `tenure COMMAND --help` shows the options and examples; `docs/cli.md` has all of them.",
    ),
    (
        "A001",
        "It is not known",
        "A person, system, source, case, request or held change of this name does not exist, or the text cannot be a name of its \
         kind.",
        "The message names the command that lists what there is. People are found by worker number, user name, e-mail \
         address, id, or a part of the name that only one of them has.",
    ),
    (
        "A002",
        "It is not allowed",
        "A rule of Tenure forbids it: you cannot approve your own access or request, neither the issuer nor the holder \
         lifts a cut-off, a cut-off needs a reason, some commands need a mapped identity.",
        "Ask an identity that the message names. Who you are comes from your login, as the kernel states it, and `[actors]` \
         in tenure.toml; `--as` works only where tenure.toml allows it. [Refusals](refusals.md) lists the reasons.",
    ),
    (
        "A003",
        "It cannot be done in the present state",
        "The command is possible, but not in the present state: a request that is answered already, an identity that is cut \
         off already, a scan that was interrupted, `--now` before the last decision.",
        "The message says what prevents it. [Refusals](refusals.md) lists the reasons.",
    ),
    (
        "A004",
        "It changed concurrently",
        "Another command changed the same identity each time while this was decided, eight times in a row. Two changes \
         never overwrite each other: the later one is decided on top of the earlier one.",
        "Try again. If it stays, look with `tenure case PERSON` at what changes this identity so often.",
    ),
    (
        "A005",
        "The login is mapped to no person",
        "Who acts is the login uid that the kernel keeps since the login (also through `sudo`), else the real uid of the process. \
         `[actors]` of the active configuration maps it to no person. Environment variables such as `USER` and `SUDO_UID` are not believed.",
        "Add the login's name, or `\"uid:1001\"`, below `[actors]` in tenure.toml, and have a person who is mapped run `tenure apply`. The \
         first `tenure apply` of a database reads the folder's own `[actors]`.",
    ),
    (
        "A007",
        "A name does not say whom to cut off, erase, release or merge",
        "These operations take a key: a worker number, a user name, an e-mail address, an id, or at least 8 digits of an id from its \
         beginning or its end. Names are for reading: one that means one person today may mean two tomorrow. Nothing was done.",
        "The message lists the identities that the name matches: give the key of the one that is meant.",
    ),
    (
        "A008",
        "It matches several identities",
        "More than one identity has this name, part of a name, key or part of an id. The message lists them with number, department, \
         site and phase, as far as these are known.",
        "Give the number, the user name, the e-mail address or the id (its last 8 digits are enough), or more of the name.",
    ),
    (
        "A010",
        "It is not confirmed",
        "The command would change what cannot be taken back easily. It asks on a terminal; without one it needs `--yes`, and for `apply` \
         `--yes` or `--plan FILE`. Nothing was done.",
        "Look at what it would do (`tenure plan`, `tenure release ID --list`), then give `--yes`.",
    ),
    (
        "C001",
        "A file of the configuration cannot be read",
        "The configuration folder, or a file in it, is missing or unreadable.",
        "Name the folder with `--folder`, or make one with `tenure --folder FOLDER init`.",
    ),
    (
        "C002",
        "The configuration has errors",
        "Each was shown before this message, with file, line, column, a code of its own and what to do.",
        "Fix what is marked. `tenure check` finds all of them at once.",
    ),
    (
        "C003",
        "A secret cannot be read",
        "The configuration refers to a secret (`env:NAME`, `file:PATH`, `credential:NAME`) that is not there, is empty or \
         has more than 64 KiB.",
        "Give the process the variable, the file or the systemd credential. `file:` is relative to the configuration folder.",
    ),
    (
        "C004",
        "The active configuration is not understood",
        "The configuration that is stored in the database was accepted by another version of this program and cannot be read by this one.",
        "Run `tenure apply` with a corrected folder, or the program that stored it.",
    ),
    (
        "C005",
        "The folder of the database cannot be created",
        "`path` in `[storage]` of tenure.toml names a place where this user cannot create a folder.",
        "Correct the path or its permissions.",
    ),
    (
        "C006",
        "The key-encryption key is invalid",
        "What `key_encryption_key` in tenure.toml refers to is not 32 bytes in base64.",
        "`tenure init` makes one. A database that was made with another key needs that key: without it, what is sealed in \
         it cannot be opened.",
    ),
    (
        "C007",
        "No configuration is active",
        "The database is new, and files become active only by `tenure apply`.",
        "Look with `tenure plan`, then make this folder's configuration active with `tenure apply`.",
    ),
    (
        "C008",
        "There is no such connector",
        "`connector` in a system's file names none that this program has.",
        "The message lists them.",
    ),
    (
        "C009",
        "A setting of a system is wrong",
        "The connector does not understand a setting in the system's file, or misses one.",
        "The message names the system, the setting and what is expected. Correct the file and run `tenure apply`.",
    ),
    (
        "C010",
        "The folder is in use",
        "`init` and `demo` write only where no configuration is yet.",
        "Choose another folder. Nothing was changed.",
    ),
    (
        "C011",
        "A file cannot be written",
        "A file that `init`, `demo`, `man` or `plan --out` writes cannot be written, or `plan --out` names a file that is there and is not a plan.",
        "Check its permissions and the space left.",
    ),
    (
        "C012",
        "A bundle changed and its version did not rise",
        "A bundle is requested, approved and reviewed under its version. The configuration that is active has other content under this \
         version or a later one.",
        "Give the `[[bundle]]` a higher `version`. Nothing was changed.",
    ),
    (
        "C013",
        "The stored configuration is damaged",
        "Its content is not what its hash says: the database was changed or damaged. Nothing is decided by it; `tenure cutoff` works \
         with what can be read.",
        "Put back the database from a backup, or the folder's files as they were made active: they are used where their hash is the \
         same. Or make a corrected folder active with `tenure apply`.",
    ),
    (
        "C014",
        "The database belongs to another folder",
        "A live database belongs to the folder in which it was begun: feeds, keys, checkpoints and the outbox are read there. The folder that was named is another one, and names the same database.",
        "Use the folder that the message names. Where that folder was moved, a member of the escalation group says so from the new place with `tenure ledger reopen --moved --reason \"…\"`. Meanwhile `tenure cutoff` works from the new place.",
    ),
    (
        "C016",
        "A file is not a plan",
        "`--plan` takes a file that `tenure plan --out FILE` wrote, as it was written.",
        "Write a new one.",
    ),
    (
        "L001",
        "The ledger cannot be written, or is not what was signed",
        "An entry, a signature or a sealed opening could not be made; or the database does not hold what the checkpoint outside \
         it covers, because an older copy was put in its place. Nothing is done that cannot be evidenced, so nothing was done, and \
         a database that was restored to an earlier state is not served: every command refuses but `ledger`, `doctor` and `check`.",
        "Look at the message. Where a key does not open, most often the key-encryption key is not the one with which this \
         database was made. Where it was restored, look for the newer one and use that. Where there is none, \
         `tenure ledger reopen --reason \"…\"` lets the ledger go on under a new origin, whose first entry names the head that was \
         signed outside. Afterwards `tenure ledger check --files FOLDER --key KEY --old CHECKPOINT --old-key OLD_KEY` tells, from \
         files alone, whether what a checkpoint of the old origin covers is in the new one or only named by it; files that \
         were exported before verify as ever with the old key. If the file outside belongs to another database, move it \
         away, or correct `checkpoints` in `[ledger]` of tenure.toml.",
    ),
    (
        "L002",
        "What is kept outside the database cannot be read or written",
        "The signed head of the ledger is also written outside the database, so that a restored older database is noticed, and so \
         is a sealed line for each cut-off and each lifting (`cut-offs`, beside the checkpoint), so that a cut-off outlives it. \
         One of these files could not be read or written, or a line is not what was written. What was decided is committed.",
        "Check `checkpoints` in `[ledger]` of tenure.toml, its permissions and the space left. Where a line cannot be read, put the \
         file back as it was; without the line, its identity is not cut off by it.",
    ),
    (
        "L003",
        "A file to be verified cannot be read",
        "The proof or the checkpoint is not there.",
        "Name a file that is there.",
    ),
    (
        "L004",
        "This is no verifier key",
        "`--key` takes the public key of a ledger as C2SP signed-note writes it: name, key id and key, joined by `+`.",
        "`tenure ledger key` prints it. Get it once, from the operator of that Tenure, by a channel that you trust.",
    ),
    (
        "L005",
        "It does not verify",
        "What the files say is not what was signed, or does not fit together. They were damaged or changed, the key is another \
         ledger's, or the log did not only grow.",
        "Keep the files unchanged, and tell the operator of this Tenure and those who rely on it.",
    ),
    (
        "L006",
        "Something is damaged",
        "A line of the cut-offs outside, the checkpoint, the key of an identity or the stored configuration cannot be read. Cut-offs and \
         removals go on; nothing is created, enabled or granted.",
        "Put it back as it was, or find out what is lost. Then a member of the escalation group says so with `tenure ledger repaired \
         --reason \"…\"`.",
    ),
    (
        "L007",
        "It is not exported there",
        "The folder holds the outside checkpoint, cut-offs, a key, the database, a feed, the configuration or the outbox, or it holds the checkpoint of another ledger or one that covers more than this database has.",
        "Name a new folder, or one to which this ledger was exported before.",
    ),
    (
        "S001",
        "The database is in use",
        "Another process has it open for writing; two never write at once. Reading and `tenure cutoff` do not wait for it.",
        "Wait for it, or stop it. The message names its process id.",
    ),
    (
        "S002",
        "The database is newer than this program",
        "A newer version has migrated it.",
        "Use the newer program. Going back needs a backup from before.",
    ),
    (
        "S003",
        "The database is not durable",
        "SQLite does not sync its writes here, so an acknowledged decision could be lost when the power fails. Tenure refuses to run \
         in this way.",
        "Look at the file system and at what else has opened this database.",
    ),
    (
        "S004",
        "The database failed",
        "SQLite reported an error, or stored bytes cannot be read back. Nothing is guessed: the unit of work that met it was \
         not committed.",
        "Look at the disk (space, errors). `tenure ledger verify` shows whether what was evidenced is whole.",
    ),
    (
        "S005",
        "The lease of a job was lost",
        "Passes, feeds, reconciliations and `apply` are each done by one process at a time, under a lease that it renews every 20 \
         seconds. This process did not renew it for 60 seconds, and another one took the job over. Nothing was written after that.",
        "Let the other process finish, or run the command again after it: what is left is found. If it happens often, look why the \
         process stands still (a suspended machine, a full disk).",
    ),
    (
        "X001",
        "Something that should not happen",
        "The program met a state that it does not expect. What was committed before stays and is whole.",
        "Run it again with `-vv` and report what it says.",
    ),
];

/// What a system's connector fails with: kind, title, what happened, what to do.
pub(crate) const SYSTEMS: &[(ErrorKind, &str, &str, &str)] = &[
    (
        ErrorKind::Unreachable,
        "The system cannot be reached",
        "No connection was made, or it was interrupted.",
        "Nothing, if it is only for a short time: the task is tried again. Else check the address in the system's file, the network and the \
         certificate; `tenure doctor` asks every system.",
    ),
    (
        ErrorKind::TimedOut,
        "The system did not answer in time",
        "It is not known whether the call took effect. The next attempt reads before it writes.",
        "If it stays, raise `timeout_seconds` in `[limits]` of the system's file, or look at the system.",
    ),
    (
        ErrorKind::Refused,
        "The system denies access to Tenure",
        "Tenure's own login or a permission was refused.",
        "Check the credentials that the system's file refers to, and what that login may do there.",
    ),
    (
        ErrorKind::NotFound,
        "The account is not there",
        "A write was meant for an account that the system does not have.",
        "`tenure scan SYSTEM` finds accounts that were deleted there; in `enforce` it repairs them.",
    ),
    (
        ErrorKind::Exists,
        "The account, or its name, is there already",
        "Another account has the name in this system, or an earlier attempt made the account and its answer was lost. The next \
         attempt reads first.",
        "If it stays, link the account: `tenure adopt SYSTEM` before the system is in `enforce`, or rename one \
         of the two.",
    ),
    (
        ErrorKind::Conflict,
        "It was changed concurrently",
        "The account changed between reading and writing; nothing was overwritten.",
        "Nothing: the task is tried again on what is there now.",
    ),
    (
        ErrorKind::UnknownEntitlement,
        "The system does not have the entitlement",
        "The configuration declares an entitlement that the system does not know under this name.",
        "Create it there, or correct its name in the system's file.",
    ),
    (
        ErrorKind::Invalid,
        "The system does not accept the value",
        "An attribute breaks a rule of the system: too long, another form, a reference to no account.",
        "The message holds the system's words. Correct the `[[attribute]]` that computes the value, or the source.",
    ),
    (
        ErrorKind::Throttled,
        "The system asks for fewer calls",
        "The task waits for as long as the system asked.",
        "If it is constant, lower `calls_per_second` in `[limits]` of the system's file: waiting beforehand is faster.",
    ),
    (
        ErrorKind::Unsupported,
        "The system cannot do this",
        "The operation does not exist in this system, or its settings switch it off.",
        "It becomes a manual task of the system's owner.",
    ),
    (
        ErrorKind::Configuration,
        "A setting of the system is wrong",
        "Something in the system's file does not fit what the system is or has.",
        "The message names the setting.",
    ),
    (
        ErrorKind::Protocol,
        "The system breaks its protocol",
        "It answered something that its own standard does not allow. Nothing is guessed from such an answer.",
        "Look at the message with the system's vendor. If the service speaks a known dialect, set `dialect` in its file.",
    ),
];
