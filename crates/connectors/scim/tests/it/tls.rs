//! TLS: only the configured authority is trusted.

use crate::common::{TOKEN, named, settings};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use tenure_connect::{ErrorKind, Status};

/// An HTTPS service that answers every request with an empty list; returns its URL and its authority in PEM.
fn empty_service() -> (String, String) {
    let ca_key = KeyPair::generate().unwrap();
    let mut ca = CertificateParams::default();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca_pem = ca.self_signed(&ca_key).unwrap().pem();
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &Issuer::new(ca, ca_key)).unwrap();
    let private = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let chain = vec![certificate.der().clone()];
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, private).unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for socket in listener.incoming() {
            let connection = ServerConnection::new(config.clone()).unwrap();
            let mut stream = StreamOwned::new(connection, socket.unwrap());
            let (mut request, mut piece) = (Vec::new(), [0; 4096]);
            // A client that does not trust the certificate disconnects here.
            while let Ok(n @ 1..) = stream.read(&mut piece) {
                request.extend_from_slice(&piece[..n]);
                if request.ends_with(b"\r\n\r\n") {
                    let body = r#"{"totalResults":0,"Resources":[]}"#;
                    let head = format!(
                        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                        body.len()
                    );
                    drop(stream.write_all(format!("{head}{body}").as_bytes()));
                    stream.conn.send_close_notify();
                    drop(stream.flush());
                    break;
                }
            }
        }
    });
    (format!("https://localhost:{port}/scim"), ca_pem)
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_named_authority_is_trusted() {
    let (url, ca) = empty_service();
    let trusting =
        tenure_connector_scim::connect(&settings(&url, TOKEN, &[("ca", &ca), ("groups", "false")])).unwrap();
    assert_eq!(trusting.read(&named("ada")).await.unwrap(), None);
    let (_, other_ca) = empty_service();
    let knobs: [&[(&str, &str)]; 2] = [&[], &[("ca", &other_ca)]];
    for knobs in knobs {
        let doubting = tenure_connector_scim::connect(&settings(&url, TOKEN, knobs)).unwrap();
        let e = doubting.read(&named("ada")).await.unwrap_err();
        assert_eq!((e.kind, e.status), (ErrorKind::Unreachable, Status::Temporary));
        assert!(e.message.contains("certificate"), "{e}");
    }
}
