//! Documents between the run that wrote them and whoever fetches them.

use super::TaskError;
use crate::{database::Database, security::MasterKey};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use vitrine_entity::{TaskId, TenantId, TenantOwned, export_part};

const NONCE: usize = 24;

/// Keeps the parts, sealed: a backup of the database shall not be a pile of documents.
#[derive(Clone)]
pub(super) struct Parts {
    database: Database,
    cipher: XChaCha20Poly1305,
}

impl Parts {
    pub(super) fn new(database: Database, master: &MasterKey) -> Self {
        let key = master.derive("vitrine 2026 export documents");
        Self {
            database,
            cipher: XChaCha20Poly1305::new(&key.into()),
        }
    }

    pub(super) async fn write(
        &self,
        tenant: TenantId,
        task: TaskId,
        number: i32,
        text: &[u8],
    ) -> Result<(), TaskError> {
        let nonce: [u8; NONCE] = rand::random();
        let place = place(task, number);
        let payload = Payload {
            msg: text,
            aad: &place,
        };
        let sealed = self.cipher.encrypt(&XNonce::from(nonce), payload);
        let row = export_part::ActiveModel {
            task_id: Set(task),
            number: Set(number),
            tenant_id: Set(tenant),
            body: Set([nonce.as_slice(), &sealed.map_err(|_| TaskError::Unwritable)?].concat()),
        };
        export_part::Entity::insert(row)
            .exec_without_returning(self.database.connection())
            .await?;
        Ok(())
    }

    pub(super) async fn read(
        &self,
        tenant: TenantId,
        task: TaskId,
        number: i32,
    ) -> Result<Option<Vec<u8>>, TaskError> {
        let row = export_part::Entity::of(tenant)
            .filter(export_part::Column::TaskId.eq(task))
            .filter(export_part::Column::Number.eq(number))
            .one(self.database.connection())
            .await?;
        let Some(row) = row else { return Ok(None) };
        let (nonce, sealed) = row
            .body
            .split_first_chunk::<NONCE>()
            .ok_or(TaskError::Unwritable)?;
        let place = place(task, number);
        let payload = Payload {
            msg: sealed,
            aad: &place,
        };
        let opened = self.cipher.decrypt(&XNonce::from(*nonce), payload);
        opened.map(Some).map_err(|_| TaskError::Unwritable)
    }

    /// Drops all parts of a document.
    pub(super) async fn clear(&self, tenant: TenantId, task: TaskId) -> Result<(), TaskError> {
        export_part::Entity::delete_of(tenant)
            .filter(export_part::Column::TaskId.eq(task))
            .exec(self.database.connection())
            .await?;
        Ok(())
    }
}

/// A part opens in its own place only.
fn place(task: TaskId, number: i32) -> Vec<u8> {
    [task.0.as_bytes().as_slice(), &number.to_le_bytes()].concat()
}
