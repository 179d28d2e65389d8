//! What tokens are good for while the keys that sign them change.

use crate::identity::sessions::{
    access_token::{AccessTokens, Bearer},
    refresh_token::{RefreshTokens, TokenGeneration},
};
use secrecy::ExposeSecret;
use std::{sync::Arc, time::Duration};
use vitrine_base::{
    security::{KeyManager, MasterKey, MasterKeys},
    testing::{Bed, on_both_engines},
};
use vitrine_entity::{SessionId, TenantId, UserId};

on_both_engines!(what_was_signed_before_is_read_for_as_long_as_it_lives);

/// After this time a new key is used.
const SETTLED: Duration = Duration::from_secs(11);

fn keeper(bed: &Bed, current: u8, previous: &[u8]) -> KeyManager {
    let master = |byte| MasterKey::from_bytes([byte; 32]);
    let masters = MasterKeys {
        current: master(current),
        previous: previous.iter().copied().map(master).collect(),
    };
    KeyManager::new(bed.database.clone(), Arc::new(bed.clock.clone()), masters)
}

async fn what_was_signed_before_is_read_for_as_long_as_it_lives(bed: Bed) {
    let old = keeper(&bed, 1, &[]);
    let ring = old.open().await.unwrap();
    let (access, refresh) = (
        AccessTokens::new(&ring, "https://a".to_owned()),
        RefreshTokens::new(&ring),
    );
    let bearer = Bearer {
        tenant: TenantId::generate(),
        user: UserId::generate(),
        session: SessionId::generate(),
    };
    let ticket = TokenGeneration {
        session: bearer.session,
        generation: 1,
    };
    keeper(&bed, 2, &[1]).rotate().await.unwrap();
    let (token, refresh_token) = (access.issue(bearer, bed.now()).unwrap(), refresh.issue(ticket));
    assert!(old.poll(&ring, true).await);
    bed.clock.advance(SETTLED);

    assert_eq!(access.read(token.expose_secret(), bed.now()).unwrap(), bearer);
    assert_eq!(refresh.read(refresh_token.expose_secret()), Some(ticket));
    let renewed = access.issue(bearer, bed.now()).unwrap();
    let head = |token: &str| token.split('.').next().unwrap().to_owned();
    assert_ne!(head(token.expose_secret()), head(renewed.expose_secret()));
    bed.clock.advance(Duration::from_mins(20));
    let forged_in_time = access.read(token.expose_secret(), bed.now() - chrono::TimeDelta::minutes(15));
    assert!(
        forged_in_time.is_err(),
        "a key that signs no more is still believed"
    );
    assert_eq!(refresh.read(refresh_token.expose_secret()), Some(ticket));
    bed.clock.advance(Duration::from_hours(30 * 24));
    assert_eq!(refresh.read(refresh_token.expose_secret()), None);
}
