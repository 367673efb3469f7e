//! The table of broken feeds: each is refused as a whole, with its error.

use crate::{COMMA, read, shape};
use std::fmt::Write;
use std::sync::Arc;
use tenure_model::{FeedFormat, FeedLimits, FeedShape};
use tenure_source_file::Input;

struct Case {
    title: &'static str,
    bytes: Vec<u8>,
    shape: FeedShape,
}

fn case(title: &'static str, bytes: impl Into<Vec<u8>>) -> Case {
    Case { title, bytes: bytes.into(), shape: shape(COMMA, &["user_id", "department"]) }
}

fn json(title: &'static str, bytes: &str) -> Case {
    Case { title, bytes: bytes.into(), shape: shape(FeedFormat::JsonLines, &["user_id", "department"]) }
}

impl Case {
    fn with(mut self, change: impl FnOnce(&mut FeedShape)) -> Self {
        change(&mut self.shape);
        self
    }
}

fn small(s: &mut FeedShape) {
    s.limits = FeedLimits { file_bytes: 200, row_bytes: 60, columns: 4, field_bytes: 20 };
}

fn broken_files() -> Vec<Case> {
    let utf16: Vec<u8> = "user_id,department\n1,Law\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let odd = [b"\xff\xfe", &utf16[..utf16.len() - 3]].concat();
    vec![
        case("nothing at all", ""),
        case("a header without rows", "user_id,department\n"),
        case("no header", "MMK1532,Law\nNTB0710,Tax\n").with(|s| s.required = vec![Arc::from("user_id")]),
        case("a row of data as header", "1042,anna@example.com,2026-03-31\n1043,bob@example.com,\n"),
        case("a mapped column lost", "user_id,name\n1,Anna\n"),
        case("a mapped column renamed", "User ID,Departement,team\n1,Law,a\n"),
        case("two columns with one name", "user_id,department,user_id\n1,Law,1\n"),
        case("semicolons instead of commas", "user_id;department\n1;Law\n"),
        case("tabs instead of commas", "user_id\tdepartment\n1\tLaw\n"),
        case("half a last row", "user_id,department,team\n1,Law,a\n2,Ta"),
        case("half a last row, in quotes", "user_id,department\n1,Law\n2,\"Ta"),
        case("a quote that swallows rows", "user_id,department\n1,\"Law\n2,Tax\n3,\"Law\"\n4,Tax\n"),
        case("text behind a closing quote, over two lines", "user_id,department\n1,\"Law\nand\" firm\n"),
        case("gzip", &b"\x1f\x8b\x08\0\0\0"[..]),
        case("an Excel workbook", &b"PK\x03\x04\x14\0"[..]),
        case("zero bytes", &b"user_id,department\n1,Law\0\n2,\0Law\n3,\0\n"[..]),
        case("a zero byte in the header", &b"user_id,depart\0ment\n1,Law\n"[..]),
        case("a key instead of a feed", "c2VjcmV0IGtleSBieXRlcyBhcmUgbm90IHNob3duISE=\n"),
        case("a private key instead of a feed", "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA\n"),
        case("another file with delimiters", "pass;word;1\n"),
        case("UTF-16 without a mark", utf16),
        case("half a UTF-16 unit at the end", odd),
        case("half a letter at the end", &b"user_id,department\n1,Law\n2,K\xc3"[..]),
        case(
            "Latin-1 that says UTF-8",
            &b"user_id,department\n1,K\xfcche\n2,B\xfcro\n3,Stra\xdfe\n4,Law\n"[..],
        ),
        case("Latin-1 in the header", &b"user_id,department,stra\xdfe\n1,Law,x\n"[..]),
        case("an encoding that is not known", "user_id,department\n1,Law\n")
            .with(|s| s.encoding = Arc::from("utf-9")),
        case("no row fits the header", "user_id,department\n1\n2\n"),
        case("a file too large", "user_id,department\n1,Law\n".repeat(10)).with(small),
        case("a row too long", format!("user_id,department\n1,{}\n", "x".repeat(70))).with(small),
        case("too many columns", "user_id,department,a,b,c\n1,Law,,,\n").with(small),
        json("JSON: half a last line", "{\"user_id\":1,\"department\":\"Law\"}\n{\"user_id\":2,\"dep"),
        json("JSON: a mapped key that no row has", "{\"user_id\":1,\"dept\":\"Law\"}\n"),
        json(
            "JSON: an array around it all",
            "[\n{\"user_id\":1,\"department\":\"Law\"},\n{\"user_id\":2}\n]\n",
        ),
        json("JSON: not JSON", "user_id,department\n1,Law\n"),
        json("JSON: no person", "\n\n{}\n{\"user_id\":null}\n"),
        json("JSON: rows below a key", "{\"ok\":true,\"data\":[{\"user_id\":1,\"department\":\"Law\"}]}\n"),
        json("JSON: a key instead of a feed", "c2VjcmV0IGtleSBieXRlcyBhcmUgbm90IHNob3duISE=\n"),
        json(
            "JSON: a text where an object is mapped",
            "{\"user_id\":1,\"department\":\"Law\",\"boss\":\"n/a\"}\n",
        )
        .with(|s| s.required.push(Arc::from("boss.id"))),
        json("JSON: a renamed key in a delta", "{\"user_id\":1,\"departmnt\":\"Law\"}\n")
            .with(|s| s.snapshot = false),
    ]
}

#[test]
fn bad_input() {
    let mut table = String::new();
    for Case { title, bytes, shape } in broken_files() {
        let error = match read(&Input::bytes("hr.csv", bytes), &shape) {
            Err(e) => e,
            Ok(r) => panic!("{title}: taken, {} rows", r.rows.len()),
        };
        let (code, help) = (error.fault.code(), error.fault.help());
        writeln!(table, "{title}\n  {code} {error}\n  help: {help}").unwrap();
    }
    insta::assert_snapshot!(table);
}

#[test]
fn a_file_that_is_not_there() {
    let error = read(&Input::path("hr.csv", "/nonexistent/hr.csv"), &shape(COMMA, &[])).err().unwrap();
    assert_eq!(error.to_string(), "hr.csv: the file cannot be read: No such file or directory (os error 2)");
    let error = read(&Input::path("feeds", "/"), &shape(COMMA, &[])).err().unwrap();
    assert_eq!(error.to_string(), "feeds: the file cannot be read: it is not a regular file");
}
