//! A whole installation but the API: Postgres, Redis, a simulated Instagram, and worker processes of the
//! program that is measured.

use super::{fill, simulated::SimulatedInstagram};
use crate::{servers, worker::SyncSizes};
use anyhow::Context;
use secrecy::ExposeSecret;
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};
use vitrine_base::{
    clock::{Clock, SystemClock},
    database::{Database, DatabaseSettings},
    security::{KeyManager, MasterKey, MasterKeys, Vault},
};
use vitrine_simulator::SimulatorSettings;
use vitrine_test_support::{PostgresServer, RedisServer, free_port};

/// Longer than a polite end takes, the grace for running jobs included.
const END: Duration = Duration::from_secs(30);

/// Everything that runs; ends when dropped.
pub(super) struct Installation {
    pub(super) database: Database,
    pub(super) simulated: SimulatedInstagram,
    workers: Vec<Worker>,
    environment: Vec<(String, String)>,
    directory: tempfile::TempDir,
    _postgres: PostgresServer,
    _redis: RedisServer,
}

struct Worker {
    child: Child,
    log: PathBuf,
}

impl Installation {
    /// Starts the servers and connects the accounts; no worker runs yet.
    pub(super) async fn start(sizes: &SyncSizes) -> anyhow::Result<Self> {
        let (postgres, redis) = tokio::try_join!(servers::postgres(&[]), servers::redis())?;
        let simulated = SimulatedInstagram::start(sizes.accounts, sizes.media).await?;
        let database_url = postgres.create_database().await?;
        let database = Database::connect(&DatabaseSettings {
            url: database_url.clone().into(),
            max_connections: 2,
            pooler: vitrine_base::database::Pooler::None,
        })
        .await?;
        vitrine_migration::migrate(database.driver()).await?;
        let master = MasterKey::generate();
        let now = SystemClock.now();
        let masters = MasterKeys::only(master.clone());
        let ring = KeyManager::new(database.clone(), Arc::new(SystemClock), masters)
            .open()
            .await?;
        fill::connect(
            database.driver(),
            &Vault::new(&ring),
            &simulated.accounts,
            sizes.tenants,
            now,
        )
        .await?;
        let environment = environment(sizes, &database_url, &redis.url(), &master, &simulated.address);
        Ok(Self {
            database,
            simulated,
            workers: Vec::new(),
            environment,
            directory: tempfile::tempdir()?,
            _postgres: postgres,
            _redis: redis,
        })
    }

    /// Starts one more worker process.
    pub(super) fn start_worker(&mut self, program: &Path) -> anyhow::Result<()> {
        let log = self
            .directory
            .path()
            .join(format!("worker-{}.log", self.workers.len()));
        let file = fs::File::create(&log)?;
        let child = Command::new(program)
            .arg("worker")
            .current_dir(self.directory.path())
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .env(
                "VITRINE_SERVER__METRICS_LISTEN",
                format!("127.0.0.1:{}", free_port()?),
            )
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        self.workers.push(Worker { child, log });
        Ok(())
    }

    /// Ids of the worker processes.
    pub(super) fn workers(&self) -> Vec<u32> {
        self.workers.iter().map(|worker| worker.child.id()).collect()
    }

    /// What the workers have written; with their log level, that is trouble.
    pub(super) fn log(&self) -> String {
        let logs = self
            .workers
            .iter()
            .map(|worker| fs::read_to_string(&worker.log).unwrap_or_default());
        logs.collect()
    }

    /// Fails when a worker has ended.
    pub(super) fn still_works(&mut self) -> anyhow::Result<()> {
        for worker in &mut self.workers {
            if let Some(status) = worker.child.try_wait()? {
                anyhow::bail!(
                    "a worker ended with {status}:\n{}",
                    fs::read_to_string(&worker.log)?
                );
            }
        }
        Ok(())
    }

    /// Ends the workers politely.
    pub(super) async fn stop_workers(&mut self) -> anyhow::Result<()> {
        for worker in &self.workers {
            Command::new("kill")
                .args(["-TERM", &worker.child.id().to_string()])
                .status()?;
        }
        let asked = Instant::now();
        for mut worker in std::mem::take(&mut self.workers) {
            while worker.child.try_wait()?.is_none() {
                anyhow::ensure!(asked.elapsed() < END, "a worker does not end");
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
        Ok(())
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _status = self.child.wait();
    }
}

fn environment(
    sizes: &SyncSizes,
    database: &str,
    redis: &str,
    master: &MasterKey,
    instagram: &str,
) -> Vec<(String, String)> {
    let app = SimulatorSettings::default();
    let settings = [
        ("VITRINE_LOG", "warn".to_owned()),
        ("VITRINE_DATABASE__URL", database.to_owned()),
        ("VITRINE_DATABASE__MAX_CONNECTIONS", sizes.connections.to_string()),
        ("VITRINE_REDIS__URL", redis.to_owned()),
        (
            "VITRINE_SECURITY__MASTER_KEY",
            master.to_base64().expose_secret().to_owned(),
        ),
        ("VITRINE_INSTAGRAM__CLIENT_ID", app.client_id),
        ("VITRINE_INSTAGRAM__CLIENT_SECRET", app.client_secret),
        (
            "VITRINE_INSTAGRAM__AUTHORIZE_URL",
            format!("{instagram}/oauth/authorize"),
        ),
        (
            "VITRINE_INSTAGRAM__TOKEN_URL",
            format!("{instagram}/oauth/access_token"),
        ),
        ("VITRINE_INSTAGRAM__GRAPH_URL", format!("{instagram}/")),
        ("VITRINE_SCHEDULE__TICK", sizes.tick.clone()),
        ("VITRINE_WORKER__CONCURRENCY", sizes.concurrency.to_string()),
    ];
    settings
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}
