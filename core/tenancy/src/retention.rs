//! What has ended and is kept for a while: keys, invitations, links of emails, connections that were begun.

use sea_orm::DbErr;
use vitrine_accounts::connections;
use vitrine_base::{
    clock::SharedClock,
    database::{Database, SafeTime},
};
use vitrine_feeds::keys;
use vitrine_people::{identity, teams};

/// Forgets what ended long ago, in all tenants.
#[derive(Clone)]
pub struct Retention {
    database: Database,
    safe_time: SafeTime,
}

impl Retention {
    /// The service over its parts.
    #[must_use]
    pub fn new(database: Database, clock: SharedClock) -> Self {
        Self {
            safe_time: SafeTime::new(database.clone(), clock),
            database,
        }
    }

    /// Deletes at most `most` rows of each kind; gives how many of the kind that had the most. Safe from several
    /// processes at once.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn prune(&self, most: u64) -> Result<u64, DbErr> {
        let (connection, now) = (self.database.connection(), self.safe_time.now().await?);
        let keys = keys::prune_keys(connection, now, most).await?;
        let invitations = teams::prune_invitations(connection, now, most).await?;
        let links = identity::prune_email_links(connection, now, most).await?;
        let attempts = connections::prune_attempts(connection, now, most).await?;
        Ok(keys.max(invitations).max(links).max(attempts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;
    use sea_orm::{ActiveModelTrait, ActiveValue::Set, PaginatorTrait};
    use std::{sync::Arc, time::Duration};
    use vitrine_base::testing::{Bed, on_both_engines};
    use vitrine_entity::{
        ConnectAttemptId, InvitationId, TenantId, TenantOwned, Time, UserId, connect_attempt, invitation,
        membership::Role,
    };
    use vitrine_people::{
        identity::ClientInfo,
        testing::{WithPeople, ada},
    };

    on_both_engines!(what_has_ended_is_forgotten);

    async fn invites(bed: &Bed, (tenant, user): (TenantId, UserId), name: &str, ends: Time) {
        let row = invitation::ActiveModel {
            id: Set(InvitationId::generate()),
            tenant_id: Set(tenant),
            email: Set(format!("{name}@example.com")),
            role: Set(Role::Viewer),
            token_hash: Set(name.to_owned()),
            invited_by: Set(user),
            created_at: Set(bed.now()),
            expires_at: Set(ends),
            ended_at: Set(None),
            accepted_by: Set(None),
        };
        row.insert(bed.database.connection()).await.unwrap();
    }

    async fn begins(bed: &Bed, tenant: TenantId, name: &str, ends: Time) {
        let row = connect_attempt::ActiveModel {
            id: Set(ConnectAttemptId::generate()),
            tenant_id: Set(tenant),
            user_id: Set(None),
            state_hash: Set(name.to_owned()),
            redirect_uri: Set("https://vitrine.example/".to_owned()),
            return_to: Set(None),
            account_id: Set(None),
            created_at: Set(bed.now()),
            expires_at: Set(ends),
            used_at: Set(None),
            connected_account_id: Set(None),
            error: Set(None),
        };
        row.insert(bed.database.connection()).await.unwrap();
    }

    async fn left(bed: &Bed) -> (u64, u64) {
        let connection = bed.database.connection();
        (
            invitation::Entity::across_tenants()
                .count(connection)
                .await
                .unwrap(),
            connect_attempt::Entity::across_tenants()
                .count(connection)
                .await
                .unwrap(),
        )
    }

    async fn what_has_ended_is_forgotten(bed: Bed) {
        let ada = bed
            .identity()
            .registration
            .register(ada(), ClientInfo::default())
            .await
            .unwrap();
        let (tenant, user) = (ada.tenant.id, ada.user.id);
        for (name, days) in [("sooner", 0), ("later", 2)] {
            let ends = bed.now() + TimeDelta::days(days);
            invites(&bed, (tenant, user), name, ends).await;
            begins(&bed, tenant, name, ends).await;
        }
        let retention = Retention::new(bed.database.clone(), Arc::new(bed.clock.clone()));
        let day = Duration::from_hours(24);

        assert_eq!(retention.prune(10).await.unwrap(), 0);
        bed.clock.advance(day + Duration::from_secs(1));
        assert_eq!(retention.prune(10).await.unwrap(), 1);
        assert_eq!(left(&bed).await, (2, 1));
        bed.clock.advance(day * 89);
        retention.prune(10).await.unwrap();
        assert_eq!(left(&bed).await, (1, 0));
    }
}
