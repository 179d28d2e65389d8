//! Addresses: confirmed before they count.

use crate::{
    identity::{
        AttemptLimit, ClientInfo, Identity, IdentityError, Person, Reauthentication,
        links::{drop_links, links_since},
        sessions::guard::still_signed_in,
        users::{
            email_address::EmailAddress,
            rows::{email_taken, lock_user, with_address},
        },
    },
    mail::{Email, Notice},
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr};
use secrecy::SecretString;
use std::time::Duration;
use vitrine_entity::{
    UserId,
    mail_link::{self, LinkPurpose},
    user,
};

const HOUR: Duration = Duration::from_hours(1);
/// Emails about one person's address in an hour.
const LETTERS_AN_HOUR: u64 = 5;

impl Identity {
    /// Begins a change of a person's address: an email goes to the new one, and a notice to the old one. The old one
    /// counts until the new one is confirmed.
    ///
    /// # Errors
    /// [`IdentityError::WrongPassword`], [`IdentityError::SecondFactorRequired`], [`IdentityError::InvalidCode`],
    /// [`IdentityError::Invalid`], [`IdentityError::TooManyTries`], and [`IdentityError::SessionRevoked`] when the
    /// sign-in ended meanwhile. An address that somebody else has is not refused here, since that would tell whose
    /// address is known; its owner gets no email.
    pub async fn change_email(
        &self,
        person: &Person,
        email: &str,
        presence: &Reauthentication<'_>,
        client: &ClientInfo,
    ) -> Result<(), IdentityError> {
        let email = EmailAddress::checked(email)?;
        let user = self.reauthenticate(person.user, presence, client).await?;
        if email.as_str() == user.email {
            return Ok(());
        }
        let transaction = self.database.begin_write().await?;
        let user = still_signed_in(&transaction, &user, person.session, self.clock.now()).await?;
        self.send_verification(&transaction, &user, email.as_str())
            .await?;
        let new = email.hidden();
        self.notices
            .send(&transaction, &user, Notice::EmailChanged { new })
            .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Sends the email once more by which the waiting address, or else the person's own, is confirmed. Nothing when
    /// there is nothing to confirm.
    ///
    /// # Errors
    /// [`IdentityError::UserGone`], [`IdentityError::TooManyTries`].
    pub async fn resend_verification(&self, user: UserId) -> Result<(), IdentityError> {
        let user = self.users.find(user).await?;
        let email = match self.pending_email(&user).await? {
            Some(email) => email,
            None if user.email_verified_at.is_none() => user.email.clone(),
            None => return Ok(()),
        };
        let transaction = self.database.begin_write().await?;
        self.send_verification(&transaction, &user, &email).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// The address that waits for being confirmed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn pending_email(&self, user: &user::Model) -> Result<Option<String>, IdentityError> {
        let link = mail_link::Entity::find()
            .filter(mail_link::Column::UserId.eq(user.id))
            .filter(mail_link::Column::Purpose.eq(LinkPurpose::VerifyEmail))
            .filter(mail_link::Column::UsedAt.is_null())
            .filter(mail_link::Column::ExpiresAt.gt(self.clock.now()))
            .order_by_desc(mail_link::Column::Id)
            .one(self.database.connection())
            .await?;
        Ok(link.map(|link| link.email).filter(|email| *email != user.email))
    }

    pub(in crate::identity) async fn send_verification(
        &self,
        connection: &impl ConnectionTrait,
        user: &user::Model,
        email: &str,
    ) -> Result<(), IdentityError> {
        let now = self.clock.now();
        let hour = now - HOUR;
        lock_user(connection, user.id).await?;
        if links_since(connection, LinkPurpose::VerifyEmail, user.id, hour).await? >= LETTERS_AN_HOUR {
            return Err(IdentityError::TooManyTries(AttemptLimit {
                most: LETTERS_AN_HOUR,
                window: HOUR,
                until: now + HOUR,
            }));
        }
        let link = self
            .links
            .make(connection, LinkPurpose::VerifyEmail, user.id, email)
            .await?;
        // Somebody who has an account with it is not asked to give it to another.
        if email != user.email && with_address(connection, email).await?.is_some() {
            return Ok(());
        }
        let letter = Email::VerifyEmail {
            to: email.to_owned(),
            name: user.name.clone(),
            link,
        };
        Ok(self.outbox.put(connection, user.id, &letter, now).await?)
    }

    /// Confirms an address by the link in an email; a waiting one becomes the person's. Gives who it is.
    ///
    /// # Errors
    /// [`IdentityError::LinkUnknown`], [`IdentityError::LinkUsed`], [`IdentityError::LinkExpired`], and
    /// [`IdentityError::EmailTaken`] when somebody else took the address meanwhile.
    pub async fn verify_email(&self, token: &SecretString) -> Result<UserId, IdentityError> {
        let link = self.links.find(LinkPurpose::VerifyEmail, token).await?;
        let now = self.clock.now();
        let transaction = self.database.begin_write().await?;
        lock_user(&transaction, link.user_id).await?;
        self.links.spend(&transaction, &link, None).await?;
        let changed = user::Entity::update_many()
            .col_expr(user::Column::Email, Expr::value(link.email.as_str()))
            .col_expr(user::Column::EmailVerifiedAt, Expr::value(now))
            .col_expr(user::Column::UpdatedAt, Expr::value(now))
            .filter(user::Column::Id.eq(link.user_id))
            .exec(&transaction)
            .await;
        changed.map_err(email_taken)?;
        // A link to the old address must not open the account any more.
        drop_links(&transaction, LinkPurpose::ResetPassword, link.user_id).await?;
        transaction.commit().await?;
        Ok(link.user_id)
    }
}
