//! Invitations: sent by mail, open for a week.

use super::{TeamError, Teams, rules::may_give, token::Tokens};
use crate::identity::{
    Person,
    users::{email_address::EmailAddress, rows::with_address},
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, PaginatorTrait, QueryFilter,
    sea_query::Expr,
};
use std::time::Duration;
use vitrine_base::{
    clock::later,
    database::is_duplicate,
    paging::{Page, PageRequest},
};
use vitrine_entity::{
    InstallationOwned, InvitationId, TenantId, TenantOwned,
    invitation::{self, Column},
    membership::{self, Role},
    user,
};
use vitrine_limits::plans::{Limit, check_limit, consume_daily, lock_tenant};

/// How long an invitation is open.
const LIFETIME: Duration = Duration::from_hours(7 * 24);

impl Teams {
    /// A tenant's open invitations, newest first, also those that have expired.
    ///
    /// # Errors
    /// [`TeamError::BadCursor`].
    pub async fn invitations(
        &self,
        tenant: TenantId,
        page: PageRequest,
    ) -> Result<Page<invitation::Model>, TeamError> {
        let list = format!("invitations:{tenant}");
        let select = invitation::Entity::of(tenant).filter(Column::EndedAt.is_null());
        let connection = self.database.connection();
        Ok(self
            .cursors
            .page_by_id(connection, &list, select, Column::Id, &page, |row| row.id.0)
            .await?)
    }

    /// Invites an address, by an email that goes out with the invitation's row.
    ///
    /// Only somebody whose own address is confirmed lets others in: so whoever registered with another's address has
    /// nobody in the tenant when its owner takes it over.
    ///
    /// # Errors
    /// [`TeamError::Invalid`], [`TeamError::RoleTooLow`], [`TeamError::EmailUnconfirmed`], [`TeamError::AlreadyMember`],
    /// [`TeamError::AlreadyInvited`], [`TeamError::PlanLimit`], [`TeamError::AccessLost`].
    pub async fn invite(
        &self,
        actor: &Person,
        email: &str,
        role: Role,
    ) -> Result<invitation::Model, TeamError> {
        let email = EmailAddress::checked(email)?;
        let (now, token) = (self.clock.now(), Tokens::generate());
        let inviter = self.identity.users.find(actor.user).await?;
        let site = self.identity.tenant_settings.read(actor.tenant).await?;
        let transaction = self.database.begin_write().await?;
        lock_tenant(&transaction, actor.tenant).await?;
        may_give(self.acting(&transaction, actor).await?.role, None, role)?;
        confirmed(&transaction, actor).await?;
        refuse_members(&transaction, actor.tenant, email.as_str()).await?;
        self.close_expired(&transaction, actor.tenant, email.as_str())
            .await?;
        let row = invitation::ActiveModel {
            id: Set(InvitationId::generate()),
            tenant_id: Set(actor.tenant),
            email: Set(email.into()),
            role: Set(role),
            token_hash: Set(self.tokens.hash(&token)),
            invited_by: Set(actor.user),
            created_at: Set(now),
            expires_at: Set(later(now, LIFETIME)),
            ended_at: Set(None),
            accepted_by: Set(None),
        };
        let invitation = row.insert(&transaction).await.map_err(already_invited)?;
        check_limit(&transaction, actor.tenant, Limit::Members, now).await??;
        consume_daily(&transaction, actor.tenant, Limit::InvitationsPerDay, now).await??;
        let message = self.message(inviter, site, &invitation, &token);
        self.outbox.put(&transaction, actor.tenant, &message, now).await?;
        transaction.commit().await?;
        Ok(invitation)
    }

    /// Withdraws an open invitation; its link is good for nothing from then on.
    ///
    /// # Errors
    /// [`TeamError::NotFound`], also for one that was accepted or withdrawn; [`TeamError::RoleTooLow`] when an
    /// admin withdraws what only owners give.
    pub async fn withdraw(&self, actor: &Person, id: InvitationId) -> Result<(), TeamError> {
        let transaction = self.database.begin_write().await?;
        lock_tenant(&transaction, actor.tenant).await?;
        let open = invitation::Entity::of(actor.tenant)
            .filter(Column::Id.eq(id))
            .filter(Column::EndedAt.is_null());
        let open = open.one(&transaction).await?.ok_or(TeamError::NotFound)?;
        may_give(self.acting(&transaction, actor).await?.role, None, open.role)?;
        self.end(&transaction, &open).await?;
        Ok(transaction.commit().await?)
    }

    /// Withdraws what a member has sent and may not send any more.
    pub(super) async fn withdraw_all_of(
        &self,
        connection: &impl ConnectionTrait,
        member: &membership::Model,
        too_much: impl Fn(Role) -> bool,
    ) -> Result<(), DbErr> {
        let roles = [Role::Viewer, Role::Admin, Role::Owner];
        let roles = roles.into_iter().filter(|role| too_much(*role));
        invitation::Entity::update_of(member.tenant_id)
            .col_expr(Column::EndedAt, Expr::value(self.clock.now()))
            .filter(Column::InvitedBy.eq(member.user_id))
            .filter(Column::EndedAt.is_null())
            .filter(Column::Role.is_in(roles))
            .exec(connection)
            .await
            .map(drop)
    }

    async fn end(
        &self,
        connection: &impl ConnectionTrait,
        invitation: &invitation::Model,
    ) -> Result<(), DbErr> {
        invitation::Entity::update_of(invitation.tenant_id)
            .col_expr(Column::EndedAt, Expr::value(self.clock.now()))
            .filter(Column::Id.eq(invitation.id))
            .filter(Column::EndedAt.is_null())
            .exec(connection)
            .await
            .map(drop)
    }

    /// An address has one open invitation; one that has expired makes room.
    async fn close_expired(
        &self,
        connection: &impl ConnectionTrait,
        tenant: TenantId,
        email: &str,
    ) -> Result<(), DbErr> {
        let now = self.clock.now();
        invitation::Entity::update_of(tenant)
            .col_expr(Column::EndedAt, Expr::value(now))
            .filter(Column::Email.eq(email))
            .filter(Column::EndedAt.is_null())
            .filter(Column::ExpiresAt.lte(now))
            .exec(connection)
            .await
            .map(drop)
    }
}

/// Looked at once the person is held, so that no reset of the password comes in between.
async fn confirmed(connection: &impl ConnectionTrait, actor: &Person) -> Result<(), TeamError> {
    let inviter = user::Entity::row(actor.user).one(connection).await?;
    match inviter.and_then(|inviter| inviter.email_verified_at) {
        Some(_) => Ok(()),
        None => Err(TeamError::EmailUnconfirmed),
    }
}

async fn refuse_members(
    connection: &impl ConnectionTrait,
    tenant: TenantId,
    email: &str,
) -> Result<(), TeamError> {
    let Some(person) = with_address(connection, email).await? else {
        return Ok(());
    };
    let member = membership::Entity::of(tenant).filter(membership::Column::UserId.eq(person.id));
    match member.count(connection).await? {
        0 => Ok(()),
        _ => Err(TeamError::AlreadyMember),
    }
}

fn already_invited(error: DbErr) -> TeamError {
    if is_duplicate(&error) {
        TeamError::AlreadyInvited
    } else {
        error.into()
    }
}
