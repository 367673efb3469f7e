//! What tests share: real servers, conformance suites, a fake target.
