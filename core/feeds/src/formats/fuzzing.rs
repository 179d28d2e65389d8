//! What must hold for what is asked of feeds, and for texts within them.

pub use super::graph::fuzzing::fields;
pub(crate) use super::graph::fuzzing::texts;
