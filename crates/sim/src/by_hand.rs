//! Changes by an administrator in a real directory: events as LDIF (RFC 2849).

use crate::book::Event;
use std::fmt::Write as _;
use tenure_testkit::peer::Slapd;

/// The attribute that is no attribute of an entry: where it is.
pub(crate) const CONTAINER: &str = "container";

/// What the server writes for an account that only an administrator unlocks.
const LOCKED: &str = "000001010000Z";

/// The changes of an event.
pub(crate) fn ldif(slapd: &Slapd, event: &Event) -> Result<String, String> {
    let mut text = String::new();
    if let Some(place) = &event.container {
        let ou = place.split(',').next().and_then(|first| first.strip_prefix("ou="));
        let ou = ou.ok_or_else(|| format!("`{place}` is no container such as ou=sales"))?;
        let base = &slapd.base_dn;
        write!(
            text,
            "dn: {place},ou=people,{base}\nchangetype: add\nobjectClass: organizationalUnit\nou: {ou}\n\n"
        )
        .unwrap();
    }
    if let Some(name) = &event.add {
        add(&person(slapd, name), name, event, &mut text);
    }
    if let Some(name) = &event.remove {
        write!(text, "dn: {}\nchangetype: delete\n\n", person(slapd, name)).unwrap();
    }
    let nesting = event.into.as_ref().map(|o| (o, "add")).or(event.out_of.as_ref().map(|o| (o, "delete")));
    if let (Some(inner), Some((outer, how))) = (&event.nest, nesting) {
        let group = |name: &str| format!("cn={name},ou=groups,{}", slapd.base_dn);
        let (inner, outer) = (group(inner), group(outer));
        write!(text, "dn: {outer}\nchangetype: modify\n{how}: member\nmember: {inner}\n\n").unwrap();
    }
    if let Some(name) = &event.edit {
        edit(&person(slapd, name), event, &mut text);
    }
    if let Some(name) = &event.rotate {
        let dn = person(slapd, name);
        write!(
            text,
            "dn: {dn}\nchangetype: modify\nreplace: userPassword\nuserPassword: made by hand 0123\n\n"
        )
        .unwrap();
    }
    if let Some(name) = event.edit.as_ref().or(event.add.as_ref()) {
        groups(slapd, &person(slapd, name), event, &mut text)?;
    }
    if let (Some(name), Some(other)) = (&event.edit, &event.call) {
        let dn = person(slapd, name);
        write!(text, "dn: {dn}\nchangetype: modrdn\nnewrdn: uid={other}\ndeleteoldrdn: 1\n\n").unwrap();
    }
    if let (Some(name), Some(place)) = (&event.edit, event.set.get(CONTAINER)) {
        let (dn, base) = (person(slapd, name), &slapd.base_dn);
        let place = format!("{place},ou=people,{base}");
        write!(
            text,
            "dn: {dn}\nchangetype: modrdn\nnewrdn: uid={name}\ndeleteoldrdn: 1\nnewsuperior: {place}\n\n"
        )
        .unwrap();
    }
    Ok(text)
}

/// What the directory's administrator sets so that it refuses an operation to Tenure's account, or breaks a scan off.
pub(crate) fn rules(slapd: &Slapd, event: &Event) -> Result<String, String> {
    let (base, us) = (&slapd.base_dn, &slapd.service_dn);
    let mut rules = String::new();
    if let Some(n) = event.limit_scan {
        writeln!(rules, "limits dn.exact=\"{us}\" size=500 size.pr=unlimited size.prtotal={n}").unwrap();
    }
    if let Some(operation) = &event.fail {
        let what = match operation.as_str() {
            "enable" | "disable" => format!("dn.subtree=\"ou=people,{base}\" attrs=pwdAccountLockedTime"),
            "create" | "delete" => format!("dn.base=\"ou=people,{base}\" attrs=children"),
            "grant" | "revoke" => format!("dn.subtree=\"ou=groups,{base}\" attrs=member"),
            "set-password" => format!("dn.subtree=\"ou=people,{base}\" attrs=userPassword"),
            other => return Err(format!("no rule of a directory refuses `{other}` alone")),
        };
        writeln!(rules, "access to {what} by dn.exact=\"{us}\" read by anonymous auth by * none").unwrap();
    }
    Ok(rules)
}

/// The DN of a person, wherever below `ou=people` it is; where there is no entry, the DN that it would have.
pub(crate) fn person(slapd: &Slapd, name: &str) -> String {
    let people = format!("ou=people,{}", slapd.base_dn);
    let found = slapd.search_below(&people, "sub", &format!("(uid={name})"), &["uid"]).unwrap_or_default();
    let dn = found.first().and_then(|entry| entry.get("dn")?.first().cloned());
    dn.unwrap_or_else(|| format!("uid={name},{people}"))
}

fn add(dn: &str, name: &str, event: &Event, text: &mut String) {
    let given = |key: &str| event.set.get(key).map_or(name, String::as_str);
    let (cn, sn) = (given("cn"), given("sn"));
    write!(text, "dn: {dn}\nchangetype: add\nobjectClass: inetOrgPerson\nuid: {name}\ncn: {cn}\nsn: {sn}\n")
        .unwrap();
    for (key, value) in event.set.iter().filter(|(key, _)| !["cn", "sn"].contains(&key.as_str())) {
        writeln!(text, "{key}: {value}").unwrap();
    }
    if event.enabled == Some(false) {
        writeln!(text, "pwdAccountLockedTime: {LOCKED}").unwrap();
    }
    text.push('\n');
}

fn edit(dn: &str, event: &Event, text: &mut String) {
    let modify = |text: &mut String, what: &str| {
        write!(text, "dn: {dn}\nchangetype: modify\n{what}\n\n").unwrap();
    };
    for (key, value) in event.set.iter().filter(|(key, _)| *key != CONTAINER) {
        modify(text, &format!("replace: {key}\n{key}: {value}"));
    }
    for key in &event.unset {
        modify(text, &format!("delete: {key}"));
    }
    match event.enabled {
        Some(true) => modify(text, "delete: pwdAccountLockedTime"),
        Some(false) => {
            modify(text, &format!("replace: pwdAccountLockedTime\npwdAccountLockedTime: {LOCKED}"))
        }
        None => {}
    }
}

fn groups(slapd: &Slapd, member: &str, event: &Event, text: &mut String) -> Result<(), String> {
    for group in &event.hold {
        let dn = format!("cn={group},ou=groups,{}", slapd.base_dn);
        let how = match slapd.entry(&dn).map_err(|e| e.to_string())? {
            Some(_) => "changetype: modify\nadd: member".to_owned(),
            None => format!("changetype: add\nobjectClass: groupOfNames\ncn: {group}"),
        };
        write!(text, "dn: {dn}\n{how}\nmember: {member}\n\n").unwrap();
    }
    for group in &event.drop {
        let dn = format!("cn={group},ou=groups,{}", slapd.base_dn);
        write!(text, "dn: {dn}\nchangetype: modify\ndelete: member\nmember: {member}\n\n").unwrap();
    }
    Ok(())
}
