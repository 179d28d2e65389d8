//! How people and tenants may be called.

use crate::identity::IdentityError;
use vitrine_base::validation::Check;

/// Most characters of a name.
pub(in crate::identity) const LONGEST_NAME: usize = 100;

/// How a person may be called, in the form that is stored.
///
/// # Errors
/// [`IdentityError::Invalid`].
pub fn checked_name(name: &str) -> Result<String, IdentityError> {
    let mut check = Check::default();
    let name = check.text("name", name, LONGEST_NAME);
    check.finish().map_err(IdentityError::Invalid)?;
    Ok(name)
}
