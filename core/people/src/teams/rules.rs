//! What members may do to each other.

use super::TeamError;
use vitrine_entity::membership::Role;

/// Whether a member of role `acting` may give a member of role `before` another one, or an invited person a
/// first one.
pub(super) fn may_give(acting: Role, before: Option<Role>, after: Role) -> Result<(), TeamError> {
    let about_owners = before == Some(Role::Owner) || after == Role::Owner;
    let needed = if about_owners { Role::Owner } else { Role::Admin };
    allowed(acting >= needed)
}

/// Whether a member of role `acting` may remove one of role `other`; anybody may leave.
pub(super) fn may_remove(acting: Role, other: Role, oneself: bool) -> Result<(), TeamError> {
    let needed = if other == Role::Owner {
        Role::Owner
    } else {
        Role::Admin
    };
    allowed(oneself || acting >= needed)
}

fn allowed(yes: bool) -> Result<(), TeamError> {
    yes.then_some(()).ok_or(TeamError::RoleTooLow)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Role::{Admin, Owner, Viewer};

    #[test]
    fn only_owners_make_and_change_owners() {
        for (before, after) in [
            (Some(Owner), Admin),
            (Some(Admin), Owner),
            (None, Owner),
            (Some(Owner), Owner),
        ] {
            assert!(may_give(Owner, before, after).is_ok());
            assert!(may_give(Admin, before, after).is_err());
            assert!(may_give(Viewer, before, after).is_err());
        }
    }

    #[test]
    fn admins_change_admins_and_viewers_and_viewers_nobody() {
        for (before, after) in [(Some(Viewer), Admin), (Some(Admin), Viewer), (None, Admin)] {
            assert!(may_give(Admin, before, after).is_ok());
            assert!(may_give(Viewer, before, after).is_err());
        }
    }

    #[test]
    fn everybody_may_leave_and_nobody_else_removes_an_owner() {
        assert!(may_remove(Viewer, Viewer, true).is_ok());
        assert!(may_remove(Owner, Owner, false).is_ok());
        assert!(may_remove(Admin, Owner, false).is_err());
        assert!(may_remove(Admin, Admin, false).is_ok());
        assert!(may_remove(Viewer, Viewer, false).is_err());
    }
}
