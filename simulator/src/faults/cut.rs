//! The mark of an answer that is never sent.

/// Marks an answer whose connection is to be cut instead of sending it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cut;
