//! Clocks that follow a simulator, so that moving its time moves ours.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::{SubsecRound, TimeDelta};
use reqwest::Client;
use serde::Deserialize;
use tokio_util::sync::CancellationToken;
use url::Url;
use vitrine_core::clock::{Clock, SharedClock, SystemClock};
use vitrine_entity::Time;
use vitrine_simulator::SimulatorClock;

use crate::failure::Failure;

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
}

/// The machine's time plus what a simulator elsewhere was last ahead.
#[derive(Clone, Debug, Default)]
struct FollowedTime {
    ahead_micros: Arc<AtomicI64>,
}

impl Clock for FollowedTime {
    fn now(&self) -> Time {
        SystemClock.now() + TimeDelta::microseconds(self.ahead_micros.load(Ordering::Relaxed))
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

/// A clock that follows the simulator at `url` until `stop`. It is right from the start.
///
/// # Errors
/// When the simulator does not answer now; later silence leaves the clock running as it was.
pub(crate) async fn follow(url: &Url, stop: &CancellationToken) -> Result<SharedClock, Failure> {
    let silent = |error: reqwest::Error| {
        Failure::because(
            format!("the simulator at {url} does not answer"),
            &error.without_url(),
        )
    };
    let client = Client::builder()
        .no_proxy()
        .timeout(PATIENCE)
        .build()
        .map_err(silent)?;
    let address = format!("{}/_simulator/clock", url.as_str().trim_end_matches('/'));
    let clock = FollowedTime::default();
    clock.heard(ask(&client, &address).await.map_err(silent)?);
    tokio::spawn(keep_asking(client, address, clock.clone(), stop.clone()));
    Ok(Arc::new(clock))
}

async fn keep_asking(client: Client, address: String, clock: FollowedTime, stop: CancellationToken) {
    while stop
        .run_until_cancelled(tokio::time::sleep(EVERY))
        .await
        .is_some()
    {
        match ask(&client, &address).await {
            Ok(there) => clock.heard(there),
            Err(error) => {
                tracing::debug!(error = %error.without_url(), "the simulator did not tell its time")
            }
        }
    }
}

async fn ask(client: &Client, address: &str) -> Result<Time, reqwest::Error> {
    let view: ClockView = client
        .get(address)
        .send()
        .await?
        .error_for_status()?
        .json()
        .await?;
    Ok(view.now)
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
