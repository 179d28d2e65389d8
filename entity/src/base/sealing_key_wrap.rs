//! The installation's keys, each encrypted under a master key; under two while the master key is being changed.

use sea_orm::entity::prelude::*;

/// A row of `sealing_key_wrap`.
#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sealing_key_wrap")]
pub struct Model {
    /// The key.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub key_id: String,
    /// Public name of the master key that opens it.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub master_key_id: String,
    /// Nonce and ciphertext.
    pub wrapped: Vec<u8>,
}

impl std::fmt::Debug for Model {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("sealing_key_wrap::Model")
            .field("key_id", &self.key_id)
            .field("master_key_id", &self.master_key_id)
            .finish_non_exhaustive()
    }
}

/// Joins are written where they are used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
