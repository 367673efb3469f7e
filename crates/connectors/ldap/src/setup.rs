//! The `[connection]` table of an LDAP system, validated: everything that can be checked without the directory.

use crate::declared::SETTINGS;
use crate::dn;
use crate::lock::Disable;
use crate::tls;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tenure_connect::{AttributeSpec, Secret, SettingError, Settings};
use tenure_model::{Kind, Name as _, ValueType};

/// Maximum number of accounts on one page of a scan.
const PAGE_MAX: u32 = 10_000;
/// Maximum time of one call, in seconds.
const TIMEOUT_SECONDS_MAX: u32 = 600;
/// Maximum declared delay of a replica, in seconds.
const PROPAGATION_SECONDS_MAX: u32 = 86_400;
/// Attributes that the directory or this connector manages: they cannot be mapped.
const NOT_MAPPABLE: [&str; 7] =
    ["objectclass", "userpassword", "pwdaccountlockedtime", "memberof", "entryuuid", "entrycsn", "member"];
/// The attribute of an account that is not an attribute of its entry: the container in which the entry is, below its base.
pub(crate) const CONTAINER: &str = "container";
/// How Tenure logs in.
#[derive(Debug, Clone)]
pub(crate) enum Login {
    /// A name and a password.
    Simple { dn: Arc<str>, password: Secret },
    /// Over a Unix socket, the operating system identifies the client (SASL EXTERNAL).
    External,
}

/// The place and form of groups.
#[derive(Debug, Clone)]
pub(crate) struct Groups {
    pub(crate) base: Arc<str>,
    pub(crate) class: Arc<str>,
    pub(crate) name: Arc<str>,
    pub(crate) member: Arc<str>,
    /// Member of a group that would otherwise have none, which its class forbids. Never shown, and never removed again: removing it
    /// would race with the removal of the next last member.
    pub(crate) placeholder: Arc<str>,
    pub(crate) create: bool,
}

/// The place of the accounts of one kind.
#[derive(Debug, Clone)]
pub(crate) struct Base {
    pub(crate) kind: Kind,
    pub(crate) dn: Arc<str>,
    pub(crate) key: String,
}

/// The checked settings.
#[derive(Clone)]
pub(crate) struct Setup {
    pub(crate) url: Arc<str>,
    pub(crate) starttls: bool,
    pub(crate) tls: Option<Arc<rustls::ClientConfig>>,
    pub(crate) login: Login,
    /// The default kind first.
    pub(crate) bases: Vec<Base>,
    /// The first one is used to search accounts.
    pub(crate) classes: Vec<Arc<str>>,
    pub(crate) name: Arc<str>,
    pub(crate) rdn: Arc<str>,
    pub(crate) groups: Option<Groups>,
    pub(crate) disable: Disable,
    /// The default password policy, if several make it unclear which one applies.
    pub(crate) policy: Option<Arc<str>>,
    /// Where an account is searched by external id; the directory's own root if not set.
    pub(crate) search_base: Option<Arc<str>>,
    /// Entries on one page.
    pub(crate) page: i32,
    /// Lower-case names that are never written.
    pub(crate) protected: BTreeSet<String>,
    /// The attributes written and read, except the container.
    pub(crate) attributes: Vec<AttributeSpec>,
    /// The attribute that states in which container below its base an account is, if one is declared.
    pub(crate) container: Option<AttributeSpec>,
    /// The limit of every call.
    pub(crate) limit: Duration,
    /// Maximum delay of replicas, in seconds.
    pub(crate) propagation_seconds: u32,
    /// Whether parts on other servers (referrals) belong to the system: then what is not found may be there.
    pub(crate) referrals_matter: bool,
}

impl Setup {
    /// Validates the settings. Reads the file that `ca` names, nothing else.
    pub(crate) fn read(settings: &Settings) -> Result<Self, SettingError> {
        let url = settings.text("url")?;
        let local = is_local(&url).ok_or_else(|| {
            settings.wrong("url", "must begin with ldaps://, ldap:// or ldapi:// and name a host or socket")
        })?;
        let starttls = settings.switch("starttls", url.starts_with("ldap://") && !local)?;
        if !starttls && !local && url.starts_with("ldap://") {
            let what = "would send the password in the clear to another machine: write ldaps://, or leave `starttls` on";
            return Err(settings.wrong("starttls", what));
        }
        if starttls && !url.starts_with("ldap://") {
            return Err(settings.wrong("starttls", "belongs to an ldap:// `url` only"));
        }
        let tls = settings.optional("ca").map(|path| tls::trusting(&path).map_err(|e| (path, e))).transpose();
        let tls = tls.map_err(|(path, e)| settings.wrong("ca", &format!("`{path}` {e}")))?;
        let bases = bases(settings)?;
        let name = settings.optional("name_attribute").unwrap_or_else(|| Arc::from("uid"));
        let page = settings.number("page_size", 500, PAGE_MAX)?.max(1);
        let timeout = settings.number("timeout_seconds", 30, TIMEOUT_SECONDS_MAX)?.max(1);
        let setup = Self {
            login: login(settings, &url)?,
            rdn: settings.optional("rdn_attribute").unwrap_or_else(|| name.clone()),
            groups: groups(settings)?,
            disable: Disable::read(settings)?,
            policy: dn_setting(settings, "policy")?,
            search_base: dn_setting(settings, "search_base")?,
            classes: list(settings.optional("people_class").as_deref().unwrap_or("inetOrgPerson")),
            page: i32::try_from(page).unwrap_or(i32::MAX),
            protected: list(settings.optional("protected").as_deref().unwrap_or_default())
                .iter()
                .map(|n| n.to_lowercase())
                .collect(),
            attributes: plain(settings),
            container: settings.attributes.iter().find(|s| is_container(s)).cloned(),
            limit: Duration::from_secs(u64::from(timeout)),
            propagation_seconds: settings.number("propagation_seconds", 0, PROPAGATION_SECONDS_MAX)?,
            referrals_matter: referrals(settings)?,
            url,
            starttls,
            tls,
            bases,
            name,
        };
        setup.check(settings)?;
        Ok(setup)
    }

    fn check(&self, settings: &Settings) -> Result<(), SettingError> {
        if self.classes.is_empty() {
            return Err(settings.wrong("people_class", "names no object class"));
        }
        if self.container.as_ref().is_some_and(|c| c.reference || c.value_type != ValueType::Text) {
            let what = format!("`{CONTAINER}` is a text: the place below `people_base`, such as ou=sales");
            return Err(settings.wrong("attributes", &what));
        }
        for spec in &self.attributes {
            let name = spec.name.as_str();
            let kept = NOT_MAPPABLE.contains(&&*name.to_ascii_lowercase());
            if kept || name.eq_ignore_ascii_case(&self.name) || Some(name) == self.disable.attribute() {
                let what =
                    format!("`{name}` cannot be mapped: it is kept by the connector or the directory itself");
                return Err(settings.wrong("attributes", &what));
            }
            if !is_attribute(name) {
                return Err(
                    settings.wrong("attributes", &format!("`{name}` is not the name of an LDAP attribute"))
                );
            }
        }
        let mut named = vec![("name_attribute", &self.name), ("rdn_attribute", &self.rdn)];
        named.extend(self.classes.iter().map(|c| ("people_class", c)));
        if let Some(groups) = &self.groups {
            named.push(("group_class", &groups.class));
            named.push(("group_name_attribute", &groups.name));
            named.push(("member_attribute", &groups.member));
        }
        match named.into_iter().find(|(_, text)| !is_attribute(text)) {
            Some((key, text)) => {
                Err(settings.wrong(key, &format!("`{text}` is not a name in an LDAP schema")))
            }
            None => Ok(()),
        }
    }

    /// The declaration of an attribute that is written and read.
    pub(crate) fn spec(&self, name: &str) -> Option<&AttributeSpec> {
        self.attributes.iter().find(|s| s.name.as_str().eq_ignore_ascii_case(name))
    }

    /// The base below which an entry is: the deepest one, because one base may be below another.
    pub(crate) fn base_of(&self, dn_key: &str) -> Option<&Base> {
        self.bases.iter().filter(|b| dn::is_under(dn_key, &b.key)).max_by_key(|b| b.key.len())
    }
}

/// RFC 4512, section 1.4: a keystring or an object identifier, with options (`;binary`, `;lang-de`).
fn is_attribute(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "-.;_".contains(c))
}

/// The attributes written to an account, without its place.
fn plain(settings: &Settings) -> Vec<AttributeSpec> {
    settings.attributes.iter().filter(|s| !is_container(s)).cloned().collect()
}

fn is_container(spec: &AttributeSpec) -> bool {
    spec.name.as_str() == CONTAINER
}

fn list(text: &str) -> Vec<Arc<str>> {
    text.split(',').map(str::trim).filter(|t| !t.is_empty()).map(Arc::from).collect()
}

/// Whether the connection stays on this machine; `None` if the text is no LDAP address.
fn is_local(url: &str) -> Option<bool> {
    if let Some(socket) = url.strip_prefix("ldapi://") {
        return (!socket.trim_end_matches('/').is_empty()).then_some(true);
    }
    let rest = url.strip_prefix("ldap://").or_else(|| url.strip_prefix("ldaps://"))?;
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let (host, port) = match authority.strip_prefix('[').and_then(|a| a.split_once(']')) {
        Some((host, port)) => (host, port.strip_prefix(':')),
        None => authority.split_once(':').map_or((authority, None), |(h, p)| (h, Some(p))),
    };
    let port_is_right = port.is_none_or(|p| p.parse::<u16>().is_ok());
    if host.is_empty() || host.contains('@') || !port_is_right || rest.trim_end_matches('/') != authority {
        return None;
    }
    Some(host == "localhost" || host.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback()))
}

/// Reads `referrals`.
fn referrals(settings: &Settings) -> Result<bool, SettingError> {
    match settings.optional("referrals").as_deref() {
        None | Some("report") => Ok(true),
        Some("ignore") => Ok(false),
        Some(other) => Err(settings.wrong("referrals", &format!("`{other}` is neither report nor ignore"))),
    }
}

fn login(settings: &Settings, url: &str) -> Result<Login, SettingError> {
    match settings.optional("bind_dn") {
        None if url.starts_with("ldapi://") => Ok(Login::External),
        None => Err(settings.wrong("bind_dn", "is missing: the DN of the account that Tenure uses")),
        Some(dn) if !dn::is_valid(&dn) => Err(settings.wrong("bind_dn", &format!("`{dn}` is not a DN"))),
        Some(dn) => {
            let password = settings.secret("password")?;
            // A simple bind without a password is an anonymous one, which succeeds (RFC 4513, section 5.1.2).
            if password.expose().is_empty() {
                return Err(settings.wrong("password", "is empty"));
            }
            Ok(Login::Simple { dn, password })
        }
    }
}

fn dn_setting(settings: &Settings, key: &str) -> Result<Option<Arc<str>>, SettingError> {
    match settings.optional(key) {
        Some(dn) if !dn::is_valid(&dn) => Err(settings.wrong(key, &format!("`{dn}` is not a DN"))),
        other => Ok(other),
    }
}

fn bases(settings: &Settings) -> Result<Vec<Base>, SettingError> {
    let text = settings.text("people_base")?;
    let mut found = vec![("people_base".to_owned(), Kind::default(), text)];
    for (key, dn) in &settings.texts {
        if let Some(kind) = key.strip_prefix("people_base.") {
            let kind = Kind::new(kind).map_err(|e| settings.wrong(key, &e.to_string()))?;
            found.push((key.to_string(), kind, dn.clone()));
        }
    }
    settings.declared(SETTINGS)?;
    let base = |(key, kind, dn): (String, Kind, Arc<str>)| {
        if dn::is_valid(&dn) {
            Ok(Base { kind, key: dn::key(&dn), dn })
        } else {
            Err(settings.wrong(&key, &format!("`{dn}` is not a DN, such as ou=people,dc=example,dc=org")))
        }
    };
    found.into_iter().map(base).collect()
}

fn groups(settings: &Settings) -> Result<Option<Groups>, SettingError> {
    let Some(base) = dn_setting(settings, "groups_base")? else { return Ok(None) };
    let or = |key: &str, default: &str| settings.optional(key).unwrap_or_else(|| Arc::from(default));
    let member = or("member_attribute", "member");
    if member.eq_ignore_ascii_case("memberUid") {
        let what =
            "`memberUid` holds names instead of DNs, which is not supported: use a class with `member`";
        return Err(settings.wrong("member_attribute", what));
    }
    Ok(Some(Groups {
        base,
        class: or("group_class", "groupOfNames"),
        name: or("group_name_attribute", "cn"),
        member,
        placeholder: dn_setting(settings, "placeholder_member")?.unwrap_or_else(|| Arc::from("cn=nobody")),
        create: settings.switch("create_groups", false)?,
    }))
}
