use super::*;
use crate::clock::SystemClock;
use std::{
    pin::Pin,
    sync::atomic::{AtomicBool, AtomicU32},
    time::Duration,
};
use tokio::sync::watch;

/// A row that tests change, and how often it was read.
struct Row {
    version: AtomicU32,
    reads: AtomicU32,
    away: AtomicBool,
    gone: AtomicBool,
    /// Reads wait until this is true.
    open: watch::Sender<bool>,
}

#[derive(Clone, Debug, PartialEq, thiserror::Error)]
enum RowError {
    #[error("gone")]
    Gone,
    #[error("away")]
    Away,
}

impl Source for Row {
    type Key = u8;
    type Value = u32;
    type Error = RowError;

    const NAME: &'static str = "a row";

    async fn load(&self, _key: &u8) -> Result<Loaded<u32>, RowError> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        let version = self.version.load(Ordering::SeqCst);
        let mut open = self.open.subscribe();
        open.wait_for(|open| *open).await.map_err(|_| RowError::Away)?;
        match (self.away.load(Ordering::SeqCst), self.gone.load(Ordering::SeqCst)) {
            (true, _) => Err(RowError::Away),
            (_, true) => Err(RowError::Gone),
            _ => Ok(Loaded {
                copy: version,
                maybe_stale: false,
            }),
        }
    }

    async fn load_if_changed(
        &self,
        key: &u8,
        copy: &u32,
        _urgency: Urgency,
    ) -> Result<Option<Loaded<u32>>, RowError> {
        let read = self.load(key).await?;
        Ok((read.copy != *copy).then_some(read))
    }

    fn is_gone(error: &RowError) -> bool {
        *error == RowError::Gone
    }

    fn replaces(read: &u32, known: &u32) -> bool {
        read >= known
    }
}

fn memory() -> RevalidatingCache<Row> {
    let row = Row {
        version: AtomicU32::new(1),
        reads: AtomicU32::new(0),
        away: AtomicBool::new(false),
        gone: AtomicBool::new(false),
        open: watch::Sender::new(true),
    };
    let bounds = Capacity::entries(10, Duration::from_hours(1));
    RevalidatingCache::new(row, Arc::new(SystemClock), bounds)
}

fn change(memory: &RevalidatingCache<Row>, version: u32) {
    memory.origin().version.store(version, Ordering::SeqCst);
}

#[tokio::test]
async fn a_cold_one_is_read_once_for_all_who_ask() {
    let memory = memory();
    memory.origin().open.send_replace(false);

    let asked = futures::future::join_all((0..20).map(|_| memory.get(&1)));
    let opened = async { memory.origin().open.send_replace(true) };
    let (held, _) = tokio::join!(asked, opened);

    assert!(
        held.iter()
            .all(|held| held.as_ref().is_ok_and(|held| held.copy == 1))
    );
    assert_eq!(memory.origin().reads.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn what_was_replaced_forgotten_or_dropped_is_outdated_for_whoever_kept_it() {
    let memory = memory();
    let first = memory.get(&1).await.unwrap();
    assert!(memory.is_servable(&first));

    let same = memory
        .clone()
        .revalidate(first.clone(), Urgency::Now)
        .await
        .unwrap();
    assert!(Arc::ptr_eq(&same, &first) && memory.is_servable(&first));
    change(&memory, 2);
    let second = memory
        .clone()
        .revalidate(first.clone(), Urgency::Now)
        .await
        .unwrap();
    assert_eq!(second.copy, 2);
    assert!(!memory.is_servable(&first) && memory.is_servable(&second));
    memory.forget(&1).await;
    assert!(!memory.is_servable(&second));

    let third = memory.get(&1).await.unwrap();
    for key in 2..200 {
        for _ in 0..3 {
            memory.get(&key).await.unwrap();
        }
        memory.held.run_pending_tasks().await;
    }
    assert!(memory.peek(&1).await.is_none() && !memory.is_servable(&third));
}

#[tokio::test]
async fn a_look_that_ends_late_replaces_nothing_newer() {
    let memory = memory();
    let first = memory.get(&1).await.unwrap();
    change(&memory, 2);
    let late = held_up(&memory, memory.clone().revalidate(first.clone(), Urgency::Now));
    change(&memory, 3);
    memory.origin().open.send_replace(true);
    let third = memory.clone().revalidate(first, Urgency::Now).await.unwrap();

    let answered = late.await.unwrap();

    assert_eq!((third.copy, answered.copy), (3, 3));
    assert!(memory.is_servable(&third));
}

#[tokio::test]
async fn a_row_that_was_put_back_to_an_older_state_is_shown() {
    let memory = memory();
    change(&memory, 2);
    let second = memory.get(&1).await.unwrap();
    change(&memory, 1);

    let first = memory
        .clone()
        .revalidate(second.clone(), Urgency::Now)
        .await
        .unwrap();

    assert_eq!((first.copy, memory.get(&1).await.unwrap().copy), (1, 1));
    assert!(memory.is_servable(&first) && !memory.is_servable(&second));
}

#[tokio::test]
async fn the_copy_stays_while_the_database_is_away_and_goes_when_the_row_is_gone() {
    let memory = memory();
    let held = memory.get(&1).await.unwrap();

    memory.origin().away.store(true, Ordering::SeqCst);
    let stays = memory
        .clone()
        .revalidate(held.clone(), Urgency::Now)
        .await
        .unwrap();
    assert!(Arc::ptr_eq(&stays, &held) && memory.is_servable(&held));

    memory.origin().away.store(false, Ordering::SeqCst);
    memory.origin().gone.store(true, Ordering::SeqCst);
    let looked = memory.clone().revalidate(held.clone(), Urgency::Now).await;
    assert_eq!(looked.err(), Some(RowError::Gone));
    assert!(!memory.is_servable(&held));
    assert_eq!(memory.get(&1).await.err(), Some(RowError::Gone));
}

#[tokio::test]
async fn what_was_forgotten_while_it_was_looked_at_is_not_put_back() {
    let memory = memory();
    let first = memory.get(&1).await.unwrap();
    change(&memory, 2);
    let look = held_up(&memory, memory.clone().revalidate(first, Urgency::Now));

    memory.forget(&1).await;
    memory.origin().open.send_replace(true);
    look.await.unwrap();

    assert!(memory.peek(&1).await.is_none());
}

#[tokio::test]
async fn what_was_forgotten_while_it_was_loaded_is_not_kept() {
    let memory = memory();
    let load = held_up(&memory, memory.get(&1));

    memory.forget(&1).await;
    memory.origin().open.send_replace(true);
    load.await.unwrap();

    assert!(memory.peek(&1).await.is_none());
}

/// Work that has begun, and waits for its read until this is let on.
fn held_up<F: Future>(memory: &RevalidatingCache<Row>, work: F) -> Pin<Box<F>> {
    memory.origin().open.send_replace(false);
    let mut work = Box::pin(work);
    assert!(work.as_mut().now_or_never().is_none());
    work
}

/// Waits until the copy is this one.
async fn becomes(memory: &RevalidatingCache<Row>, copy: u32) -> bool {
    for _ in 0..200 {
        if memory.peek(&1).await.is_some_and(|held| held.copy == copy) {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    false
}

#[tokio::test]
async fn what_changed_while_it_was_loaded_is_looked_at_once_more() {
    let memory = memory();
    let load = held_up(&memory, memory.get(&1));

    change(&memory, 2);
    memory.advance_changes();
    memory.origin().open.send_replace(true);

    assert_eq!(load.await.unwrap().copy, 1);
    assert!(becomes(&memory, 2).await);
}

#[tokio::test]
async fn what_changed_while_it_was_looked_at_is_looked_at_once_more() {
    let memory = memory();
    let first = memory.get(&1).await.unwrap();
    change(&memory, 2);
    let look = held_up(&memory, memory.clone().revalidate(first, Urgency::Now));

    change(&memory, 3);
    memory.advance_changes();
    memory.origin().open.send_replace(true);

    assert_eq!(look.await.unwrap().copy, 2);
    assert!(becomes(&memory, 3).await);
}

#[tokio::test]
async fn without_news_nothing_is_looked_at_once_more() {
    let memory = memory();
    memory.advance_changes();
    let first = memory.get(&1).await.unwrap();
    change(&memory, 2);
    memory.clone().revalidate(first, Urgency::Now).await.unwrap();

    tokio::time::sleep(Duration::from_millis(50)).await;

    assert_eq!(memory.origin().reads.load(Ordering::SeqCst), 2);
}
