//! A private Postgres server.

use std::{
    fs, iter,
    os::unix::fs::{MetadataExt, chown},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use anyhow::{Context, bail, ensure};
use tempfile::TempDir;
use tokio::{
    process::Command,
    time::{Instant, sleep},
};
use uuid::Uuid;

use crate::{ports::free_port, programs, supervisor::Supervisor};

const START_DEADLINE: Duration = Duration::from_secs(60);
const ATTEMPTS: usize = 5;

/// Lets Postgres go down as in a crash: sessions are cut, nothing is flushed, the next start recovers.
const IMMEDIATE: &str = "QUIT";
/// Cuts the sessions, then shuts down in order.
const FAST: &str = "INT";

/// No durability beyond a crash of the server alone, little memory, and no way in but the loopback port.
const SETTINGS: &[&str] = &[
    "fsync=off",
    "full_page_writes=off",
    "autovacuum=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "shared_buffers=32MB",
    "max_connections=300",
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "logging_collector=off",
];

/// Settings of a server that others follow.
pub const REPLICATING: &[&str] = &["wal_level=replica", "max_wal_senders=4"];

/// A Postgres server of this process alone. It ends when dropped, and when the process ends in any way.
pub struct PostgresServer {
    supervisor: Supervisor,
    password: String,
    port: u16,
}

impl PostgresServer {
    /// Makes a new cluster and starts it; it answers when this returns.
    ///
    /// # Errors
    /// When Postgres is not installed or does not start; the message carries the server's own words.
    pub async fn start() -> anyhow::Result<PostgresServer> {
        Self::start_with(&[]).await
    }

    /// The same with settings (`name=value`) that win over those for tests, such as `fsync=on`.
    ///
    /// # Errors
    /// As [`PostgresServer::start`].
    pub async fn start_with(settings: &[&str]) -> anyhow::Result<PostgresServer> {
        let password = Uuid::new_v4().simple().to_string();
        let directory = tempfile::Builder::new().prefix("vitrine-postgres-").tempdir()?;
        let owner = owner(directory.path())?;
        // The supervisor comes first, so that the files are removed even if this process ends meanwhile.
        let supervisor = supervise(directory, owner, settings)?;
        make_cluster(&supervisor.directory, owner, &password).await?;
        let mut server = PostgresServer {
            supervisor,
            password,
            port: 0,
        };
        server.find_port().await?;
        Ok(server)
    }

    /// Starts a standby that follows this server, which must have been started with [`REPLICATING`].
    ///
    /// # Errors
    /// When the data cannot be copied, or the standby does not start.
    pub async fn standby(&self) -> anyhow::Result<PostgresServer> {
        let directory = tempfile::Builder::new().prefix("vitrine-postgres-").tempdir()?;
        let owner = owner(directory.path())?;
        let supervisor = supervise(directory, owner, REPLICATING)?;
        if let Some(Owner { user, group }) = owner {
            chown(&supervisor.directory, Some(user), Some(group))?;
        }
        let mut copy = as_owner(owner, programs::postgres_directory()?.join("pg_basebackup"));
        copy.args([
            "--write-recovery-conf",
            "--checkpoint=fast",
            "--no-sync",
            "--dbname",
        ]);
        copy.arg(self.url())
            .arg("--pgdata")
            .arg(supervisor.directory.join("data"));
        run(copy.current_dir(&supervisor.directory)).await?;
        let mut standby = PostgresServer {
            supervisor,
            password: self.password.clone(),
            port: 0,
        };
        standby.find_port().await?;
        Ok(standby)
    }

    /// Makes a standby take writes.
    ///
    /// # Errors
    /// When the server is none, or does not run.
    pub async fn promote(&self) -> anyhow::Result<()> {
        query(&self.url(), "select pg_promote()").await
    }

    /// Lets the server refuse writes from now on, as one does that a standby takes over from.
    ///
    /// # Errors
    /// When the server does not run.
    pub async fn refuse_writes(&self) -> anyhow::Result<()> {
        query(&self.url(), "alter system set default_transaction_read_only = on").await?;
        query(&self.url(), "select pg_reload_conf()").await
    }

    /// Where the server listens on the loopback interface.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The address of the server's own database `postgres`, for a superuser.
    pub fn url(&self) -> String {
        format!(
            "postgres://postgres:{}@127.0.0.1:{}/postgres",
            self.password, self.port
        )
    }

    /// What the server has written since its last start.
    pub fn log(&self) -> String {
        self.supervisor.log()
    }

    /// Makes a new empty database and gives its address.
    ///
    /// # Errors
    /// When the server does not run.
    pub async fn create_database(&self) -> anyhow::Result<String> {
        create_database(&self.url()).await
    }

    /// Cuts all sessions and shuts the server down in order. Does nothing when it is down.
    ///
    /// # Errors
    /// When the process that watches the server is gone.
    pub async fn stop(&self) -> anyhow::Result<()> {
        self.supervisor.end(FAST).await
    }

    /// Takes the server down as a crash would: nothing is flushed. Does nothing when it is down.
    ///
    /// # Errors
    /// When the process that watches the server is gone.
    pub async fn kill(&self) -> anyhow::Result<()> {
        self.supervisor.end(IMMEDIATE).await
    }

    /// Starts the server again at its old address and with its data, after stopping it if it runs.
    ///
    /// # Errors
    /// When the server does not come up.
    pub async fn restart(&self) -> anyhow::Result<()> {
        self.stop().await?;
        ensure!(self.comes_up().await?, "port {} was taken meanwhile", self.port);
        Ok(())
    }

    async fn find_port(&mut self) -> anyhow::Result<()> {
        for _ in 0..ATTEMPTS {
            self.port = free_port()?;
            if self.comes_up().await? {
                return Ok(());
            }
            self.stop().await?;
        }
        bail!("Postgres found no free port:\n{}", self.supervisor.log())
    }

    /// False when somebody else has the port. A stranger's server cannot pass for ours: it has another password.
    async fn comes_up(&self) -> anyhow::Result<bool> {
        let deadline = Instant::now() + START_DEADLINE;
        self.supervisor.start(self.port).await?;
        while query(&self.url(), "select 1").await.is_err() {
            if self.supervisor.log().contains("Address already in use") {
                return Ok(false);
            }
            ensure!(
                Instant::now() < deadline,
                "Postgres does not start:\n{}",
                self.supervisor.log()
            );
            sleep(Duration::from_millis(20)).await;
        }
        Ok(true)
    }
}

/// Makes a new empty database on the server at `url` and gives its address.
pub(crate) async fn create_database(url: &str) -> anyhow::Result<String> {
    let name = format!("test_{}", Uuid::new_v4().simple());
    query(url, &format!("create database {name}")).await?;
    let (server, _) = url
        .rsplit_once('/')
        .context("the address of Postgres names no database")?;
    Ok(format!("{server}/{name}"))
}

async fn query(url: &str, sql: &str) -> anyhow::Result<()> {
    let mut psql = Command::new(programs::postgres_directory()?.join("psql"));
    psql.args([
        "--no-psqlrc",
        "--quiet",
        "--no-password",
        "--command",
        sql,
        "--dbname",
        url,
    ]);
    run(psql.env("PGCONNECT_TIMEOUT", "5")).await
}

async fn make_cluster(directory: &Path, owner: Option<Owner>, password: &str) -> anyhow::Result<()> {
    let password_file = directory.join("password");
    fs::write(&password_file, password)?;
    if let Some(Owner { user, group }) = owner {
        chown(directory, Some(user), Some(group))?;
        chown(&password_file, Some(user), Some(group))?;
    }
    let mut initdb = as_owner(owner, programs::postgres_directory()?.join("initdb"));
    initdb.args([
        "--username=postgres",
        "--auth=password",
        "--encoding=UTF8",
        "--locale=C",
        "--no-sync",
    ]);
    initdb
        .arg("--pwfile")
        .arg(&password_file)
        .arg("--pgdata")
        .arg(directory.join("data"));
    run(initdb.current_dir(directory)).await
}

fn supervise(directory: TempDir, owner: Option<Owner>, more: &[&str]) -> anyhow::Result<Supervisor> {
    let mut postgres = as_owner(owner, programs::postgres_directory()?.join("postgres"));
    postgres.arg("-D").arg(directory.path().join("data"));
    // Postgres takes the last of several values.
    for setting in SETTINGS.iter().chain(more) {
        postgres.args(["-c", setting]);
    }
    postgres.arg("-p");
    let postgres = postgres.as_std();
    let command: Vec<_> = iter::once(postgres.get_program())
        .chain(postgres.get_args())
        .collect();
    Supervisor::new(directory.keep(), FAST, &command)
}

/// Who is to run the server.
#[derive(Clone, Copy)]
pub(crate) struct Owner {
    pub(crate) user: u32,
    pub(crate) group: u32,
}

/// Postgres refuses to run as root, so root hands it to the user that the package makes.
pub(crate) fn owner(directory: &Path) -> anyhow::Result<Option<Owner>> {
    if fs::metadata(directory)?.uid() != 0 {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd").context("cannot look up the user `postgres`")?;
    let owner = users.lines().find_map(postgres_user);
    Ok(Some(owner.context(
        "root cannot run Postgres, and there is no user `postgres`",
    )?))
}

/// Reads a line of `/etc/passwd`: name, password, user, group, and more.
fn postgres_user(line: &str) -> Option<Owner> {
    let mut fields = line.strip_prefix("postgres:")?.split(':').skip(1);
    Some(Owner {
        user: fields.next()?.parse().ok()?,
        group: fields.next()?.parse().ok()?,
    })
}

pub(crate) fn as_owner(owner: Option<Owner>, program: PathBuf) -> Command {
    let Some(Owner { user, group }) = owner else {
        return Command::new(program);
    };
    let mut command = Command::new("setpriv");
    command
        .arg(format!("--reuid={user}"))
        .arg(format!("--regid={group}"))
        .arg("--clear-groups")
        .arg(program);
    command
}

async fn run(command: &mut Command) -> anyhow::Result<()> {
    let program = command.as_std().get_program().to_owned();
    let output = command.stdin(Stdio::null()).output().await;
    let output = output.with_context(|| format!("cannot run {}", program.display()))?;
    let words = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{} failed: {words}", program.display());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_database_is_its_own() {
        let server = PostgresServer::start().await.unwrap();
        let (one, other) = (
            server.create_database().await.unwrap(),
            server.create_database().await.unwrap(),
        );

        query(&one, "create table mark ()").await.unwrap();

        assert!(query(&one, "select from mark").await.is_ok());
        assert!(query(&other, "select from mark").await.is_err());
    }

    #[tokio::test]
    async fn a_killed_server_comes_back_with_its_data() {
        let server = PostgresServer::start().await.unwrap();
        query(&server.url(), "create table mark ()").await.unwrap();

        server.kill().await.unwrap();
        assert!(query(&server.url(), "select 1").await.is_err());
        server.restart().await.unwrap();

        assert!(query(&server.url(), "select from mark").await.is_ok());
    }

    #[tokio::test]
    async fn nothing_is_left_of_a_dropped_server() {
        let server = PostgresServer::start().await.unwrap();
        let (url, directory) = (server.url(), server.supervisor.directory.clone());

        drop(server);

        assert!(!directory.exists());
        assert!(query(&url, "select 1").await.is_err());
    }
}
