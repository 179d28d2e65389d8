//! Redis as a cluster of three.

use crate::support::{Answer, Engines, Installation, Plan, connected};
use serde_json::json;
use std::time::Duration;
use vitrine_test_support::{RedisCluster, wait_until};

/// An installation whose `redis.url` names the cluster, with two workers.
async fn installed(cluster: &RedisCluster) -> Installation {
    let plan = Plan {
        workers: 2,
        ..Plan::on(Engines::Distributed)
    };
    Installation::start_as(plan.with("VITRINE_REDIS__URL", cluster.url())).await
}

/// Connect, sync, budget, feed, and news between two API processes.
#[tokio::test]
async fn the_main_job_is_done_over_a_redis_cluster() {
    let cluster = RedisCluster::start().await.unwrap();
    let mut vitrine = installed(&cluster).await;
    let other = vitrine.another_api().await;

    let (owner, account, feed, key) = connected(&vitrine).await;
    let job = owner.syncs(&account).await;

    assert_eq!(job["status"], "succeeded", "{job}");
    let used = owner.account(&account).await["quota"]["used"].as_u64().unwrap();
    assert!(used >= 2, "{used} calls are in the books");
    let elsewhere = async || {
        let request = vitrine.http.get(format!("{other}/v1/feeds/{feed}/photos"));
        let answer = Answer::of(request.header("X-Api-Key", &key).send().await.unwrap()).await;
        answer.expect(200)["data"].as_array().unwrap().len()
    };
    assert!(elsewhere().await > 0);

    owner.delete(&format!("/v1/accounts/{account}")).await.expect(204);

    // Sooner than the other process would look by itself.
    let told = wait_until(Duration::from_secs(4), async || elsewhere().await == 0);
    told.await.unwrap();
}

/// Whichever node it is, what was asked for meanwhile is done when it is back.
#[tokio::test]
async fn a_node_of_the_cluster_may_be_away_and_come_back_empty() {
    let cluster = RedisCluster::start().await.unwrap();
    let vitrine = installed(&cluster).await;
    let (owner, account, _, _) = connected(&vitrine).await;

    for node in cluster.nodes() {
        node.kill().await.unwrap();
        let noticed = wait_until(Duration::from_secs(20), async || {
            vitrine.get("/readyz").await.status == 503
        });
        noticed.await.unwrap();
        let asked = owner
            .post(&format!("/v1/accounts/{account}/sync"), &json!({}))
            .await
            .expect(202);
        node.restart_empty().await.unwrap();
        cluster.agrees().await.unwrap();
        vitrine.advance(Duration::from_mins(2)).await;

        let job = owner.finished(asked["job"]["id"].as_str().unwrap()).await;
        assert_eq!(job["status"], "succeeded", "{job}");
    }
}
