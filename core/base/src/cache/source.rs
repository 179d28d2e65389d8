//! Where copies come from.

use crate::database::Urgency;
use std::{
    fmt::{Debug, Display},
    hash::Hash,
};

/// What was read.
pub struct Loaded<C> {
    /// What was read.
    pub copy: C,
    /// Something changed meanwhile, and nobody can tell whether it was seen.
    pub maybe_stale: bool,
}

/// Where copies come from.
pub trait Source: Send + Sync + 'static {
    /// Names what is read.
    type Key: Clone + Debug + Eq + Hash + Send + Sync + 'static;
    /// What is read.
    type Value: Send + Sync + 'static;
    /// Why it could not be read.
    type Error: Clone + Display + Send + Sync + 'static;

    /// What it is, in the words of a log line.
    const NAME: &'static str;

    /// Reads it.
    fn load(&self, key: &Self::Key) -> impl Future<Output = Result<Loaded<Self::Value>, Self::Error>> + Send;

    /// Reads it where it is another than `copy`.
    fn load_if_changed(
        &self,
        key: &Self::Key,
        copy: &Self::Value,
        urgency: Urgency,
    ) -> impl Future<Output = Result<Option<Loaded<Self::Value>>, Self::Error>> + Send;

    /// Whether it is known to be gone, rather than that nobody can tell.
    fn is_gone(error: &Self::Error) -> bool;

    /// Whether what was read is put in the place of what another look has put there meanwhile: two looks at once may end
    /// in either order, and find the same.
    fn replaces(_read: &Self::Value, _known: &Self::Value) -> bool {
        true
    }
}
