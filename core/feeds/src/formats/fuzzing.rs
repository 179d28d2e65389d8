//! What must hold for texts within what is written of feeds.

pub(crate) use super::graph::fuzzing::texts;
