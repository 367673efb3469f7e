//! First passwords: by a link that works once, or handed over by a person; and the result of either.

mod begin;
mod link;
mod redeem;
mod renew;

pub use redeem::Redeemed;

crate::app::part! {
    /// First credentials, handed over.
    Activations, activation
}
