//! The tenants of one person.

use crate::identity::{
    IdentityError, Person, SignedIn,
    sessions::{refresh_token::TokenGeneration, token_pair::SessionTokens},
    users::{
        email_address::EmailAddress,
        memberships::{first_tenant, membership_of, memberships_of},
        rows::{find_user, with_address},
        tenants::find_tenant,
    },
};
use sea_orm::{
    ColumnTrait, Condition, DbErr, ExprTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr,
};
use vitrine_base::{clock::SharedClock, database::Database};
use vitrine_entity::{
    InstallationOwned, TenantId, TenantOwned, Time, UserId,
    membership::{self, Role},
    session, tenant,
};

/// A tenant that a person belongs to.
#[derive(Clone, Debug)]
pub struct Tenancy {
    /// The tenant.
    pub tenant: tenant::Model,
    /// What the person may do there.
    pub role: Role,
}

/// The tenants of people, and which of them a session is for.
pub struct Tenancies {
    database: Database,
    clock: SharedClock,
    tokens: SessionTokens,
}

impl Tenancies {
    /// The service over its parts.
    pub(in crate::identity) fn new(database: Database, clock: SharedClock, tokens: SessionTokens) -> Self {
        Self {
            database,
            clock,
            tokens,
        }
    }

    /// What a person may do in the tenant that they are signed in to, as of now; none once they do not belong to it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn role_now(&self, person: &Person) -> Result<Option<Role>, IdentityError> {
        let row = membership_of(self.database.connection(), person.tenant, person.user).await?;
        Ok(row.map(|row| row.role))
    }

    /// The tenants of a person, in the order in which they were joined.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list(&self, user: UserId) -> Result<Vec<Tenancy>, IdentityError> {
        let connection = self.database.connection();
        let memberships = memberships_of(connection, user).await?;
        let ids = memberships.iter().map(|membership| membership.tenant_id);
        let tenants = tenant::Entity::rows().filter(tenant::Column::Id.is_in(ids));
        let tenants = tenants.all(connection).await?;
        let tenancy = |membership: membership::Model| {
            let tenant = tenants.iter().find(|tenant| tenant.id == membership.tenant_id)?;
            Some(Tenancy {
                tenant: tenant.clone(),
                role: membership.role,
            })
        };
        Ok(memberships.into_iter().filter_map(tenancy).collect())
    }

    /// The tenant whose audit log covers a person who is signed in to none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn home(&self, user: UserId) -> Result<Option<TenantId>, IdentityError> {
        Ok(first_tenant(self.database.connection(), user).await?)
    }

    /// Moves a sign-in to another tenant of the person. Tokens from before end: an access token at once, a
    /// refresh token as one that was used, so that a sign-in stays one sign-in.
    ///
    /// # Errors
    /// [`IdentityError::TenantGone`] for a tenant that the person does not belong to,
    /// [`IdentityError::SessionRevoked`].
    pub async fn switch(&self, person: &Person, to: TenantId) -> Result<SignedIn, IdentityError> {
        let transaction = self.database.begin_write().await?;
        let entered = membership_of(&transaction, to, person.user).await?;
        let role = entered.ok_or(IdentityError::TenantGone)?.role;
        let moved = session::Entity::update_of(person.tenant)
            .col_expr(session::Column::TenantId, Expr::value(to))
            .col_expr(
                session::Column::Generation,
                Expr::col(session::Column::Generation).add(1),
            )
            .col_expr(session::Column::RefreshedAt, Expr::value(None::<Time>))
            .col_expr(session::Column::LastUsedAt, Expr::value(self.clock.now()))
            .filter(session::Column::Id.eq(person.session))
            .filter(session::Column::RevokedAt.is_null())
            .exec_with_returning(&transaction)
            .await?;
        let session = moved.into_iter().next().ok_or(IdentityError::SessionRevoked)?;
        let user = find_user(&transaction, person.user).await?;
        let tenant = find_tenant(&transaction, to).await?;
        let signed_in = self
            .tokens
            .issue(user, tenant, role, TokenGeneration::of(&session))?;
        // Nothing can fail after the change.
        transaction.commit().await?;
        Ok(signed_in)
    }
}

/// The oldest tenant of those that the person with this address owns; none where there is no such person or tenant.
///
/// # Errors
/// When the database fails.
pub async fn first_owned_by(database: &Database, email: &str) -> Result<Option<TenantId>, DbErr> {
    let connection = database.connection();
    let Some(email) = EmailAddress::parse(email) else {
        return Ok(None);
    };
    let Some(user) = with_address(connection, email.as_str()).await? else {
        return Ok(None);
    };
    let membership = membership::Entity::across_tenants()
        .filter(membership::Column::UserId.eq(user.id))
        .filter(membership::Column::Role.eq(Role::Owner))
        .order_by_asc(membership::Column::Id)
        .one(connection)
        .await?;
    Ok(membership.map(|row| row.tenant_id))
}

/// Whether anybody has a tenant here, but for this one.
///
/// # Errors
/// When the database fails.
pub async fn has_tenant_besides(database: &Database, one: Option<TenantId>) -> Result<bool, DbErr> {
    let others = one.map(|one| tenant::Column::Id.ne(one));
    let others = tenant::Entity::rows().filter(Condition::all().add_option(others));
    let other = others.limit(1).one(database.connection()).await?;
    Ok(other.is_some())
}
