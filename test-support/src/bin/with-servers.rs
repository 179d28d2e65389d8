//! `with-servers COMMAND [ARGUMENT…]` runs a command beside a private Postgres and Redis, whose addresses it
//! finds in its environment, and ends as the command ends.

use std::{
    env,
    os::unix::process::ExitStatusExt,
    process::{ExitCode, ExitStatus},
};

use anyhow::Context;
use tokio::{
    process::{Child, Command},
    signal::unix::{Signal, SignalKind, signal},
};
use vitrine_test_support::{POSTGRES_URL, PostgresServer, REDIS_URL, RedisServer};

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<ExitCode> {
    let mut arguments = env::args_os().skip(1);
    let program = arguments
        .next()
        .context("usage: with-servers COMMAND [ARGUMENT…]")?;
    let (postgres, redis) = tokio::try_join!(PostgresServer::start(), RedisServer::start())?;
    let mut interrupted = signal(SignalKind::interrupt())?;
    let mut terminated = signal(SignalKind::terminate())?;
    let mut command = Command::new(&program);
    command
        .args(arguments)
        .env(POSTGRES_URL, postgres.url())
        .env(REDIS_URL, redis.url());
    let mut child = command
        .spawn()
        .with_context(|| format!("cannot run {}", program.display()))?;
    let status = end_of(&mut child, &mut interrupted, &mut terminated).await?;
    Ok(exit_code(status))
}

/// Waits for the command, not for signals: the terminal interrupts the command as well, and a request to
/// terminate is passed on, so the servers stay until the command has ended.
async fn end_of(
    child: &mut Child,
    interrupted: &mut Signal,
    terminated: &mut Signal,
) -> anyhow::Result<ExitStatus> {
    loop {
        tokio::select! {
            status = child.wait() => return Ok(status?),
            _ = interrupted.recv() => {}
            _ = terminated.recv() => terminate(child).await?,
        }
    }
}

async fn terminate(child: &Child) -> anyhow::Result<()> {
    let Some(id) = child.id() else { return Ok(()) };
    Command::new("sh")
        .args(["-c", "kill -s TERM \"$1\"", "sh", &id.to_string()])
        .status()
        .await?;
    Ok(())
}

/// The command's own code, or 128 and the number of the signal that ended it, as shells report it.
fn exit_code(status: ExitStatus) -> ExitCode {
    let code = status
        .code()
        .unwrap_or_else(|| 128 + status.signal().unwrap_or_default());
    ExitCode::from(u8::try_from(code).unwrap_or(u8::MAX))
}
