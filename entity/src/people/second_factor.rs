//! The secret that a person's authenticator shares with us.

use crate::{Time, UserId};
use sea_orm::entity::prelude::*;

/// A row of `second_factor`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "second_factor")]
pub struct Model {
    /// Whose it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: UserId,
    /// The sealed secret.
    pub secret: Vec<u8>,
    /// Which master key sealed it.
    #[sea_orm(column_type = "Text")]
    pub key_id: String,
    /// When it was made.
    pub created_at: Time,
    /// When the person showed that their authenticator has it; it counts from then on.
    pub confirmed_at: Option<Time>,
    /// The newest step whose code was used; codes of it and of older ones are replays.
    pub last_step: i64,
    /// Codes in a row that were wrong.
    pub wrong_codes: i32,
}

/// Joins are written where they are used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
