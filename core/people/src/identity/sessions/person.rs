//! Who is signed in.

use vitrine_entity::{SessionId, TenantId, UserId, membership::Role};

/// Somebody who proved to be a member.
#[derive(Clone, Debug)]
pub struct Person {
    /// The tenant that the sign-in is for.
    pub tenant: TenantId,
    /// Who it is.
    pub user: UserId,
    /// The sign-in.
    pub session: SessionId,
    /// What the member may do, as of now.
    pub role: Role,
}
