//! When Instagram refuses most accounts: everything stands still, single calls probe, and no account changes.

use crate::support::{Engines, Installation, Owner, Plan, on_both_pairs};
use serde_json::Value;
use std::time::Duration;
use vitrine_simulator::{CallFilter, FaultAction, FaultRule, NamedError, NewAccount, SimulatorSettings};
use vitrine_test_support::wait_until;

on_both_pairs!(
    an_incident_is_probed_until_it_is_over,
    a_probe_of_an_account_in_trouble_of_its_own_does_not_keep_an_incident_alive,
);

const ACCOUNTS: usize = 8;

struct Refused<'i> {
    vitrine: &'i Installation,
    owner: Owner<'i>,
    accounts: Vec<String>,
}

async fn installation(engines: Engines) -> Installation {
    let simulator = SimulatorSettings {
        accounts: (0..ACCOUNTS)
            .map(|number| NewAccount::named(format!("shop.{number}")))
            .collect(),
        ..SimulatorSettings::default()
    };
    Installation::start_as(Plan {
        simulator,
        ..Plan::on(engines)
    })
    .await
}

impl<'i> Refused<'i> {
    /// All accounts are connected and synced, and then refused until the incident is known.
    async fn start(vitrine: &'i Installation) -> Self {
        let owner = vitrine.owner("ada").await;
        let mut accounts = Vec::new();
        for number in 0..ACCOUNTS {
            let account = owner.connects(&format!("shop.{number}")).await;
            owner
                .account_that(&account, |account| !account["sync"]["last_at"].is_null())
                .await;
            accounts.push(account);
        }
        let mut refused = Self {
            vitrine,
            owner,
            accounts,
        };
        refused
            .vitrine
            .simulator
            .set_faults(vec![FaultRule::always(FaultAction::Error(
                NamedError::UnsupportedRequest,
            ))]);
        refused.advance(Duration::from_hours(3)).await;
        let known = wait_until(Duration::from_secs(20), async || {
            vitrine.log().contains("the app keeps quiet")
        });
        known.await.unwrap();
        refused
    }

    async fn advance(&mut self, by: Duration) {
        self.vitrine.advance(by).await;
        self.owner.signs_in_again().await;
    }

    fn calls(&self) -> u64 {
        self.vitrine.simulator.calls(&CallFilter::default()).total
    }

    async fn all_are_active(&self) {
        for account in &self.accounts {
            let account = self.owner.account(account).await;
            assert_eq!(account["status"], "active", "{account}");
        }
    }

    /// Waits until every account's next turn lies ahead.
    async fn all_wait(&self) {
        let now = || self.vitrine.simulator.clock().now();
        for account in &self.accounts {
            let waits = |account: &Value| {
                let next: chrono::DateTime<chrono::Utc> =
                    account["sync"]["next_at"].as_str().unwrap().parse().unwrap();
                next > now()
            };
            self.owner.account_that(account, waits).await;
        }
    }
}

async fn an_incident_is_probed_until_it_is_over(engines: Engines) {
    let vitrine = installation(engines).await;
    let mut refused = Refused::start(&vitrine).await;
    refused.all_wait().await;
    refused.all_are_active().await;

    vitrine.simulator.clear_calls();
    refused.advance(Duration::from_mins(10)).await;
    refused.all_wait().await;
    assert_eq!(refused.calls(), 0, "the app was to keep quiet");

    refused.advance(Duration::from_mins(16)).await;
    let probed = wait_until(Duration::from_secs(20), async || refused.calls() > 0);
    probed.await.unwrap();
    refused.all_wait().await;
    assert!(refused.calls() <= 3, "{} probes", refused.calls());
    refused.all_are_active().await;

    vitrine.simulator.set_faults(Vec::new());
    refused.advance(Duration::from_hours(1)).await;
    for _ in 0..3 {
        refused.advance(Duration::from_mins(11)).await;
        refused.all_wait().await;
    }
    // An account whose refusal was written after the incident was known is brought forward within a minute of
    // the machine's time; here its own turn may come first.
    refused.advance(Duration::from_hours(3)).await;
    for account in &refused.accounts {
        refused
            .owner
            .account_that(account, |account| account["sync"]["last_error"].is_null())
            .await;
    }
}

async fn a_probe_of_an_account_in_trouble_of_its_own_does_not_keep_an_incident_alive(engines: Engines) {
    let vitrine = installation(engines).await;
    let mut refused = Refused::start(&vitrine).await;
    refused.all_wait().await;
    let refusal = FaultAction::Error(NamedError::UnsupportedRequest);
    vitrine
        .simulator
        .set_faults(vec![FaultRule::always(refusal).of_account("shop.0")]);

    for _ in 0..8 {
        refused.advance(Duration::from_mins(26)).await;
        refused.all_wait().await;
    }

    for account in &refused.accounts[1..] {
        refused
            .owner
            .account_that(account, |account| account["sync"]["last_error"].is_null())
            .await;
    }
}
