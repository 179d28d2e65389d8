//! Keys of the queue that are gone, memory that is full, and queues of another version.

use std::{collections::HashSet, time::Duration};

use vitrine_queue::{ClassWorker, Outcome};
use vitrine_test_support::{RedisServer, wait_until};

use crate::{
    bed::{Bed, PATIENCE},
    metered::numbers,
    redis_only::connection,
};

/// Jobs in every place that a job can be in, and one key less, as after an eviction.
async fn lose(part: &str) {
    let server = RedisServer::start().await.unwrap();
    let bed = Bed::at(&server.url(), "p");
    let mut jobs: Vec<_> = (0..450)
        .map(|number| bed.job_of("many", &number.to_string()))
        .collect();
    jobs.extend((0..20).map(|number| bed.job_of(&format!("g{number}"), &format!("few {number}"))));
    jobs.extend((0..20).map(|number| bed.delayed(&format!("delayed {number}"), Duration::from_secs(1))));
    bed.queue.push(&jobs).await.unwrap();
    let worker = ClassWorker {
        lease: Duration::from_secs(1),
        ..bed.worker(async |_| Outcome::Done)
    };
    crate::bed::die_with_a_job(&bed.queue, worker).await;
    let gone: u64 = redis::cmd("DEL")
        .arg(format!("{{p:class}}:1:{part}"))
        .query_async(&mut connection(&server.url()).await)
        .await
        .unwrap();
    assert_eq!(gone, 1, "{part}");

    let mut running = bed.run(|_| Outcome::Done);

    let mut ids = HashSet::new();
    while ids.len() < jobs.len() {
        assert!(ids.insert(running.next().await.id), "{part}");
    }
    bed.until(|stats| stats == Default::default()).await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jobs_survive_the_loss_of_any_key_but_their_own() {
    let numbers = numbers();
    for part in ["ring", "delayed", "leases", "g:many"] {
        lose(part).await;
    }
    let page = numbers.render();
    let adrift = r#"vitrine_queue_damage_total{class="class",kind="adrift"} "#;
    let counted = page.lines().find_map(|line| line.strip_prefix(adrift));
    assert!(counted.is_some_and(|count| count != "0"), "{page}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jobs_survive_a_line_that_is_overwritten_while_the_ring_is_lost() {
    let server = RedisServer::start().await.unwrap();
    let bed = Bed::at(&server.url(), "p");
    bed.push_many(3).await;
    order(&server.url(), &["SET", "{p:class}:1:g:group", "foreign"]).await;
    order(&server.url(), &["DEL", "{p:class}:1:ring"]).await;

    let mut running = bed.run(|_| Outcome::Done);

    assert_eq!(running.ids(3).await.into_iter().collect::<HashSet<_>>().len(), 3);
    running.stop().await;
}

async fn order(url: &str, words: &[&str]) {
    let mut command = redis::cmd(words[0]);
    command.arg(&words[1..]);
    command
        .query_async::<()>(&mut connection(url).await)
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_memory_refuses_pushes_and_lets_jobs_end() {
    let server = RedisServer::start().await.unwrap();
    let bed = Bed::at(&server.url(), "p");
    let (gate, opened) = tokio::sync::watch::channel(false);
    let runs = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = std::sync::Arc::clone(&runs);
    let worker = bed.worker(move |delivery: vitrine_queue::Delivery| {
        counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let mut opened = opened.clone();
        async move {
            opened.wait_for(|open| *open).await.unwrap();
            match delivery.lease_lost.is_cancelled() {
                true => Outcome::Discard {
                    reason: "its lease was lost".to_owned(),
                },
                false => Outcome::Done,
            }
        }
    });
    let running = bed.start(ClassWorker {
        lease: Duration::from_secs(1),
        ..worker
    });
    bed.push_many(3).await;
    bed.until(|stats| stats.leased == 1).await;
    order(&server.url(), &["CONFIG", "SET", "maxmemory", "1"]).await;

    let refused = bed.queue.push(&[bed.job("refused")]).await.unwrap_err();
    assert!(refused.to_string().contains("OOM"), "{refused}");
    // Three leases long: they are renewed all the same.
    tokio::time::sleep(Duration::from_secs(3)).await;
    gate.send(true).unwrap();
    bed.until(|stats| stats == Default::default()).await;
    assert_eq!(runs.load(std::sync::atomic::Ordering::SeqCst), 3);

    order(&server.url(), &["CONFIG", "SET", "maxmemory", "0"]).await;
    bed.push("after").await;
    bed.until(|stats| stats == Default::default()).await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_queue_of_another_version_is_noticed() {
    let numbers = numbers();
    let server = RedisServer::start().await.unwrap();
    order(&server.url(), &["SET", "p:queue-layout", "0"]).await;
    let bed = Bed::at(&server.url(), "p");
    let mut running = bed.run(|_| Outcome::Done);

    bed.push("ours").await;

    assert_eq!(running.next().await.id.as_str(), "ours");
    wait_until(PATIENCE, async || {
        numbers.render().contains("vitrine_queue_other_layout 1")
    })
    .await
    .unwrap();
    running.stop().await;
}
