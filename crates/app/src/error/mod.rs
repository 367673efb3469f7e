//! Errors of use cases, and the stable code of each refusal.

mod app;
mod refusal;

pub use app::AppError;
pub use refusal::Refusal;
