//! Links in emails: single use, with an end, bound to a person and an address.

mod rows;
mod token;

pub use rows::prune_email_links;
pub(super) use rows::{drop_links, links_since};

use crate::identity::IdentityError;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, QueryFilter, sea_query::Expr,
};
use secrecy::{ExposeSecret, SecretString};
use vitrine_base::{
    clock::{SharedClock, later},
    database::Database,
};
use vitrine_entity::{
    InstallationOwned, MailLinkId, UserId,
    mail_link::{self, LinkPurpose},
};

/// Makes links and finds them again.
#[derive(Clone)]
pub(super) struct EmailLinks {
    database: Database,
    clock: SharedClock,
    public_url: String,
}

impl EmailLinks {
    /// The service over its parts. Links lead to pages below `public_url`.
    pub(super) fn new(database: Database, clock: SharedClock, public_url: String) -> Self {
        Self {
            database,
            clock,
            public_url,
        }
    }

    /// Makes a link, which replaces unused ones of the same purpose.
    ///
    /// The token stands behind `#`, where browsers keep it from servers, logs and other sites.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn make(
        &self,
        connection: &impl ConnectionTrait,
        purpose: LinkPurpose,
        user: UserId,
        email: &str,
    ) -> Result<String, DbErr> {
        drop_links(connection, purpose, user).await?;
        let token = token::generate(purpose);
        let now = self.clock.now();
        let row = mail_link::ActiveModel {
            id: Set(MailLinkId::generate()),
            user_id: Set(user),
            purpose: Set(purpose),
            email: Set(email.to_owned()),
            digest: Set(token::digest(&token)),
            created_at: Set(now),
            expires_at: Set(later(now, token::lifetime(purpose))),
            used_at: Set(None),
            used_from: Set(None),
        };
        row.insert(connection).await?;
        Ok(format!(
            "{}/{}#token={token}",
            self.public_url.trim_end_matches('/'),
            token::page(purpose)
        ))
    }

    /// The link of a token that may still be used.
    ///
    /// # Errors
    /// [`IdentityError::LinkUnknown`], [`IdentityError::LinkUsed`], [`IdentityError::LinkExpired`].
    pub(super) async fn find(
        &self,
        purpose: LinkPurpose,
        token: &SecretString,
    ) -> Result<mail_link::Model, IdentityError> {
        let token = token.expose_secret();
        if !token::may_be_ours(token, purpose) {
            return Err(IdentityError::LinkUnknown);
        }
        let link = mail_link::Entity::rows()
            .filter(mail_link::Column::Digest.eq(token::digest(token)))
            .filter(mail_link::Column::Purpose.eq(purpose))
            .one(self.database.connection())
            .await?
            .ok_or(IdentityError::LinkUnknown)?;
        if link.used_at.is_some() {
            return Err(IdentityError::LinkUsed);
        }
        match link.expires_at > self.clock.now() {
            true => Ok(link),
            false => Err(IdentityError::LinkExpired),
        }
    }

    /// Marks a link as used, in the transaction of what it does: of several at once one succeeds, and none once the
    /// link has ended, however long ago it was found.
    ///
    /// # Errors
    /// [`IdentityError::LinkUsed`], [`IdentityError::LinkExpired`].
    pub(super) async fn spend(
        &self,
        connection: &impl ConnectionTrait,
        link: &mail_link::Model,
        used_from: Option<String>,
    ) -> Result<(), IdentityError> {
        let now = self.clock.now();
        let used = mail_link::Entity::update_rows()
            .col_expr(mail_link::Column::UsedAt, Expr::value(now))
            .col_expr(mail_link::Column::UsedFrom, Expr::value(used_from))
            .filter(mail_link::Column::Id.eq(link.id))
            .filter(mail_link::Column::UsedAt.is_null())
            .filter(mail_link::Column::ExpiresAt.gt(now))
            .exec(connection)
            .await?;
        if used.rows_affected == 1 {
            return Ok(());
        }
        let current = mail_link::Entity::row(link.id).one(connection).await?;
        match current.and_then(|link| link.used_at) {
            Some(_) => Err(IdentityError::LinkUsed),
            None => Err(IdentityError::LinkExpired),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        identity::ClientInfo,
        testing::{WithPeople, ada},
    };
    use std::{sync::Arc, time::Duration};
    use vitrine_base::testing::{Bed, on_both_engines};

    on_both_engines!(
        a_link_that_ends_while_it_is_followed_does_nothing,
        links_that_died_long_ago_are_forgotten,
    );

    fn links(bed: &Bed) -> EmailLinks {
        let clock = Arc::new(bed.clock.clone());
        EmailLinks::new(bed.database.clone(), clock, "https://vitrine.example".to_owned())
    }

    async fn found(bed: &Bed, links: &EmailLinks, user: UserId) -> mail_link::Model {
        let connection = bed.database.connection();
        let made = links.make(connection, LinkPurpose::ResetPassword, user, "ada@example.com");
        let link = made.await.unwrap();
        let token = link.split_once("#token=").unwrap().1;
        let token = SecretString::from(token);
        links.find(LinkPurpose::ResetPassword, &token).await.unwrap()
    }

    async fn a_link_that_ends_while_it_is_followed_does_nothing(bed: Bed) {
        let (identity, links) = (bed.identity(), links(&bed));
        let registered = identity.registration.register(ada(), ClientInfo::default()).await;
        let user = registered.unwrap().user.id;
        let connection = bed.database.connection();

        let ended = found(&bed, &links, user).await;
        drop_links(connection, LinkPurpose::ResetPassword, user)
            .await
            .unwrap();
        let refused = links.spend(connection, &ended, None).await;
        assert!(matches!(refused, Err(IdentityError::LinkExpired)), "{refused:?}");

        let old = found(&bed, &links, user).await;
        bed.clock.advance(Duration::from_hours(1));
        let refused = links.spend(connection, &old, None).await;
        assert!(matches!(refused, Err(IdentityError::LinkExpired)), "{refused:?}");

        let good = found(&bed, &links, user).await;
        links.spend(connection, &good, None).await.unwrap();
        let refused = links.spend(connection, &good, None).await;
        assert!(matches!(refused, Err(IdentityError::LinkUsed)), "{refused:?}");
    }

    async fn links_that_died_long_ago_are_forgotten(bed: Bed) {
        let (identity, links) = (bed.identity(), links(&bed));
        let registered = identity.registration.register(ada(), ClientInfo::default()).await;
        found(&bed, &links, registered.unwrap().user.id).await;
        let connection = bed.database.connection();
        let pruned = async || prune_email_links(connection, bed.now(), 100).await.unwrap();

        bed.clock.advance(Duration::from_hours(90 * 24));
        assert_eq!(pruned().await, 0);
        bed.clock.advance(Duration::from_hours(2 * 24));
        assert_eq!(pruned().await, 2, "the letter's and the other");
    }
}
