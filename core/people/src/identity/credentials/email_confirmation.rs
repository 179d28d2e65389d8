//! Addresses: confirmed before they count.

use crate::{
    identity::{
        ClientInfo, IdentityError, Person,
        authentication::reauthentication::{Reauthentication, Reauthenticator},
        credentials::verification_email::VerificationEmails,
        links::{EmailLinks, drop_links},
        notices::SecurityNotices,
        sessions::guard::still_signed_in,
        users::{
            email_address::EmailAddress,
            rows::{email_taken, find_user, lock_user},
        },
    },
    mail::Notice,
};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder, sea_query::Expr};
use secrecy::SecretString;
use vitrine_base::{clock::SharedClock, database::Database};
use vitrine_entity::{
    InstallationOwned, Time, UserId,
    mail_link::{self, LinkPurpose},
    user,
};

/// Confirms and changes email addresses.
pub struct EmailConfirmation {
    pub(in crate::identity) database: Database,
    pub(in crate::identity) clock: SharedClock,
    pub(in crate::identity) reauthenticator: Reauthenticator,
    pub(in crate::identity) verification: VerificationEmails,
    pub(in crate::identity) links: EmailLinks,
    pub(in crate::identity) notices: SecurityNotices,
}

impl EmailConfirmation {
    /// Begins a change of a person's address: an email goes to the new one, and a notice to the old one. The old one
    /// counts until the new one is confirmed.
    ///
    /// # Errors
    /// [`IdentityError::WrongPassword`], [`IdentityError::SecondFactorRequired`], [`IdentityError::InvalidCode`],
    /// [`IdentityError::Invalid`], [`IdentityError::TooManyTries`], and [`IdentityError::SessionRevoked`] when the
    /// sign-in ended meanwhile. An address that somebody else has is not refused here, since that would tell whose
    /// address is known; its owner gets no email.
    pub async fn change(
        &self,
        person: &Person,
        email: &str,
        presence: &Reauthentication<'_>,
        client: &ClientInfo,
    ) -> Result<(), IdentityError> {
        let email = EmailAddress::checked(email)?;
        let reauthenticated = self.reauthenticator.reauthenticate(person.user, presence, client);
        let user = reauthenticated.await?;
        if email.as_str() == user.email {
            return Ok(());
        }
        let transaction = self.database.begin_write().await?;
        let user = still_signed_in(&transaction, &user, person.session, self.clock.now()).await?;
        self.verification
            .send(&transaction, &user, email.as_str())
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
    pub async fn resend(&self, user: UserId) -> Result<(), IdentityError> {
        let user = find_user(self.database.connection(), user).await?;
        let email = match self.pending(&user).await? {
            Some(email) => email,
            None if user.email_verified_at.is_none() => user.email.clone(),
            None => return Ok(()),
        };
        let transaction = self.database.begin_write().await?;
        self.verification.send(&transaction, &user, &email).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// The address that waits for being confirmed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn pending(&self, user: &user::Model) -> Result<Option<String>, IdentityError> {
        let link = mail_link::Entity::rows()
            .filter(mail_link::Column::UserId.eq(user.id))
            .filter(mail_link::Column::Purpose.eq(LinkPurpose::VerifyEmail))
            .filter(mail_link::Column::UsedAt.is_null())
            .filter(mail_link::Column::ExpiresAt.gt(self.clock.now()))
            .order_by_desc(mail_link::Column::Id)
            .one(self.database.connection())
            .await?;
        Ok(link.map(|link| link.email).filter(|email| *email != user.email))
    }

    /// Confirms an address by the link in an email; a waiting one becomes the person's. Gives who it is.
    ///
    /// # Errors
    /// [`IdentityError::LinkUnknown`], [`IdentityError::LinkUsed`], [`IdentityError::LinkExpired`], and
    /// [`IdentityError::EmailTaken`] when somebody else took the address meanwhile.
    pub async fn verify(&self, token: &SecretString) -> Result<UserId, IdentityError> {
        let link = self.links.find(LinkPurpose::VerifyEmail, token).await?;
        let now = self.clock.now();
        let transaction = self.database.begin_write().await?;
        lock_user(&transaction, link.user_id).await?;
        self.links.spend(&transaction, &link, None).await?;
        take_address(&transaction, &link, now).await?;
        // A link to the old address must not open the account any more.
        drop_links(&transaction, LinkPurpose::ResetPassword, link.user_id).await?;
        transaction.commit().await?;
        Ok(link.user_id)
    }
}

/// Makes the address of a link the person's, and confirmed.
async fn take_address(
    connection: &impl ConnectionTrait,
    link: &mail_link::Model,
    now: Time,
) -> Result<(), IdentityError> {
    let changed = user::Entity::update_rows()
        .col_expr(user::Column::Email, Expr::value(link.email.as_str()))
        .col_expr(user::Column::EmailVerifiedAt, Expr::value(now))
        .col_expr(user::Column::UpdatedAt, Expr::value(now))
        .filter(user::Column::Id.eq(link.user_id))
        .exec(connection)
        .await;
    changed.map(drop).map_err(email_taken)
}
