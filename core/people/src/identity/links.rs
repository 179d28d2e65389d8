//! Links in emails: single use, with an end, bound to a person and an address.

use crate::identity::IdentityError;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter,
    sea_query::{Expr, Query},
};
use secrecy::{ExposeSecret, SecretString};
use std::time::Duration;
use vitrine_base::{
    clock::{SharedClock, later},
    database::Database,
};
use vitrine_entity::{
    MailLinkId, Time, UserId,
    mail_link::{self, LinkPurpose},
};

const SECRET_BYTES: usize = 32;
/// A used link makes the network known that it was used from, for as long as sign-ins do.
const KEPT: TimeDelta = TimeDelta::days(90);
/// No token of ours is longer.
const LONGEST_TOKEN: usize = 128;

/// Where a link leads.
fn page(purpose: LinkPurpose) -> &'static str {
    match purpose {
        LinkPurpose::VerifyEmail => "verify-email",
        LinkPurpose::ResetPassword => "reset-password",
    }
}

fn prefix(purpose: LinkPurpose) -> &'static str {
    match purpose {
        LinkPurpose::VerifyEmail => "vt_ev_",
        LinkPurpose::ResetPassword => "vt_pr_",
    }
}

fn lifetime(purpose: LinkPurpose) -> Duration {
    match purpose {
        LinkPurpose::VerifyEmail => Duration::from_hours(24),
        LinkPurpose::ResetPassword => Duration::from_hours(1),
    }
}

/// The database has no use of what could open an account. The token is random, so its hash needs no key.
fn digest(token: &str) -> String {
    blake3::hash(token.as_bytes()).to_hex().to_string()
}

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
        let secret: [u8; SECRET_BYTES] = rand::random();
        let token = format!("{}{}", prefix(purpose), BASE64_URL_SAFE_NO_PAD.encode(secret));
        let now = self.clock.now();
        let row = mail_link::ActiveModel {
            id: Set(MailLinkId::generate()),
            user_id: Set(user),
            purpose: Set(purpose),
            email: Set(email.to_owned()),
            digest: Set(digest(&token)),
            created_at: Set(now),
            expires_at: Set(later(now, lifetime(purpose))),
            used_at: Set(None),
            used_from: Set(None),
        };
        row.insert(connection).await?;
        Ok(format!(
            "{}/{}#token={token}",
            self.public_url.trim_end_matches('/'),
            page(purpose)
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
        if token.len() > LONGEST_TOKEN || !token.starts_with(prefix(purpose)) {
            return Err(IdentityError::LinkUnknown);
        }
        let link = mail_link::Entity::find()
            .filter(mail_link::Column::Digest.eq(digest(token)))
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
        let used = mail_link::Entity::update_many()
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
        let current = mail_link::Entity::find_by_id(link.id).one(connection).await?;
        match current.and_then(|link| link.used_at) {
            Some(_) => Err(IdentityError::LinkUsed),
            None => Err(IdentityError::LinkExpired),
        }
    }
}

/// Forgets links that died longer ago than anybody wants to know, some of them; gives how many.
///
/// # Errors
/// When the database fails.
pub async fn prune_email_links(
    connection: &impl ConnectionTrait,
    now: Time,
    most: u64,
) -> Result<u64, DbErr> {
    let old = Query::select()
        .column(mail_link::Column::Id)
        .from(mail_link::Entity)
        .and_where(mail_link::Column::ExpiresAt.lt(now - KEPT))
        .limit(most)
        .take();
    let deleted = mail_link::Entity::delete_many()
        .filter(mail_link::Column::Id.in_subquery(old))
        .exec(connection)
        .await?;
    Ok(deleted.rows_affected)
}

/// How many links of a purpose a person was sent since then; those that were replaced count.
pub(super) async fn links_since(
    connection: &impl ConnectionTrait,
    purpose: LinkPurpose,
    user: UserId,
    since: Time,
) -> Result<u64, DbErr> {
    mail_link::Entity::find()
        .filter(mail_link::Column::UserId.eq(user))
        .filter(mail_link::Column::Purpose.eq(purpose))
        .filter(mail_link::Column::CreatedAt.gt(since))
        .count(connection)
        .await
}

/// Ends unused links of a purpose: they expire now.
pub(super) async fn drop_links(
    connection: &impl ConnectionTrait,
    purpose: LinkPurpose,
    user: UserId,
) -> Result<(), DbErr> {
    mail_link::Entity::update_many()
        .col_expr(
            mail_link::Column::ExpiresAt,
            Expr::col(mail_link::Column::CreatedAt),
        )
        .filter(mail_link::Column::UserId.eq(user))
        .filter(mail_link::Column::Purpose.eq(purpose))
        .filter(mail_link::Column::UsedAt.is_null())
        .exec(connection)
        .await
        .map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        identity::ClientInfo,
        testing::{WithPeople, ada},
    };
    use std::sync::Arc;
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
