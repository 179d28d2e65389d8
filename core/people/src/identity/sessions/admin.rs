//! Ending sign-ins by the operator's hand, and forgetting those that have ended.

use crate::{
    audit::{self, Actor, AuditEntry},
    identity::{
        client_info::KNOWN_FOR,
        users::{email_address::EmailAddress, rows::with_address},
    },
};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryFilter, QuerySelect, QueryTrait, sea_query::Expr};
use std::collections::BTreeSet;
use vitrine_base::{
    clock::SharedClock,
    database::{Database, SafeTime},
};
use vitrine_entity::{TenantId, TenantOwned, UserId, session};

/// Whose sign-ins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionScope {
    /// Those of the person with this address.
    Of(String),
    /// Everybody's.
    Everybodys,
}

/// Ends sign-ins of people who did not ask for it, and forgets those that ended long ago.
#[derive(Clone)]
pub struct SessionAdmin {
    database: Database,
    safe_time: SafeTime,
    clock: SharedClock,
}

impl SessionAdmin {
    /// The service over its parts.
    #[must_use]
    pub fn new(database: Database, clock: SharedClock) -> Self {
        Self {
            safe_time: SafeTime::new(database.clone(), clock.clone()),
            database,
            clock,
        }
    }

    /// Ends sign-ins that are open, in all tenants; gives how many, or nothing when nobody has the address. Neither
    /// their access nor their refresh tokens open anything from the next request on. Each tenant's audit log says so.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end(&self, whose: &SessionScope) -> Result<Option<usize>, DbErr> {
        let now = self.clock.now();
        let transaction = self.database.begin_write().await?;
        let mut ending = session::Entity::update_across_tenants()
            .col_expr(session::Column::RevokedAt, Expr::value(now))
            .filter(session::Column::RevokedAt.is_null())
            .filter(session::Column::ExpiresAt.gt(now));
        let mut person = None;
        if let SessionScope::Of(email) = whose {
            let Some(user) = user_of(&transaction, email).await? else {
                return Ok(None);
            };
            ending = ending.filter(session::Column::UserId.eq(user));
            person = Some(user);
        }
        let ended = ending.exec_with_returning(&transaction).await?;
        let tenants: BTreeSet<TenantId> = ended.iter().map(|session| session.tenant_id).collect();
        for tenant in tenants {
            let entry = AuditEntry {
                action: "sessions.ended".into(),
                target: person.map(|user| user.0),
                detail: None,
            };
            audit::record(&transaction, tenant, Actor::System, entry, now).await?;
        }
        transaction.commit().await?;
        Ok(Some(ended.len()))
    }

    /// Deletes some of those that were last used 90 days ago; gives how many. They ended 60 days ago at the latest,
    /// since use is what prolongs them. Until then they are what a person's networks are known by.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn prune(&self, most: u64) -> Result<u64, DbErr> {
        let now = self.safe_time.now().await?;
        let old = session::Entity::across_tenants()
            .select_only()
            .column(session::Column::Id)
            .filter(session::Column::LastUsedAt.lt(now - KNOWN_FOR))
            .filter(session::Column::ExpiresAt.lt(now))
            .limit(most)
            .into_query();
        let deleted = session::Entity::delete_across_tenants()
            .filter(session::Column::Id.in_subquery(old))
            .exec(self.database.connection())
            .await?;
        Ok(deleted.rows_affected)
    }
}

async fn user_of(connection: &impl ConnectionTrait, email: &str) -> Result<Option<UserId>, DbErr> {
    let Some(email) = EmailAddress::parse(email) else {
        return Ok(None);
    };
    let user = with_address(connection, email.as_str()).await?;
    Ok(user.map(|user| user.id))
}
