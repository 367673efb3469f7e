//! Classification of failures: kind, status, and a message that says what to do.

use crate::common::{TOKEN, connected, named, new_account, peer, settings};
use jiff::SignedDuration;
use tenure_connect::{ErrorKind, Status};
use tenure_demo::scim_peer::{Canned, Quirks, RetryAfter};
use tenure_testkit::need;
use tenure_testkit::peer::{Fault, FaultProxy, scim2_server};

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_token_is_refused_and_never_shown() {
    let peer = peer(Quirks::default()).await;
    let c = tenure_connector_scim::connect(&settings(&peer.url(), "wrong-token", &[])).unwrap();
    for e in [c.test().await.unwrap_err(), c.read(&named("ada")).await.unwrap_err()] {
        assert_eq!((e.kind, e.status), (ErrorKind::Refused, Status::NoAccess));
        assert!(!format!("{e:?}").contains("wrong-token"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reference_server_refuses_and_goes() {
    let mut server = need!(scim2_server());
    let wrong = tenure_connector_scim::connect(&settings(&server.url, "wrong", &[])).unwrap();
    assert_eq!(wrong.test().await.unwrap_err().kind, ErrorKind::Refused);
    let c = tenure_connector_scim::connect(&settings(&server.url, &server.token, &[])).unwrap();
    assert!(c.test().await.unwrap().product.contains("127.0.0.1"));
    server.stop();
    let read = c.read(&named("ada")).await.unwrap_err();
    assert_eq!((read.kind, read.status), (ErrorKind::Unreachable, Status::Temporary));
    let write = c.create(&new_account("ada", &[])).await.unwrap_err();
    assert_eq!((write.kind, write.status), (ErrorKind::Unreachable, Status::Temporary));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_lost_leaves_the_outcome_of_a_write_unknown() {
    let peer = peer(Quirks::default()).await;
    let proxy = FaultProxy::start(peer.address()).unwrap();
    let url = format!("http://{}/scim/v2", proxy.address());
    // By id and without groups, so that the write is the first request of its connection.
    let c = connected(&url, &[("groups", "false"), ("etag", "false")]);
    c.create(&new_account("ada", &[])).await.unwrap();
    let direct = connected(&peer.url(), &[]);
    let ada = direct.read(&named("ada")).await.unwrap().unwrap();
    proxy.set(Fault::CutAnswerAfter(0));
    let e = c.read(&named("ada")).await.unwrap_err();
    assert_eq!(
        (e.kind, e.status),
        (ErrorKind::Unreachable, Status::Temporary),
        "a read can simply be made again"
    );
    assert!(!e.message.contains("ada"), "names of people are not in messages about the network: {e}");
    proxy.set(Fault::None);
    // Let the read of enable or disable pass and truncate the answer to its PATCH after one byte.
    let answer = one_answer_bytes(&peer.url(), &ada.external_id).await;
    proxy.set(Fault::CutAnswerAfter(answer + 1));
    let e = c
        .enable(&tenure_connect::AccountRef { external_id: Some(ada.external_id.clone()), ..named("ada") })
        .await
        .unwrap_err();
    assert_eq!((e.kind, e.status), (ErrorKind::Unreachable, Status::UnknownOutcome), "{e}");
    assert!(direct.read(&named("ada")).await.unwrap().unwrap().enabled, "and indeed it was written");
}

/// Bytes of the peer's answer to a read of that user, including headers.
async fn one_answer_bytes(url: &str, id: &str) -> usize {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let address = url.trim_start_matches("http://").split('/').next().unwrap().to_owned();
    let mut socket = tokio::net::TcpStream::connect(&address).await.unwrap();
    let request = format!(
        "GET /scim/v2/Users/{id} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {TOKEN}\r\nconnection: close\r\n\r\n"
    );
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).await.unwrap();
    answer.len() - "connection: close\r\n".len()
}

#[tokio::test(flavor = "multi_thread")]
async fn throttling_says_how_long() {
    let seconds = |n| Status::Throttled(SignedDuration::from_secs(n));
    let table = [
        (RetryAfter::Seconds(7), seconds(7)),
        (RetryAfter::Date(40), seconds(40)),
        (RetryAfter::Unsaid, seconds(5)),
    ];
    for (said, wanted) in table {
        let peer = peer(Quirks { throttle_every: 1, retry_after: Some(said), ..Quirks::default() }).await;
        let e = connected(&peer.url(), &[]).read(&named("ada")).await.unwrap_err();
        assert_eq!((e.kind, e.status), (ErrorKind::Throttled, wanted), "{said:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_answers_are_named() {
    let peer = peer(Quirks::default()).await;
    let c = connected(&peer.url(), &[]);
    let redirect = vec![("location".to_owned(), "http://127.0.0.1:9/elsewhere".to_owned())];
    let huge = format!("{{\"x\":\"{}\"}}", "y".repeat(33 * 1024 * 1024));
    let table = [
        (302, redirect, String::new(), ErrorKind::Configuration, "redirects are not followed"),
        (500, vec![], "<html>oops</html>".to_owned(), ErrorKind::Unreachable, "answered 500"),
        (
            503,
            vec![("retry-after".to_owned(), "9".to_owned())],
            String::new(),
            ErrorKind::Throttled,
            "answered 503",
        ),
        (404, vec![], String::new(), ErrorKind::Configuration, "no Users at this `url`"),
        (200, vec![], huge, ErrorKind::Protocol, "more than 33554432 bytes"),
    ];
    for (status, headers, body, kind, said) in table {
        let canned = Canned { status, headers, body };
        peer.state().set_quirks(Quirks { canned: Some(canned), ..Quirks::default() });
        let e = c.read(&named("ada")).await.unwrap_err();
        assert_eq!(e.kind, kind, "{status}: {e}");
        assert!(e.message.contains(said), "{e}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_without_patch_is_found_out() {
    let peer = peer(Quirks { refuses_patch: true, ..Quirks::default() }).await;
    let c = connected(&peer.url(), &[]);
    c.create(&new_account("ada", &[])).await.unwrap();
    let e = c.enable(&named("ada")).await.unwrap_err();
    assert_eq!(e.kind, ErrorKind::Unsupported);
}
