//! A field that one account is refused is left out of its calls alone, and what is stored of it stays.

use crate::support::{Engines, Installation, Owner, connected, on_both_pairs};
use serde_json::{Value, json};
use std::{collections::BTreeMap, time::Duration};
use vitrine_simulator::{CallFilter, Endpoint, FaultAction, FaultRule, NewPost};

on_both_pairs!(
    a_refused_field_costs_nobody_what_is_stored,
    entries_that_cannot_be_used_are_skipped,
);

fn refused(field: &str) -> FaultAction {
    let message = format!("(#100) Tried accessing nonexisting field ({field}) on node type (IGMedia)");
    FaultAction::Respond {
        status: 400,
        body: json!({"error": {"message": message, "type": "IGApiException", "code": 100}}).to_string(),
        headers: BTreeMap::new(),
    }
}

async fn posts(owner: &Owner<'_>, account: &str) -> Vec<Value> {
    let path = format!("/v1/accounts/{account}/media?limit=100");
    owner.get(&path).await.expect(200)["data"]
        .as_array()
        .unwrap()
        .clone()
}

/// What is told of posts besides their links, which differ on every read.
fn told(posts: &[Value], field: &str) -> BTreeMap<String, String> {
    let named = posts.iter().map(|post| {
        let id = post["platform_media_id"].as_str().unwrap().to_owned();
        (id, post[field].to_string())
    });
    named.collect()
}

fn post(caption: &str) -> NewPost {
    NewPost {
        caption: Some(caption.to_owned()),
        ..NewPost::default()
    }
}

async fn a_refused_field_costs_nobody_what_is_stored(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (mut owner, account, ..) = connected(&vitrine).await;
    let other = owner.connects("vitrine.creator").await;
    owner
        .account_that(&other, |account| !account["sync"]["last_at"].is_null())
        .await;
    let before = posts(&owner, &account).await;
    let (captions, likes) = (told(&before, "caption"), told(&before, "like_count"));
    assert!(
        captions.values().any(|caption| caption.contains('#')),
        "{captions:?}"
    );

    let rule = |field| {
        FaultRule::always(refused(field))
            .of_account("vitrine.demo")
            .at(Endpoint::MediaList)
            .first(1)
    };
    vitrine.simulator.set_faults(vec![rule("caption")]);
    vitrine
        .simulator
        .post_media("vitrine.demo", post("not read yet"))
        .unwrap();
    assert_eq!(owner.syncs(&account).await["status"], "succeeded");
    vitrine.simulator.set_faults(Vec::new());
    let during = posts(&owner, &account).await;
    assert_eq!(during.len(), before.len() + 1);
    let new = during
        .iter()
        .find(|post| !captions.contains_key(post["platform_media_id"].as_str().unwrap()));
    assert_eq!(new.unwrap()["caption"], Value::Null);
    let kept = |posts: &[Value], field, stored: &BTreeMap<String, String>| {
        let now = told(posts, field);
        assert!(
            stored.iter().all(|(id, value)| now.get(id) == Some(value)),
            "{field}: {now:?}"
        );
    };
    kept(&during, "caption", &captions);
    kept(&during, "like_count", &likes);
    assert!(
        vitrine.log().contains("instagram refuses fields of an account"),
        "nothing was logged"
    );

    // Others are asked for everything, at the same moment.
    let edit = post("read at once");
    vitrine.simulator.post_media("vitrine.creator", edit).unwrap();
    assert_eq!(owner.syncs(&other).await["result"]["added"], 1);
    let others = posts(&owner, &other).await;
    assert!(
        others.iter().any(|post| post["caption"] == "read at once"),
        "{others:?}"
    );

    // And the account itself after an hour.
    vitrine.advance(Duration::from_mins(61)).await;
    owner.signs_in_again().await;
    owner.syncs(&account).await;
    let after = posts(&owner, &account).await;
    assert!(
        after.iter().any(|post| post["caption"] == "not read yet"),
        "{after:?}"
    );
    kept(&after, "caption", &captions);
}

async fn entries_that_cannot_be_used_are_skipped(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (owner, account, ..) = connected(&vitrine).await;
    let before = posts(&owner, &account).await;
    let kept = before[0]["platform_media_id"].as_str().unwrap();
    let entries = json!([null, {"caption": "without an id"}, {"id": "18000000000000001", "media_type": "CAROUSEL_ALBUM",
        "timestamp": "2026-01-01T00:00:00+0000", "children": {"data": [3, {"id": "18000000000000002"}]}}, {"id": kept}]);
    let answer = FaultAction::Respond {
        status: 200,
        body: json!({"data": entries}).to_string(),
        headers: BTreeMap::new(),
    };
    vitrine
        .simulator
        .set_faults(vec![FaultRule::always(answer).at(Endpoint::MediaList)]);

    let job = owner.syncs(&account).await;

    assert_eq!(
        (&job["status"], &job["result"]["added"]),
        (&json!("succeeded"), &json!(1)),
        "{job}"
    );
    assert_eq!(job["result"]["hidden"], 0, "{job}");
    let after = posts(&owner, &account).await;
    assert_eq!(after.len(), before.len() + 1);
    assert_eq!(
        vitrine.log().matches("has no usable id and is skipped").count(),
        3
    );
    assert!(vitrine.simulator.calls(&CallFilter::default()).total > 0);
}
