//! A private Redis server.

use std::{ffi::OsStr, time::Duration};

use anyhow::{bail, ensure};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    time::{Instant, sleep},
};
use uuid::Uuid;

use crate::{ports::free_port, programs, supervisor::Supervisor};

const START_DEADLINE: Duration = Duration::from_secs(30);
const ATTEMPTS: usize = 5;

/// Redis keeps nothing here, so there is nothing to end in order.
const CRASH: &str = "KILL";

/// A Redis server of this process alone, keeping everything in memory. It ends when dropped, and when the
/// process ends in any way.
pub struct RedisServer {
    supervisor: Supervisor,
    password: String,
    port: u16,
}

impl RedisServer {
    /// Starts an empty server; it answers when this returns.
    ///
    /// # Errors
    /// When Redis is not installed or does not start; the message carries the server's own words.
    pub async fn start() -> anyhow::Result<RedisServer> {
        Self::start_with(&[]).await
    }

    /// Starts an empty server with further options of `redis-server`, such as `--tls-port` and a port.
    ///
    /// # Errors
    /// When Redis is not installed or does not start; the message carries the server's own words.
    pub async fn start_with(options: &[&str]) -> anyhow::Result<RedisServer> {
        Self::start_as(&Uuid::new_v4().simple().to_string(), options).await
    }

    /// Starts an empty server that has this password.
    ///
    /// # Errors
    /// When Redis is not installed or does not start; the message carries the server's own words.
    pub async fn start_as(password: &str, options: &[&str]) -> anyhow::Result<RedisServer> {
        let password = password.to_owned();
        let supervisor = supervise(&password, options)?;
        let mut server = RedisServer {
            supervisor,
            password,
            port: 0,
        };
        server.find_port().await?;
        Ok(server)
    }

    /// The server's address, with its password.
    pub fn url(&self) -> String {
        format!("redis://:{}@127.0.0.1:{}/", self.password, self.port)
    }

    /// Where the server listens on the loopback interface.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What stands between `redis://` and the host in the server's address.
    pub fn password(&self) -> &str {
        &self.password
    }

    /// Ends the server by SIGKILL; all it held is lost. Does nothing when it is down.
    ///
    /// # Errors
    /// When the process that watches the server is gone.
    pub async fn kill(&self) -> anyhow::Result<()> {
        self.supervisor.end(CRASH).await
    }

    /// Starts the server again at its old address, empty, after ending it if it runs.
    ///
    /// # Errors
    /// When the server does not come up.
    pub async fn restart_empty(&self) -> anyhow::Result<()> {
        self.kill().await?;
        ensure!(self.comes_up().await?, "port {} was taken meanwhile", self.port);
        Ok(())
    }

    /// Lets the server take connections and commands but answer none for this long, counted in whole
    /// milliseconds. Returns at once.
    ///
    /// # Errors
    /// When the server does not run.
    pub async fn pause(&self, duration: Duration) -> anyhow::Result<()> {
        self.command(&format!("CLIENT PAUSE {} ALL", duration.as_millis()))
            .await
    }

    async fn find_port(&mut self) -> anyhow::Result<()> {
        for _ in 0..ATTEMPTS {
            self.port = free_port()?;
            if self.comes_up().await? {
                return Ok(());
            }
            self.kill().await?;
        }
        bail!("Redis found no free port:\n{}", self.supervisor.log())
    }

    /// False when somebody else has the port. A stranger's server cannot pass for ours: it has another password.
    async fn comes_up(&self) -> anyhow::Result<bool> {
        let deadline = Instant::now() + START_DEADLINE;
        self.supervisor.start(self.port).await?;
        while self.command("PING").await.is_err() {
            if self.supervisor.log().contains("Address already in use") {
                return Ok(false);
            }
            ensure!(
                Instant::now() < deadline,
                "Redis does not start:\n{}",
                self.supervisor.log()
            );
            sleep(Duration::from_millis(10)).await;
        }
        Ok(true)
    }

    /// Runs one command of Redis' inline protocol, whose answer is one line, on a connection of its own.
    ///
    /// # Errors
    /// When the server does not run, or refuses.
    pub async fn command(&self, command: &str) -> anyhow::Result<()> {
        self.ask(command).await.map(drop)
    }

    /// The same, with the first line of the answer, or the text when that is what is answered.
    ///
    /// # Errors
    /// When the server does not run, or refuses.
    pub async fn ask(&self, command: &str) -> anyhow::Result<String> {
        let mut connection = BufReader::new(TcpStream::connect(("127.0.0.1", self.port)).await?);
        let mut answer = String::new();
        for line in [&format!("AUTH {}", self.password), command] {
            connection.write_all(format!("{line}\r\n").as_bytes()).await?;
            answer.clear();
            connection.read_line(&mut answer).await?;
            ensure!(answer.starts_with(['+', '$']), "Redis answers {answer:?}");
        }
        let Some(length) = answer.strip_prefix('$') else {
            return Ok(answer);
        };
        let mut text = vec![0; length.trim().parse()?];
        connection.read_exact(&mut text).await?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }
}

fn supervise(password: &str, options: &[&str]) -> anyhow::Result<Supervisor> {
    let program = programs::redis_server()?;
    let directory = tempfile::Builder::new()
        .prefix("vitrine-redis-")
        .tempdir()?
        .keep();
    let mut command: Vec<&OsStr> = vec![program.as_os_str(), OsStr::new("--dir"), directory.as_os_str()];
    let settings = [
        "--bind",
        "127.0.0.1",
        "--requirepass",
        password,
        "--save",
        "",
        "--appendonly",
        "no",
    ];
    command.extend(settings.map(OsStr::new));
    command.extend(options.iter().map(OsStr::new));
    command.push(OsStr::new("--port"));
    Supervisor::new(directory.clone(), CRASH, &command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_restarted_server_is_empty() {
        let server = RedisServer::start().await.unwrap();
        server.command("SET mark 1").await.unwrap();
        server.command("RENAME mark mark").await.unwrap();

        server.kill().await.unwrap();
        assert!(server.command("PING").await.is_err());
        server.restart_empty().await.unwrap();

        assert!(server.command("RENAME mark mark").await.is_err());
    }

    #[tokio::test]
    async fn a_paused_server_answers_when_the_pause_is_over() {
        let server = RedisServer::start().await.unwrap();
        let paused = Instant::now();

        server.pause(Duration::from_millis(300)).await.unwrap();
        server.command("PING").await.unwrap();

        assert!(paused.elapsed() >= Duration::from_millis(250));
    }

    #[tokio::test]
    async fn nothing_is_left_of_a_dropped_server() {
        let server = RedisServer::start().await.unwrap();
        let (port, directory) = (server.port, server.supervisor.directory.clone());

        drop(server);

        assert!(!directory.exists());
        assert!(TcpStream::connect(("127.0.0.1", port)).await.is_err());
    }
}
