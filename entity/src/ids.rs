//! Ids as types, so that a tenant and an account cannot be swapped.

use sea_orm::DeriveValueType;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

macro_rules! typed_id {
    ($($(#[$doc:meta])* $name:ident)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, DeriveValueType)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new id that sorts after the older ones (UUIDv7).
            #[must_use]
            pub fn generate() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        impl sea_orm::TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, sea_orm::DbErr> {
                Err(sea_orm::DbErr::ConvertFromU64(stringify!($name)))
            }
        }
    )+};
}

typed_id! {
    /// One site owner's space: everything but people belongs to a tenant.
    TenantId
    /// A person who can sign in.
    UserId
    /// A person's place in a tenant.
    MembershipId
    /// An invitation into a tenant.
    InvitationId
    /// A sign-in: the family of refresh tokens that descend from it.
    SessionId
    /// A link in an email.
    MailLinkId
    /// A code for whoever lost their second factor.
    RecoveryCodeId
    /// An API key.
    ApiKeyId
    /// A connected Instagram account.
    AccountId
    /// One attempt to connect an account.
    ConnectAttemptId
    /// A stored post.
    MediaId
    /// A feed.
    FeedId
    /// A job in the history.
    JobId
    /// An entry of the audit log.
    AuditEventId
    /// Work on a whole tenant.
    TaskId
    /// A message waiting to be sent.
    OutboxId
    /// A deletion that the platform asked for.
    DataDeletionId
    /// The claim of one run on a row: only its holder may finish the run.
    LeaseId
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_in_the_order_they_were_made() {
        let ids: Vec<AccountId> = (0..100).map(|_| AccountId::generate()).collect();

        assert!(ids.is_sorted());
    }

    #[test]
    fn an_id_survives_text() {
        let id = FeedId::generate();

        assert_eq!(id.to_string().parse(), Ok(id));
    }
}
