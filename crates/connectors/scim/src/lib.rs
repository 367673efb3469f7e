//! SCIM 2.0 services.
