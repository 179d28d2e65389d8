//! A row of every table: `x` with nothing that may be left out, `full_x` with everything.

mod accounts;
mod feeds;
mod people;
mod records;

pub(crate) use accounts::*;
pub(crate) use feeds::*;
pub(crate) use people::*;
pub(crate) use records::*;

use std::fmt::Debug;

use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, DatabaseConnection, DbErr, EntityTrait, IntoActiveModel,
    ModelTrait, prelude::Uuid,
};
use vitrine_entity::{AccountId, FeedId, MediaId, StringList, TenantId, Time, UserId};

/// The rows that others hang on.
#[derive(Clone, Copy)]
pub(crate) struct Owner {
    pub(crate) tenant: TenantId,
    pub(crate) user: UserId,
    pub(crate) account: AccountId,
    pub(crate) media: MediaId,
    pub(crate) feed: FeedId,
}

impl Owner {
    /// Names for rows that do not exist yet.
    pub(crate) fn new() -> Owner {
        Owner {
            tenant: TenantId::generate(),
            user: UserId::generate(),
            account: AccountId::generate(),
            media: MediaId::generate(),
            feed: FeedId::generate(),
        }
    }

    /// A new tenant with a person, an account, a post and a feed.
    pub(crate) async fn insert(db: &DatabaseConnection) -> Owner {
        let owner = Owner::new();
        insert(db, tenant(&owner)).await.unwrap();
        insert(db, user(&owner)).await.unwrap();
        insert(db, account(&owner)).await.unwrap();
        insert(db, media(&owner)).await.unwrap();
        insert(db, feed(&owner)).await.unwrap();
        owner
    }
}

/// Inserts a row as it is.
pub(crate) async fn insert<M>(db: &DatabaseConnection, row: M) -> Result<M, DbErr>
where
    M: ModelTrait + Debug + IntoActiveModel<<M::Entity as EntityTrait>::ActiveModel>,
    M::Entity: EntityTrait<Model = M>,
    <M::Entity as EntityTrait>::ActiveModel:
        ActiveModelTrait<Entity = M::Entity> + ActiveModelBehavior + Send,
{
    row.into_active_model().reset_all().insert(db).await
}

/// A text that no other row has.
fn word() -> String {
    Uuid::now_v7().to_string()
}

fn words() -> StringList {
    ["one", "two"].into_iter().collect()
}

/// A moment with microseconds.
pub(crate) fn moment() -> Time {
    "2026-11-23T18:00:00.123456Z".parse().unwrap()
}
