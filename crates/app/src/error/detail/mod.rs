//! What exactly was refused: one code for each sentence, with its typed parameters, by area.

mod access;
mod actor;
mod area;
mod cut_off;
mod identity;
mod operation;
mod refusal_detail;
mod system;
mod work;

pub use access::AccessRefusal;
pub use actor::ActorRefusal;
pub use cut_off::CutOffRefusal;
pub use identity::IdentityRefusal;
pub use operation::OperationRefusal;
pub use refusal_detail::RefusalDetail;
pub use system::SystemRefusal;
pub use work::WorkRefusal;
