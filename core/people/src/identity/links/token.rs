//! What a link in an email carries.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use std::time::Duration;
use vitrine_base::random;
use vitrine_entity::mail_link::LinkPurpose;

const SECRET_BYTES: usize = 32;
/// No token of ours is longer.
const LONGEST: usize = 128;

/// A new random token.
pub(super) fn generate(purpose: LinkPurpose) -> String {
    let secret: [u8; SECRET_BYTES] = random::bytes();
    format!("{}{}", prefix(purpose), BASE64_URL_SAFE_NO_PAD.encode(secret))
}

/// Whether a text may be a token of this purpose.
pub(super) fn may_be_ours(token: &str, purpose: LinkPurpose) -> bool {
    token.len() <= LONGEST && token.starts_with(prefix(purpose))
}

/// The database has no use of what could open an account. The token is random, so its hash needs no key.
pub(super) fn digest(token: &str) -> String {
    blake3::hash(token.as_bytes()).to_hex().to_string()
}

/// Where a link leads.
pub(super) fn page(purpose: LinkPurpose) -> &'static str {
    match purpose {
        LinkPurpose::VerifyEmail => "verify-email",
        LinkPurpose::ResetPassword => "reset-password",
    }
}

/// How long a token is good for.
pub(super) fn lifetime(purpose: LinkPurpose) -> Duration {
    match purpose {
        LinkPurpose::VerifyEmail => Duration::from_hours(24),
        LinkPurpose::ResetPassword => Duration::from_hours(1),
    }
}

fn prefix(purpose: LinkPurpose) -> &'static str {
    match purpose {
        LinkPurpose::VerifyEmail => "vt_ev_",
        LinkPurpose::ResetPassword => "vt_pr_",
    }
}
