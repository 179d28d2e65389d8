//! What the platform answers: consent and tokens, the Graph, and the host of files.

pub(crate) mod cdn;
mod fault_injection;
pub(crate) mod graph;
pub(crate) mod oauth;
pub(crate) mod usage;

pub(crate) use fault_injection::under_faults;
