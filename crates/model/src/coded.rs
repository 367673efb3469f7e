//! Statements as codes with typed parameters: what happened is stored and shown to programs by code, whatever the sentence says.

/// Declares an enum whose cases have codes and typed parameters, and how they are stated and read.
#[macro_export]
macro_rules! coded {
    ($(#[$about:meta])+ $type:ident {
        $($(#[$doc:meta])+ $name:ident = $code:literal $({ $($field:ident: $of:ty),+ $(,)? })?;)+
    }) => {
        $(#[$about])+
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $type {
            $($(#[$doc])+ $name $({
                $(#[doc = concat!("The parameter `", stringify!($field), "`.")] $field: $of,)+
            })?,)+
        }

        impl $type {
            /// All codes.
            pub const CODES: &[&str] = &[$($code),+];

            /// The stable code. New statements get a new code; an old code is never given another meaning.
            #[must_use]
            pub fn code(&self) -> &'static str {
                match self {
                    $(Self::$name { .. } => $code,)+
                }
            }

            /// Its parameters by name; one that is not stated is left out.
            #[must_use]
            pub fn parameters(&self) -> std::collections::BTreeMap<std::sync::Arc<str>, $crate::Parameter> {
                match self {
                    $(Self::$name $({ $($field),+ })? => $crate::Parameter::record([
                        $($((stringify!($field), $crate::Typed::state($field))),+)?
                    ]),)+
                }
            }

            /// Reads a code with its parameters; `None` if it is not known, or a parameter is missing or has another type.
            #[must_use]
            pub fn read(
                code: &str,
                parameters: &std::collections::BTreeMap<std::sync::Arc<str>, $crate::Parameter>,
            ) -> Option<Self> {
                Some(match code {
                    $($code => Self::$name $({
                        $($field: $crate::taken(parameters, stringify!($field))?),+
                    })?,)+
                    _ => return None,
                })
            }

            /// One of each, for the documentation: a text is the name of its parameter.
            #[must_use]
            pub fn examples() -> Vec<Self> {
                let all = [$((
                    $code,
                    $crate::Parameter::record([$($((
                        stringify!($field),
                        <$of as $crate::Typed>::example(stringify!($field)),
                    )),+)?]),
                )),+];
                all.iter().filter_map(|(code, parameters)| Self::read(code, parameters)).collect()
            }
        }
    };
}
