//! A Redis Cluster of several nodes.

use std::collections::HashSet;

use vitrine_queue::Outcome;
use vitrine_test_support::{RedisCluster, wait_until};

use crate::bed::{Bed, PATIENCE};

/// Enough prefixes that every node has the keys of some.
const PREFIXES: usize = 12;

/// Runs a case under a prefix of its own, so that the cases spread over the nodes.
pub(crate) async fn on(cluster: &RedisCluster, name: &str, case: impl AsyncFn(&Bed)) {
    case(&Bed::at(&cluster.url(), name)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn classes_spread_over_the_nodes_and_wake_their_workers() {
    let cluster = RedisCluster::start().await.unwrap();
    for number in 0..PREFIXES {
        let bed = Bed::at(&cluster.url(), &format!("p{number}"));
        bed.push_many(20).await;
        let mut running = bed.run(|_| Outcome::Done);
        assert_eq!(
            running.ids(20).await.into_iter().collect::<HashSet<_>>().len(),
            20
        );
        running.stop().await;
    }
    for node in cluster.nodes() {
        let mut redis = crate::redis_only::connection(&node.url()).await;
        let marks: Vec<String> = redis::cmd("KEYS").arg("*").query_async(&mut redis).await.unwrap();
        assert!(!marks.is_empty(), "a node was never used");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn workers_wait_out_the_failure_of_any_node() {
    let cluster = RedisCluster::start().await.unwrap();
    let beds: Vec<_> = (0..3)
        .map(|number| Bed::at(&cluster.url(), &format!("p{number}")))
        .collect();
    let mut workers: Vec<_> = beds.iter().map(|bed| bed.run(|_| Outcome::Done)).collect();
    for (number, node) in cluster.nodes().iter().enumerate() {
        node.kill().await.unwrap();
        let away = wait_until(PATIENCE, async || beds[0].queue.ping().await.is_err()).await;
        away.unwrap();
        node.restart_empty().await.unwrap();
        cluster.agrees().await.unwrap();

        for (bed, worker) in beds.iter().zip(&mut workers) {
            let job = bed.job(&format!("after {number}"));
            let taken = wait_until(PATIENCE, async || {
                bed.queue.push(std::slice::from_ref(&job)).await.is_ok()
            })
            .await;
            taken.unwrap();
            assert_eq!(worker.next().await.id, job.id);
        }
    }
    for worker in workers {
        assert!(!worker.has_ended());
        worker.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_queue_made_while_the_cluster_is_away_finds_it_later() {
    let cluster = RedisCluster::start().await.unwrap();
    for node in cluster.nodes() {
        node.kill().await.unwrap();
    }
    let bed = Bed::at(&cluster.url(), "p");
    assert!(bed.queue.ping().await.is_err());
    let mut running = bed.run(|_| Outcome::Done);
    for node in cluster.nodes() {
        node.restart_empty().await.unwrap();
    }
    cluster.agrees().await.unwrap();

    let taken = wait_until(PATIENCE, async || bed.queue.push(&[bed.job("job")]).await.is_ok()).await;
    taken.unwrap();
    assert_eq!(running.next().await.id.as_str(), "job");
    running.stop().await;
}
