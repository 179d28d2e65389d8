//! The email by which an address is confirmed.

use crate::{
    identity::{
        AttemptLimit, IdentityError,
        links::{EmailLinks, links_since},
        users::rows::{lock_user, with_address},
    },
    mail::{Email, Outbox},
};
use sea_orm::ConnectionTrait;
use std::time::Duration;
use vitrine_base::clock::SharedClock;
use vitrine_entity::{Time, mail_link::LinkPurpose, user};

const HOUR: Duration = Duration::from_hours(1);
/// Emails about one person's address in an hour.
const LETTERS_AN_HOUR: u64 = 5;

/// Writes emails by which addresses are confirmed.
#[derive(Clone)]
pub(in crate::identity) struct VerificationEmails {
    pub(in crate::identity) clock: SharedClock,
    pub(in crate::identity) links: EmailLinks,
    pub(in crate::identity) outbox: Outbox,
}

impl VerificationEmails {
    /// Writes to an address that a person has, or wants to have: it counts once the link is followed.
    ///
    /// # Errors
    /// [`IdentityError::TooManyTries`].
    pub(in crate::identity) async fn send(
        &self,
        connection: &impl ConnectionTrait,
        user: &user::Model,
        email: &str,
    ) -> Result<(), IdentityError> {
        let now = self.clock.now();
        lock_user(connection, user.id).await?;
        refuse_many(connection, user, now).await?;
        let link = self
            .links
            .make(connection, LinkPurpose::VerifyEmail, user.id, email)
            .await?;
        // Somebody who has an account with it is not asked to give it to another.
        if email != user.email && with_address(connection, email).await?.is_some() {
            return Ok(());
        }
        let message = Email::VerifyEmail {
            to: email.to_owned(),
            name: user.name.clone(),
            link,
        };
        Ok(self.outbox.put(connection, user.id, &message, now).await?)
    }
}

async fn refuse_many(
    connection: &impl ConnectionTrait,
    user: &user::Model,
    now: Time,
) -> Result<(), IdentityError> {
    let sent = links_since(connection, LinkPurpose::VerifyEmail, user.id, now - HOUR).await?;
    if sent < LETTERS_AN_HOUR {
        return Ok(());
    }
    Err(IdentityError::TooManyTries(AttemptLimit {
        most: LETTERS_AN_HOUR,
        window: HOUR,
        until: now + HOUR,
    }))
}
