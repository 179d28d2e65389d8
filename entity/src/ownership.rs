//! The tenant comes first: the only doors to tenant data.

use crate::TenantId;
use sea_orm::{ColumnTrait, DeleteMany, EntityTrait, QueryFilter, Select, UpdateMany};

/// An entity whose rows belong to one tenant.
pub trait TenantOwned: EntityTrait {
    /// The column that names the owner.
    fn tenant_column() -> Self::Column;

    /// Rows of this tenant; every read starts here.
    fn of(tenant: TenantId) -> Select<Self> {
        Self::find().filter(Self::tenant_column().eq(tenant))
    }

    /// Rows of this tenant, to be changed.
    fn update_of(tenant: TenantId) -> UpdateMany<Self> {
        Self::update_many().filter(Self::tenant_column().eq(tenant))
    }

    /// Rows of this tenant, to be deleted.
    fn delete_of(tenant: TenantId) -> DeleteMany<Self> {
        Self::delete_many().filter(Self::tenant_column().eq(tenant))
    }
}

macro_rules! tenant_owned {
    ($($module:ident),+ $(,)?) => {$(
        impl TenantOwned for crate::$module::Entity {
            fn tenant_column() -> Self::Column {
                crate::$module::Column::TenantId
            }
        }
    )+};
}

tenant_owned!(
    account,
    account_token,
    api_key,
    audit_event,
    connect_attempt,
    daily_use,
    export_part,
    feed,
    feed_account,
    feed_item,
    idempotency,
    invitation,
    job,
    media,
    membership,
    session,
    tenant_task,
    usage_day,
);

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm::{DbBackend, QueryTrait};

    #[test]
    fn every_door_names_the_tenant() {
        let tenant = TenantId::generate();
        let wanted = format!(r#""account"."tenant_id" = '{tenant}'"#);

        let select = crate::account::Entity::of(tenant)
            .build(DbBackend::Postgres)
            .to_string();
        let delete = crate::account::Entity::delete_of(tenant)
            .build(DbBackend::Postgres)
            .to_string();

        assert!(select.contains(&wanted), "{select}");
        assert!(delete.contains(&wanted), "{delete}");
    }
}
