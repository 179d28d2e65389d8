//! What tests of rules over a database begin with.

use crate::{
    clock::{Clock, SystemClock, TestClock},
    database::{Database, DatabaseSettings},
    identity::{Identity, IdentitySettings, NewRegistration},
    security::{KeyRing, MasterKey},
};
use chrono::TimeDelta;
use sea_orm::{ActiveModelTrait, ActiveValue::Set};
use std::{num::NonZeroU32, sync::Arc};
use tempfile::TempDir;
use vitrine_entity::{MembershipId, StringList, TenantId, Time, UserId, membership, tenant, user};

/// Ada's password.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// Ada, who wants a space of her own.
pub(crate) fn ada() -> NewRegistration {
    NewRegistration {
        email: "ada@example.com".into(),
        password: PASSWORD.into(),
        name: "Ada".into(),
        site_name: "a site".into(),
    }
}

/// A machine's clock that is wrong, and nobody meant it to be.
#[derive(Debug)]
pub(crate) struct WrongClock(TimeDelta);

impl WrongClock {
    pub(crate) fn ahead_by(ahead: TimeDelta) -> Self {
        Self(ahead)
    }
}

impl Clock for WrongClock {
    fn now(&self) -> Time {
        SystemClock.now() + self.0
    }
}

/// A database of one test, and a clock that it can move.
pub(crate) struct Bed {
    pub(crate) database: Database,
    pub(crate) clock: TestClock,
    pub(crate) settings: DatabaseSettings,
    _directory: Option<TempDir>,
}

impl Bed {
    pub(crate) async fn sqlite() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}?mode=rwc", directory.path().join("test.db").display());
        Self::at(url, Some(directory)).await
    }

    pub(crate) async fn postgres() -> Self {
        Self::at(vitrine_test_support::database().await.unwrap(), None).await
    }

    async fn at(url: String, directory: Option<TempDir>) -> Self {
        let settings = DatabaseSettings {
            url: url.into(),
            max_connections: 4,
            pooler: crate::database::Pooler::None,
        };
        let database = Database::connect(&settings).await.unwrap();
        vitrine_migration::migrate(database.driver()).await.unwrap();
        Self {
            database,
            clock: TestClock::new(),
            settings,
            _directory: directory,
        }
    }

    /// People, under a key that tests share.
    pub(crate) fn identity(&self) -> Identity {
        let settings = IdentitySettings {
            issuer: "https://vitrine.example".to_owned(),
            signup_enabled: true,
            registrations_per_hour: NonZeroU32::MIN,
        };
        let clock = Arc::new(self.clock.clone());
        let ring = KeyRing::founded_on(&MasterKey::from_bytes([1; 32]), clock.clone());
        Identity::new(self.database.clone(), clock, &ring, settings)
    }

    pub(crate) fn now(&self) -> Time {
        self.clock.now()
    }

    /// Somebody who can be a member.
    pub(crate) async fn user(&self) -> UserId {
        let id = UserId::generate();
        let row = user::ActiveModel {
            id: Set(id),
            email: Set(format!("{}@example.com", id.0)),
            password_hash: Set(String::new()),
            name: Set("somebody".to_owned()),
            email_verified_at: Set(None),
            created_at: Set(self.now()),
            updated_at: Set(self.now()),
        };
        row.insert(self.database.connection()).await.unwrap().id
    }

    /// Makes somebody an owner of a tenant.
    pub(crate) async fn joins(&self, user: UserId, tenant: TenantId) {
        let row = membership::ActiveModel {
            id: Set(MembershipId::generate()),
            tenant_id: Set(tenant),
            user_id: Set(user),
            role: Set(membership::Role::Owner),
            created_at: Set(self.now()),
        };
        row.insert(self.database.connection()).await.unwrap();
    }

    pub(crate) async fn tenant(&self) -> TenantId {
        let row = tenant::ActiveModel {
            id: Set(TenantId::generate()),
            name: Set("a site".to_owned()),
            allowed_origins: Set(StringList::default()),
            created_at: Set(self.now()),
            updated_at: Set(self.now()),
            paused_at: Set(None),
            plan_name: Set(None),
        };
        row.insert(self.database.connection()).await.unwrap().id
    }
}

/// Makes two tests of each function that takes a [`Bed`].
macro_rules! on_both_engines {
    ($($name:ident),+ $(,)?) => {$(
        mod $name {
            #[tokio::test]
            async fn on_sqlite() {
                super::$name($crate::testing::Bed::sqlite().await).await;
            }

            #[tokio::test]
            async fn on_postgres() {
                super::$name($crate::testing::Bed::postgres().await).await;
            }
        }
    )+};
}

pub(crate) use on_both_engines;
