//! The installation's own keys, under which secrets are sealed and tokens are signed. They lie here only wrapped:
//! see `sealing_key_wrap`.

use crate::Time;
use sea_orm::entity::prelude::*;

/// What a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum KeyUse {
    /// Secrets that are stored and opened again.
    Seal,
    /// Access and refresh tokens.
    Sign,
    /// What can never be made anew, such as the hashes of API keys; outlives every rotation.
    Lasting,
}

/// A row of `sealing_key`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sealing_key")]
pub struct Model {
    /// Its public name, which stands beside everything that it sealed.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub id: String,
    /// What it is for.
    pub key_use: KeyUse,
    /// When it was made.
    pub created_at: Time,
    /// From when on it is used; a moment later than it was made, so that every process knows it by then.
    pub active_from: Time,
    /// When another took its place; it still opens what it sealed.
    pub retired_at: Option<Time>,
}

/// Joins are written where they are used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
