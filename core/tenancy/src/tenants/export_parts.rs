//! Documents between the run that wrote them and whoever fetches them.

use super::TaskError;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use vitrine_base::{
    database::Database,
    security::{KeyRing, Purpose, Vault},
};
use vitrine_entity::{TaskId, TenantId, TenantOwned, export_part};

/// Keeps the parts, sealed: a backup of the database shall not be a pile of documents.
#[derive(Clone)]
pub(super) struct Parts {
    database: Database,
    vault: Vault,
}

impl Parts {
    pub(super) fn new(database: Database, ring: &KeyRing) -> Self {
        Self {
            database,
            vault: Vault::new(ring),
        }
    }

    pub(super) async fn write(
        &self,
        tenant: TenantId,
        task: TaskId,
        number: i32,
        text: &[u8],
    ) -> Result<(), TaskError> {
        let sealed = self.vault.seal(Purpose::ExportPart, task.0, text)?;
        let row = export_part::ActiveModel {
            task_id: Set(task),
            number: Set(number),
            tenant_id: Set(tenant),
            key_id: Set(sealed.key_id),
            body: Set(sealed.ciphertext),
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
        let text = self
            .vault
            .open(Purpose::ExportPart, task.0, &row.key_id, &row.body)?;
        Ok(Some(text.to_vec()))
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
