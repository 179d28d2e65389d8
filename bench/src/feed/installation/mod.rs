//! The product as it is run: Postgres, Redis and an `api` process, with sites in the database.

pub(super) mod fill;
mod posts;
pub(super) mod statements;

use super::{FeedArguments, child::Server};
use crate::servers;
use fill::Site;
use secrecy::ExposeSecret;
use statements::Watch;
use std::path::Path;
use std::sync::Arc;
use vitrine_base::{
    clock::{Clock, SystemClock},
    database::{Database, DatabaseSettings},
    security::{KeyManager, MasterKey, MasterKeys},
};
use vitrine_test_support::{PostgresServer, RedisServer, free_port};

/// How feeds are served where it differs from the defaults, for measurements alone: the one place for it. What is
/// given as `--setting` comes on top and wins.
///
/// The load of one key is beyond what any key should make, all pages of all feeds are to stay in memory, and everybody
/// who signs in registers from this machine first.
const SERVING: &[(&str, &str)] = &[
    ("VITRINE_FEEDS__REQUESTS_PER_MINUTE", "4000000000"),
    ("VITRINE_FEEDS__CACHE_BYTES", "4294967296"),
    ("VITRINE_SIGNUP__PER_NETWORK_PER_HOUR", "1000000"),
];

/// Everything that runs; ends when dropped.
pub(super) struct Installation {
    /// The process that answers.
    pub(super) api: Server,
    /// Where its metrics are.
    pub(super) metrics: String,
    pub(super) database: Database,
    pub(super) database_url: String,
    /// Those that are read again and again.
    pub(super) sites: Vec<Site>,
    /// Those that nobody has read, one for each round.
    pub(super) cold: Vec<Site>,
    _redis: RedisServer,
    _postgres: PostgresServer,
}

impl Installation {
    /// Starts the servers, fills the database, and starts the process that answers.
    pub(super) async fn start(
        program: &Path,
        directory: &Path,
        arguments: &FeedArguments,
        workers: usize,
    ) -> anyhow::Result<Self> {
        let (postgres, redis) = tokio::try_join!(servers::postgres(statements::SETTINGS), servers::redis())?;
        let database_url = postgres.create_database().await?;
        let database = Database::connect(&DatabaseSettings {
            url: database_url.clone().into(),
            max_connections: 1,
            pooler: vitrine_base::database::Pooler::None,
        })
        .await?;
        vitrine_migration::migrate(database.driver()).await?;
        Watch::prepare(database.driver()).await?;
        let master = MasterKey::generate();
        let count = arguments.feeds.max(1) + arguments.rounds as u64;
        let now = SystemClock.now();
        let masters = MasterKeys::only(master.clone());
        let ring = KeyManager::new(database.clone(), Arc::new(SystemClock), masters)
            .open()
            .await?;
        let lasting = ring.lasting();
        let mut sites = fill::sites(database.driver(), &lasting, count, arguments.photos, now).await?;
        let cold = sites.split_off(sites.len() - arguments.rounds);
        let (address, metrics) = (loopback()?, loopback()?);
        let environment = environment(arguments, &database_url, &redis.url(), &master, workers);
        let mut environment: Vec<(String, String)> = environment;
        environment.push(("VITRINE_SERVER__LISTEN".to_owned(), address.clone()));
        environment.push(("VITRINE_SERVER__METRICS_LISTEN".to_owned(), metrics.clone()));
        let mut api = Server::start("api", directory, address, program, &["api"], &environment)?;
        api.answers("/healthz").await?;
        Ok(Self {
            api,
            metrics,
            database,
            database_url,
            sites,
            cold,
            _redis: redis,
            _postgres: postgres,
        })
    }
}

/// A free address of this machine alone.
pub(super) fn loopback() -> std::io::Result<String> {
    Ok(format!("127.0.0.1:{}", free_port()?))
}

fn environment(
    arguments: &FeedArguments,
    database: &str,
    redis: &str,
    master: &MasterKey,
    workers: usize,
) -> Vec<(String, String)> {
    let settings = [
        ("VITRINE_LOG", "warn".to_owned()),
        ("VITRINE_SERVER__WORKERS", workers.to_string()),
        ("VITRINE_DATABASE__URL", database.to_owned()),
        ("VITRINE_REDIS__URL", redis.to_owned()),
        (
            "VITRINE_SECURITY__MASTER_KEY",
            master.to_base64().expose_secret().to_owned(),
        ),
        // No call is made: nothing is synced without a worker.
        ("VITRINE_INSTAGRAM__CLIENT_ID", "1".to_owned()),
        ("VITRINE_INSTAGRAM__CLIENT_SECRET", "none".to_owned()),
    ];
    let settings = settings.into_iter().map(|(name, value)| (name.to_owned(), value));
    let serving = SERVING
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    settings
        .chain(serving)
        .chain(arguments.settings.iter().cloned())
        .collect()
}
