//! Encodings, quotes, line ends, and changes of the file during reading.

use crate::{COMMA, read, shape, shown};
use std::io::Write;
use std::sync::Arc;
use tenure_model::{FeedFormat, FeedShape};
use tenure_source_file::{Input, Refused, inspect, open};

fn lines(bytes: &[u8], shape: &FeedShape) -> Vec<String> {
    shown(&read(&Input::bytes("hr.csv", bytes), shape).unwrap())
}

fn utf16(text: &str, mark: bool, big: bool) -> Vec<u8> {
    let units = mark.then_some(0xfeff).into_iter().chain(text.encode_utf16());
    units.flat_map(|u: u16| if big { u.to_be_bytes() } else { u.to_le_bytes() }).collect()
}

#[test]
fn a_line_that_is_not_one_object_hides_no_record() {
    let shape = FeedShape { format: FeedFormat::JsonLines, ..shape(COMMA, &["id", "end"]) };
    let rows = |text: &str| {
        let input = Input::bytes("hr.jsonl", text.as_bytes());
        let inspected = inspect(&input, &shape).unwrap();
        let rows = open(&input, &shape, &inspected).unwrap().map(|row| match row {
            Ok(row) => {
                let whole = row.faults().iter().any(|f| f.column >= row.columns().len());
                format!(
                    "{} {}{}",
                    row.line,
                    row.get("id").unwrap_or("-"),
                    if whole { " not taken" } else { "" }
                )
            }
            Err(Refused::Row(e)) => format!("{} {}", e.at.line, e.code),
            Err(Refused::Feed(e)) => panic!("{e}"),
        });
        rows.collect::<Vec<_>>()
    };
    let first = "{\"id\":\"1\",\"end\":\"\"}\n";
    let after = |line: &str| rows(&format!("{first}{line}\n"))[1..].to_vec();
    assert_eq!(after(r#"{"id":"2","end":""}"#), ["2 2"]);
    assert_eq!(after(r#"{"id":"2","end":""}{"id":"3","end":""}"#), ["2 2 not taken", "2 3 not taken"]);
    // Any record may follow it.
    assert_eq!(after(r#"{"id":"2","end":""}{"id":"3","#), ["2 2 not taken", "2 R03"]);
    assert_eq!(after(r#"{"id":"2","end":""}}"#), ["2 2 not taken", "2 R03"]);
    assert_eq!(after(r#"{"id":"2","end":"","n{"id":"3","end":""}"#), ["2 2", "2 R03"]);
    assert_eq!(after(r#""x","end":""}"#), ["2 R03"]);
}

#[test]
fn the_same_rows_in_every_encoding() {
    let text = "id,name\r\n1,Müller\r\n2,\"Þór, \"\"Óðinn\"\"\"\r\n";
    let expected = ["2: 1|Müller", "3: 2|Þór, \"Óðinn\""];
    let latin1: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    for (bytes, label) in [
        (text.as_bytes().to_vec(), "utf-8"),
        (["\u{feff}".as_bytes(), text.as_bytes()].concat(), "utf-8"),
        (["\u{feff}".as_bytes(), text.as_bytes()].concat(), "latin1"),
        (utf16(text, true, false), "utf-8"),
        (utf16(text, true, true), "utf-8"),
        (utf16(text, false, false), "utf-16le"),
        (utf16(text, false, true), "utf-16be"),
        (latin1, "latin1"),
    ] {
        let shape = FeedShape { encoding: Arc::from(label), ..shape(COMMA, &["id"]) };
        assert_eq!(lines(&bytes, &shape), expected, "{label}");
    }
}

#[test]
fn other_code_pages_by_their_names() {
    for (label, bytes, expected) in [
        ("shift_jis", &b"id,name\n1,\x8eR\x93c\n"[..], "2: 1|山田"),
        ("windows-1251", b"id,name\n1,\xde\xf0\xe8\xe9\n", "2: 1|Юрий"),
        ("euc-kr", b"id,name\n1,\xb1\xe8\n", "2: 1|김"),
        ("gb18030", b"id,name\n1,\xc0\xee\n", "2: 1|李"),
    ] {
        let shape = FeedShape { encoding: Arc::from(label), ..shape(COMMA, &["id"]) };
        assert_eq!(lines(bytes, &shape), [expected], "{label}");
    }
}

#[test]
fn quotes_line_breaks_and_delimiters_inside_fields() {
    let text = "id,address,note\n1,\"Main St\r\n5\nOslo\",x\n\n2,\"a,b\",\"\"\n3,5\" disk,\"say \"\"hi\"\"\"\n4,,last";
    assert_eq!(
        lines(text.as_bytes(), &shape(COMMA, &["id"])),
        ["2: 1|Main St\r\n5\nOslo|x", "6: 2|a,b|", "7: 3|5\" disk|say \"hi\"", "8: 4||last"]
    );
}

#[test]
fn any_delimiter_and_any_line_end() {
    for (delimiter, text) in [
        (b';', "id;name\r\n1;a,b\r\n2;c\r\n"),
        (b'\t', "id\tname\n1\ta,b\n2\tc\n"),
        (b'|', "id|name\n1|a,b\n2|c\n"),
        (b';', "id;name\r1;a,b\r2;c\r"),
    ] {
        let format = FeedFormat::Separated { delimiter, quote: b'"' };
        assert_eq!(lines(text.as_bytes(), &shape(format, &["id"])), ["2: 1|a,b", "3: 2|c"], "{text:?}");
    }
}

#[test]
fn a_bad_row_lets_the_rest_proceed() {
    let text = b"id,name,end\n1,Anna,\n2,Bob\n3,Carl,2026-01-01,x\n4,M\xfcller,\n5,Eve,\n";
    insta::assert_snapshot!(lines(text, &shape(COMMA, &["id"])).join("\n"), @r#"
    2: 1|Anna|
    5: 4|<"M�ller" holds bytes that are not text in the encoding of the file>|
    6: 5|Eve|
    hr.csv:3: the row has 2 fields, the header has 3
    hr.csv:4: the row has 4 fields, the header has 3
    "#);
}

#[test]
fn json_lines_share_the_columns_of_the_whole_file() {
    let text = concat!(
        r#"{"id":1,"name":"Anna","at":{"city":"Oslo"}}"#,
        "\r\n\n",
        r#"{"id":"2","projects":["x","y"],"name":null}"#,
        "\n",
        "{oops}\n",
        r#"{"id":3,"name":"Bob","id":4}"#,
        "\n",
        r#"{"id":5,"active":true}"#,
    );
    insta::assert_snapshot!(lines(text.as_bytes(), &shape(FeedFormat::JsonLines, &["id", "at.city"])).join("\n"), @r#"
    1: 1|Anna|Oslo|-|-
    3: 2|-|-|x;y|-
    5: <stands in the object twice>|Bob|-|-|-
    6: 5|-|-|-|true
    hr.csv:4: "{oops}" the line is not a JSON object: key must be a string
    "#);
}

#[test]
fn a_delta_may_be_empty() {
    let delta = FeedShape { snapshot: false, ..shape(COMMA, &["id"]) };
    assert!(lines(b"id,name\n", &delta).is_empty());
    assert!(lines(b"", &FeedShape { format: FeedFormat::JsonLines, ..delta }).is_empty());
}

#[test]
fn the_digest_is_that_of_the_file() {
    let found = inspect(&Input::bytes("x", &b"id\n1\n"[..]), &shape(COMMA, &["id"])).unwrap();
    let hex: String = found.digest.iter().map(|b| format!("{b:02x}")).collect();
    // printf 'id\n1\n' | sha256sum
    assert_eq!(hex, "7cde7fb64fd82bd152710cf238e017b9ab46c0592483edc067ba4f6c75fac108");
    assert_eq!((found.bytes, found.rows, found.encoding), (5, 1, "UTF-8"));
}

#[test]
fn a_file_that_changes_after_the_inspection_is_refused() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"id,name\n1,Anna\n2,Bob\n").unwrap();
    let input = Input::path("hr.csv", file.path());
    let shape = shape(COMMA, &["id"]);
    let inspected = inspect(&input, &shape).unwrap();

    // Same length, different bytes: only the digest shows it, at the end.
    std::fs::write(file.path(), b"id,name\n1,Anna\n2,Eve\n").unwrap();
    let last = open(&input, &shape, &inspected).unwrap().last().unwrap();
    let Err(Refused::Feed(error)) = last else { panic!("{last:?}") };
    assert_eq!(
        error.to_string(),
        "hr.csv: the file changed while it was read: its bytes are not those that were inspected"
    );

    // A different length is detected at once.
    std::fs::write(file.path(), b"id,name\n1,Anna\n").unwrap();
    let Err(error) = open(&input, &shape, &inspected) else { panic!("opened") };
    assert_eq!(
        error.to_string(),
        "hr.csv: the file changed while it was read: it had 21 bytes when it was inspected, now it has 15"
    );

    // Truncated while it is read.
    let inspected = inspect(&input, &shape).unwrap();
    let mut feed = open(&input, &shape, &inspected).unwrap();
    assert!(feed.next().unwrap().is_ok());
    std::fs::write(file.path(), b"id").unwrap();
    let Some(Err(Refused::Feed(error))) = feed.next() else { panic!("not refused") };
    assert_eq!(error.fault.code(), "F18");
    assert!(feed.next().is_none());
}

#[test]
fn a_feed_may_be_sent_to_another_thread() {
    fn sendable<T: Send>(_: &T) {}
    let (input, shape) = (Input::bytes("x", &b"id\n1\n"[..]), shape(COMMA, &["id"]));
    let inspected = inspect(&input, &shape).unwrap();
    sendable(&open(&input, &shape, &inspected).unwrap());
}

#[test]
fn a_damaged_field_hides_no_other() {
    let long = "x".repeat(70_000);
    let text = [
        &b"id,name,end\n1,\0A,2026-03-03\n2,"[..],
        long.as_bytes(),
        b",2026-03-03\n3,\"Big\" Boss,\"2026\"-03-03\n4,K\xf8,\n,,\n\" \",\"\",\"\"\n\x1a\n",
    ]
    .concat();
    insta::assert_snapshot!(lines(&text, &shape(COMMA, &["id"])).join("\n"), @r#"
    2: 1|<"\0A" holds a zero byte>|2026-03-03
    3: 2|<"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…" the field has 70000 bytes, the limit is 65536>|2026-03-03
    4: 3|Big Boss|2026-03-03
    5: 4|<"K�" holds bytes that are not text in the encoding of the file>|
    "#);
}

#[test]
fn a_damaged_member_of_json_hides_no_other() {
    let text = [
        &b"{\"id\":1,\"title\":\"K\xf8\",\"end\":\"2026-03-03\"}\n"[..],
        b"{\"id\":2,\"title\":[{\"x\":1}],\"end\":\"2026-03-03\"}\n",
        b"{\"id\":3,\"title\":\"a\tb\",\"end\":\"2026-03-03\",\"bank\":99999999999999999999999}\n",
        b"{\"id\":4,\"end\":\"2026-03-03\",\"title\":\"the \"big\" boss\"}\n",
        b"{\"id\":5,\"title\":{\"name\":\"x\"},\"end\":null}\n{\"id\":null}\n",
    ]
    .concat();
    let shape = shape(FeedFormat::JsonLines, &["id", "title", "end"]);
    insta::assert_snapshot!(lines(&text, &shape).join("\n"), @r#"
    1: 1|<"K�" holds bytes that are not text in the encoding of the file>|2026-03-03|-|<"K�" is read from within `title`, which is no object>
    2: 2|<is a list of objects>|2026-03-03|-|<is a list of objects>
    3: 3|<"a�b" holds an unescaped control character or half a character>|2026-03-03|<is a number too large to be exact: write it as text>|<"a�b" is read from within `title`, which is no object>
    4: 4|<the line is not a JSON object: expected `,` or `}`>|2026-03-03|<the line is not a JSON object: expected `,` or `}`>|<the line is not a JSON object: expected `,` or `}`>
    5: 5|<is an object, and a plain value is read>|-|-|x
    hr.csv:4: "{\"id\":4,\"end\":\"2026-03-03\",\"title\":\"the \"big\" boss\"}" the line is not a JSON object: expected `,` or `}`
    "#);
}

#[test]
fn null_and_a_missing_key_are_blank() {
    let json = |snapshot: bool, text: &str| {
        let shape = FeedShape { snapshot, ..shape(FeedFormat::JsonLines, &["id", "boss.id"]) };
        read(&Input::bytes("hr", text.as_bytes()), &shape).map(|r| shown(&r)).map_err(|e| e.to_string())
    };
    for text in ["{\"id\":1,\"boss\":null}\n", "{\"id\":1,\"boss\":{}}\n", "{\"id\":1,\"boss\":[]}\n"] {
        for snapshot in [true, false] {
            assert!(json(snapshot, text).unwrap()[0].starts_with("1: 1|"), "{text}");
        }
    }
    assert!(json(false, "{\"id\":1}\n").is_ok());
    assert!(
        json(true, "{\"id\":1}\n").unwrap_err().contains("no `boss.id`"),
        "renamed, for all that is known"
    );
    let mixed = json(true, "{\"id\":1,\"boss\":{\"id\":7}}\n{\"id\":2,\"boss\":\"n/a\"}\n").unwrap();
    assert!(mixed[0].starts_with("1: 1|7|"));
    assert!(
        mixed[1].starts_with("2: 2|<\"n/a\" is read from within `boss`, which is no object>"),
        "{mixed:?}"
    );
}

#[test]
fn columns_that_nothing_reads_do_no_harm() {
    let text = "id,note,note,\n1,a,b,\n";
    assert_eq!(lines(text.as_bytes(), &shape(COMMA, &["id"])), ["2: 1|a|b|"]);
    let many: String = (0..3_000).map(|i| format!("{{\"id\":{i},\"custom_{i}\":1}}\n")).collect();
    let found = read(&Input::bytes("hr", many.into_bytes()), &shape(FeedFormat::JsonLines, &["id"])).unwrap();
    assert_eq!((found.rows.len(), found.errors.len()), (3_000, 0));
}

#[test]
fn a_spreadsheet_may_name_its_delimiter_above_the_header() {
    let semicolons = FeedFormat::Separated { delimiter: b';', quote: b'"' };
    assert_eq!(lines(b"sep=;\r\nid;name\r\n1;Anna\r\n", &shape(semicolons, &["id"])), ["3: 1|Anna"]);
    let other = read(&Input::bytes("hr", &b"sep=;\nid;name\n1;Anna\n"[..]), &shape(COMMA, &["id"]));
    assert_eq!(other.err().unwrap().fault.code(), "F16");
}

#[test]
fn a_stray_pair_of_quotes_makes_no_row_of_two() {
    let shape = shape(COMMA, &["id"]);
    let head = "id,given,family,unit,first,last\n";
    let joined = format!(
        "{head}1,Ada,Aas,\"Sales,2026-01-01,\n2,Bo,Borg,Sales\",2026-01-01,2026-03-02\n3,Cy,Dahl,IT,,\n"
    );
    let read = read(&Input::bytes("x", joined.into_bytes()), &shape).unwrap();
    assert_eq!(read.rows.len(), 1, "the row behind is read");
    let [error] = &read.errors[..] else { panic!("{:?}", read.errors) };
    assert_eq!((error.code, error.at.line, error.urgent), ("R06", 2, true));
    // Over three rows, and from the first field on.
    for text in [
        "1,Ada,Aas,\"Sales,,\n2,Bo,Borg,Sales,,\n3,Cy,Dahl,IT\",,\n4,Di,Eik,IT,,\n",
        "\"1,Ada,Aas,Sales,,\n2\",Bo,Borg,Sales,,\n4,Di,Eik,IT,,\n",
        "1,Ada,Aas,\"Sales,,\r\n2,Bo,Borg,Sales\",,\r\n4,Di,Eik,IT,,\r\n",
    ] {
        let read = crate::read(&Input::bytes("x", format!("{head}{text}").into_bytes()), &shape).unwrap();
        assert_eq!((read.rows.len(), read.errors.len()), (1, 1), "{text}");
    }
    // Text of several lines is one field, even the first one and one with commas.
    for text in [
        "1,Ada,Aas,\"Main St 5\n0150 Oslo, Norway\",,\n",
        "\"1\n\",Ada,Aas,Sales,,\n",
        "1,Ada,Aas,IT,,\"a, b, c\nd, e, f\"\n",
    ] {
        let read = crate::read(&Input::bytes("x", format!("{head}{text}").into_bytes()), &shape).unwrap();
        assert_eq!((read.rows.len(), read.errors.len()), (1, 0), "{text}");
    }
}
