//! A link in an email: whoever shows its token has read the mail of the address.

use crate::{MailLinkId, Time, UserId};
use sea_orm::entity::prelude::*;

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum LinkPurpose {
    /// Confirms the address.
    #[sea_orm(string_value = "verify_email")]
    VerifyEmail,
    /// Sets another password.
    #[sea_orm(string_value = "reset_password")]
    ResetPassword,
}

/// A row of `mail_link`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "mail_link")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MailLinkId,
    /// Whom it is for.
    pub user_id: UserId,
    /// What it does.
    pub purpose: LinkPurpose,
    /// The address that it was sent to.
    #[sea_orm(column_type = "Text")]
    pub email: String,
    /// Hash of its token.
    #[sea_orm(column_type = "Text", unique)]
    pub digest: String,
    /// When it was made.
    pub created_at: Time,
    /// When it dies.
    pub expires_at: Time,
    /// When it was used.
    pub used_at: Option<Time>,
    /// Keyed hash of the network that it was used from.
    #[sea_orm(column_type = "Text", nullable)]
    pub used_from: Option<String>,
}

/// Joins are written where they are used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
