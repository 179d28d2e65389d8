//! Whoever holds a key.

use super::{KeyError, Scope};
use vitrine_entity::{
    ApiKeyId, TenantId, Time,
    api_key::{self, KeyKind},
};

/// Whoever holds a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyCaller {
    /// The key.
    pub id: ApiKeyId,
    /// Whose key it is.
    pub tenant: TenantId,
    /// What its owner calls it.
    pub name: String,
    /// Where it is kept.
    pub kind: KeyKind,
    /// Its first characters.
    pub prefix: String,
    /// What it opens.
    pub scopes: Vec<Scope>,
    /// Origins it may be used from; empty means any.
    pub allowed_origins: Vec<String>,
    /// When it ends by itself.
    pub expires_at: Option<Time>,
    revoked: bool,
    rotated: bool,
}

impl From<api_key::Model> for KeyCaller {
    fn from(row: api_key::Model) -> Self {
        Self {
            id: row.id,
            tenant: row.tenant_id,
            name: row.name,
            kind: row.kind,
            prefix: row.prefix,
            scopes: row
                .scopes
                .0
                .iter()
                .filter_map(|scope| scope.parse().ok())
                .collect(),
            allowed_origins: row.allowed_origins.0,
            expires_at: row.expires_at,
            revoked: row.revoked_at.is_some(),
            rotated: row.rotated_at.is_some(),
        }
    }
}

impl KeyCaller {
    /// Whether the key opens anything at this moment, and if not, why.
    pub(super) fn check(&self, now: Time) -> Result<(), KeyError> {
        let over = self.expires_at.is_some_and(|end| end <= now);
        match over {
            _ if self.revoked => Err(KeyError::Revoked),
            true if self.rotated => Err(KeyError::Rotated),
            true => Err(KeyError::Expired),
            false => Ok(()),
        }
    }
}
