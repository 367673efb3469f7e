-- The first schema. Ids are 16 bytes (BLOB), instants are microseconds since 1970 (INTEGER), words are those of the
-- model (TEXT), payloads are versioned JSON (tenure_store::codec). Rows of more than a few hundred bytes have a narrow
-- table for looking up and a body table that is only appended to: a scan of the narrow one stays cheap.

-- Identities ------------------------------------------------------------------------------------------------------

CREATE TABLE identity (
  id      BLOB NOT NULL PRIMARY KEY,
  version INTEGER NOT NULL,
  phase   TEXT NOT NULL,
  next    INTEGER,
  kind    TEXT NOT NULL,
  title   TEXT NOT NULL,
  folded  TEXT NOT NULL,
  search  TEXT NOT NULL,
  body    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX identity_due ON identity (next) WHERE next IS NOT NULL;

-- `beside` and `classes` repeat what identity_key, identity_read and identity_class say of the identity, so that
-- those need no second index for replacing their rows, and are not touched when nothing changed.
CREATE TABLE identity_body (
  number     INTEGER PRIMARY KEY,
  body       BLOB NOT NULL,
  beside     BLOB NOT NULL,
  classes    BLOB NOT NULL,
  person_key BLOB
) STRICT;

CREATE TABLE identity_key (
  kind     TEXT NOT NULL,
  value    TEXT NOT NULL,
  identity BLOB NOT NULL,
  PRIMARY KEY (kind, value, identity)
) STRICT, WITHOUT ROWID;

CREATE TABLE identity_read (
  read     BLOB NOT NULL,
  identity BLOB NOT NULL,
  PRIMARY KEY (read, identity)
) STRICT, WITHOUT ROWID;

CREATE TABLE class (
  id  INTEGER PRIMARY KEY,
  key BLOB NOT NULL UNIQUE
) STRICT;

CREATE TABLE identity_class (
  class      INTEGER NOT NULL REFERENCES class (id),
  identity   BLOB NOT NULL,
  engagement BLOB NOT NULL,
  PRIMARY KEY (class, identity, engagement)
) STRICT, WITHOUT ROWID;

-- A name is not issued twice. Erasure alone deletes from here: it leaves a mark of each name in identity_key.
CREATE TABLE identifier (
  name     TEXT NOT NULL,
  folded   TEXT NOT NULL,
  value    TEXT NOT NULL,
  identity BLOB NOT NULL,
  PRIMARY KEY (name, folded)
) STRICT, WITHOUT ROWID;
-- What is decided about an identity has the names that were issued to it.
CREATE INDEX identifier_of_identity ON identifier (identity, name, folded, value);

-- Records ---------------------------------------------------------------------------------------------------------

-- A record has a body only while it says something that no identity says yet, as most never do.
CREATE TABLE record (
  source   TEXT NOT NULL,
  key      TEXT NOT NULL,
  identity BLOB,
  state    TEXT NOT NULL,
  digest   BLOB NOT NULL,
  run      BLOB NOT NULL,
  body     INTEGER,
  PRIMARY KEY (source, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX record_of_identity ON record (identity) WHERE identity IS NOT NULL;

CREATE TABLE record_body (
  number  INTEGER PRIMARY KEY,
  waiting BLOB
) STRICT;

CREATE TABLE quarantine (
  source TEXT NOT NULL,
  key    TEXT NOT NULL,
  nth    INTEGER NOT NULL,
  code   TEXT NOT NULL,
  place  TEXT NOT NULL,
  value  TEXT NOT NULL,
  reason TEXT NOT NULL,
  since  INTEGER NOT NULL,
  urgent INTEGER NOT NULL,
  run    BLOB NOT NULL,
  PRIMARY KEY (source, key, nth)
) STRICT, WITHOUT ROWID;

CREATE TABLE feed_run (
  id          BLOB NOT NULL PRIMARY KEY,
  source      TEXT NOT NULL,
  at          INTEGER NOT NULL,
  digest      BLOB NOT NULL,
  extracted   INTEGER,
  rows        INTEGER NOT NULL,
  changed     INTEGER NOT NULL,
  quarantined INTEGER NOT NULL,
  missing     INTEGER NOT NULL,
  result      BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX feed_run_of_source ON feed_run (source, at);

-- Access ----------------------------------------------------------------------------------------------------------

CREATE TABLE account (
  identity   BLOB NOT NULL,
  system     TEXT NOT NULL,
  kind       TEXT NOT NULL,
  generation INTEGER NOT NULL,
  confirmed  INTEGER NOT NULL,
  state      TEXT NOT NULL,
  external_id     TEXT,
  target     BLOB NOT NULL,
  observed   BLOB NOT NULL,
  PRIMARY KEY (identity, system, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX account_of_system ON account (system, identity, state);
-- Accounts that are not seen as decided: each has a task.
CREATE INDEX account_open ON account (identity, system, kind) WHERE confirmed <> generation;
-- No two accounts are one in the system.
CREATE UNIQUE INDEX account_native ON account (system, external_id) WHERE external_id IS NOT NULL;

CREATE TABLE "grant" (
  identity       BLOB NOT NULL,
  system         TEXT NOT NULL,
  kind           TEXT NOT NULL,
  entitlement    TEXT NOT NULL,
  holding        TEXT NOT NULL,
  justifications BLOB NOT NULL,
  PRIMARY KEY (identity, system, kind, entitlement)
) STRICT, WITHOUT ROWID;

-- `state` is ready, leased, needs_person or done. A task that waits keeps its place: `not_before` is its age.
CREATE TABLE task (
  id         BLOB NOT NULL PRIMARY KEY,
  identity   BLOB NOT NULL,
  system     TEXT NOT NULL,
  kind       TEXT NOT NULL,
  work       TEXT NOT NULL,
  generation INTEGER NOT NULL,
  urgency    INTEGER NOT NULL,
  attempts   INTEGER NOT NULL,
  state      TEXT NOT NULL,
  not_before INTEGER NOT NULL,
  owner      TEXT,
  until      INTEGER,
  why        TEXT,
  uncertain_creates     INTEGER NOT NULL,
  contradictions INTEGER NOT NULL,
  brake_passed    INTEGER NOT NULL,
  failed     TEXT
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX task_open ON task (identity, system, kind, work) WHERE state <> 'done';
CREATE INDEX task_ready ON task (system, urgency, not_before) WHERE state = 'ready';
CREATE INDEX task_leased ON task (system, until) WHERE state = 'leased';
CREATE INDEX task_braked ON task (system, identity) WHERE brake_passed = 0 AND state <> 'done';

-- A fact about no account has the system ''.
CREATE TABLE fact (
  identity   BLOB NOT NULL,
  system     TEXT NOT NULL,
  kind       TEXT NOT NULL,
  obligation TEXT NOT NULL,
  generation INTEGER NOT NULL,
  case_id    BLOB NOT NULL,
  state      TEXT NOT NULL,
  body       BLOB NOT NULL,
  PRIMARY KEY (identity, system, kind, obligation)
) STRICT, WITHOUT ROWID;
CREATE INDEX fact_owed ON fact (identity, obligation) WHERE system = '' AND state IN ('unknown', 'claimed');

CREATE INDEX fact_accepted ON fact (identity, system, kind, obligation) WHERE state = 'accepted';

CREATE TABLE lifecycle_case (
  identity     BLOB NOT NULL,
  id           BLOB NOT NULL UNIQUE,
  label        TEXT NOT NULL,
  state        TEXT NOT NULL,
  effective_at INTEGER NOT NULL,
  known_at     INTEGER NOT NULL,
  decided_at   INTEGER NOT NULL,
  confirmed_at INTEGER,
  PRIMARY KEY (identity, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX case_open ON lifecycle_case (identity) WHERE state = 'open';
CREATE INDEX case_decided ON lifecycle_case (decided_at, id, label);
-- Open cases, newest first.
CREATE INDEX case_open_decided ON lifecycle_case (decided_at, id) WHERE state = 'open';

-- What waits for people -------------------------------------------------------------------------------------------

CREATE TABLE approval (
  id       BLOB NOT NULL PRIMARY KEY,
  identity BLOB NOT NULL,
  asked_at INTEGER NOT NULL,
  deadline INTEGER,
  revision INTEGER NOT NULL,
  body     BLOB NOT NULL
) STRICT;
CREATE INDEX approval_pending ON approval (identity) WHERE deadline IS NOT NULL;
CREATE INDEX approval_of_identity ON approval (identity, id);
CREATE INDEX approval_due ON approval (deadline, asked_at, id) WHERE deadline IS NOT NULL;

-- Who may answer a pending request.
CREATE TABLE approval_approver (
  approver BLOB NOT NULL,
  approval BLOB NOT NULL,
  PRIMARY KEY (approver, approval)
) STRICT, WITHOUT ROWID;
CREATE INDEX approval_approver_of ON approval_approver (approval);

-- An order that ended is kept for its evidence; the index is of those in force.
CREATE TABLE cut_off_order (
  id       BLOB NOT NULL PRIMARY KEY,
  ended_at INTEGER,
  body     BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX cut_off_order_open ON cut_off_order (id) WHERE ended_at IS NULL;

CREATE TABLE finding (
  id       BLOB NOT NULL PRIMARY KEY,
  identity BLOB,
  system   TEXT,
  kind     TEXT NOT NULL,
  about    TEXT NOT NULL,
  detail   BLOB NOT NULL,
  since    INTEGER NOT NULL,
  owner    TEXT,
  deadline INTEGER,
  -- The deadline, stated or by its kind.
  due      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX finding_due ON finding (due, id);
CREATE INDEX finding_of_identity ON finding (identity) WHERE identity IS NOT NULL;
CREATE INDEX finding_of_the_whole ON finding (since) WHERE identity IS NULL AND system IS NULL;

CREATE TABLE acknowledgement (
  id       BLOB NOT NULL PRIMARY KEY,
  about    BLOB,
  cause    BLOB NOT NULL,
  by       BLOB NOT NULL,
  at       INTEGER NOT NULL,
  until    INTEGER NOT NULL,
  reason   TEXT NOT NULL,
  revision INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE held_change (
  id       BLOB NOT NULL PRIMARY KEY,
  scope    TEXT NOT NULL,
  reason   TEXT NOT NULL,
  owner    TEXT NOT NULL,
  since    INTEGER NOT NULL,
  deadline INTEGER NOT NULL,
  ended_at INTEGER,
  ended_by TEXT,
  people   BLOB NOT NULL,
  revision INTEGER NOT NULL
) STRICT;
CREATE INDEX held_change_open ON held_change (since) WHERE ended_at IS NULL;

CREATE TABLE correlation (
  id          BLOB NOT NULL PRIMARY KEY,
  source      TEXT NOT NULL,
  key         TEXT NOT NULL,
  reason      BLOB NOT NULL,
  candidates  BLOB NOT NULL,
  since       INTEGER NOT NULL,
  answered_at INTEGER,
  answered_by BLOB,
  answer      BLOB,
  revision    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX correlation_open ON correlation (since) WHERE answered_at IS NULL;

CREATE TABLE unlinked (
  system       TEXT NOT NULL,
  external_id       TEXT NOT NULL,
  name         TEXT NOT NULL,
  enabled      INTEGER NOT NULL,
  entitlements BLOB NOT NULL,
  class        TEXT NOT NULL,
  owner        TEXT NOT NULL,
  kind         TEXT NOT NULL,
  candidates   BLOB NOT NULL,
  asked        INTEGER NOT NULL,
  said_at      INTEGER,
  said_by      BLOB,
  seen         INTEGER NOT NULL,
  PRIMARY KEY (system, external_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX unlinked_asked ON unlinked (system) WHERE asked = 1;

-- Names of entitlements are whole: `system:name`.
CREATE TABLE containment (
  system TEXT NOT NULL,
  outer  TEXT NOT NULL,
  inner  TEXT NOT NULL,
  since  INTEGER NOT NULL,
  seen   INTEGER NOT NULL,
  PRIMARY KEY (system, outer, inner)
) STRICT, WITHOUT ROWID;

CREATE TABLE loss (
  scope    TEXT NOT NULL,
  at       INTEGER NOT NULL,
  identity BLOB NOT NULL,
  PRIMARY KEY (scope, at, identity)
) STRICT, WITHOUT ROWID;

-- The organisation ------------------------------------------------------------------------------------------------

CREATE TABLE set_up (
  hash     TEXT NOT NULL PRIMARY KEY,
  files    BLOB NOT NULL,
  at       INTEGER NOT NULL,
  by       TEXT NOT NULL,
  active   INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX set_up_active ON set_up (active) WHERE active = 1;

CREATE TABLE lease (
  name  TEXT NOT NULL PRIMARY KEY,
  owner TEXT NOT NULL,
  until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE note (
  name  TEXT NOT NULL PRIMARY KEY,
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- `jumped_from` is the instant before a jump of the clock, until a person says that the clock is right.
CREATE TABLE business_time (
  one         INTEGER PRIMARY KEY CHECK (one = 1),
  at          INTEGER NOT NULL,
  jumped_from INTEGER
) STRICT;

-- The ledger ------------------------------------------------------------------------------------------------------

CREATE TABLE leaf (
  number   INTEGER PRIMARY KEY,
  hash     BLOB NOT NULL,
  entry    BLOB NOT NULL,
  inner    BLOB NOT NULL,
  links    BLOB NOT NULL,
  stamp    BLOB NOT NULL,
  identity BLOB,
  opening  BLOB
) STRICT;

-- What the entries say last of each subject: how many are of it, which is the last, and what it left decided. The last
-- one is where a reader begins, who then follows the entries back; an examination of the ledger reads them all.
CREATE TABLE evidenced (
  subject BLOB NOT NULL PRIMARY KEY,
  entries INTEGER NOT NULL,
  last    INTEGER,
  state   BLOB
) STRICT, WITHOUT ROWID;

CREATE TABLE tile (
  level  INTEGER NOT NULL,
  number INTEGER NOT NULL,
  hashes BLOB NOT NULL,
  PRIMARY KEY (level, number)
) STRICT;

CREATE TABLE checkpoint (
  size INTEGER PRIMARY KEY,
  text TEXT NOT NULL
) STRICT;
