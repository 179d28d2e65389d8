//! How an invitation is accepted.

use super::{TeamError, Teams, site::owner_made};
use crate::identity::{
    ClientInfo, IdentityError, Person, Proof, SignedIn,
    users::rows::{NewUser, insert_user, with_address},
};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, sea_query::Expr};
use secrecy::SecretString;
use vitrine_base::database::{Transaction, is_duplicate};
use vitrine_entity::{
    InstallationOwned, TenantOwned, Time, UserId,
    invitation::{self, Column},
    membership::Role,
    user,
};
use vitrine_limits::plans::{Limit, check_limit, lock_tenant};

/// Somebody who accepts an invitation.
#[derive(Debug)]
pub struct Acceptance {
    /// What the link carried.
    pub token: SecretString,
    /// How a new person is called.
    pub name: Option<String>,
    /// The password that a new person chooses, or that a known one has.
    pub password: Option<SecretString>,
    /// Code of the second factor of a known person, where one is needed.
    pub code: Option<SecretString>,
}

/// Who joins.
enum Joiner {
    /// Somebody who has an account.
    Known(user::Model, Proof),
    New(NewUser),
}

impl Teams {
    /// Makes whoever was invited a member and signs them in, once, also where strangers may not register.
    ///
    /// Whoever has an account is signed in with it, or sends its password; whoever has none chooses a name
    /// and a password. The email reached the address, so it counts as confirmed.
    ///
    /// # Errors
    /// [`TeamError::InvitationInvalid`], [`TeamError::InvitationOfAnother`], [`TeamError::SignInFirst`],
    /// [`TeamError::AlreadyMember`], [`TeamError::PlanLimit`], [`TeamError::Invalid`], and
    /// [`TeamError::Identity`] for a wrong password or one that is not allowed.
    pub async fn accept(
        &self,
        acceptance: Acceptance,
        signed_in: Option<&Person>,
        client: ClientInfo,
    ) -> Result<SignedIn, TeamError> {
        let invitation = self.open(&acceptance.token).await?;
        let joiner = self.joiner(&invitation, acceptance, signed_in, &client).await?;
        let now = self.clock.now();
        let transaction = self.database.begin_write().await?;
        lock_tenant(&transaction, invitation.tenant_id).await?;
        let user = self.settled(&transaction, &invitation, joiner, now).await?;
        spend(&transaction, &invitation, user.id, now).await?;
        check_limit(&transaction, invitation.tenant_id, Limit::Members, now).await??;
        let (tenant, role) = (invitation.tenant_id, invitation.role);
        let joined = self
            .identity
            .invited_people
            .join(&transaction, user, tenant, role, client);
        let joined = joined.await.map_err(already_member)?;
        if role == Role::Owner {
            self.notify_owners_of_change(&transaction, tenant, joined.user.id, owner_made)
                .await?;
        }
        transaction.commit().await?;
        Ok(joined)
    }

    /// The invitation that a token opens at this moment.
    async fn open(&self, token: &SecretString) -> Result<invitation::Model, TeamError> {
        let invitation = invitation::Entity::across_tenants()
            .filter(Column::TokenHash.eq(self.tokens.hash(token)))
            .filter(Column::EndedAt.is_null())
            .filter(Column::ExpiresAt.gt(self.clock.now()))
            .one(self.database.connection())
            .await?;
        invitation.ok_or(TeamError::InvitationInvalid)
    }

    async fn joiner(
        &self,
        invitation: &invitation::Model,
        acceptance: Acceptance,
        signed_in: Option<&Person>,
        client: &ClientInfo,
    ) -> Result<Joiner, TeamError> {
        if let Some(person) = signed_in {
            let user = self.identity.users.find(person.user).await?;
            return Ok(Joiner::Known(user, Proof::SignIn(person.session)));
        }
        match with_address(self.database.connection(), &invitation.email).await? {
            Some(user) => {
                let password = acceptance.password.ok_or(TeamError::SignInFirst)?;
                let code = acceptance.code.as_ref();
                let proof = self.identity.proofs.prove(&user, &password, code, client).await?;
                Ok(Joiner::Known(user, proof))
            }
            None => self.newcomer(invitation, acceptance).await.map(Joiner::New),
        }
    }

    async fn newcomer(
        &self,
        invitation: &invitation::Model,
        acceptance: Acceptance,
    ) -> Result<NewUser, TeamError> {
        let required = |field| TeamError::refused(field, "required", "a new person needs one");
        let name = acceptance.name.ok_or_else(|| required("name"))?;
        let password = acceptance.password.ok_or_else(|| required("password"))?;
        let email = invitation.email.clone();
        Ok(self
            .identity
            .invited_people
            .newcomer(email, &name, &password)
            .await?)
    }

    /// The person, held: neither their password nor their sign-ins nor their address change before they are in.
    async fn settled(
        &self,
        transaction: &Transaction,
        invitation: &invitation::Model,
        joiner: Joiner,
        now: Time,
    ) -> Result<user::Model, TeamError> {
        let (user, proof) = match joiner {
            Joiner::New(newcomer) => return Ok(insert_user(transaction, newcomer, Some(now), now).await?),
            Joiner::Known(user, proof) => (user, proof),
        };
        let user = self
            .identity
            .proofs
            .still_proved(transaction, &user, proof)
            .await?;
        if user.email != invitation.email {
            return Err(TeamError::InvitationOfAnother);
        }
        match user.email_verified_at {
            Some(_) => Ok(user),
            None => Ok(confirmed(transaction, user, now).await?),
        }
    }
}

/// Only the first of several can: whoever comes later finds it ended.
async fn spend(
    connection: &impl ConnectionTrait,
    invitation: &invitation::Model,
    by: UserId,
    now: Time,
) -> Result<(), TeamError> {
    let spent = invitation::Entity::update_of(invitation.tenant_id)
        .col_expr(Column::EndedAt, Expr::value(now))
        .col_expr(Column::AcceptedBy, Expr::value(by))
        .filter(Column::Id.eq(invitation.id))
        .filter(Column::EndedAt.is_null())
        .exec(connection)
        .await?;
    match spent.rows_affected {
        0 => Err(TeamError::InvitationInvalid),
        _ => Ok(()),
    }
}

async fn confirmed(
    connection: &impl ConnectionTrait,
    user: user::Model,
    now: Time,
) -> Result<user::Model, sea_orm::DbErr> {
    user::Entity::update_rows()
        .col_expr(user::Column::EmailVerifiedAt, Expr::value(now))
        .filter(user::Column::Id.eq(user.id))
        .exec(connection)
        .await?;
    Ok(user::Model {
        email_verified_at: Some(now),
        ..user
    })
}

fn already_member(error: IdentityError) -> TeamError {
    match error {
        IdentityError::Database(error) if is_duplicate(&error) => TeamError::AlreadyMember,
        other => other.into(),
    }
}
