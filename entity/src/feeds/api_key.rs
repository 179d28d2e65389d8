//! Keys that open the API to programs and pages.

use crate::{ApiKeyId, StringList, TenantId, Time, UserId};
use sea_orm::{Condition, entity::prelude::*};
use serde::{Deserialize, Serialize};

/// Where a key may be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum KeyKind {
    /// On the owner's server.
    Secret,
    /// In a public page; reads feeds only.
    Publishable,
}

/// A row of `api_key`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "api_key")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ApiKeyId,
    /// Owner of the row.
    pub tenant_id: TenantId,
    /// What the owner calls it.
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// Where it may be kept.
    pub kind: KeyKind,
    /// Its first characters, to recognise it by.
    #[sea_orm(column_type = "Text")]
    pub prefix: String,
    /// Keyed hash of the whole key, in hex; unique.
    #[sea_orm(column_type = "Text", unique)]
    #[serde(skip)]
    pub hash: String,
    /// What it opens.
    #[sea_orm(column_type = "JsonBinary")]
    pub scopes: StringList,
    /// Origins it may be used from; empty means any.
    #[sea_orm(column_type = "JsonBinary")]
    pub allowed_origins: StringList,
    /// Who made it.
    pub created_by: Option<UserId>,
    /// When it was made.
    pub created_at: Time,
    /// When it ends by itself.
    pub expires_at: Option<Time>,
    /// When it was last used, written now and then.
    pub last_used_at: Option<Time>,
    /// When it was revoked.
    pub revoked_at: Option<Time>,
    /// When another key took its place; it ends at `expires_at` then.
    pub rotated_at: Option<Time>,
    /// The key that did.
    pub replaced_by: Option<ApiKeyId>,
}

/// Joins are written where they are used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Keys that open something: they were neither revoked nor have expired.
#[must_use]
pub fn is_alive(now: Time) -> Condition {
    let lasts = Condition::any()
        .add(Column::ExpiresAt.is_null())
        .add(Column::ExpiresAt.gt(now));
    Condition::all().add(Column::RevokedAt.is_null()).add(lasts)
}
