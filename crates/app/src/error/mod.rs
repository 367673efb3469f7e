//! Errors of use cases: the stable code of each refusal, and what exactly was refused.

mod app;
mod detail;
mod item;
mod refusal;
mod refused;

pub use app::AppError;
pub use detail::{
    AccessRefusal, ActorRefusal, CutOffRefusal, IdentityRefusal, OperationRefusal, RefusalDetail,
    SystemRefusal, WorkRefusal,
};
pub use item::Item;
pub use refusal::Refusal;
pub use refused::Refused;
