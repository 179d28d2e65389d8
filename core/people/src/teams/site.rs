//! Writing to the people of a tenant about what happens to it.

use super::Teams;
use crate::{
    identity::users::rows::users_by_id,
    mail::{About, Email, Outbox, SiteEvent, may_be_notified},
};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryFilter};
use vitrine_entity::{
    InstallationOwned, TenantId, TenantOwned, Time, UserId,
    membership::{self, Role},
    tenant, user,
};

impl Teams {
    /// Tells all who are owners at this moment what happens to one: who is made is one already, who goes still is.
    pub(super) async fn notify_owners_of_change(
        &self,
        connection: &impl ConnectionTrait,
        tenant: TenantId,
        owner: UserId,
        news: fn(String) -> SiteEvent,
    ) -> Result<(), DbErr> {
        let person = user::Entity::row(owner).one(connection).await?;
        let news = news(person.map(|person| person.name).unwrap_or_default());
        let site = Site::of(connection, tenant).await?;
        site.notify_owners(connection, &self.outbox, &news, self.clock.now())
            .await
    }
}

pub(super) fn owner_made(who: String) -> SiteEvent {
    SiteEvent::OwnerMade { who }
}

pub(super) fn owner_gone(who: String) -> SiteEvent {
    SiteEvent::OwnerGone { who }
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
        let row = tenant::Entity::row(id).one(connection).await?;
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

    /// Writes to one of its people, but not too often.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn notify(
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
        // Whoever goes is notified after they are forgotten, if they belong to nothing else.
        let about = match news {
            SiteEvent::OwnerGone { .. } => About::Tenant(self.id),
            _ => About::Member(self.id, person.id),
        };
        let message = Email::SiteNotice {
            to: person.email.clone(),
            name: person.name.clone(),
            site: self.name.clone(),
            news,
            at: now,
        };
        outbox.put(connection, about, &message, now).await
    }
}
