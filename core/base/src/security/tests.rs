//! Keys in a database, and how they outlive their master key.

use super::{
    KeyError, KeyManager, KeyRing, MasterKey, MasterKeys, Purpose, Resealed, Resealer, Rotation, Vault,
};
use crate::{
    security::installation::InstallationError,
    testing::{Bed, on_both_engines},
};
use sea_orm::ConnectionTrait;
use std::{sync::Arc, time::Duration};
use uuid::Uuid;
use vitrine_entity::{InstallationOwned, sealing_key_wrap};

on_both_engines!(
    processes_that_start_at_once_have_the_same_keys,
    an_older_database_goes_on_with_its_keys,
    new_keys_are_used_once_everybody_knows_them,
    a_given_up_master_key_opens_nothing,
    a_rotation_without_the_old_key_changes_nothing,
);

fn master(byte: u8) -> MasterKey {
    MasterKey::from_bytes([byte; 32])
}

fn keeper(bed: &Bed, current: u8, previous: &[u8]) -> KeyManager {
    let masters = MasterKeys {
        current: master(current),
        previous: previous.iter().copied().map(master).collect(),
    };
    KeyManager::new(bed.database.clone(), Arc::new(bed.clock.clone()), masters)
}

const SETTLED: Duration = Duration::from_secs(11);

async fn processes_that_start_at_once_have_the_same_keys(bed: Bed) {
    let opening = (0..4).map(|_| async { keeper(&bed, 1, &[]).open().await.unwrap() });

    let rings: Vec<KeyRing> = futures::future::join_all(opening).await;

    let names: Vec<String> = rings.iter().map(KeyRing::active_seal).collect();
    assert!(names.iter().all(|name| *name == names[0]), "{names:?}");
    let roots: Vec<String> = rings.iter().map(|ring| ring.lasting().id()).collect();
    assert!(
        roots
            .iter()
            .all(|root| *root == roots[0] && *root != master(1).id())
    );
}

async fn an_older_database_goes_on_with_its_keys(bed: Bed) {
    for name in ["master_key_id", "keys_founded_on"] {
        let row = format!(
            "insert into installation (name, value) values ('{name}', '{}')",
            master(1).id()
        );
        bed.database.connection().execute_unprepared(&row).await.unwrap();
    }
    let before = Vault::new(&KeyRing::from_master_key(&master(1), Arc::new(bed.clock.clone())));
    let owner = Uuid::now_v7();
    let sealed = before.seal(Purpose::AccountToken, owner, b"token").unwrap();
    assert_eq!(sealed.key_id, master(1).id());

    let ring = keeper(&bed, 2, &[1]).open().await.unwrap();

    let opened = Vault::new(&ring).open(Purpose::AccountToken, owner, &sealed.key_id, &sealed.ciphertext);
    assert_eq!(*opened.unwrap(), b"token");
    assert_eq!(
        ring.lasting().derive("vitrine 2026 api keys"),
        master(1).derive("vitrine 2026 api keys")
    );
}

async fn new_keys_are_used_once_everybody_knows_them(bed: Bed) {
    let old = keeper(&bed, 1, &[]);
    let ring = old.open().await.unwrap();
    let (before, root) = (ring.active_seal(), ring.lasting().id());

    let begun = keeper(&bed, 2, &[1]).rotate().await.unwrap();
    assert!(matches!(begun, Rotation::Begun(moment) if moment > bed.now()));
    assert!(old.poll(&ring, true).await);
    assert_eq!(ring.active_seal(), before);
    bed.clock.advance(SETTLED);

    assert_ne!(ring.active_seal(), before);
    assert_eq!(ring.lasting().id(), root);
    assert_eq!(keeper(&bed, 2, &[1]).rotate().await.unwrap(), Rotation::GoesOn);
    let again = keeper(&bed, 2, &[]).open().await.unwrap();
    assert_eq!(again.active_seal(), ring.active_seal());
    let done = Resealer::new(bed.database.clone(), Vault::new(&ring))
        .run(drop)
        .await
        .unwrap();
    assert_eq!(done, Resealed::default());
}

async fn a_given_up_master_key_opens_nothing(bed: Bed) {
    let old = keeper(&bed, 1, &[]);
    let ring = old.open().await.unwrap();
    let new = keeper(&bed, 2, &[1]);
    assert!(matches!(new.forget_previous().await, Err(KeyError::NotInPlace)));
    new.rotate().await.unwrap();
    assert!(old.open().await.is_ok(), "both are good meanwhile");

    assert_eq!(new.forget_previous().await.unwrap(), 5);

    let refused = old.open().await.unwrap_err();
    assert!(
        matches!(
            refused,
            KeyError::Installation(InstallationError::OtherMasterKey { .. })
        ),
        "{refused}"
    );
    assert!(!old.poll(&ring, true).await);
    assert!(
        Vault::new(&ring)
            .seal(Purpose::Mail, Uuid::now_v7(), b"goes on")
            .is_ok()
    );
    let wraps = sealing_key_wrap::Entity::rows()
        .all(bed.database.connection())
        .await
        .unwrap();
    assert!(wraps.iter().all(|wrap| wrap.master_key_id == master(2).id()));
}

async fn a_rotation_without_the_old_key_changes_nothing(bed: Bed) {
    keeper(&bed, 1, &[]).open().await.unwrap();

    let refused = keeper(&bed, 2, &[3]).rotate().await.unwrap_err();

    assert!(
        matches!(
            refused,
            KeyError::Installation(InstallationError::OtherMasterKey { .. })
        ),
        "{refused}"
    );
    assert!(keeper(&bed, 1, &[]).open().await.is_ok());
    assert!(keeper(&bed, 2, &[3]).open().await.is_err());
}
