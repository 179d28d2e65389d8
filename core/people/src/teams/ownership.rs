//! Handing a tenant over, and writing to its owners.

use super::{
    TeamError, Teams,
    members::{Member, find, refused},
    rules::may_give,
};
use crate::{
    identity::{Person, users::rows::users_by_id},
    mail::{About, Email, Outbox, SiteEvent, may_be_notified},
};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};
use vitrine_entity::{
    MembershipId, TenantId, TenantOwned, Time, UserId,
    membership::{self, Role},
    tenant, user,
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
            return Err(refused("member_id", "oneself", "must be another member"));
        }
        let user = target.user_id;
        let owner = self.give(&transaction, target, Role::Owner).await?;
        self.give(&transaction, acting, Role::Admin).await?;
        self.notify_both(&transaction, actor, &owner).await?;
        transaction.commit().await?;
        Ok(Member {
            membership: owner,
            user: self.identity.user(user).await?,
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

pub(super) fn owner_made(who: String) -> SiteEvent {
    SiteEvent::OwnerMade { who }
}

pub(super) fn owner_gone(who: String) -> SiteEvent {
    SiteEvent::OwnerGone { who }
}

impl Teams {
    /// Tells all who are owners at this moment what happens to one: who is made is one already, who goes still is.
    pub(super) async fn notify_owners_of_change(
        &self,
        connection: &impl ConnectionTrait,
        tenant: TenantId,
        owner: UserId,
        news: fn(String) -> SiteEvent,
    ) -> Result<(), DbErr> {
        let person = user::Entity::find_by_id(owner).one(connection).await?;
        let news = news(person.map(|person| person.name).unwrap_or_default());
        let site = Site::of(connection, tenant).await?;
        site.notify_owners(connection, &self.outbox, &news, self.clock.now())
            .await
    }
}

/// A tenant that somebody is written to about.
pub struct Site {
    id: TenantId,
    name: String,
}

impl Site {
    /// The tenant, as it is called now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of(connection: &impl ConnectionTrait, id: TenantId) -> Result<Self, DbErr> {
        let row = tenant::Entity::find_by_id(id).one(connection).await?;
        let name = row.map(|row| row.name).unwrap_or_default();
        Ok(Self { id, name })
    }

    /// Writes to every owner, but to those who were written to too often.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn notify_owners(
        &self,
        connection: &impl ConnectionTrait,
        outbox: &Outbox,
        news: &SiteEvent,
        now: Time,
    ) -> Result<(), DbErr> {
        let owners = membership::Entity::of(self.id)
            .filter(membership::Column::Role.eq(Role::Owner))
            .all(connection)
            .await?;
        let owners = users_by_id(connection, owners.iter().map(|row| row.user_id)).await?;
        for owner in owners.values() {
            self.notify(connection, outbox, owner, news.clone(), now).await?;
        }
        Ok(())
    }

    async fn notify(
        &self,
        connection: &impl ConnectionTrait,
        outbox: &Outbox,
        person: &user::Model,
        news: SiteEvent,
        now: Time,
    ) -> Result<(), DbErr> {
        if !may_be_notified(connection, person, now).await? {
            return Ok(());
        }
        // Whoever goes is told after they are forgotten, if they belong to nothing else.
        let about = match news {
            SiteEvent::OwnerGone { .. } => About::Tenant(self.id),
            _ => About::Member(self.id, person.id),
        };
        let letter = Email::SiteNotice {
            to: person.email.clone(),
            name: person.name.clone(),
            site: self.name.clone(),
            news,
            at: now,
        };
        outbox.put(connection, about, &letter, now).await
    }
}
