//! Where copies come from.

use std::{
    fmt::{Debug, Display},
    hash::Hash,
};

/// How soon a look is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Somebody waits, or is told what is no longer right.
    Now,
    /// Nobody waits: looks of a moment may share one statement.
    Soon,
}

/// What was read.
pub struct Reading<C> {
    /// What was read.
    pub copy: C,
    /// Something changed meanwhile, and nobody can tell whether it was seen.
    pub doubtful: bool,
}

/// Where copies come from.
pub trait Origin: Send + Sync + 'static {
    /// Names what is read.
    type Key: Clone + Debug + Eq + Hash + Send + Sync + 'static;
    /// What is read.
    type Copy: Send + Sync + 'static;
    /// Why it could not be read.
    type Error: Clone + Display + Send + Sync + 'static;

    /// What it is, in the words of a log line.
    const NAME: &'static str;

    /// Reads it.
    fn load(&self, key: &Self::Key) -> impl Future<Output = Result<Reading<Self::Copy>, Self::Error>> + Send;

    /// Reads it where it is another than `copy`.
    fn newer(
        &self,
        key: &Self::Key,
        copy: &Self::Copy,
        pace: Pace,
    ) -> impl Future<Output = Result<Option<Reading<Self::Copy>>, Self::Error>> + Send;

    /// Whether it is known to be gone, rather than that nobody can tell.
    fn is_gone(error: &Self::Error) -> bool;

    /// Whether what was read is put in the place of what another look has put there meanwhile: two looks at once may end
    /// in either order, and find the same.
    fn replaces(_read: &Self::Copy, _known: &Self::Copy) -> bool {
        true
    }
}
