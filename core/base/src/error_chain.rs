//! Errors in words, for the log.

use std::{error::Error, iter::successors};

/// An error with the causes of it, each behind a colon.
#[must_use]
pub fn cause_chain(error: &dyn Error) -> String {
    let causes = successors(error.source(), |cause| (**cause).source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
