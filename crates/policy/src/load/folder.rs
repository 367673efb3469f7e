//! The folder as a whole: possible files, the order in which they are read, and the resulting configuration.

use super::context::{Context, Places, Sheet};
use super::doc::{self, File};
use super::fields::{Fields, Sink};
use super::frame::Frame;
use super::rules::{self, Declarations};
use super::words::is_file_word;
use super::{approval, declare, grants, settings, source, system};
use crate::diagnostic::{Diagnostic, Severity, code, nearest};
use crate::{
    COMMAND_SOURCE, CUSTODY, CUSTODY_ATTRIBUTES, GlobalSettings, Index, Policy, SetUp, Source, System,
};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;
use tenure_model::{AttributeName, Name, SetupHash, SourceName, SystemName};

/// The largest file, in bytes.
pub const FILE_BYTES_MAX: usize = 1 << 20;
/// Maximum number of files in a folder.
pub const FILES_MAX: usize = 2_000;
/// Maximum number of rules in all files, all kinds together.
pub const RULES_MAX: usize = 10_000;
/// The file about the whole folder.
const SETTINGS_FILE: &str = "tenure.toml";
/// Maximum number of diagnostics: more of them do not help.
const DIAGNOSTICS_MAX: usize = 1_000;

/// Of a system's file, the lists of tables whose members count as rules; of a policy file all do.
const SYSTEM_RULES: &str = "entitlement";

/// A valid configuration, and its warnings.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The configuration.
    pub setup: SetUp,
    /// In the order of files and lines.
    pub warnings: Vec<Diagnostic>,
}

/// Reads a configuration folder: (path within it, text) of each file, in any order. Files that do not end in `.toml` are ignored and
/// not part of the hash.
///
/// # Errors
/// All errors and warnings, in the order of files and lines. If a file is not valid TOML, references to it cannot be checked: then
/// only such errors are reported.
pub fn load(files: &[(String, String)]) -> Result<Loaded, Vec<Diagnostic>> {
    let sink = Sink::default();
    let setup = Folder::read(files, &sink).and_then(|folder| folder.setup(files, &sink));
    let mut found = sink.into_all();
    found.sort_by(|a, b| (&a.file, a.span.start, a.code).cmp(&(&b.file, b.span.start, b.code)));
    found.dedup();
    found.truncate(DIAGNOSTICS_MAX);
    match setup {
        Some(setup) if found.iter().all(|d| d.severity == Severity::Warning) => {
            Ok(Loaded { setup, warnings: found })
        }
        _ => Err(found),
    }
}

/// Reads the text of `tenure.toml` alone: what commands need that work on the active configuration, whatever the other files contain.
///
/// # Errors
/// All errors of that file, as [`load`] reports them.
pub fn load_settings(text: &str) -> Result<GlobalSettings, Vec<Diagnostic>> {
    let sink = Sink::default();
    let files = [(SETTINGS_FILE.to_owned(), text.to_owned())];
    let settings = Folder::read(&files, &sink)
        .and_then(|folder| settings::read(&mut Context::new(&sink), &folder.settings?));
    let mut found = sink.into_all();
    found.sort_by_key(|d| (d.span.start, d.code));
    match settings {
        Some(settings) if found.iter().all(|d| d.severity == Severity::Warning) => Ok(settings),
        _ => Err(found),
    }
}

/// The content hash: SHA-256 over the TOML files, sorted by path, each path and text preceded by its length. `None` never occurs in
/// practice: a hash is always a valid name.
#[must_use]
pub fn hash(files: &[(String, String)]) -> Option<SetupHash> {
    let mut sorted: Vec<&(String, String)> =
        files.iter().filter(|(path, _)| path.ends_with(".toml")).collect();
    sorted.sort();
    let mut hash = Sha256::new();
    for (path, text) in sorted {
        for part in [path, text] {
            hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(part);
        }
    }
    let mut text = String::with_capacity(64);
    for byte in hash.finalize() {
        write!(text, "{byte:02x}").ok()?;
    }
    SetupHash::new(&text).ok()
}

/// The files by kind.
#[derive(Default)]
struct Folder {
    settings: Option<Sheet>,
    sources: Vec<(SourceName, Sheet)>,
    systems: Vec<(SystemName, Sheet)>,
    policy: Vec<Sheet>,
}

impl Folder {
    /// Reads all files as TOML. `None` if some cannot be read: references to them would look wrong too.
    fn read(files: &[(String, String)], sink: &Sink) -> Option<Self> {
        let mut folder = Self::default();
        let mut good = true;
        if files.len() > FILES_MAX {
            let title = format!("the folder has {} files; {FILES_MAX} are the most", files.len());
            let help = "several rules, attributes or bundles can stand in one file";
            sink.put(File::new("", "").whole().error(code::LIMIT, title).help(help));
            return None;
        }
        let mut sorted: Vec<&(String, String)> =
            files.iter().filter(|(path, _)| path.ends_with(".toml")).collect();
        sorted.sort();
        for (path, text) in sorted {
            let file = File::new(path, if text.len() > FILE_BYTES_MAX { "" } else { text });
            if text.len() > FILE_BYTES_MAX {
                let title = format!("the file has {} bytes; {FILE_BYTES_MAX} are the most", text.len());
                sink.put(file.whole().error(code::LIMIT, title).help("split the file"));
                good = false;
                continue;
            }
            match doc::parse(&file) {
                Ok(root) => folder.place(Sheet { file, root }, sink),
                Err(diagnostic) => {
                    sink.put(*diagnostic);
                    good = false;
                }
            }
        }
        if folder.settings.is_none() && good {
            let diagnostic = File::new("", "").whole().error(code::PATH, "the folder has no tenure.toml");
            sink.put(diagnostic.help("add the file"));
        }
        (good && folder.small_enough(sink)).then_some(folder)
    }

    fn place(&mut self, sheet: Sheet, sink: &Sink) {
        edition(&sheet, sink);
        let path = sheet.file.path.clone();
        let stem = path.rsplit('/').next().and_then(|name| name.strip_suffix(".toml")).unwrap_or_default();
        match path.split('/').collect::<Vec<_>>().as_slice() {
            [SETTINGS_FILE] => self.settings = Some(sheet),
            ["policy", ..] => self.policy.push(sheet),
            ["sources", _] if stem == COMMAND_SOURCE => {
                let title = format!("no source can have the name `{COMMAND_SOURCE}`");
                let diagnostic = sheet.file.whole().error(code::PATH, title);
                let help = "this name is reserved for identities added by command: rename the file";
                sink.put(diagnostic.help(help));
            }
            ["sources", _] if is_file_word(stem) => {
                self.sources.extend(SourceName::new(stem).ok().map(|name| (name, sheet)));
            }
            ["systems", _] if is_file_word(stem) => {
                self.systems.extend(SystemName::new(stem).ok().map(|name| (name, sheet)));
            }
            ["sources" | "systems", _] => {
                let title = format!("`{stem}` cannot be the name of a source or system");
                let diagnostic = sheet.file.whole().error(code::PATH, title);
                sink.put(diagnostic.help("use lower-case letters, digits, `-` and `_`, at most 64"));
            }
            parts => {
                let folder = parts.first().copied().unwrap_or_default();
                let near =
                    nearest(folder.trim_end_matches(".toml"), ["sources", "systems", "policy", "tenure"]);
                let help = match near {
                    Some("tenure") => "did you mean `tenure.toml`, at the top of the folder?".to_owned(),
                    Some(near) => format!("did you mean `{near}/`?"),
                    None => {
                        "files are tenure.toml, sources/*.toml, systems/*.toml and policy/*.toml".to_owned()
                    }
                };
                sink.put(
                    sheet
                        .file
                        .whole()
                        .error(code::PATH, format!("`{path}` is not a file of a configuration"))
                        .help(help),
                );
            }
        }
    }

    fn small_enough(&self, sink: &Sink) -> bool {
        let of_systems = self.systems.iter().flat_map(|(_, sheet)| &sheet.root.entries);
        let of_systems = of_systems.filter(|e| &*e.key == SYSTEM_RULES);
        let lists = self.policy.iter().flat_map(|s| &s.root.entries).chain(of_systems);
        let rules: usize =
            lists.map(|e| if let doc::Toml::List(items) = &e.value.value { items.len() } else { 0 }).sum();
        if rules > RULES_MAX {
            let title = format!("the configuration has {rules} rules; {RULES_MAX} are the most");
            let help = "one rule with a parameter, `git:project/{projects}`, replaces many";
            sink.put(File::new("", "").whole().error(code::LIMIT, title).help(help));
        }
        rules <= RULES_MAX
    }

    /// First names, then what refers to them.
    fn setup(self, files: &[(String, String)], sink: &Sink) -> Option<SetUp> {
        let mut context = Context::new(sink);
        let settings = self.settings.as_ref().and_then(|sheet| settings::read(&mut context, sheet));
        let policy_sheets: Vec<&Sheet> = self.policy.iter().collect();
        self.names(&mut context, &policy_sheets);
        let bundles = grants::bundles(&mut context, &policy_sheets);
        let mut sources: BTreeMap<SourceName, Source> = BTreeMap::new();
        for (name, sheet) in &self.sources {
            sources.extend(source::read(&mut context, sheet, name).map(|s| (name.clone(), s)));
        }
        let keys = sources.values().flat_map(|s: &Source| s.keys.keys().cloned()).collect();
        let mut systems: BTreeMap<SystemName, System> = BTreeMap::new();
        for (name, sheet) in &self.systems {
            systems.extend(system::read(&mut context, sheet, name, &keys).map(|s| (name.clone(), s)));
        }
        let mut policy = policy(&mut context, &policy_sheets);
        policy.bundles = bundles;
        policy.index = Index::build(&policy.baselines);
        for source in sources.values_mut() {
            let required = policy.lifecycle.end_required.intersection(&source.engagement_types);
            source.end_required = required.cloned().collect();
        }
        crate::lint::lint(&context, &sources, &systems, &policy);
        let settings: GlobalSettings = settings?;
        let attributes = context.declared.attributes;
        Some(SetUp { hash: hash(files)?, settings, attributes, sources, systems, policy })
    }

    /// All names that others refer to.
    fn names(&self, context: &mut Context<'_>, policy: &[&Sheet]) {
        context.declared.sources = self.sources.iter().map(|(name, _)| Arc::from(name.as_str())).collect();
        context.declared.systems = self.systems.iter().map(|(name, _)| Arc::from(name.as_str())).collect();
        for (_, sheet) in &self.sources {
            let quiet = Sink::default();
            let types = Fields::new(&sheet.root, &quiet).texts("engagement_types");
            context.declared.engagement_types.extend(types.into_iter().map(|s| s.text));
        }
        // If no source states a type, any type is possible.
        if !context.declared.engagement_types.is_empty() {
            context.declared.sources.insert(Arc::from(COMMAND_SOURCE));
            context.declared.engagement_types.insert(Arc::from(CUSTODY));
        }
        declare::attributes(context, policy);
        context.filled.extend(CUSTODY_ATTRIBUTES.iter().filter_map(|a| AttributeName::new(a).ok()));
        declare::identifier_names(context, policy);
        for (name, sheet) in &self.systems {
            system::catalogue(context, sheet, name);
        }
    }
}

/// `edition = 1`, checked before everything else.
fn edition(sheet: &Sheet, sink: &Sink) {
    let help = "begin the file with `edition = 1`";
    match sheet.root.entries.first() {
        Some(entry) if &*entry.key == "edition" => {
            if !matches!(entry.value.value, doc::Toml::Int(1)) {
                let diagnostic = entry.value.place.error(code::EDITION, "this edition is not known");
                sink.put(diagnostic.label("this Tenure knows edition 1").help("write `edition = 1`"));
            }
        }
        _ => match sheet.root.entries.iter().find(|e| &*e.key == "edition") {
            Some(entry) => {
                sink.put(entry.key_place.error(code::EDITION, "the edition does not come first").help(help));
            }
            None => sink.put(
                sheet.file.whole().error(code::EDITION, "the file does not name its edition").help(help),
            ),
        },
    }
}

/// A file of `policy/`, and the owner of its rules that state none.
struct PolicyFile<'a> {
    root: Fields<'a>,
    owner: Option<Arc<str>>,
}

/// The rules of one kind in all files.
fn each<T>(files: &[PolicyFile<'_>], read: impl FnMut(&PolicyFile<'_>) -> Vec<T>) -> Vec<T> {
    files.iter().flat_map(read).collect()
}

/// All files of `policy/`. Each field is read where it is set, so that a new kind of rule cannot be left unread.
fn policy(context: &mut Context<'_>, sheets: &[&Sheet]) -> Policy {
    let mut frame = Frame::default();
    let mut once = Places::new();
    let mut places = Declarations::default();
    let mut files = Vec::new();
    for sheet in sheets {
        let root = Fields::new(&sheet.root, context.sink);
        for read_before in ["edition", "attributes", "bundle"] {
            root.get(read_before);
        }
        let owner = rules::file_owner(context, &root);
        for (key, read) in Frame::TABLES {
            if let Some(table) = rules::single(context, &root, key, &mut once) {
                read(&mut frame, context, table);
            }
        }
        files.push(PolicyFile { root, owner });
    }
    let policy = Policy {
        identifiers: each(&files, |f| declare::identifiers(context, &f.root, &mut places.identifier)),
        local: each(&files, |f| rules::local(context, &f.root, &mut places.local)),
        baselines: each(&files, |f| {
            rules::baselines(context, &f.root, f.owner.as_ref(), &mut places.baseline)
        }),
        approvals: each(&files, |f| approval::read(context, &f.root, &mut places.approval)),
        separations: each(&files, |f| {
            rules::separations(context, &f.root, f.owner.as_ref(), &mut places.separation)
        }),
        handovers: each(&files, |f| rules::handovers(context, &f.root, &mut places.handover)),
        exceptions: each(&files, |f| rules::exceptions(context, &f.root, &mut places.exception)),
        watches: each(&files, |f| rules::watches(context, &f.root, f.owner.as_ref(), &mut places.watch)),
        lifecycle: frame.lifecycle,
        absence: frame.absence,
        request: frame.request,
        ask_ahead: frame.ask_ahead,
        custody: frame.custody,
        retention: frame.retention,
        labels: frame.labels,
        bundles: BTreeMap::new(),
        index: Index::default(),
    };
    files.into_iter().for_each(|file| file.root.finish());
    policy
}
