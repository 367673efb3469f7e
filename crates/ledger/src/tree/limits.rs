//! The widths and heights of trees and tiles: fixed by the formats, and limited by what a database can count.

/// Hashes in a full tile (C2SP tlog-tiles).
pub const TILE_WIDTH: u16 = 256;

/// Heights of the tree that one tile spans: 2^8 = 256.
pub const TILE_HEIGHT: u32 = 8;

/// Maximum number of leaves of a tree. 2^63 − 1 fits a signed 64-bit column of a database.
pub const MAX_TREE_SIZE: u64 = (1 << 63) - 1;

/// Levels of tiles that a tree of [`MAX_TREE_SIZE`] leaves has, counted from 0.
pub const MAX_TILE_LEVELS: u8 = 8;
