//! Connections that are given up, because their server no longer does its work or fell silent.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::time::Duration;

use redis::{AsyncCommands, RedisResult};
use vitrine_redis::{Address, Channels, Connection, Subscription};
use vitrine_test_support::{RedisServer, TcpProxy, wait_until};

/// What every user of Redis may wait for.
const BAR: Duration = Duration::from_secs(30);

/// The address of a proxy before a server of this password.
fn before(proxy: &TcpProxy, server: &RedisServer) -> Address {
    let url = format!("redis://:{}@127.0.0.1:{}/", server.password(), proxy.port());
    Address::read(&url).unwrap()
}

/// A connection that is looked after.
fn connect(address: &Address) -> Connection {
    let (connection, health_check) = Connection::new(address, "p").unwrap();
    tokio::spawn(health_check);
    connection
}

async fn writes(connection: &Connection) -> RedisResult<()> {
    connection.clone().set("mark", 1).await
}

async fn has_mark(server: &RedisServer) -> bool {
    server.ask("GET mark").await.is_ok_and(|mark| mark == "1")
}

/// Another server that has the same password.
async fn successor(of: &RedisServer) -> RedisServer {
    RedisServer::start_as(of.password(), &[]).await.unwrap()
}

/// What a failover does: the address names another server, and the old one lives on as a replica.
async fn fail_over(proxy: &TcpProxy, old: &RedisServer, new: &RedisServer) {
    old.command(&format!("CONFIG SET masterauth {}", new.password()))
        .await
        .unwrap();
    proxy.lead_to(new.port());
    old.command(&format!("REPLICAOF 127.0.0.1 {}", new.port()))
        .await
        .unwrap();
}

/// A server, the one that will come after it, and a connection that knows the first by an address that can move.
struct Failover {
    old: RedisServer,
    new: RedisServer,
    proxy: TcpProxy,
    connection: Connection,
}

impl Failover {
    async fn begins() -> Self {
        let old = RedisServer::start().await.unwrap();
        let new = successor(&old).await;
        let proxy = TcpProxy::to(old.port()).await.unwrap();
        let connection = connect(&before(&proxy, &old));
        writes(&connection).await.unwrap();
        Self {
            old,
            new,
            proxy,
            connection,
        }
    }
}

#[tokio::test]
async fn a_demoted_master_is_left() {
    let Failover {
        old,
        new,
        proxy,
        connection,
    } = Failover::begins().await;

    fail_over(&proxy, &old, &new).await;

    let written = wait_until(BAR, async || writes(&connection).await.is_ok()).await;
    written.unwrap();
    assert!(has_mark(&new).await);
}

/// How long a connection is kept, whatever its server says.
const SETTLES: Duration = Duration::from_secs(1);

#[tokio::test]
async fn what_a_demoted_master_refuses_is_asked_of_its_successor() {
    let Failover {
        old,
        new,
        proxy,
        connection,
    } = Failover::begins().await;

    fail_over(&proxy, &old, &new).await;
    tokio::time::sleep(SETTLES).await;

    writes(&connection).await.unwrap();
    assert!(has_mark(&new).await);
}

#[tokio::test]
async fn a_replica_that_lost_its_master_is_left_by_those_who_read() {
    let Failover {
        old,
        new,
        proxy,
        connection,
    } = Failover::begins().await;

    new.command("SET mark 2").await.unwrap();
    proxy.lead_to(new.port());
    old.command("CONFIG SET replica-serve-stale-data no")
        .await
        .unwrap();
    old.command("REPLICAOF 127.0.0.1 1").await.unwrap();
    tokio::time::sleep(SETTLES).await;

    let mark: u8 = connection.clone().get("mark").await.unwrap();
    assert_eq!(mark, 2);
}

#[tokio::test]
async fn a_server_that_goes_on_refusing_is_left() {
    let Failover {
        old,
        new,
        proxy,
        connection,
    } = Failover::begins().await;

    proxy.lead_to(new.port());
    old.command("CONFIG SET min-replicas-to-write 1").await.unwrap();

    assert!(writes(&connection).await.is_err());
    let written = wait_until(BAR, async || writes(&connection).await.is_ok()).await;
    written.unwrap();
    assert!(has_mark(&new).await);
}

/// Nobody may write anything for hours, and listeners never do.
#[tokio::test]
async fn a_demoted_master_is_left_by_those_who_only_listen() {
    let Failover {
        old,
        new,
        proxy,
        connection,
    } = Failover::begins().await;
    let mut news = Subscription::open(&connection, 0, Channels::Named("news"))
        .await
        .unwrap();

    fail_over(&proxy, &old, &new).await;

    tokio::time::timeout(BAR, news.next()).await.unwrap().unwrap_err();
    let mut news = Subscription::open(&connection, 0, Channels::Like("new?"))
        .await
        .unwrap();
    let heard = tokio::spawn(async move { news.next().await.unwrap() });
    let told: u64 = connection.clone().publish("news", "x").await.unwrap();
    assert_eq!(told, 1);
    heard.await.unwrap();
}

#[tokio::test]
async fn a_silent_connection_is_left() {
    let server = RedisServer::start().await.unwrap();
    let proxy = TcpProxy::to(server.port()).await.unwrap();
    let connection = connect(&before(&proxy, &server));
    writes(&connection).await.unwrap();
    let mut news = Subscription::open(&connection, 0, Channels::Named("news"))
        .await
        .unwrap();

    proxy.silence();

    // Whoever asks has no patience, so nobody waits long enough to see that there is no answer.
    let impatient = async || {
        let patience = Duration::from_millis(100);
        matches!(
            tokio::time::timeout(patience, writes(&connection)).await,
            Ok(Ok(()))
        )
    };
    assert!(!impatient().await);
    wait_until(BAR, impatient).await.unwrap();
    tokio::time::timeout(BAR, news.next()).await.unwrap().unwrap_err();
}

/// The library forgets that a sign-in failed only when another connection is made.
#[tokio::test]
async fn a_refused_sign_in_is_tried_again() {
    let server = RedisServer::start().await.unwrap();
    let url = format!("redis://:later@127.0.0.1:{}/", server.port());
    let connection = connect(&Address::read(&url).unwrap());
    assert!(writes(&connection).await.is_err());

    server.command("ACL SETUSER default >later").await.unwrap();

    wait_until(BAR, async || writes(&connection).await.is_ok())
        .await
        .unwrap();
}

/// Field of `/proc/net/tcp` that names the timer of a socket, and its value for keepalive.
const TIMER: usize = 5;
const KEEPALIVE: &str = "02:";

#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_system_looks_after_idle_connections() {
    let server = RedisServer::start().await.unwrap();
    let connection = connect(&Address::read(&server.url()).unwrap());
    writes(&connection).await.unwrap();
    let _news = Subscription::open(&connection, 0, Channels::Named("news"))
        .await
        .unwrap();

    let sockets = std::fs::read_to_string("/proc/self/net/tcp").unwrap();
    let to_server = format!("0100007F:{:04X}", server.port());
    let timers: Vec<&str> = sockets
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .filter(|fields| fields[2] == to_server && fields[3] == "01")
        .map(|fields| fields[TIMER])
        .collect();

    assert_eq!(timers.len(), 2, "{sockets}");
    assert!(
        timers.iter().all(|timer| timer.starts_with(KEEPALIVE)),
        "{timers:?}"
    );
}
