//! The document of an export, in parts.

use crate::{TaskId, TenantId};
use sea_orm::entity::prelude::*;

/// A row of `export_part`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "export_part")]
pub struct Model {
    /// The export.
    #[sea_orm(primary_key, auto_increment = false)]
    pub task_id: TaskId,
    /// Its place in the document.
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i32,
    /// Owner of the row.
    pub tenant_id: TenantId,
    /// Which key sealed it.
    #[sea_orm(column_type = "Text")]
    pub key_id: String,
    /// The text, sealed.
    pub body: Vec<u8>,
}

/// Joins are written where they are used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
