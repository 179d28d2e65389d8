//! PgBouncer before a Postgres server.

use std::{ffi::OsStr, fs, os::unix::fs::chown, time::Duration};

use anyhow::{Context, bail, ensure};
use tokio::{
    net::TcpStream,
    time::{Instant, sleep},
};

use crate::{
    ports::free_port,
    postgres::{Owner, as_owner, owner},
    programs,
    supervisor::Supervisor,
};

const START_DEADLINE: Duration = Duration::from_secs(30);
const ATTEMPTS: usize = 5;

/// Lets PgBouncer end at once.
const AT_ONCE: &str = "TERM";

/// PgBouncer takes its port from its file alone.
const START: &str = r#"sed "s/@port@/$3/" "$2.template" > "$2" && exec "$1" "$2""#;

/// A PgBouncer of this process alone, in its transaction mode. It ends when dropped, and when the process ends in any
/// way.
pub struct PgBouncer {
    supervisor: Supervisor,
    port: u16,
    url: String,
}

impl PgBouncer {
    /// Starts one before the database at `url`, with so few servers that clients have to share them.
    ///
    /// # Errors
    /// When it is not installed or does not start; the message carries its own words.
    pub async fn before(url: &str) -> anyhow::Result<Self> {
        let directory = tempfile::Builder::new().prefix("vitrine-pgbouncer-").tempdir()?;
        let owner = owner(directory.path())?;
        let settings = directory.path().join("pgbouncer.ini");
        let users = directory.path().join("users");
        let template = directory.path().join("pgbouncer.ini.template");
        let address = Address::read(url)?;
        fs::write(&template, address.settings(&users.display().to_string()))?;
        fs::write(&users, format!("\"{}\" \"{}\"\n", address.user, address.password))?;
        if let Some(Owner { user, group }) = owner {
            for path in [directory.path(), &template, &users] {
                chown(path, Some(user), Some(group))?;
            }
        }
        let mut shell = as_owner(owner, "sh".into());
        shell.args([OsStr::new("-c"), OsStr::new(START), OsStr::new("pgbouncer")]);
        shell.arg(programs::pgbouncer()?).arg(&settings);
        let shell = shell.as_std();
        let command: Vec<_> = std::iter::once(shell.get_program())
            .chain(shell.get_args())
            .collect();
        let supervisor = Supervisor::new(directory.keep(), AT_ONCE, &command)?;
        let mut pooler = Self {
            supervisor,
            port: 0,
            url: String::new(),
        };
        pooler.find_port().await?;
        pooler.url = format!(
            "postgres://{}:{}@127.0.0.1:{}/{}",
            address.user, address.password, pooler.port, address.database
        );
        Ok(pooler)
    }

    /// The address of the database behind it.
    pub fn url(&self) -> &str {
        &self.url
    }

    async fn find_port(&mut self) -> anyhow::Result<()> {
        for _ in 0..ATTEMPTS {
            self.port = free_port()?;
            self.supervisor.start(self.port).await?;
            if self.comes_up().await? {
                return Ok(());
            }
            self.supervisor.end(AT_ONCE).await?;
        }
        bail!("PgBouncer found no free port:\n{}", self.supervisor.log())
    }

    async fn comes_up(&self) -> anyhow::Result<bool> {
        let deadline = Instant::now() + START_DEADLINE;
        while TcpStream::connect(("127.0.0.1", self.port)).await.is_err() {
            if self.supervisor.log().contains("in use") {
                return Ok(false);
            }
            ensure!(
                Instant::now() < deadline,
                "PgBouncer does not start:\n{}",
                self.supervisor.log()
            );
            sleep(Duration::from_millis(20)).await;
        }
        Ok(true)
    }
}

/// The parts of an address as [`crate::PostgresServer`] gives it.
struct Address<'u> {
    user: &'u str,
    password: &'u str,
    host: &'u str,
    port: &'u str,
    database: &'u str,
}

impl<'u> Address<'u> {
    fn read(url: &'u str) -> anyhow::Result<Self> {
        let parts = || {
            let (people, place) = url.strip_prefix("postgres://")?.split_once('@')?;
            let (user, password) = people.split_once(':')?;
            let (server, database) = place.split_once('/')?;
            let (host, port) = server.split_once(':')?;
            Some(Self {
                user,
                password,
                host,
                port,
                database,
            })
        };
        parts().context("the address of Postgres lacks a part")
    }

    fn settings(&self, users: &str) -> String {
        let Self { host, port, .. } = self;
        format!(
            "[databases]\n* = host={host} port={port}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = @port@\n\
             unix_socket_dir =\nauth_type = plain\nauth_file = {users}\npool_mode = transaction\n\
             default_pool_size = 2\nmax_client_conn = 200\n"
        )
    }
}
