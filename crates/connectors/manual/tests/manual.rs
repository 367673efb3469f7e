//! A system without an interface: nothing is written, and its export is trusted only as far as it can be.
#![expect(clippy::unwrap_used, reason = "helpers of tests are tests too")]

use async_trait::async_trait;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;
use tenure_connect::{AccountRef, AttributeSpec, ConnectError, Connector, ErrorKind, SettingError, Settings};
use tenure_connector_manual::connect;
use tenure_model::{AttributeName, Kind, Name, SystemName, Value, ValueType};
use tenure_testkit::behaviour::{Harness, run};

const HEADER: &str = "Login;State;Roles;Exported;title;floor";
const COLUMNS: [(&str, &str); 7] = [
    ("delimiter", ";"),
    ("name_column", "Login"),
    ("enabled_column", "State"),
    ("enabled_values", "active, Yes"),
    ("entitlements_column", "Roles"),
    ("separator", "|"),
    ("extracted_at_column", "Exported"),
];

fn settings(texts: &[(&str, &str)]) -> Settings {
    let spec = |name, value_type| AttributeSpec {
        name: AttributeName::new(name).unwrap(),
        value_type,
        reference: false,
    };
    Settings {
        system: SystemName::new("badges").unwrap(),
        texts: texts.iter().map(|(k, v)| (Arc::from(*k), Arc::from(*v))).collect(),
        attributes: vec![spec("title", ValueType::Text), spec("floor", ValueType::Int)],
        secrets: BTreeMap::new(),
    }
}

struct Export {
    folder: TempDir,
}

impl Export {
    fn of(rows: &str) -> Self {
        let export = Self { folder: TempDir::new().unwrap() };
        export.write(format!("{HEADER}\n{rows}"));
        export
    }
    fn path(&self) -> PathBuf {
        self.folder.path().join("badges.csv")
    }
    fn write(&self, text: impl AsRef<[u8]>) {
        fs::write(self.path(), text).unwrap();
    }
    fn connect(&self, more: &[(&str, &str)]) -> Arc<dyn Connector> {
        let path = self.path();
        let mut texts = COLUMNS.to_vec();
        texts.push(("export", path.to_str().unwrap()));
        texts.extend(more);
        connect(&settings(&texts)).unwrap()
    }
    /// The error of a read, without the folder.
    async fn error(&self, more: &[(&str, &str)]) -> (ErrorKind, String) {
        let ConnectError { kind, message, .. } = self.connect(more).read(&named("ann")).await.unwrap_err();
        let folder: &Path = self.folder.path();
        (kind, message.replace(&format!("{}/", folder.display()), ""))
    }
}

fn named(name: &str) -> AccountRef {
    AccountRef { external_id: None, name: Arc::from(name), kind: Kind::default() }
}

const ANN: &str = "ann;active;door|lift;2026-03-31T18:00:00+02:00;Engineer;4\n";
const BOB: &str = "Bob;left;door;2026-03-31T17:59:00+02:00;\"Head; of \"\"Sales\"\"\";\n";

#[tokio::test]
async fn an_export_is_read_instead_of_the_system() {
    let badges = Export::of(&format!("{ANN}{BOB}")).into_pair();
    let ann = badges.1.read(&named("ann")).await.unwrap().unwrap();
    assert!(ann.enabled);
    assert_eq!(ann.entitlements.iter().map(|e| &**e).collect::<Vec<_>>(), ["door", "lift"]);
    assert_eq!(ann.attributes.get("floor"), Some(&Value::Int(4)));
    let bob = badges.1.read(&named("bob")).await.unwrap().unwrap();
    assert_eq!((&*bob.name, bob.enabled), ("Bob", false), "a name in another case is the same account");
    assert_eq!(bob.attributes.get("title"), Some(&Value::text("Head; of \"Sales\"")));
    assert_eq!(bob.attributes.get("floor"), None);
    assert_eq!(badges.1.read(&named("carl")).await.unwrap(), None);
    let page = badges.1.scan(None).await.unwrap();
    assert_eq!((page.accounts.len(), page.next, page.total), (2, None, Some(2)));
}

impl Export {
    fn into_pair(self) -> (Self, Arc<dyn Connector>) {
        let connector = self.connect(&[]);
        (self, connector)
    }
}

#[tokio::test]
async fn the_time_of_an_export_is_what_it_states_never_the_file_s() {
    let badges = Export::of(&format!("{ANN}{BOB}"));
    let by_column = badges.connect(&[]).as_of().await.unwrap().unwrap();
    assert_eq!(by_column.to_string(), "2026-03-31T15:59:00Z", "the earliest row counts");

    let path = badges.path();
    let mut texts: Vec<_> = COLUMNS.into_iter().filter(|(k, _)| *k != "extracted_at_column").collect();
    texts.push(("export", path.to_str().unwrap()));
    let error = connect(&settings(&texts)).err().unwrap().to_string();
    assert!(error.contains("setting `extracted_at`: is missing, as is `extracted_at_column`"), "{error}");
    texts.push(("extracted_at", "2026-04-01T06:00:00Z"));
    let by_setting = connect(&settings(&texts)).unwrap().as_of().await.unwrap().unwrap();
    assert_eq!(by_setting.to_string(), "2026-04-01T06:00:00Z");
}

#[tokio::test]
async fn each_call_reads_the_file_afresh() {
    let badges = Export::of(ANN);
    let connector = badges.connect(&[]);
    assert!(connector.read(&named("bob")).await.unwrap().is_none());
    badges.write(format!("\u{feff}{HEADER}\r\n{}", BOB.replace('\n', "\r\n")));
    assert!(connector.read(&named("bob")).await.unwrap().is_some());
    assert!(connector.read(&named("ann")).await.unwrap().is_none());
    fs::remove_file(badges.path()).unwrap();
    let error = connector.read(&named("bob")).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unreachable, "a file that is gone is no evidence of absence: {error}");
}

#[tokio::test]
async fn rows_of_one_account_are_added_up_and_must_agree() {
    let second = ANN.replace("door|lift", "roof");
    let badges = Export::of(&format!("{ANN}{second}"));
    let ann = badges.connect(&[]).read(&named("ann")).await.unwrap().unwrap();
    assert_eq!(ann.entitlements.iter().map(|e| &**e).collect::<Vec<_>>(), ["door", "lift", "roof"]);
    for (from, to, about) in
        [("active", "left", "whether it can be used"), ("Engineer", "Sales", "its attributes")]
    {
        badges.write(format!("{HEADER}\n{ANN}{}", second.replace(from, to)));
        let expected = format!("badges.csv:3: `ann` is in line 2 too, and the two differ about {about}");
        assert_eq!(badges.error(&[]).await, (ErrorKind::Protocol, expected));
    }
}

#[tokio::test]
async fn a_stable_id_is_the_address_where_there_is_one() {
    let badges = Export::of("");
    badges.write("Login,Number,at\nann,17,2026-01-01T00:00:00Z\n");
    let path = badges.path();
    let mut texts = vec![("export", path.to_str().unwrap()), ("name_column", "Login")];
    texts.extend([("native_column", "Number"), ("extracted_at_column", "at")]);
    let mut settings = settings(&texts);
    settings.attributes.clear();
    let connector = connect(&settings).unwrap();
    let renamed = AccountRef { external_id: Some(Arc::from("17")), ..named("anna") };
    let seen = connector.read(&renamed).await.unwrap().unwrap();
    assert_eq!((&*seen.name, &*seen.external_id, seen.enabled), ("ann", "17", true));
    let other = AccountRef { external_id: Some(Arc::from("18")), ..named("ann") };
    assert!(connector.read(&other).await.unwrap().is_none());
}

#[tokio::test]
async fn a_bad_export_is_refused_whole_with_file_and_line() {
    let badges = Export::of("");
    let head = |text: &str| text.as_bytes().to_vec();
    let rows = |text: &str| format!("{HEADER}\n{ANN}{text}").into_bytes();
    let mut latin = rows("j");
    latin.extend(b"\xfcrgen;active;;2026-03-31T18:00:00Z;;\n");
    for (bytes, expected) in [
        (head(""), "badges.csv:1: the export is empty"),
        (
            head(&format!("{HEADER}\n")),
            "badges.csv:1: the export lists no accounts: if it were accepted, all accounts would count as removed",
        ),
        (
            head("Login;State;Exported;title;floor\n"),
            "badges.csv:1: the header has no column `Roles`; it has `Login`, `State`, `Exported`, `title`, `floor`",
        ),
        (head(&format!("{HEADER};Login\n")), "badges.csv:1: the header has the column `Login` twice"),
        (rows("bob;act"), "badges.csv:3: the row has 2 fields, the header has 6"),
        (
            rows("bob;\"active;door;2026-03-31T18:00:00Z;;\n"),
            "badges.csv:3: the row has 2 fields, the header has 6",
        ),
        (rows(" ;active;;2026-03-31T18:00:00Z;;\n"), "badges.csv:3: the column `Login` is blank"),
        (rows("bob;;;2026-03-31T18:00:00Z;;\n"), "badges.csv:3: the column `State` is blank"),
        (
            rows("bob;active;;2026-03-31;;\n"),
            "badges.csv:3: column `Exported`: `2026-03-31` is not an instant: write it with an offset, such as \
             2026-03-31T18:00:00+02:00",
        ),
        (
            rows("bob;active;;2026-03-31T18:00:00Z;;four\n"),
            "badges.csv:3: column `floor`: `four` is not of type int",
        ),
        (latin, "badges.csv:3: the row is not UTF-8: export it again in UTF-8"),
    ] {
        badges.write(&bytes);
        assert_eq!(badges.error(&[]).await, (ErrorKind::Protocol, expected.to_owned()));
        let scan = badges.connect(&[]).scan(None).await;
        assert!(scan.is_err(), "a scan of it must fail too: {expected}");
    }
    badges.write(rows("bob;activ;;2026-03-31T18:00:00Z;;\n"));
    let strict = badges.error(&[("disabled_values", "left")]).await.1;
    assert_eq!(
        strict,
        "badges.csv:3: column `State`: `activ` is in neither `enabled_values` nor `disabled_values`"
    );
}

#[test]
fn a_wrong_setting_is_named() {
    let error = |texts: &[(&str, &str)]| -> SettingError { connect(&settings(texts)).err().unwrap() };
    let base = [("export", "x.csv"), ("name_column", "n"), ("extracted_at", "2026-01-01T00:00:00Z")];
    let with = |more: &[(&'static str, &'static str)]| error(&[base.as_slice(), more].concat()).to_string();
    for (text, expected) in [
        (
            error(&[("exports", "x.csv")]).to_string(),
            "setting `exports`: is not known; known are export, delimiter",
        ),
        (error(&[("name_column", "n")]).to_string(), "setting `name_column`: says something about an export"),
        (error(&[("export", "x.csv")]).to_string(), "setting `name_column`: is missing"),
        (with(&[("delimiter", "::")]), "setting `delimiter`: `::` is not one ASCII character"),
        (with(&[("separator", "")]), "setting `separator`: is empty"),
        (with(&[("enabled_values", "yes")]), "setting `enabled_values`: needs `enabled_column`"),
        (with(&[("enabled_column", "s")]), "setting `enabled_values`: is missing"),
        (
            with(&[("enabled_column", "s"), ("enabled_values", " , ")]),
            "setting `enabled_values`: names no value",
        ),
        (
            with(&[("enabled_column", "s"), ("enabled_values", "on"), ("disabled_values", "ON,off")]),
            "setting `disabled_values`: `on` is in `enabled_values` too",
        ),
        (with(&[("extracted_at_column", "t")]), "are both there: keep one"),
        (
            error(&[base[0], base[1], ("extracted_at", "yesterday")]).to_string(),
            "setting `extracted_at`: `yesterday` is not an instant",
        ),
    ] {
        assert!(text.starts_with("system `badges`, ") && text.contains(expected), "{expected}\n{text}");
    }
}

struct Behaves(Arc<dyn Fn() -> Arc<dyn Connector> + Send + Sync>);

#[async_trait]
impl Harness for Behaves {
    fn writer(&self) -> Arc<dyn Connector> {
        (self.0)()
    }
    fn reader(&self) -> Arc<dyn Connector> {
        (self.0)()
    }
    fn entitlements(&self) -> Vec<Arc<str>> {
        vec![Arc::from("door"), Arc::from("lift")]
    }
    fn text_attributes(&self) -> Vec<AttributeName> {
        vec![AttributeName::new("title").unwrap()]
    }
}

#[tokio::test]
async fn the_behaviour_suite_passes_with_and_without_an_export() {
    let without = run(&Behaves(Arc::new(|| connect(&settings(&[])).unwrap()))).await;
    without.verdict().unwrap();
    assert_eq!(without.counts().0, 3, "{without}");

    let badges = Arc::new(Export::of(ANN));
    let with = run(&Behaves(Arc::new(move || badges.connect(&[])))).await;
    with.verdict().unwrap();
    assert_eq!(with.counts().0, 4, "{with}");
}
