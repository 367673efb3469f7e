//! SCIM 2.0 schemas, filters and PATCH (RFC 7643, RFC 7644).
