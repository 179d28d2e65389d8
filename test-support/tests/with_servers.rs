//! The program that runs a command beside servers.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    time::Duration,
};

use tokio::net::TcpStream;
use vitrine_test_support::wait_until;

fn with_servers(script: &str) -> Child {
    Command::new(env!("CARGO_BIN_EXE_with-servers"))
        .args(["sh", "-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Reads the host and port out of an address that the script printed.
fn next_server(output: &mut impl BufRead) -> String {
    let mut url = String::new();
    output.read_line(&mut url).unwrap();
    let (_, server) = url.split_once('@').unwrap();
    server.split('/').next().unwrap().to_owned()
}

#[tokio::test]
async fn the_servers_end_when_the_program_is_killed() {
    let mut program =
        with_servers("echo $VITRINE_TEST_POSTGRES_URL; echo $VITRINE_TEST_REDIS_URL; read -r line");
    let mut output = BufReader::new(program.stdout.take().unwrap());
    let servers = [next_server(&mut output), next_server(&mut output)];
    for server in &servers {
        assert!(TcpStream::connect(server).await.is_ok());
    }

    program.kill().unwrap();
    program.wait().unwrap();

    for server in &servers {
        wait_until(Duration::from_secs(20), async || {
            TcpStream::connect(server).await.is_err()
        })
        .await
        .unwrap();
    }
}

#[test]
fn the_program_ends_as_the_command_ends() {
    assert_eq!(with_servers("exit 7").wait().unwrap().code(), Some(7));
    assert_eq!(with_servers("kill -s TERM $$").wait().unwrap().code(), Some(143));
}
