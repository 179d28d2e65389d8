//! Ticks, one after the other, each with as much due as the last.

use super::{ScaleArguments, fill};
use std::time::{Duration, Instant};
use vitrine_accounts::{PauseState, Schedule, jobs::JobClass};
use vitrine_base::{clock::TestClock, database::Database};

/// Ticks that are not counted: the first ones read cold pages and prepare statements.
const WARM_UP: usize = 5;

/// How long each tick took.
#[derive(Default)]
pub(super) struct Measured {
    /// The claim of due syncs alone.
    pub(super) syncs: Vec<Duration>,
    /// Everything that a tick asks the database.
    pub(super) whole: Vec<Duration>,
}

/// Runs and measures ticks. The clock stands still, so that exactly what is made due is due.
pub(super) async fn run(
    database: &Database,
    schedule: &Schedule,
    clock: &TestClock,
    sizes: &ScaleArguments,
) -> anyhow::Result<Measured> {
    let mut measured = Measured::default();
    for number in 0..WARM_UP + sizes.ticks {
        fill::make_due(database, sizes, clock).await?;
        let began = Instant::now();
        let pauses = urgent_part(schedule, sizes).await?;
        let urgent = began.elapsed();
        let claimed = schedule.claim(JobClass::Sync, sizes.most, pauses).await?.len();
        let whole = began.elapsed();
        anyhow::ensure!(claimed > 0, "nothing was claimed");
        if number >= WARM_UP {
            measured.syncs.push(whole - urgent);
            measured.whole.push(whole);
        }
        fill::end_turns(database, clock).await?;
    }
    Ok(measured)
}

/// What comes before the syncs; gives what is paused.
async fn urgent_part(schedule: &Schedule, sizes: &ScaleArguments) -> anyhow::Result<PauseState> {
    let pauses = schedule.due_summary().await?.pauses;
    for class in [JobClass::Refresh, JobClass::Interactive] {
        let urgent = schedule.claim(class, sizes.most, pauses).await?;
        anyhow::ensure!(urgent.is_empty(), "nothing urgent is due");
    }
    Ok(pauses)
}
