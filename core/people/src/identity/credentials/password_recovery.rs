//! Passwords that were forgotten.

use crate::{
    identity::{
        ClientInfo, IdentityError,
        client_info::Networks,
        credentials::unverified_takeover::revoke_unverified,
        links::{EmailLinks, drop_links, links_since},
        notices::SecurityNotices,
        passwords::choice::PasswordChoice,
        sessions::ending::end_sessions,
        throttle::ChosenBy,
        users::{
            email_address::EmailAddress,
            rows::{find_user, lock_user, with_address},
        },
    },
    mail::{Email, Notice, Outbox},
};
use chrono::TimeDelta;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryFilter, sea_query::Expr};
use secrecy::SecretString;
use std::sync::Arc;
use tokio::sync::Semaphore;
use vitrine_base::{clock::SharedClock, database::Database};
use vitrine_entity::{
    InstallationOwned, Time, UserId, api_key,
    mail_link::{self, LinkPurpose},
    user,
};

/// Emails about one person's password in an hour: nobody's mailbox is filled by others.
const LETTERS_AN_HOUR: u64 = 3;
/// Emails about forgotten passwords that are written at once.
const WRITTEN_AT_ONCE: usize = 32;

/// A password that was set by an email.
#[derive(Debug)]
pub struct NewPassword {
    /// Whose it is.
    pub user: UserId,
    /// Keys that ended because whoever made them had not proved the address.
    pub ended_keys: Vec<api_key::Model>,
}

/// Replaces passwords that were forgotten, by links in emails.
#[derive(Clone)]
pub struct PasswordRecovery {
    pub(in crate::identity) database: Database,
    pub(in crate::identity) clock: SharedClock,
    pub(in crate::identity) networks: Networks,
    pub(in crate::identity) choice: PasswordChoice,
    pub(in crate::identity) links: EmailLinks,
    pub(in crate::identity) notices: SecurityNotices,
    pub(in crate::identity) outbox: Outbox,
    pub(in crate::identity) turns: Turns,
}

/// How many emails about forgotten passwords are written at once.
#[derive(Clone)]
pub(in crate::identity) struct Turns(Arc<Semaphore>);

impl Default for Turns {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(WRITTEN_AT_ONCE)))
    }
}

impl PasswordRecovery {
    /// What sends a link for a new password to an address, when somebody has it.
    ///
    /// To be done behind the answer, so that neither the answer nor its time tells whether somebody has it. Trouble
    /// is logged.
    ///
    /// # Errors
    /// [`IdentityError::Busy`] when too many such emails are being written.
    pub fn forgot(&self, email: &str) -> Result<impl Future<Output = ()> + Send + use<>, IdentityError> {
        let turn = Arc::clone(&self.turns.0)
            .try_acquire_owned()
            .map_err(|_| IdentityError::Busy)?;
        let (recovery, email) = (self.clone(), email.to_owned());
        Ok(async move {
            let _turn = turn;
            if let Err(error) = recovery.send_link(&email).await {
                tracing::error!(error = %error, "could not write the email about a forgotten password");
            }
        })
    }

    async fn send_link(&self, email: &str) -> Result<(), DbErr> {
        let Some(email) = EmailAddress::parse(email) else {
            return Ok(());
        };
        let Some(user) = with_address(self.database.connection(), email.as_str()).await? else {
            return Ok(());
        };
        let now = self.clock.now();
        let transaction = self.database.begin_write().await?;
        let Some(user) = lock_user(&transaction, user.id).await? else {
            return Ok(());
        };
        let hour = now - TimeDelta::hours(1);
        if links_since(&transaction, LinkPurpose::ResetPassword, user.id, hour).await? >= LETTERS_AN_HOUR {
            tracing::info!(user.id = %user.id, "no more emails about this password for now");
            return Ok(());
        }
        self.write(&transaction, user, now).await?;
        transaction.commit().await
    }

    async fn write(
        &self,
        connection: &impl ConnectionTrait,
        user: user::Model,
        now: Time,
    ) -> Result<(), DbErr> {
        let link = self
            .links
            .make(connection, LinkPurpose::ResetPassword, user.id, &user.email)
            .await?;
        let message = Email::ResetPassword {
            to: user.email,
            name: user.name,
            link,
        };
        self.outbox.put(connection, user.id, &message, now).await
    }

    /// Sets another password by the link in an email, and ends every session of the person, and a change of their
    /// address that waits. Where this is what proves the address, everything that was made before is dropped by which
    /// somebody else could stay: see `unverified_takeover`.
    ///
    /// # Errors
    /// [`IdentityError::Invalid`] for a password that may not be chosen, which leaves the link unused;
    /// [`IdentityError::LinkUnknown`], [`IdentityError::LinkUsed`], [`IdentityError::LinkExpired`],
    /// [`IdentityError::TooManyTries`].
    pub async fn reset(
        &self,
        token: &SecretString,
        password: &SecretString,
        client: &ClientInfo,
    ) -> Result<NewPassword, IdentityError> {
        let (link, user) = self.link_and_owner(token).await?;
        self.choice.count(ChosenBy::Link, &user.email).await?;
        let about = [user.email.clone(), user.name.clone()];
        self.choice.check("password", password, &about).await?;
        let hash = self.choice.hash(password).await?;
        let used_from = self.networks.of_person(user.id, client);
        let transaction = self.database.begin_write().await?;
        // Held and looked at again: the address may have been confirmed while the password was hashed. The person
        // before their links, as everywhere, so that no two wait for each other.
        let user = lock_user(&transaction, user.id)
            .await?
            .ok_or(IdentityError::LinkUnknown)?;
        self.links.spend(&transaction, &link, used_from).await?;
        let new = self.replace(&transaction, user, hash).await?;
        transaction.commit().await?;
        Ok(new)
    }

    async fn link_and_owner(
        &self,
        token: &SecretString,
    ) -> Result<(mail_link::Model, user::Model), IdentityError> {
        let link = self.links.find(LinkPurpose::ResetPassword, token).await?;
        let user = find_user(self.database.connection(), link.user_id)
            .await
            .map_err(|_| IdentityError::LinkUnknown)?;
        // Whoever changed the address since no longer reads the mail of the old one.
        match user.email == link.email {
            true => Ok((link, user)),
            false => Err(IdentityError::LinkUnknown),
        }
    }

    /// Sets the password of a person who is held, and ends what went by the old one.
    async fn replace(
        &self,
        connection: &impl ConnectionTrait,
        user: user::Model,
        hash: String,
    ) -> Result<NewPassword, DbErr> {
        let now = self.clock.now();
        let ended_keys = match user.email_verified_at {
            Some(_) => Vec::new(),
            None => revoke_unverified(connection, user.id, now).await?,
        };
        let user = set_password(connection, user, hash, now).await?;
        drop_links(connection, LinkPurpose::VerifyEmail, user.id).await?;
        end_sessions(connection, user.id, None, now).await?;
        self.notify(connection, &user, ended_keys.len()).await?;
        Ok(NewPassword {
            user: user.id,
            ended_keys,
        })
    }

    async fn notify(
        &self,
        connection: &impl ConnectionTrait,
        user: &user::Model,
        keys: usize,
    ) -> Result<(), DbErr> {
        self.notices
            .send(connection, user, Notice::PasswordChanged)
            .await?;
        if keys == 0 {
            return Ok(());
        }
        self.notices
            .send(connection, user, Notice::KeysEnded { keys })
            .await
    }
}

/// Sets a password by an email, which proves the address too. Gives the person as they are then.
async fn set_password(
    connection: &impl ConnectionTrait,
    user: user::Model,
    hash: String,
    now: Time,
) -> Result<user::Model, DbErr> {
    let verified = user.email_verified_at.unwrap_or(now);
    user::Entity::update_rows()
        .col_expr(user::Column::PasswordHash, Expr::value(hash))
        .col_expr(user::Column::EmailVerifiedAt, Expr::value(verified))
        .col_expr(user::Column::UpdatedAt, Expr::value(now))
        .filter(user::Column::Id.eq(user.id))
        .exec(connection)
        .await?;
    Ok(user::Model {
        email_verified_at: Some(verified),
        ..user
    })
}
