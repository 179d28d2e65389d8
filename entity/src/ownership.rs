//! The only doors to rows: the tenant comes first, and a statement that goes without it says so.

use crate::TenantId;
use sea_orm::{
    ColumnTrait, DeleteMany, EntityTrait, PrimaryKeyTrait, QueryFilter, Select, UpdateMany,
    ValidatedDeleteOne,
};

/// An entity whose rows belong to one tenant.
#[expect(clippy::disallowed_methods, reason = "this is the door")]
pub trait TenantOwned: EntityTrait {
    /// The column that names the owner.
    fn tenant_column() -> Self::Column;

    /// Rows of this tenant; what a request asks for starts here.
    fn of(tenant: TenantId) -> Select<Self> {
        Self::across_tenants().filter(Self::tenant_column().eq(tenant))
    }

    /// Rows of this tenant, to be changed.
    fn update_of(tenant: TenantId) -> UpdateMany<Self> {
        Self::update_across_tenants().filter(Self::tenant_column().eq(tenant))
    }

    /// Rows of this tenant, to be deleted.
    fn delete_of(tenant: TenantId) -> DeleteMany<Self> {
        Self::delete_across_tenants().filter(Self::tenant_column().eq(tenant))
    }

    /// Rows of all tenants. Right only for
    /// - what the installation does for everybody: schedule, incidents, retention, counts for operators;
    /// - what is found by a secret that tells the tenant: a key, a session, an invitation, an attempt to connect;
    /// - what a person has in all their tenants: memberships and sessions;
    /// - what Meta orders about an account, whichever tenants connected it;
    /// - one statement for the work of several tenants, whose ids were read tenant first.
    ///
    /// No other answer to a request may be read from here.
    fn across_tenants() -> Select<Self> {
        Self::find()
    }

    /// Rows of all tenants, to be changed. Right where [`TenantOwned::across_tenants`] is.
    fn update_across_tenants() -> UpdateMany<Self> {
        Self::update_many()
    }

    /// Rows of all tenants, to be deleted. Right where [`TenantOwned::across_tenants`] is.
    fn delete_across_tenants() -> DeleteMany<Self> {
        Self::delete_many()
    }
}

/// An entity whose rows belong to the whole installation: people, tenants themselves, plans, sealing keys.
#[expect(clippy::disallowed_methods, reason = "this is the door")]
pub trait InstallationOwned: EntityTrait {
    /// All rows.
    fn rows() -> Select<Self> {
        Self::find()
    }

    /// The row of this key.
    fn row(key: impl Into<<Self::PrimaryKey as PrimaryKeyTrait>::ValueType>) -> Select<Self> {
        Self::find_by_id(key)
    }

    /// All rows, to be changed.
    fn update_rows() -> UpdateMany<Self> {
        Self::update_many()
    }

    /// All rows, to be deleted.
    fn delete_rows() -> DeleteMany<Self> {
        Self::delete_many()
    }

    /// The row of this key, to be deleted.
    fn delete_row(
        key: impl Into<<Self::PrimaryKey as PrimaryKeyTrait>::ValueType>,
    ) -> ValidatedDeleteOne<Self> {
        Self::delete_by_id(key)
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

macro_rules! installation_owned {
    ($($module:ident),+ $(,)?) => {$(
        impl InstallationOwned for crate::$module::Entity {}
    )+};
}

installation_owned!(
    data_deletion,
    incident,
    installation,
    mail_link,
    outbox,
    plan,
    recovery_code,
    sealing_key,
    sealing_key_wrap,
    second_factor,
    tenant,
    user,
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
