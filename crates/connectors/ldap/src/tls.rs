//! Trusted TLS authorities: only the one of the `ca` setting, or those of the machine.

use rustls::ClientConfig;
use rustls::RootCertStore;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use std::sync::Arc;

/// Trusts the certificates in a PEM file. The error is the end of a sentence about the file.
pub(crate) fn trusting(path: &str) -> Result<Arc<ClientConfig>, String> {
    let mut roots = RootCertStore::empty();
    let certificates = CertificateDer::pem_file_iter(path).map_err(|e| format!("cannot be read: {e}"))?;
    for certificate in certificates {
        let certificate = certificate.map_err(|e| format!("is not a PEM file: {e}"))?;
        roots.add(certificate).map_err(|e| format!("holds a certificate that cannot be used: {e}"))?;
    }
    if roots.is_empty() {
        return Err("holds no certificate".to_owned());
    }
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|e| format!("cannot be used: {e}"))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

/// Installs the process's one cryptography provider, for connections that trust the machine's authorities. If it is already installed,
/// it is the same one.
pub(crate) fn install_provider() {
    match aws_lc_rs::default_provider().install_default() {
        Ok(()) | Err(_) => {}
    }
}
