//! First passwords: a link that works once, or a person who hands it over; and what comes of either.

mod begin;
mod link;
mod redeem;
mod renew;

pub use redeem::Redeemed;

crate::app::part! {
    /// First credentials, handed over.
    Activations, activation
}
