//! Passwords that were forgotten.

use crate::{
    identity::{
        ClientInfo, Identity, IdentityError, Person,
        links::{drop_links, links_since},
        passwords::choice::checked_length,
        sessions::{ending::end_sessions, guard::still_signed_in},
        throttle::ChosenBy,
        users::{
            email_address::EmailAddress,
            rows::{lock_user, with_address},
        },
    },
    mail::{Email, Notice},
};
use chrono::TimeDelta;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, sea_query::Expr};
use secrecy::SecretString;
use std::sync::Arc;
use vitrine_entity::{UserId, api_key, mail_link::LinkPurpose, user};

/// Emails about one person's password in an hour: nobody's mailbox is filled by others.
const LETTERS_AN_HOUR: u64 = 3;

/// A password that was set by an email.
#[derive(Debug)]
pub struct NewPassword {
    /// Whose it is.
    pub user: UserId,
    /// Keys that ended because whoever made them had not proved the address.
    pub ended_keys: Vec<api_key::Model>,
}

/// What somebody who is signed in shows to prove that it is them at the keyboard.
#[derive(Clone, Copy, Debug)]
pub struct Reauthentication<'a> {
    /// Their password.
    pub password: &'a SecretString,
    /// A code of their second factor; needed where they have one.
    pub code: Option<&'a SecretString>,
}

impl Identity {
    /// What sends a link for a new password to an address, when somebody has it.
    ///
    /// To be done behind the answer, so that neither the answer nor its time tells whether somebody has it. Trouble
    /// is logged.
    ///
    /// # Errors
    /// [`IdentityError::Busy`] when too many such emails are being written.
    pub fn forgot_password(
        self: &Arc<Self>,
        email: &str,
    ) -> Result<impl Future<Output = ()> + Send + use<>, IdentityError> {
        let turn = Arc::clone(&self.forgotten)
            .try_acquire_owned()
            .map_err(|_| IdentityError::Busy)?;
        let (identity, email) = (Arc::clone(self), email.to_owned());
        Ok(async move {
            let _turn = turn;
            if let Err(error) = identity.send_reset(&email).await {
                tracing::error!(error = %error, "could not write the email about a forgotten password");
            }
        })
    }

    async fn send_reset(&self, email: &str) -> Result<(), DbErr> {
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
        let link = self
            .links
            .make(&transaction, LinkPurpose::ResetPassword, user.id, &user.email)
            .await?;
        let letter = Email::ResetPassword {
            to: user.email,
            name: user.name,
            link,
        };
        self.outbox.put(&transaction, user.id, &letter, now).await?;
        transaction.commit().await
    }

    /// Sets another password by the link in an email, and ends every session of the person, and a change of their
    /// address that waits. Where this is what proves the address, everything that was made before is dropped by which
    /// somebody else could stay: see `unproved`.
    ///
    /// # Errors
    /// [`IdentityError::Invalid`] for a password that may not be chosen, which leaves the link unused;
    /// [`IdentityError::LinkUnknown`], [`IdentityError::LinkUsed`], [`IdentityError::LinkExpired`],
    /// [`IdentityError::TooManyTries`].
    pub async fn reset_password(
        &self,
        token: &SecretString,
        password: &SecretString,
        client: &ClientInfo,
    ) -> Result<NewPassword, IdentityError> {
        let link = self.links.find(LinkPurpose::ResetPassword, token).await?;
        let user = self
            .users
            .find(link.user_id)
            .await
            .map_err(|_| IdentityError::LinkUnknown)?;
        // Whoever changed the address since no longer reads the mail of the old one.
        if user.email != link.email {
            return Err(IdentityError::LinkUnknown);
        }
        self.choice.count(ChosenBy::Link, &user.email).await?;
        let about = [user.email.clone(), user.name.clone()];
        self.choice.check("password", password, &about).await?;
        let hash = self.choice.hash(password).await?;
        let now = self.clock.now();
        let transaction = self.database.begin_write().await?;
        let used_from = self.networks.of_person(user.id, client);
        // Held and looked at again: the address may have been confirmed while the password was hashed. The person
        // before their links, as everywhere, so that no two wait for each other.
        let user = lock_user(&transaction, user.id)
            .await?
            .ok_or(IdentityError::LinkUnknown)?;
        self.links.spend(&transaction, &link, used_from).await?;
        let ended_keys = match user.email_verified_at {
            Some(_) => Vec::new(),
            None => self.revoke_unverified(&transaction, user.id).await?,
        };
        let verified = user.email_verified_at.unwrap_or(now);
        user::Entity::update_many()
            .col_expr(user::Column::PasswordHash, Expr::value(hash))
            .col_expr(user::Column::EmailVerifiedAt, Expr::value(verified))
            .col_expr(user::Column::UpdatedAt, Expr::value(now))
            .filter(user::Column::Id.eq(user.id))
            .exec(&transaction)
            .await?;
        let user = user::Model {
            email_verified_at: Some(verified),
            ..user
        };
        drop_links(&transaction, LinkPurpose::VerifyEmail, user.id).await?;
        end_sessions(&transaction, user.id, None, now).await?;
        self.notices
            .send(&transaction, &user, Notice::PasswordChanged)
            .await?;
        if !ended_keys.is_empty() {
            let keys = ended_keys.len();
            self.notices
                .send(&transaction, &user, Notice::KeysEnded { keys })
                .await?;
        }
        transaction.commit().await?;
        Ok(NewPassword {
            user: user.id,
            ended_keys,
        })
    }

    /// Changes the password of somebody who is signed in and proves to be at the keyboard; their other sessions end.
    ///
    /// # Errors
    /// [`IdentityError::WrongPassword`], [`IdentityError::SecondFactorRequired`], [`IdentityError::InvalidCode`],
    /// [`IdentityError::Invalid`], [`IdentityError::TooManyTries`], and [`IdentityError::SessionRevoked`] when the
    /// sign-in ended meanwhile.
    pub async fn change_password(
        &self,
        person: &Person,
        current: &Reauthentication<'_>,
        new: &SecretString,
        client: &ClientInfo,
    ) -> Result<(), IdentityError> {
        checked_length("new_password", new)?;
        let user = self
            .confirmation
            .confirm(person.user, current.password, client)
            .await?;
        self.choice.count(ChosenBy::Password, &user.email).await?;
        // Before a code is used up.
        let about = [user.email.clone(), user.name.clone()];
        self.choice.refuse_common("new_password", new, &about).await?;
        self.confirm_code(&user, current.code, client).await?;
        let hash = self.choice.hash(new).await?;
        let transaction = self.database.begin_write().await?;
        // Only over the password that was just confirmed, by a sign-in that is open: a reset in between counts.
        let user = still_signed_in(&transaction, &user, person.session, self.clock.now()).await?;
        user::Entity::update_many()
            .col_expr(user::Column::PasswordHash, Expr::value(hash))
            .col_expr(user::Column::UpdatedAt, Expr::value(self.clock.now()))
            .filter(user::Column::Id.eq(user.id))
            .exec(&transaction)
            .await?;
        drop_links(&transaction, LinkPurpose::ResetPassword, user.id).await?;
        end_sessions(&transaction, user.id, Some(person.session), self.clock.now()).await?;
        self.notices
            .send(&transaction, &user, Notice::PasswordChanged)
            .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Somebody who is signed in proves that it is them at the keyboard, by all that a sign-in of theirs needs.
    pub(in crate::identity) async fn reauthenticate(
        &self,
        user: UserId,
        presence: &Reauthentication<'_>,
        client: &ClientInfo,
    ) -> Result<user::Model, IdentityError> {
        let user = self.confirmation.confirm(user, presence.password, client).await?;
        self.confirm_code(&user, presence.code, client).await?;
        Ok(user)
    }

    /// Somebody who is signed in shows a code, where signing in needs one.
    async fn confirm_code(
        &self,
        user: &user::Model,
        code: Option<&SecretString>,
        client: &ClientInfo,
    ) -> Result<(), IdentityError> {
        let judging = self.codes.pass(user, code);
        self.attempts
            .judge(&user.email, Some(user.id), client, judging)
            .await?;
        Ok(())
    }
}
