//! How many sessions of a person are kept.

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, Order, QueryFilter,
    sea_query::{Alias, Func, Query, SelectStatement, WindowStatement},
};
use vitrine_entity::{TenantOwned, UserId, session};

/// Sign-ins of one person that are kept, open and ended ones; one more forgets one of the network that has the most.
pub(super) const MOST_KEPT: u64 = 100;
const PLACE: &str = "place";
/// Sign-ins that are forgotten at once.
const AT_ONCE: u64 = 1_000;

/// Forgets sign-ins of a person who has more than anybody needs. What they opened is closed.
///
/// The newest sign-in of each network is kept the longest, because the person is known by it there: a program that
/// signs in again and again forgets its own sign-ins.
#[expect(clippy::disallowed_methods, reason = "selects from a subquery")]
pub(super) async fn forget_beyond(connection: &impl ConnectionTrait, user: UserId) -> Result<(), DbErr> {
    let beyond = Query::select()
        .column(session::Column::Id)
        .from_subquery(by_network(user), Alias::new("by_network"))
        .order_by(PLACE, Order::Asc)
        .order_by(session::Column::LastUsedAt, Order::Desc)
        .order_by(session::Column::Id, Order::Desc)
        .limit(AT_ONCE)
        .offset(MOST_KEPT)
        .take();
    session::Entity::delete_across_tenants()
        .filter(session::Column::Id.in_subquery(beyond))
        .exec(connection)
        .await
        .map(drop)
}

/// The sign-ins of a person, each with its place among those of its network, from the newest on.
#[expect(clippy::disallowed_methods, reason = "an entity's select has no windows")]
fn by_network(user: UserId) -> SelectStatement {
    let newest_first = WindowStatement::partition_by(session::Column::Network)
        .order_by(session::Column::LastUsedAt, Order::Desc)
        .order_by(session::Column::Id, Order::Desc)
        .take();
    Query::select()
        .columns([session::Column::Id, session::Column::LastUsedAt])
        .expr_window_as(Func::cust("ROW_NUMBER"), newest_first, PLACE)
        .from(session::Entity)
        .and_where(session::Column::UserId.eq(user))
        .take()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        identity::{ClientInfo, Credentials, IdentityError},
        testing::{PASSWORD, WithPeople, ada},
    };
    use secrecy::ExposeSecret;
    use std::time::Duration;
    use vitrine_base::testing::{Bed, on_both_engines};
    use vitrine_entity::membership::Role;

    on_both_engines!(
        a_person_keeps_so_many_sign_ins,
        a_program_that_signs_in_again_and_again_leaves_the_networks_of_its_owner_known,
    );

    async fn a_program_that_signs_in_again_and_again_leaves_the_networks_of_its_owner_known(bed: Bed) {
        let identity = bed.identity();
        let at = |last| ClientInfo {
            address: Some([203, 0, 113, last].into()),
            user_agent: None,
        };
        let home = identity.registration.register(ada(), at(1)).await.unwrap();
        for _ in 0..=MOST_KEPT {
            bed.clock.advance(Duration::from_secs(1));
            let (user, tenant) = (home.user.clone(), home.tenant.clone());
            identity
                .login
                .opener
                .open(bed.database.connection(), user, tenant, Role::Owner, at(2))
                .await
                .unwrap();
        }
        identity
            .sessions
            .authenticate(home.access_token.expose_secret())
            .await
            .unwrap();
        let signs_in = async |password: &str, from| {
            let shown = Credentials {
                email: "ada@example.com".to_owned(),
                password: password.into(),
                tenant: None,
                code: None,
            };
            identity.login.log_in(&shown, at(from)).await
        };
        for stranger in 0..12 {
            signs_in("wrong password", 100 + stranger).await.unwrap_err();
        }

        signs_in(PASSWORD, 1).await.unwrap();
    }

    async fn a_person_keeps_so_many_sign_ins(bed: Bed) {
        let identity = bed.identity();
        let first = identity
            .registration
            .register(ada(), ClientInfo::default())
            .await
            .unwrap();
        let mut newest = None;
        for _ in 0..MOST_KEPT {
            bed.clock.advance(Duration::from_secs(1));
            let (user, tenant) = (first.user.clone(), first.tenant.clone());
            let opened = identity.login.opener.open(
                bed.database.connection(),
                user,
                tenant,
                Role::Owner,
                ClientInfo::default(),
            );
            newest = Some(opened.await.unwrap());
        }

        let newest = newest.unwrap();
        let person = identity
            .sessions
            .authenticate(newest.access_token.expose_secret())
            .await
            .unwrap();
        let all = session::Entity::across_tenants()
            .all(bed.database.connection())
            .await
            .unwrap();
        assert_eq!(all.len() as u64, MOST_KEPT);
        assert_eq!(
            identity.sessions.list(&person).await.unwrap().len() as u64,
            MOST_KEPT
        );
        let of_first = identity
            .sessions
            .authenticate(first.access_token.expose_secret())
            .await;
        assert!(
            matches!(of_first, Err(IdentityError::SessionRevoked)),
            "{of_first:?}"
        );
    }
}
