//! The database, and Redis or what stands in for it.

use std::io;
use std::time::Duration;

use secrecy::ExposeSecret;
use tokio::net::TcpStream;
use tokio::time::timeout;
use url::Url;
use vitrine_base::clock::SharedClock;
use vitrine_base::database::{Database, DatabaseSettings};
use vitrine_base::security::installation::{self, InstallationError};
use vitrine_base::security::{KeyError, KeyManager, KeyRing, MasterKeys};
use vitrine_queue::{Queue, RedisOptions};
use vitrine_redis::{Address, Cause, Connection, watch_eviction};

use super::plaintext::warn_of_plaintext;
use super::schema::{check_migrations, migrate};
use crate::background_tasks::BackgroundTasks;
use crate::config::{SecretUrl, Settings};
use crate::data_directory::private_file;
use crate::failure::Failure;

const DATABASE_CONNECT: Duration = Duration::from_secs(5);
const DATABASE_CLOSE: Duration = Duration::from_secs(1);
const POSTGRES_PORT: u16 = 5432;

/// What the rules run on.
pub(crate) struct Engines {
    /// Where everything is kept.
    pub(crate) database: Database,
    /// What carries jobs.
    pub(crate) queue: Queue,
    /// What several processes share; nothing when this process is alone.
    pub(crate) redis: Option<Connection>,
}

impl Engines {
    /// Reaches everything that is configured, and looks after it in the background. A Redis that is away is waited for
    /// by whoever needs it.
    ///
    /// # Errors
    /// With the address, without its password, when the database does not answer, or an address cannot be used.
    pub(crate) async fn connect(settings: &Settings, tasks: &BackgroundTasks) -> Result<Self, Failure> {
        let database = connect_database(settings).await?;
        let (queue, redis) = match &settings.redis.url {
            Some(url) => (
                shared_queue(url, &settings.redis.prefix, tasks)?,
                Some(share_redis(url, &settings.redis.prefix, tasks).await?),
            ),
            None => (Queue::in_process(), None),
        };
        Ok(Self {
            database,
            queue,
            redis,
        })
    }

    /// Brings the database to this version's shape.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) async fn migrate(&self) -> Result<(), Failure> {
        migrate(&self.database).await
    }

    /// The installation's keys, which are kept fresh in the background. Refuses any master key but the one that the
    /// database was set up with, which is the first that is claimed.
    ///
    /// # Errors
    /// When the database knows another key, or does not answer.
    pub(crate) async fn keys(
        &self,
        masters: MasterKeys,
        clock: SharedClock,
        tasks: &BackgroundTasks,
    ) -> Result<KeyRing, Failure> {
        let keeper = KeyManager::new(self.database.clone(), clock, masters);
        let ring = keeper.open().await.map_err(|error| unusable_keys(&error))?;
        tasks.spawn(keeper.keep_fresh(ring.clone()));
        Ok(ring)
    }

    /// Whether some process claimed a master key before.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn is_claimed(&self) -> Result<bool, Failure> {
        let known = installation::master_key_id(&self.database).await;
        known
            .map(|id| id.is_some())
            .map_err(|error| Failure::because("cannot read the master key's id", &error))
    }

    /// Closes the database, behind everything that used it.
    pub(crate) async fn close(&self) {
        if timeout(DATABASE_CLOSE, self.database.close()).await.is_err() {
            tracing::warn!("some connections to the database were not closed in time");
        }
    }

    /// Refuses a database that is behind this version.
    ///
    /// # Errors
    /// When migrations are pending, or the database does not answer.
    pub(crate) async fn check_migrations(&self) -> Result<(), Failure> {
        check_migrations(&self.database).await
    }
}

/// Why the installation's keys cannot be had, in one line.
pub(crate) fn unusable_keys(error: &KeyError) -> Failure {
    match error {
        KeyError::Installation(InstallationError::OtherMasterKey { .. }) => Failure::start(error.to_string()),
        _ => Failure::because("cannot read the installation's keys", error),
    }
}

/// Reaches the database, and makes the data directory when the database is a file in it.
///
/// # Errors
/// With the address, without its password.
pub(crate) async fn connect_database(settings: &Settings) -> Result<Database, Failure> {
    if settings.database.url.is_none() {
        private_file::make_directory(&settings.server.data_dir)?;
    }
    let url = settings.database_url();
    warn_of_plaintext(&url);
    let wanted = DatabaseSettings {
        url: url.full().clone(),
        max_connections: settings.database.max_connections.get(),
        pooler: settings.database.pooler.into(),
    };
    try_connect(&url)
        .await
        .map_err(|error| Failure::because(format!("cannot reach the database {url}"), &error))?;
    let unreachable = |error| Failure::because(format!("cannot reach the database {url}"), &error);
    let database = Database::connect(&wanted).await.map_err(unreachable)?;
    database.ping().await.map_err(unreachable)?;
    Ok(database)
}

/// Tells at once, and why, that a database server is away; the pool would only say that it waited.
async fn try_connect(url: &SecretUrl) -> io::Result<()> {
    let address = Url::parse(url.full().expose_secret())
        .ok()
        .filter(|url| url.scheme().starts_with("postgres"));
    let Some(address) = address else { return Ok(()) };
    match address.host_str() {
        Some(host) if !host.is_empty() => {
            let connection = TcpStream::connect((host, address.port().unwrap_or(POSTGRES_PORT)));
            timeout(DATABASE_CONNECT, connection).await??;
            Ok(())
        }
        _ => Ok(()),
    }
}

/// The queue that every process shares. Its connection is looked after in the background.
///
/// # Errors
/// When the address cannot be understood.
pub(crate) fn shared_queue(url: &SecretUrl, prefix: &str, tasks: &BackgroundTasks) -> Result<Queue, Failure> {
    let options = RedisOptions {
        prefix: prefix.to_owned(),
        ..RedisOptions::new(url.full().expose_secret())
    };
    let unusable = |error| Failure::because(format!("cannot use Redis {url}"), &error);
    let (queue, health_check) = Queue::redis(&options).map_err(unusable)?;
    tasks.spawn(health_check);
    Ok(queue)
}

/// The Redis that every process shares. It may be away: feeds are served without it, and work goes on when it comes.
///
/// # Errors
/// When the address cannot be used.
async fn share_redis(url: &SecretUrl, prefix: &str, tasks: &BackgroundTasks) -> Result<Connection, Failure> {
    let unusable = |error| Failure::because(format!("cannot use Redis {url}"), &error);
    let address = Address::read(url.full().expose_secret()).map_err(unusable)?;
    let (connection, health_check) = Connection::new(&address, prefix).map_err(unusable)?;
    tasks.spawn(health_check);
    if let Err(error) = connection.probe().await {
        let error = vitrine_redis::trouble(&address).await.unwrap_or(error);
        tracing::error!(
            redis.address = %url, cause = Cause::of(&error).as_str(), %error,
            "Redis cannot be used: starting without it, and using it once it works"
        );
    }
    tasks.spawn(watch_eviction(address));
    Ok(connection)
}
