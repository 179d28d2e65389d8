//! Clocks that follow a simulator, so that moving its time moves ours.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::{SubsecRound, TimeDelta};
use reqwest::header::HeaderMap;
use reqwest::{Method, Response};
use serde::Deserialize;
use url::Url;
use vitrine_base::clock::{Clock, SharedClock, SystemClock};
use vitrine_entity::Time;
use vitrine_instagram::{Outgoing, Timeouts};
use vitrine_simulator::SimulatorClock;

use crate::background_tasks::BackgroundTasks;
use crate::config::Settings;
use crate::failure::Failure;

/// Why a simulator did not tell its time.
type Silent = Box<dyn std::error::Error + Send + Sync>;

/// How often a simulator elsewhere is asked for its time.
const EVERY: Duration = Duration::from_millis(500);
const PATIENCE: Duration = Duration::from_secs(2);

/// The time of a simulator in this process.
#[derive(Clone, Debug)]
pub(crate) struct SimulatorTime(pub(crate) SimulatorClock);

impl Clock for SimulatorTime {
    fn now(&self) -> Time {
        self.0.now().trunc_subsecs(6)
    }

    fn ahead(&self) -> TimeDelta {
        self.now() - SystemClock.now()
    }
}

/// The machine's time plus what a simulator elsewhere was last ahead.
#[derive(Clone, Debug, Default)]
struct FollowedTime {
    ahead_micros: Arc<AtomicI64>,
}

impl Clock for FollowedTime {
    fn now(&self) -> Time {
        SystemClock.now() + self.ahead()
    }

    fn ahead(&self) -> TimeDelta {
        TimeDelta::microseconds(self.ahead_micros.load(Ordering::Relaxed))
    }
}

impl FollowedTime {
    fn heard(&self, there: Time) {
        let ahead = (there - SystemClock.now()).num_microseconds().unwrap_or_default();
        self.ahead_micros.store(ahead, Ordering::Relaxed);
    }
}

/// What a simulator says about its time.
#[derive(Deserialize)]
struct ClockView {
    now: Time,
}

/// The machine's time, or that of the simulator that the settings name, which is followed in the background.
///
/// # Errors
/// When the simulator does not answer now; later silence leaves the clock running as it was.
pub(crate) async fn clock(settings: &Settings, tasks: &BackgroundTasks) -> Result<SharedClock, Failure> {
    match &settings.simulator.url {
        Some(url) => follow(url, tasks).await,
        None => Ok(Arc::new(SystemClock)),
    }
}

/// A clock that is right from the start.
async fn follow(url: &Url, tasks: &BackgroundTasks) -> Result<SharedClock, Failure> {
    let silent =
        |error: Silent| Failure::because(format!("the simulator at {url} does not answer"), error.as_ref());
    let timeouts = Timeouts {
        connect: PATIENCE,
        read: PATIENCE,
        total: PATIENCE,
    };
    let client = Outgoing::new(&[url], timeouts, HeaderMap::new()).map_err(|error| silent(error.into()))?;
    let address = format!("{}/_simulator/clock", url.as_str().trim_end_matches('/'));
    let address = Url::parse(&address).map_err(|error| silent(error.into()))?;
    let clock = FollowedTime::default();
    clock.heard(ask(&client, &address).await.map_err(silent)?);
    tasks.spawn(keep_asking(client, address, clock.clone()));
    Ok(Arc::new(clock))
}

async fn keep_asking(client: Outgoing, address: Url, clock: FollowedTime) {
    loop {
        tokio::time::sleep(EVERY).await;
        match ask(&client, &address).await {
            Ok(there) => clock.heard(there),
            Err(error) => {
                tracing::debug!(%error, "the simulator did not tell its time")
            }
        }
    }
}

async fn ask(client: &Outgoing, address: &Url) -> Result<Time, Silent> {
    let request = client.request(Method::GET, address.clone())?;
    let answer = request.send().await.and_then(Response::error_for_status);
    let answer = answer.map_err(reqwest::Error::without_url)?;
    let view = answer.json::<ClockView>().await;
    Ok(view.map_err(reqwest::Error::without_url)?.now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_followed_clock_runs_on_from_what_it_heard() {
        let clock = FollowedTime::default();
        let there = SystemClock.now() + TimeDelta::days(8);

        clock.heard(there);

        let drift = clock.now() - there;
        assert!(
            drift >= TimeDelta::zero() && drift < TimeDelta::seconds(5),
            "{drift}"
        );
    }
}
