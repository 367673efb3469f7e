//! How an area declares its refusals.

/// An area's refusals, each with the reason to which it belongs.
macro_rules! refusals {
    ($(#[$about:meta])+ $type:ident {
        $($(#[$doc:meta])+ $name:ident = $code:literal of $why:ident $({ $($field:ident: $of:ty),+ $(,)? })?;)+
    }) => {
        tenure_model::coded! {
            $(#[$about])+
            $type {
                $($(#[$doc])+ $name = $code $({ $($field: $of),+ })?;)+
            }
        }

        impl $type {
            /// The reason to which it belongs.
            #[must_use]
            pub fn why(&self) -> $crate::Refusal {
                match self {
                    $(Self::$name { .. } => $crate::Refusal::$why,)+
                }
            }
        }
    };
}
pub(super) use refusals;
