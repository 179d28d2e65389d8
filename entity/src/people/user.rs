//! A person who can sign in.

use crate::{Time, UserId};
use sea_orm::entity::prelude::*;

/// A row of `user`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "user")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: UserId,
    /// Address, in lower case; unique.
    #[sea_orm(column_type = "Text", unique)]
    pub email: String,
    /// Argon2id, as a PHC string.
    #[sea_orm(column_type = "Text")]
    pub password_hash: String,
    /// How the person is called.
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// When the address was confirmed.
    pub email_verified_at: Option<Time>,
    /// When the person registered.
    pub created_at: Time,
    /// When the person last changed.
    pub updated_at: Time,
}

/// Joins are written where they are used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
