//! A post that a list lacks is believed to be gone when it was asked for twice, some time apart.

use crate::support::{Engines, Installation, Owner, Plan, on_both_pairs};
use serde_json::{Value, json};
use std::{collections::BTreeMap, time::Duration};
use vitrine_simulator::{
    CallFilter, Endpoint, FaultAction, FaultRule, MediaEdit, NamedError, NewAccount, SimulatorSettings,
};

on_both_pairs!(
    a_deleted_post_is_hidden_the_second_time,
    a_post_that_was_missed_once_by_mistake_stays,
    one_short_list_hides_nothing,
    a_list_with_gaps_hides_nothing_however_often_it_comes,
    a_profile_of_somebody_else_is_not_stored,
);

const USERNAME: &str = "large.library";

/// More posts than one page holds, so that a list does not go to the end.
async fn installation(engines: Engines) -> Installation {
    let simulator = SimulatorSettings {
        accounts: vec![NewAccount::named(USERNAME).with_media(130)],
        ..SimulatorSettings::default()
    };
    Installation::start_as(Plan {
        simulator,
        ..Plan::on(engines)
    })
    .await
}

/// Connects the account; gives it with the ids of its newest posts.
async fn connected(vitrine: &Installation) -> (Owner<'_>, String, Vec<String>) {
    let owner = vitrine.owner("ada").await;
    let account = owner.connects(USERNAME).await;
    owner
        .account_that(&account, |account| !account["sync"]["last_at"].is_null())
        .await;
    let posts = posts(&owner, &account).await;
    assert_eq!(posts.len(), 50);
    (owner, account, posts)
}

async fn posts(owner: &Owner<'_>, account: &str) -> Vec<String> {
    let listed = owner
        .get(&format!("/v1/accounts/{account}/media?limit=50"))
        .await
        .expect(200);
    let id = |post: &Value| post["platform_media_id"].as_str().unwrap().to_owned();
    listed["data"].as_array().unwrap().iter().map(id).collect()
}

fn asked_one_by_one(vitrine: &Installation) -> u64 {
    let calls = vitrine.simulator.calls(&CallFilter::default());
    calls.by_endpoint.get(&Endpoint::Media).copied().unwrap_or(0)
}

async fn a_deleted_post_is_hidden_the_second_time(engines: Engines) {
    let vitrine = installation(engines).await;
    let (owner, account, before) = connected(&vitrine).await;
    vitrine.simulator.delete_media(USERNAME, &before[7]).unwrap();

    for _ in 0..2 {
        let job = owner.syncs(&account).await;
        assert_eq!(job["result"]["hidden"], 0, "{job}");
    }
    assert_eq!(
        posts(&owner, &account).await,
        before,
        "it was asked for twice, but at once"
    );

    vitrine.advance(Duration::from_mins(11)).await;
    assert_eq!(owner.syncs(&account).await["result"]["hidden"], 1);
    assert!(!posts(&owner, &account).await.contains(&before[7]));
    assert_eq!(asked_one_by_one(&vitrine), 3);
    assert_eq!(owner.syncs(&account).await["result"]["changed"], 0);
    assert_eq!(
        asked_one_by_one(&vitrine),
        3,
        "what is settled is not asked for again"
    );
}

async fn a_post_that_was_missed_once_by_mistake_stays(engines: Engines) {
    let vitrine = installation(engines).await;
    let (mut owner, account, before) = connected(&vitrine).await;
    let late = FaultAction::Error(NamedError::ObjectMissing);
    vitrine
        .simulator
        .set_faults(vec![FaultRule::always(late).at(Endpoint::Media).first(1)]);
    let unlisted = MediaEdit {
        unlisted: Some(true),
        ..MediaEdit::default()
    };
    vitrine
        .simulator
        .edit_media(USERNAME, &before[3], &unlisted)
        .unwrap();

    for _ in 0..3 {
        assert_eq!(owner.syncs(&account).await["result"]["hidden"], 0);
        vitrine.advance(Duration::from_mins(11)).await;
        owner.signs_in_again().await;
    }

    assert_eq!(posts(&owner, &account).await, before);
}

/// A complete list of one unknown post, and of what else stands there.
fn short_list(gaps: &[Value]) -> FaultAction {
    let post = json!({"id": "18000000000000009", "media_type": "IMAGE"});
    let list = [gaps, &[post]].concat();
    FaultAction::Respond {
        status: 200,
        body: json!({"data": list}).to_string(),
        headers: BTreeMap::new(),
    }
}

async fn one_short_list_hides_nothing(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (mut owner, account, ..) = crate::support::connected(&vitrine).await;
    let before = posts(&owner, &account).await;
    assert!(before.len() > 4);
    let is_whole = async |owner: &Owner<'_>| {
        let now = posts(owner, &account).await;
        before.iter().all(|post| now.contains(post))
    };
    let answers_short = |times| {
        let rule = FaultRule::always(short_list(&[])).at(Endpoint::MediaList);
        vitrine.simulator.set_faults(vec![rule.first(times)]);
    };

    // Once and once again, with a whole list between: each is the first.
    for _ in 0..2 {
        answers_short(1);
        assert_eq!(owner.syncs(&account).await["result"]["hidden"], 0);
        vitrine.advance(Duration::from_mins(11)).await;
        owner.signs_in_again().await;
        owner.syncs(&account).await;
        assert!(is_whole(&owner).await, "a single short list hid posts");
        vitrine.advance(Duration::from_mins(11)).await;
        owner.signs_in_again().await;
    }

    answers_short(10);
    assert_eq!(owner.syncs(&account).await["result"]["hidden"], 0);
    assert_eq!(
        owner.syncs(&account).await["result"]["hidden"],
        0,
        "twice, but at once"
    );
    vitrine.advance(Duration::from_mins(11)).await;
    owner.signs_in_again().await;
    assert_eq!(owner.syncs(&account).await["result"]["hidden"], before.len());
}

async fn a_list_with_gaps_hides_nothing_however_often_it_comes(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (mut owner, account, ..) = crate::support::connected(&vitrine).await;
    let before = posts(&owner, &account).await;
    assert!(before.len() > 4);
    let rule = FaultRule::always(short_list(&[Value::Null])).at(Endpoint::MediaList);
    vitrine.simulator.set_faults(vec![rule]);

    for _ in 0..3 {
        assert_eq!(owner.syncs(&account).await["result"]["hidden"], 0);
        vitrine.advance(Duration::from_mins(11)).await;
        owner.signs_in_again().await;
    }

    let after = posts(&owner, &account).await;
    assert!(before.iter().all(|post| after.contains(post)), "{after:?}");
}

async fn a_profile_of_somebody_else_is_not_stored(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (mut owner, account, ..) = crate::support::connected(&vitrine).await;
    let before = owner.account(&account).await;
    let other = FaultAction::Respond {
        status: 200,
        body: json!({"id": "5", "user_id": "6", "username": "somebody.else"}).to_string(),
        headers: BTreeMap::new(),
    };
    vitrine
        .simulator
        .set_faults(vec![FaultRule::always(other).at(Endpoint::User)]);

    // After a week the whole library is listed, and the profile read.
    vitrine.advance(Duration::from_hours(8 * 24)).await;
    owner.signs_in_again().await;
    let refused = owner
        .account_that(&account, |account| {
            account["sync"]["last_error"] == "other_account"
        })
        .await;

    assert_eq!(refused["username"], before["username"]);
}
