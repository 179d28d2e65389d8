//! Things in the queue that no worker of this version understands.

use super::{
    CALLS_PER_HOUR,
    aftermath::{are_left, queue, recovers, unharmed},
    plan,
};
use crate::support::{Fleet, Installation, Size};
use redis::AsyncCommands;
use std::time::Duration;
use vitrine_queue::{ClassName, GroupKey, JobId, NewJob, Queue};
use vitrine_test_support::wait_until;

const UNREADABLE: [(&str, &[u8]); 4] = [
    ("garbage", &[0xff, 0x00, 0x9f, 0x92, 0x96]),
    ("empty", b""),
    (
        "unknown-kind",
        br#"{"kind":"polish_shoes","tenant":"0","account":"0","due_at":null,"job":null}"#,
    ),
    ("older-version", br#"{"kind":"sync_media","account_id":7}"#),
];
/// Stored in a form that another version of the queue wrote.
const FOREIGN: &str = "foreign-form";
const ABSURD: &str = "absurd-delay";

fn sync() -> ClassName {
    ClassName::new("sync")
}

fn poison(id: &str, payload: &'static [u8], delay: Duration) -> NewJob {
    NewJob {
        id: JobId::new(id),
        class: sync(),
        group: GroupKey::new("poison"),
        payload: payload.into(),
        delay,
    }
}

/// Writes over the stored form of a waiting job.
async fn deface(vitrine: &Installation, id: &str) {
    let client = redis::Client::open(vitrine.setting("VITRINE_REDIS__URL")).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let pattern = format!("*{}*", vitrine.setting("VITRINE_REDIS__PREFIX"));
    let keys: Vec<String> = connection.keys(pattern).await.unwrap();
    for key in keys {
        let found: Result<bool, _> = connection.hexists(&key, id).await;
        if found.is_ok_and(|found| found) {
            let _: i64 = connection
                .hset(&key, id, b"\x00another form".as_slice())
                .await
                .unwrap();
            return;
        }
    }
    panic!("the stored job is nowhere");
}

async fn pour(vitrine: &Installation, queue: &Queue) {
    let jobs = UNREADABLE.map(|(id, payload)| poison(id, payload, Duration::ZERO));
    queue.push(&jobs).await.unwrap();
    let later = Duration::from_secs(1);
    let jobs = [
        poison(FOREIGN, b"{}", later),
        poison(ABSURD, b"{}", Duration::MAX),
    ];
    assert_eq!(queue.push(&jobs).await.unwrap(), 2);
    deface(vitrine, FOREIGN).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn poison_ends_in_the_dead_letters_and_harms_nobody() {
    let mut vitrine = Installation::start_as(plan()).await;
    let size = Size {
        tenants: 4,
        accounts: 300,
        refresh_each: 10,
    };
    let fleet = Fleet::due(&vitrine, size).await;
    let queue = queue(&vitrine);
    vitrine.start_workers(2).await;
    are_left(&vitrine, &fleet, 300).await;

    pour(&vitrine, &queue).await;

    let recovery = recovers("poison in the queue", &vitrine, &fleet, Duration::from_secs(30)).await;
    assert_eq!(recovery.lapses, 0, "poison took other jobs with it");
    the_dead_are_kept(&vitrine, &queue).await;
    unharmed(&mut vitrine, &fleet, &[0, 1], CALLS_PER_HOUR).await;
    let stats = queue.stats(&sync()).await.unwrap();
    assert_eq!((stats.dead, stats.delayed), (5, 1), "{stats:?}");
}

/// Each with its reason, and byte for byte where it could be read at all.
async fn the_dead_are_kept(vitrine: &Installation, queue: &Queue) {
    let mut dead = Vec::new();
    let buried = wait_until(Duration::from_secs(10), async || {
        dead = queue.dead(&sync(), 100).await.unwrap();
        dead.len() == UNREADABLE.len() + 1
    });
    assert!(buried.await.is_ok(), "{dead:?}\n{}", vitrine.log());
    for (id, payload) in UNREADABLE {
        let letter = dead.iter().find(|letter| letter.id.as_str() == id).unwrap();
        assert_eq!(&*letter.payload, payload, "{letter:?}");
        assert!(letter.reason.contains("unreadable payload"), "{letter:?}");
    }
    let foreign = dead.iter().find(|letter| letter.id.as_str() == FOREIGN).unwrap();
    assert!(foreign.reason.contains("not readable"), "{foreign:?}");
}
