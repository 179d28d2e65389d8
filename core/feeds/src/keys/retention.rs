//! Keys that have ended: shown for a while, and then forgotten.

use chrono::TimeDelta;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use vitrine_entity::{
    TenantId, TenantOwned, Time,
    api_key::{self, Column, is_alive},
};

/// Ended keys that a tenant keeps; making one more forgets the oldest.
const MOST_KEPT: u64 = 500;
/// How long an ended key is kept.
const KEPT_FOR: TimeDelta = TimeDelta::days(90);
/// Keys that are forgotten at once.
const AT_ONCE: u64 = 1_000;

/// Forgets the oldest ended keys of a tenant that has many.
pub(super) async fn delete_oldest_ended(
    connection: &impl ConnectionTrait,
    tenant: TenantId,
    now: Time,
) -> Result<(), DbErr> {
    let beyond = api_key::Entity::of(tenant)
        .select_only()
        .column(Column::Id)
        .filter(is_alive(now).not())
        .order_by_desc(Column::Id)
        .limit(AT_ONCE)
        .offset(MOST_KEPT)
        .into_query();
    api_key::Entity::delete_of(tenant)
        .filter(Column::Id.in_subquery(beyond))
        .exec(connection)
        .await
        .map(drop)
}

/// Forgets some keys that ended long ago, of all tenants; gives how many.
pub async fn prune_keys(connection: &impl ConnectionTrait, now: Time, most: u64) -> Result<u64, DbErr> {
    let mut forgotten = 0;
    for end in [Column::RevokedAt, Column::ExpiresAt] {
        let old = api_key::Entity::across_tenants()
            .select_only()
            .column(Column::Id)
            .filter(end.lt(now - KEPT_FOR))
            .limit(most)
            .into_query();
        let deleted = api_key::Entity::delete_across_tenants()
            .filter(Column::Id.in_subquery(old))
            .exec(connection)
            .await?;
        forgotten = deleted.rows_affected.max(forgotten);
    }
    Ok(forgotten)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ChangeEvents,
        keys::{ApiKeys, NewApiKey},
    };
    use sea_orm::{ActiveValue::Set, EntityTrait, PaginatorTrait};
    use secrecy::ExposeSecret;
    use std::{sync::Arc, time::Duration};
    use vitrine_base::{
        clock::later,
        security::MasterKey,
        testing::{Bed, on_both_engines},
    };
    use vitrine_entity::{ApiKeyId, StringList, api_key::KeyKind};
    use vitrine_people::{
        identity::ClientInfo,
        testing::{WithPeople, ada},
    };

    on_both_engines!(
        ended_keys_are_bounded_in_number_and_time,
        a_rotation_forgets_as_many_as_it_ends,
    );

    fn ended(tenant: TenantId, number: u64, at: Time) -> api_key::ActiveModel {
        api_key::ActiveModel {
            id: Set(ApiKeyId::generate()),
            tenant_id: Set(tenant),
            name: Set("a site".to_owned()),
            kind: Set(KeyKind::Publishable),
            prefix: Set("vt_pk_".to_owned()),
            hash: Set(format!("{tenant} {number}")),
            scopes: Set(StringList::default()),
            allowed_origins: Set(StringList::default()),
            created_by: Set(None),
            created_at: Set(at),
            expires_at: Set(None),
            last_used_at: Set(None),
            revoked_at: Set(Some(at)),
            rotated_at: Set(None),
            replaced_by: Set(None),
        }
    }

    /// So many keys of a tenant have ended.
    async fn have_ended(bed: &Bed, tenant: TenantId, keys: u64) {
        let rows = (0..keys).map(|number| ended(tenant, number, bed.now()));
        let insert = api_key::Entity::insert_many(rows);
        insert
            .exec_without_returning(bed.database.connection())
            .await
            .unwrap();
    }

    fn keys(bed: &Bed) -> ApiKeys {
        let (keys, following) = ApiKeys::new(
            bed.database.clone(),
            Arc::new(bed.clock.clone()),
            &MasterKey::from_bytes([1; 32]),
            ChangeEvents::in_process(),
        );
        tokio::spawn(following);
        keys
    }

    fn new(bed: &Bed) -> NewApiKey {
        NewApiKey {
            name: "a site".to_owned(),
            kind: KeyKind::Publishable,
            scopes: vec![],
            allowed_origins: vec![],
            expires_at: Some(later(bed.now(), Duration::from_hours(24))),
        }
    }

    async fn count(bed: &Bed, tenant: TenantId) -> u64 {
        let keys = api_key::Entity::of(tenant);
        keys.count(bed.database.connection()).await.unwrap()
    }

    async fn ended_keys_are_bounded_in_number_and_time(bed: Bed) {
        let (ours, theirs) = (bed.tenant().await, bed.tenant().await);
        for tenant in [ours, theirs] {
            have_ended(&bed, tenant, MOST_KEPT + 20).await;
        }

        keys(&bed).create(ours, None, new(&bed)).await.unwrap();

        assert_eq!(
            count(&bed, ours).await,
            MOST_KEPT + 1,
            "and the one that opens something"
        );
        assert_eq!(count(&bed, theirs).await, MOST_KEPT + 20);
        let prune = async || {
            let connection = bed.database.connection();
            prune_keys(connection, bed.now(), AT_ONCE).await.unwrap()
        };
        bed.clock.advance(Duration::from_hours(89 * 24));
        assert_eq!(prune().await, 0);
        bed.clock.advance(Duration::from_hours(3 * 24));
        while prune().await > 0 {}
        assert_eq!((count(&bed, ours).await, count(&bed, theirs).await), (0, 0));
    }

    async fn a_rotation_forgets_as_many_as_it_ends(bed: Bed) {
        let (keys, identity) = (keys(&bed), bed.identity());
        let signed_in = identity
            .registration
            .register(ada(), ClientInfo::default())
            .await
            .unwrap();
        let token = signed_in.access_token.expose_secret();
        let owner = identity.sessions.authenticate(token).await.unwrap();
        let tenant = signed_in.tenant.id;
        let made = keys.create(tenant, None, new(&bed)).await.unwrap();
        have_ended(&bed, tenant, MOST_KEPT + 20).await;

        let rotated = keys.rotate(tenant, &owner, made.row.id, Duration::ZERO).await;

        rotated.unwrap();
        assert_eq!(count(&bed, tenant).await, MOST_KEPT + 1);
    }
}
