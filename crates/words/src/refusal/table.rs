//! The form of a table of sentences.

/// The sentences of an area in one table: a refusal without a sentence does not compile.
macro_rules! sentences {
    ($type:ident: $($name:ident $({ $($field:ident),+ })? => $sentence:expr;)+) => {
        pub(super) fn sentence(refused: &$type) -> String {
            match refused {
                $($type::$name $({ $($field),+ })? => $sentence.into(),)+
            }
        }
    };
}
pub(super) use sentences;
