//! Handing a tenant over.

use super::{
    TeamError, Teams,
    members::{Member, find},
    rules::may_give,
    site::Site,
};
use crate::{
    identity::{Person, users::rows::users_by_id},
    mail::SiteEvent,
};
use sea_orm::{ConnectionTrait, DbErr};
use vitrine_entity::{
    MembershipId,
    membership::{self, Role},
};
use vitrine_limits::plans::lock_tenant;

impl Teams {
    /// Makes another member the owner in the place of the one who asks, who becomes an admin. Both get an email.
    ///
    /// # Errors
    /// [`TeamError::NotFound`], [`TeamError::RoleTooLow`], [`TeamError::Invalid`] for oneself.
    pub async fn transfer(&self, actor: &Person, member: MembershipId) -> Result<Member, TeamError> {
        let transaction = self.database.begin_write().await?;
        lock_tenant(&transaction, actor.tenant).await?;
        let acting = self.acting(&transaction, actor).await?;
        let target = find(&transaction, actor.tenant, member).await?;
        may_give(acting.role, Some(target.role), Role::Owner)?;
        if acting.id == target.id {
            return Err(TeamError::refused(
                "member_id",
                "oneself",
                "must be another member",
            ));
        }
        let user = target.user_id;
        let owner = self.give(&transaction, target, Role::Owner).await?;
        self.give(&transaction, acting, Role::Admin).await?;
        self.notify_both(&transaction, actor, &owner).await?;
        transaction.commit().await?;
        Ok(Member {
            membership: owner,
            user: self.identity.users.find(user).await?,
        })
    }

    async fn notify_both(
        &self,
        connection: &impl ConnectionTrait,
        giver: &Person,
        owner: &membership::Model,
    ) -> Result<(), DbErr> {
        let both = users_by_id(connection, [giver.user, owner.user_id]).await?;
        let (Some(giver), Some(receiver)) = (both.get(&giver.user), both.get(&owner.user_id)) else {
            return Ok(());
        };
        let given = SiteEvent::OwnershipGiven {
            to: receiver.name.clone(),
        };
        let received = SiteEvent::OwnershipReceived {
            from: giver.name.clone(),
        };
        let site = Site::of(connection, owner.tenant_id).await?;
        let now = self.clock.now();
        site.notify(connection, &self.outbox, giver, given, now).await?;
        site.notify(connection, &self.outbox, receiver, received, now)
            .await
    }
}
