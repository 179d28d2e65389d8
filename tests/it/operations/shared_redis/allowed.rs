//! The rights that suffice, as `docs/OPERATIONS.md` gives them.

use super::{is_ready, plan};
use crate::support::{Installation, connected};
use serde_json::json;
use std::time::Duration;
use vitrine_test_support::{RedisServer, wait_until};

const OPERATIONS: &str = include_str!("../../../../docs/OPERATIONS.md");

/// The command of the document, for the prefix of these tests.
fn documented() -> String {
    let command = OPERATIONS
        .lines()
        .find(|line| line.starts_with("ACL SETUSER vitrine "))
        .unwrap();
    command.replace("PASSWORD", "secret").replace("vitrine:", "site:")
}

/// A user with exactly these rights runs the whole thing, and is refused nothing.
#[tokio::test]
async fn a_user_with_the_documented_rights_runs_everything() {
    let redis = RedisServer::start().await.unwrap();
    redis.command(&documented()).await.unwrap();
    let url = format!("redis://vitrine:secret@127.0.0.1:{}/", redis.port());
    let mut vitrine = Installation::start_as(plan(url, 1)).await;
    let other = vitrine.another_api().await;

    let (owner, account, feed, key) = connected(&vitrine).await;
    assert_eq!(owner.syncs(&account).await["status"], "succeeded");
    let login = json!({"email": owner.email, "password": "wrong"});
    assert_eq!(vitrine.post("/v1/auth/login", &login).await.status, 401);
    owner.account(&account).await;
    for order in [
        &["queue", "show"][..],
        &["queue", "pause", "sync"],
        &["queue", "resume", "sync"],
        &["queue", "dead", "sync"],
        &["queue", "redrive", "sync", "--all"],
        &["queue", "discard", "sync", "--all"],
    ] {
        let done = vitrine.admin(order).await;
        assert!(done.status.success(), "{order:?}: {done:?}");
    }
    owner.delete(&format!("/v1/accounts/{account}")).await.expect(204);
    // Told by news, sooner than the other process would look by itself.
    let told = wait_until(Duration::from_secs(4), async || {
        let request = vitrine.http.get(format!("{other}/v1/feeds/{feed}/photos"));
        let answer = request.header("X-Api-Key", &key).send().await.unwrap();
        answer.json::<serde_json::Value>().await.unwrap()["data"] == json!([])
    });
    told.await.unwrap();
    is_ready(&vitrine).await;

    let client = redis::Client::open(redis.url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let refused: Vec<redis::Value> = redis::cmd("ACL")
        .arg("LOG")
        .query_async(&mut connection)
        .await
        .unwrap();
    assert!(refused.is_empty(), "{refused:?}");
}
