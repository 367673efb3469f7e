//! Policy and configuration as code: parsed, checked, compiled.
