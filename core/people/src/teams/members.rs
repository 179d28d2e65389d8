//! Members of a tenant: their roles, and how they leave.

use super::{
    TeamError, Teams,
    rules::{may_give, may_remove},
    site::{owner_gone, owner_made},
};
use crate::identity::{Person, delete_orphaned_users, ensure_access, lock_users, users::rows::users_by_id};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, IntoActiveModel, PaginatorTrait,
    QueryFilter, sea_query::Expr,
};
use vitrine_base::paging::{Page, PageRequest};
use vitrine_entity::{
    MembershipId, TenantId, TenantOwned, Time, UserId, connect_attempt,
    membership::{self, Role},
    session, user,
};
use vitrine_limits::plans::lock_tenant;

/// A member, and who it is.
#[derive(Clone, Debug)]
pub struct Member {
    /// The person's place in the tenant.
    pub membership: membership::Model,
    /// The person.
    pub user: user::Model,
}

impl Teams {
    /// A tenant's members, newest first.
    ///
    /// # Errors
    /// [`TeamError::BadCursor`].
    pub async fn members(&self, tenant: TenantId, page: PageRequest) -> Result<Page<Member>, TeamError> {
        let (list, select) = (format!("members:{tenant}"), membership::Entity::of(tenant));
        let (connection, id) = (self.database.connection(), membership::Column::Id);
        let page = self
            .cursors
            .page_by_id(connection, &list, select, id, &page, |row| row.id.0)
            .await?;
        let mut people = users_by_id(connection, page.data.iter().map(|row| row.user_id)).await?;
        let data = page.data.into_iter().filter_map(|membership| {
            let user = people.remove(&membership.user_id)?;
            Some(Member { membership, user })
        });
        Ok(Page {
            data: data.collect(),
            next_cursor: page.next_cursor,
            limit: page.limit,
        })
    }

    /// Gives a member another role; it counts from the member's next request on.
    ///
    /// # Errors
    /// [`TeamError::NotFound`], [`TeamError::RoleTooLow`], [`TeamError::LastOwner`].
    pub async fn change_role(
        &self,
        actor: &Person,
        member: MembershipId,
        role: Role,
    ) -> Result<Member, TeamError> {
        let transaction = self.database.begin_write().await?;
        lock_tenant(&transaction, actor.tenant).await?;
        let acting = self.acting(&transaction, actor).await?;
        let target = find(&transaction, actor.tenant, member).await?;
        may_give(acting.role, Some(target.role), role)?;
        let (user, before) = (target.user_id, target.role);
        if before == Role::Owner && role < Role::Owner {
            self.notify_owners_of_change(&transaction, target.tenant_id, user, owner_gone)
                .await?;
        }
        let changed = self.give(&transaction, target, role).await?;
        if before < Role::Owner && role == Role::Owner {
            self.notify_owners_of_change(&transaction, changed.tenant_id, user, owner_made)
                .await?;
        }
        transaction.commit().await?;
        Ok(Member {
            membership: changed,
            user: self.identity.users.find(user).await?,
        })
    }

    /// Ends a membership, one's own too: sign-ins here end, connections that were begun cannot be finished,
    /// and open invitations are withdrawn. Keys stay, because they are the tenant's. Whoever belongs to no other tenant
    /// is forgotten.
    ///
    /// # Errors
    /// [`TeamError::NotFound`], [`TeamError::RoleTooLow`], [`TeamError::LastOwner`].
    pub async fn remove(&self, actor: &Person, member: MembershipId) -> Result<(), TeamError> {
        let transaction = self.database.begin_write().await?;
        lock_tenant(&transaction, actor.tenant).await?;
        let acting = self.acting(&transaction, actor).await?;
        let target = find(&transaction, actor.tenant, member).await?;
        may_remove(acting.role, target.role, acting.id == target.id)?;
        keep_an_owner(&transaction, &target).await?;
        if target.role == Role::Owner {
            self.notify_owners_of_change(&transaction, target.tenant_id, target.user_id, owner_gone)
                .await?;
        }
        self.forget(&transaction, &target).await?;
        transaction.commit().await?;
        tracing::info!(tenant.id = %actor.tenant, user.id = %target.user_id, "a member was removed");
        Ok(())
    }

    /// The membership of whoever asks, as it is now that the tenant is locked, if they are still signed in.
    ///
    /// # Errors
    /// [`TeamError::AccessLost`].
    pub(super) async fn acting(
        &self,
        connection: &impl ConnectionTrait,
        actor: &Person,
    ) -> Result<membership::Model, TeamError> {
        Ok(ensure_access(connection, actor, self.clock.now()).await??)
    }

    pub(super) async fn give(
        &self,
        connection: &impl ConnectionTrait,
        member: membership::Model,
        role: Role,
    ) -> Result<membership::Model, TeamError> {
        if role < Role::Owner {
            keep_an_owner(connection, &member).await?;
        }
        if role < member.role {
            let more = |given: Role| may_give(role, None, given).is_err();
            self.withdraw_all_of(connection, &member, more).await?;
        }
        let mut row = member.into_active_model();
        row.role = Set(role);
        Ok(row.update(connection).await?)
    }

    async fn forget(
        &self,
        connection: &impl ConnectionTrait,
        member: &membership::Model,
    ) -> Result<(), DbErr> {
        let (tenant, now) = (member.tenant_id, self.clock.now());
        lock_users(connection, &[member.user_id]).await?;
        end_sessions(connection, tenant, member.user_id, now).await?;
        connect_attempt::Entity::delete_of(tenant)
            .filter(connect_attempt::Column::UserId.eq(member.user_id))
            .filter(connect_attempt::Column::UsedAt.is_null())
            .exec(connection)
            .await?;
        self.withdraw_all_of(connection, member, |_| true).await?;
        membership::Entity::delete_of(tenant)
            .filter(membership::Column::Id.eq(member.id))
            .exec(connection)
            .await?;
        delete_orphaned_users(connection, &[member.user_id]).await
    }
}

pub(super) async fn find(
    connection: &impl ConnectionTrait,
    tenant: TenantId,
    id: MembershipId,
) -> Result<membership::Model, TeamError> {
    let row = membership::Entity::of(tenant).filter(membership::Column::Id.eq(id));
    row.one(connection).await?.ok_or(TeamError::NotFound)
}

/// Refuses to take the only owner away.
async fn keep_an_owner(
    connection: &impl ConnectionTrait,
    member: &membership::Model,
) -> Result<(), TeamError> {
    if member.role != Role::Owner {
        return Ok(());
    }
    let others = membership::Entity::of(member.tenant_id)
        .filter(membership::Column::Role.eq(Role::Owner))
        .filter(membership::Column::Id.ne(member.id))
        .count(connection)
        .await?;
    if others == 0 {
        Err(TeamError::LastOwner)
    } else {
        Ok(())
    }
}

async fn end_sessions(
    connection: &impl ConnectionTrait,
    tenant: TenantId,
    user: UserId,
    now: Time,
) -> Result<(), DbErr> {
    session::Entity::update_of(tenant)
        .col_expr(session::Column::RevokedAt, Expr::value(now))
        .filter(session::Column::UserId.eq(user))
        .filter(session::Column::RevokedAt.is_null())
        .exec(connection)
        .await
        .map(drop)
}
