//! The directory of all files: one process at a time, and what is secret for its owner alone.

mod lock;
pub(crate) mod private_file;

pub(crate) use lock::DataLock;
