//! SCIM 2.0 schemas, filters and PATCH (RFC 7643, RFC 7644) over JSON values. Ring 0: no I/O, no clock, no randomness.

mod error;
mod filter;
mod json;
pub mod lenient;
mod message;
mod normal;
mod patch;
mod path;
mod projection;
mod schema;
pub mod urn;

pub use error::{ScimError, ScimType};
pub use filter::{Filter, eq, quote};
pub use json::{field, field_mut, remove_field, set_field, truth};
pub use message::{List, ServiceConfig};
pub use normal::{Write, normalise};
pub use patch::{OPERATIONS_MAX, Op, Operation, Patch, PatchRules};
pub use path::Path;
pub use projection::Projection;
pub use schema::{Attribute, Kind, Mutability, Returned, Schemas};
