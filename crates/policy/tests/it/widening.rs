//! Which changes of a configuration widen control, which narrow it, and which are data.

use super::folder::sample;
use tenure_policy::widening;

/// The sample with one text of one file replaced.
fn edited(files: &[(String, String)], path: &str, from: &str, to: &str) -> Vec<(String, String)> {
    let mut files = files.to_vec();
    let (_, text) = files.iter_mut().find(|(p, _)| p == path).unwrap_or_else(|| panic!("no {path}"));
    assert!(text.contains(from), "{path} has no {from:?}");
    *text = text.replacen(from, to, 1);
    files
}

fn small() -> Vec<(String, String)> {
    let files = [
        (
            "tenure.toml",
            "edition = 1\n[actors]\nola = \"1002\"\n[groups]\nsecurity = [\"1001\", \"1002\"]\nsales = [\"1003\"]\n\
             [governance]\nlast_resort = \"security\"\n[ledger]\ncheckpoints = \"c\"\n",
        ),
        (
            "sources/hr.toml",
            "edition = 1\npath = \"hr.csv\"\nmode = \"snapshot\"\nevery = \"1 day\"\nowner = \"1001\"\nengagement_types = [\"employee\"]\n[engagement]\nlast_day = \"last\"\nend = \"contract_end\"\n\
             [zone]\ndefault = \"Europe/Oslo\"\n[map]\nmanager = \"boss\"\ndepartment = \"dep\"\n[brake]\npercent = 5\ncount = 3\n[[correlate]]\nexact = \"worker_number\"\n",
        ),
        (
            "systems/git.toml",
            "edition = 1\nconnector = \"scim\"\nowner = \"1002\"\nmode = \"end_only\"\nprotected = [\"root\", \"admin\"]\n[connection]\nurl = \"u\"\ntoken = \"file:keys/t\"\n\
             [[match]]\nexact = \"worker_number\"\n[[entitlement]]\nname = \"developer\"\nowner = \"1001\"\nrisk = 20\n",
        ),
        (
            "policy/all.toml",
            "edition = 1\nowner = \"1001\"\n[attributes]\nmanager = { type = \"text\", reference = \"worker_number\" }\n\
             department = \"text\"\n[lifecycle]\nend_access = \"end of last day\"\nkeep_account = \"30 days\"\n[request]\nreview_risk = 40\nemergency_max = \"4 hours\"\n[[baseline]]\nname = \"b\"\nwhen = 'true'\n\
             grant = [\"git:developer\"]\n[[approval]]\nname = \"a\"\nwhen = 'true'\nby = [\"manager\"]\nneed = \"all\"\n\
             [[separation]]\nname = \"s\"\nnot_both = [\"git:developer\", \"git:admin\"]\n",
        ),
    ];
    files.iter().map(|(p, t)| ((*p).to_owned(), (*t).to_owned())).collect()
}

#[test]
fn each_widening_is_found_with_those_who_gain() {
    let active = small();
    for (path, from, to, key, named) in [
        ("tenure.toml", "[\"1001\", \"1002\"]", "[\"1001\", \"1002\", \"1004\"]", "groups.security", "1004"),
        ("tenure.toml", "[\"1003\"]", "[\"1003\", \"1004\"]", "groups.sales", "1004"),
        ("tenure.toml", "[\"1001\", \"1002\"]", "[\"1002\", \"1001\", \" 1001\"]", "", ""),
        (
            "tenure.toml",
            "ola = \"1002\"",
            "ola = \"1002\"\n\"uid:1004\" = \"1001\"",
            "actors.uid:1004",
            "1001",
        ),
        ("tenure.toml", "ola = \"1002\"", "ola = \"1004\"", "actors.ola", "1004"),
        (
            "tenure.toml",
            "last_resort = \"security\"",
            "last_resort = \"sales\"",
            "governance.last_resort",
            "sales",
        ),
        ("tenure.toml", "\"1001\", \"1002\"", "\"1001\"", "groups.security", ""),
        ("tenure.toml", "checkpoints = \"c\"", "checkpoints = \"d\"", "ledger.checkpoints", "d"),
        ("tenure.toml", "last_resort", "invented = \"1004\"\nlast_resort", "governance.invented", "1004"),
        ("sources/hr.toml", "percent = 5", "percent = 100", "brake.percent", ""),
        ("sources/hr.toml", "count = 3\n", "", "brake.count", ""),
        ("sources/hr.toml", "owner = \"1001\"", "owner = \"1004\"", "owner", "1004"),
        ("sources/hr.toml", "[\"employee\"]", "[\"employee\", \"guest\"]", "engagement_types", "guest"),
        ("sources/hr.toml", "manager = \"boss\"", "manager = { constant = \"1004\" }", "map.manager", "1004"),
        ("sources/hr.toml", "[[correlate]]\nexact = \"worker_number\"\n", "", "correlate", ""),
        ("sources/hr.toml", "exact = \"worker_number\"", "exact = \"email\"", "correlate", "email"),
        ("systems/git.toml", "[[match]]\nexact = \"worker_number\"\n", "", "match", ""),
        ("systems/git.toml", "[[match]]", "[[match]]\nexact = \"email\"\n[[match]]", "match", "email"),
        ("systems/git.toml", "[\"root\", \"admin\"]", "[\"root\"]", "protected", ""),
        ("systems/git.toml", "\"end_only\"", "\"observe\"", "mode", "observe"),
        ("systems/git.toml", "\"end_only\"", "\"add_only\"", "mode", "add_only"),
        ("systems/git.toml", "risk = 20", "risk = 10", "entitlement[developer].risk", ""),
        ("systems/git.toml", "\nowner = \"1001\"\nrisk", "\nrisk", "entitlement[developer].owner", ""),
        // The owner of a bundle is responsible for its contents, even if they have another owner: a new one waits. An addition is
        // asked about again.
        (
            "policy/all.toml",
            "[[baseline]]",
            "[[bundle]]\nname = \"e\"\nversion = 1\nowner = \"1004\"\nentitlements = [\"git:developer\"]\n[[baseline]]",
            "bundle[e].owner",
            "1004",
        ),
        // A person who declares a group of an existing system decides who grants it and what is asked.
        (
            "systems/git.toml",
            "risk = 20\n",
            "risk = 20\n[[entitlement]]\nname = \"domain-admins\"\nowner = \"1004\"\n",
            "entitlement[domain-admins].owner",
            "1004",
        ),
        (
            "systems/git.toml",
            "risk = 20\n",
            "risk = 20\n[[entitlement]]\nname = \"{x}\"\n",
            "entitlement[{x}].name",
            "",
        ),
        (
            "policy/all.toml",
            "by = [\"manager\"]",
            "by = [\"system_owner\"]",
            "approval[a].by",
            "system_owner",
        ),
        (
            "policy/all.toml",
            "[[approval]]\nname = \"a\"\nwhen = 'true'\nby = [\"manager\"]\nneed = \"all\"\n",
            "",
            "approval[a].when",
            "",
        ),
        ("policy/all.toml", "need = \"all\"", "need = \"any\"", "approval[a].need", "any"),
        (
            "policy/all.toml",
            "\"git:developer\", \"git:admin\"]",
            "\"git:developer\", \"git:other\"]",
            "separation[s].not_both",
            "git:other",
        ),
        ("policy/all.toml", "review_risk = 40", "review_risk = 60", "request.review_risk", ""),
        ("policy/all.toml", "\"4 hours\"", "\"7 hours\"", "request.emergency_max", "7 hours"),
        (
            "policy/all.toml",
            "reference = \"worker_number\"",
            "reference = \"name\"",
            "attributes.manager",
            "name",
        ),
        (
            "policy/all.toml",
            "[[baseline]]",
            "[[exception]]\nname = \"e\"\nperson = \"1004\"\ngrant = \"git:developer\"\n[[baseline]]",
            "exception",
            "1004",
        ),
        // Where it is read from, which secret goes where, when access ends and how that becomes known.
        ("sources/hr.toml", "\"snapshot\"", "\"delta\"", "mode", "delta"),
        ("sources/hr.toml", "every = \"1 day\"\n", "", "every", ""),
        ("sources/hr.toml", "\"1 day\"", "\"30 days\"", "every", "30 days"),
        ("sources/hr.toml", "end = \"contract_end\"\n", "", "engagement", ""),
        ("sources/hr.toml", "Europe/Oslo", "Pacific/Pago_Pago", "zone", "Pacific/Pago_Pago"),
        ("systems/git.toml", "\"scim\"", "\"manual\"", "connector", "manual"),
        ("systems/git.toml", "url = \"u\"", "url = \"v\"", "connection", "v"),
        ("systems/git.toml", "keys/t", "keys/other", "connection", "file:keys/other"),
        (
            "systems/git.toml",
            "[connection]\n",
            "[connection]\nactive = \"optional\"\n",
            "connection",
            "optional",
        ),
        (
            "systems/git.toml",
            "[connection]",
            "[activation]\nhow = \"manual\"\nto = \"manager\"\n[connection]",
            "activation",
            "manager",
        ),
        ("systems/git.toml", "[connection]", "delete = true\n[connection]", "delete", ""),
        ("policy/all.toml", "end of last day", "end of contract", "lifecycle.end_access", "end of contract"),
        ("policy/all.toml", "\"30 days\"", "\"0 days\"", "lifecycle.keep_account", "0 days"),
        (
            "policy/all.toml",
            "[request]",
            "short_gap = \"300 days\"\n[request]",
            "lifecycle.short_gap",
            "300 days",
        ),
        (
            "policy/all.toml",
            "[request]",
            "[[handover]]\nname = \"h\"\nkeep = [\"git:*\"]\n[request]",
            "handover",
            "git:*",
        ),
    ] {
        let found = widening(&active, &edited(&active, path, from, to));
        if key.is_empty() {
            assert!(found.keys.is_empty(), "{path}: {to}: {found:#?}");
            continue;
        }
        assert!(found.keys.iter().any(|k| k.key.contains(key)), "{path}: {to}: {found:#?}");
        assert!(named.is_empty() || found.named.contains(named), "{path}: {to}: {found:#?}");
    }
}

#[test]
fn what_narrows_and_what_is_data_acts_at_once() {
    let active = small();
    for (path, from, to) in [
        ("tenure.toml", "sales = [\"1003\"]", "sales = []"),
        ("sources/hr.toml", "percent = 5", "percent = 3"),
        ("sources/hr.toml", "department = \"dep\"", "department = \"unit\""),
        ("sources/hr.toml", "department = \"dep\"", "department = { column = \"unit\", blank = \"value\" }"),
        ("sources/hr.toml", "department = \"dep\"\n", ""),
        ("sources/hr.toml", "department = \"dep\"", "department = \"dep\"\ntitle = { constant = \"x\" }"),
        ("sources/hr.toml", "[engagement]", "[engagement]\ngone = 'row.left == \"yes\"'"),
        (
            "sources/hr.toml",
            "[[correlate]]",
            "[[correlate]]\nfuzzy = { name = 100 }\nask_from = 80\n[[correlate]]",
        ),
        ("policy/all.toml", "department = \"text\"", "department = { type = \"text\", moves = true }"),
        (
            "policy/all.toml",
            "department = \"text\"",
            "department = \"text\"\nowner = { type = \"text\", reference = \"worker_number\" }",
        ),
        ("systems/git.toml", "\"end_only\"", "\"enforce\""),
        ("systems/git.toml", "[\"root\", \"admin\"]", "[\"root\", \"admin\", \"guard\"]"),
        ("systems/git.toml", "risk = 20", "risk = 30"),
        ("sources/hr.toml", "\"1 day\"", "\"12 hours\""),
        ("policy/all.toml", "\"30 days\"", "\"60 days\""),
        ("policy/all.toml", "[request]", "short_gap = \"1 day\"\n[request]"),
        ("policy/all.toml", "review_risk = 40", "review_risk = 20"),
        ("policy/all.toml", "\"4 hours\"", "\"1 hour\""),
        ("policy/all.toml", "grant = [\"git:developer\"]", "grant = [\"git:reader\"]"),
        (
            "policy/all.toml",
            "[[separation]]",
            "[[approval]]\nname = \"new\"\nwhen = 'true'\nby = [\"manager\"]\n[[separation]]",
        ),
    ] {
        let found = widening(&active, &edited(&active, path, from, to));
        assert!(found.keys.is_empty(), "{path}: {to}: {found:#?}");
    }
    // A rule that moves to another file is the same rule.
    let mut moved = active.clone();
    let (_, text) = moved.iter_mut().find(|(p, _)| p == "policy/all.toml").unwrap();
    let at = text.find("[[separation]]").unwrap();
    let rest = text.split_off(at);
    moved.push(("policy/apart.toml".to_owned(), format!("edition = 1\n{rest}")));
    assert!(widening(&active, &moved).keys.is_empty());
    // A new system has no owner who could lose it; a new source makes statements about people.
    let mut more = active.clone();
    more.push((
        "systems/vpn.toml".to_owned(),
        "edition = 1\nowner = \"1004\"\nmode = \"observe\"\n".to_owned(),
    ));
    assert!(widening(&active, &more).keys.is_empty());
    // But it must not be a system that a secret is sent to.
    let mut sends = active.clone();
    let connection = "edition = 1\nowner = \"1004\"\n[connection]\nurl = \"w\"\ntoken = \"file:keys/t\"\n";
    sends.push(("systems/vpn.toml".to_owned(), connection.to_owned()));
    assert!(!widening(&active, &sends).keys.is_empty());
    more.push(("sources/own.toml".to_owned(), "edition = 1\nowner = \"1004\"\nkey = \"n\"\n".to_owned()));
    assert!(!widening(&active, &more).keys.is_empty());
}

#[test]
fn the_same_files_widen_nothing() {
    let (files, mut turned) = (sample(), sample());
    turned.reverse();
    assert!(widening(&files, &turned).keys.is_empty());
    assert!(!widening(&files, &[]).keys.is_empty());
    let custody = |keys: &str| {
        edited(&small(), "policy/all.toml", "[request]", &format!("[custody]\n{keys}\n[request]"))
    };
    let former = custody("longest = \"400 days\"\nendless = true\nsilence = \"20 days\"");
    let now = custody("max_expiry = \"400 days\"\nallow_no_expiry = true\nownerless_grace = \"20 days\"");
    assert!(widening(&former, &now).keys.is_empty(), "a key under its new name is no change");
    let keys = widening(&small(), &former).keys;
    let keys: Vec<&str> =
        keys.iter().filter_map(|k| k.key.rsplit_once("custody.").map(|(_, key)| key)).collect();
    assert_eq!(keys, ["allow_no_expiry", "max_expiry", "ownerless_grace"]);
}

/// The small configuration with two additional rows: a department whose change is a move, and one that a rule reads.
fn read_by_rules() -> Vec<(String, String)> {
    let moves = edited(
        &small(),
        "policy/all.toml",
        "department = \"text\"",
        "department = { type = \"text\", moves = true }\nclearance = \"text\"\nphone = \"text\"",
    );
    let asks = edited(
        &moves,
        "policy/all.toml",
        "name = \"a\"\nwhen = 'true'",
        "name = \"a\"\nwhen = 'clearance != \"high\"'",
    );
    edited(&asks, "sources/hr.toml", "department = \"dep\"", "department = \"dep\"\nphone = \"phone\"")
}

#[test]
fn what_keeps_others_from_acting_waits() {
    let active = edited(
        &small(),
        "tenure.toml",
        "sales =",
        "lab = [\"1003\", \"1005\"]\non-call = [\"1003\", \"1005\"]\nsales =",
    );
    let active = edited(&active, "systems/git.toml", "owner = \"1002\"", "owner = \"group:lab\"");
    for (from, to, key) in [
        // A login of any person.
        ("ola = \"1002\"\n", "", "actors.ola"),
        // A member of the escalation group, of a group that may cut off, and of a group that owns a system.
        ("[\"1001\", \"1002\"]", "[\"1001\"]", "groups.security"),
        ("on-call = [\"1003\", \"1005\"]", "on-call = [\"1003\"]", "groups.on-call"),
        ("lab = [\"1003\", \"1005\"]", "lab = [\"1003\"]", "groups.lab"),
        // Those who may cut off, and those who run passes.
        ("[ledger]", "cut_off_by = [\"1004\"]\n[ledger]", "governance.cut_off_by"),
        ("[ledger]", "operators = \"1004\"\n[ledger]", "governance.operators"),
        ("[ledger]", "lift_by = \"1004\"\n[ledger]", "governance.lift_by"),
    ] {
        let found = widening(&active, &edited(&active, "tenure.toml", from, to));
        assert!(found.keys.iter().any(|k| k.key.contains(key)), "{from} -> {to}: {found:#?}");
    }
    let fewer = |governance: &str| {
        let named = edited(&active, "tenure.toml", "[ledger]", &format!("{governance}\n[ledger]"));
        widening(&named, &edited(&named, "tenure.toml", "sales = [\"1003\"]", "sales = []"))
    };
    for named in [
        "cut_off_by = [\"group:sales\"]",
        "operators = \"group:sales\"",
        "lift_by = { hr = \"group:sales\" }",
    ] {
        assert!(!fewer(named).keys.is_empty(), "{named}");
    }
    // A group whose members have none of these roles loses a member at once; the same for the default cut-off group if others are
    // named.
    assert!(fewer("auditors = \"group:sales\"").keys.is_empty());
    let named = edited(&active, "tenure.toml", "[ledger]", "cut_off_by = [\"group:security\"]\n[ledger]");
    let found = widening(
        &named,
        &edited(&named, "tenure.toml", "on-call = [\"1003\", \"1005\"]", "on-call = [\"1003\"]"),
    );
    assert!(found.keys.is_empty(), "{found:#?}");
}

#[test]
fn how_ends_are_learnt_waits() {
    let active = edited(
        &small(),
        "sources/hr.toml",
        "[engagement]\n",
        "[engagement]\ntype = \"type\"\nstart = \"start\"\nwithdrawn = 'row.status == \"void\"'\ngone = 'row.status == \"left\"'\n\
         absence_from = \"from\"\nabsence_until = \"until\"\n",
    );
    let pinned = "last_day = { cel = 'row.number == \"1005\" ? \"\" : row.last' }";
    for (from, to, key) in [
        ("last_day = \"last\"", pinned, "engagement.last_day"),
        ("last_day = \"last\"", "last_day = \"born\"", "engagement.last_day"),
        ("last_day = \"last\"\n", "", "engagement.last_day"),
        ("end = \"contract_end\"", "end = { constant = \"2066-01-01\" }", "engagement.end"),
        ("type = \"type\"", "type = { constant = \"employee\" }", "engagement.type"),
        ("start = \"start\"", "start = \"born\"", "engagement.start"),
        ("start = \"start\"\n", "", "engagement.start"),
        ("'row.status == \"void\"'", "'false'", "engagement.withdrawn"),
        ("'row.status == \"left\"'", "'false'", "engagement.gone"),
        ("absence_from = \"from\"", "absence_from = \"born\"", "engagement.absence_from"),
        ("absence_until = \"until\"", "absence_until = \"born\"", "engagement.absence_until"),
        ("default = \"Europe/Oslo\"", "default = \"Europe/Oslo\"\ncolumn = \"zone\"", "zone.column"),
        ("mode = ", "dates = \"mm/dd/yyyy\"\nmode = ", "dates"),
        ("mode = ", "delimiter = \";\"\nmode = ", "delimiter"),
        ("mode = ", "encoding = \"utf-16\"\nmode = ", "encoding"),
        ("mode = ", "extracted = \"born\"\nmode = ", "extracted"),
        ("[\"employee\"]", "[\"guest\"]", "engagement_types"),
        ("[brake]", "[keys]\nworker_number = { constant = \"1001\" }\n[brake]", "keys.worker_number"),
    ] {
        let found = widening(&active, &edited(&active, "sources/hr.toml", from, to));
        assert!(found.keys.iter().any(|k| k.key.contains(key)), "{from} -> {to}: {found:#?}");
    }
}

#[test]
fn what_lets_a_value_stay_or_a_rule_not_ask_waits() {
    let active = read_by_rules();
    for (path, from, to, waits) in [
        // Whether a request is reviewed after a move.
        ("policy/all.toml", "moves = true", "moves = false", true),
        ("policy/all.toml", "{ type = \"text\", moves = true }", "\"text\"", true),
        ("sources/hr.toml", "department = \"dep\"", "department = \"unit\"", true),
        ("sources/hr.toml", "department = \"dep\"\n", "", true),
        // Whether a rule asks.
        ("sources/hr.toml", "phone = \"phone\"", "phone = \"phone\"\nclearance = \"level\"", true),
        // Whether a value may stay unchanged.
        ("sources/hr.toml", "phone = \"phone\"", "phone = { column = \"phone\", blank = \"keep\" }", true),
        ("sources/hr.toml", "phone = \"phone\"", "phone = { constant = \"1\" }", true),
        (
            "sources/hr.toml",
            "phone = \"phone\"",
            "phone = { cel = 'row.phone == \"\" ? \"1\" : row.phone' }",
            true,
        ),
        (
            "sources/hr.toml",
            "phone = \"phone\"",
            "phone = { column = \"phone\", effective = \"born\" }",
            true,
        ),
        ("sources/hr.toml", "phone = \"phone\"", "phone = { column = \"tel\" }", false),
        ("policy/all.toml", "phone = \"text\"", "phone = { type = \"text\", moves = true }", false),
        ("policy/all.toml", "phone = \"text\"", "phone = \"int\"", false),
    ] {
        let found = widening(&active, &edited(&active, path, from, to));
        assert_eq!(!found.keys.is_empty(), waits, "{from} -> {to}: {found:#?}");
    }
}
