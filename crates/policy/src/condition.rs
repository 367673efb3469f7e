//! CEL conditions and expressions, type-checked at load, evaluated over declared inputs only.
