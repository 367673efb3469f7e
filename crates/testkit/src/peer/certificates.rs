//! A certificate authority that is made for one test run, and a server certificate under it.

use std::fs;
use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};

use super::error::PeerError;

/// Where the files lie that a TLS server and its clients need, all in PEM.
pub(crate) struct Certificates {
    pub(crate) ca: PathBuf,
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

/// Makes a new authority and a certificate for 127.0.0.1 and localhost, and writes them to `folder`.
pub(crate) fn make_certificates(folder: &Path) -> Result<Certificates, PeerError> {
    let made = make().map_err(|error| PeerError::Failed {
        peer: "certificates",
        what: format!("could not be made: {error}"),
        log: String::new(),
    })?;
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::write(&path, text).map_err(PeerError::machine(format!("write {}", path.display())))?;
        Ok(path)
    };
    Ok(Certificates {
        ca: write("ca.pem", &made.ca)?,
        certificate: write("server.pem", &made.certificate)?,
        key: write("server.key", &made.key)?,
    })
}

struct Pem {
    ca: String,
    certificate: String,
    key: String,
}

fn make() -> Result<Pem, rcgen::Error> {
    let mut ca = CertificateParams::default();
    ca.distinguished_name.push(DnType::CommonName, "test authority");
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let ca_key = KeyPair::generate()?;
    let ca_certificate = ca.self_signed(&ca_key)?;
    let issuer = Issuer::new(ca, ca_key);

    let mut server = CertificateParams::new(vec!["localhost".to_owned(), "127.0.0.1".to_owned()])?;
    server.distinguished_name.push(DnType::CommonName, "localhost");
    let key = KeyPair::generate()?;
    let certificate = server.signed_by(&key, &issuer)?;
    Ok(Pem { ca: ca_certificate.pem(), certificate: certificate.pem(), key: key.serialize_pem() })
}
