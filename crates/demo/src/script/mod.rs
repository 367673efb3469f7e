//! Ten working days at the sample organisation, as data: what the sources say, what people do, and the expected results.

mod cast;
mod day;
mod first_week;
mod second_week;
mod story;

pub use day::{Action, Day, Expected, Run};
pub use story::script;
