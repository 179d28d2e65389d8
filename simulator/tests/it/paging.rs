//! Walking through a listing.

use serde_json::Value;
use vitrine_simulator::{NewAccount, NewPost};

use crate::support::World;

async fn page(world: &World, token: &str, more: &[(&str, &str)]) -> Value {
    let mut query = vec![("access_token", token)];
    query.extend_from_slice(more);
    let (status, body) = world.json("/me/media", &query).await;
    assert_eq!(status, 200, "{body}");
    body
}

fn ids(page: &Value) -> Vec<String> {
    page["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|media| media["id"].as_str().unwrap().to_owned())
        .collect()
}

async fn with_media(count: u32) -> (World, String) {
    let world = World::start().await;
    world
        .simulator
        .add_account(NewAccount::named("walker").with_media(count))
        .unwrap();
    let token = world.simulator.mint_token("walker").unwrap();
    (world, token)
}

#[tokio::test]
async fn the_limit_is_25_by_default_and_never_over_100() {
    let (world, token) = with_media(150).await;
    assert_eq!(ids(&page(&world, &token, &[]).await).len(), 25);
    assert_eq!(ids(&page(&world, &token, &[("limit", "7")]).await).len(), 7);
    assert_eq!(ids(&page(&world, &token, &[("limit", "1000")]).await).len(), 100);
}

#[tokio::test]
async fn next_leads_to_the_end_and_previous_back() {
    let (world, token) = with_media(25).await;
    let first = page(&world, &token, &[("limit", "10"), ("fields", "id,caption")]).await;
    let next = first["paging"]["next"].as_str().unwrap();
    assert!(
        next.contains("/v25.0/") && next.contains(&token) && next.contains("limit=10"),
        "{next}"
    );
    let second: Value = world.client.get(next).send().await.unwrap().json().await.unwrap();
    assert!(second["data"][0]["caption"].is_string());
    let after = second["paging"]["cursors"]["after"].as_str().unwrap();
    let third = page(&world, &token, &[("limit", "10"), ("after", after)]).await;
    assert!(third["paging"].get("next").is_none());

    let mut seen = [ids(&first), ids(&second), ids(&third)].concat();
    assert_eq!(seen.len(), 25);
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 25);
    let previous = second["paging"]["previous"].as_str().unwrap();
    let back: Value = world
        .client
        .get(previous)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(ids(&back), ids(&first));
}

#[tokio::test]
async fn media_that_come_and_go_between_pages_shift_nothing() {
    let (world, token) = with_media(20).await;
    let first = page(&world, &token, &[("limit", "10")]).await;
    let rest_before: Vec<String> = world.simulator.media("walker").unwrap()[10..]
        .iter()
        .map(|media| media.id.clone())
        .collect();

    world
        .simulator
        .post_media("walker", NewPost::captioned("between"))
        .unwrap();
    world
        .simulator
        .delete_media("walker", ids(&first).last().unwrap())
        .unwrap();
    world.simulator.delete_media("walker", &rest_before[0]).unwrap();
    let after = first["paging"]["cursors"]["after"].as_str().unwrap();
    let second = page(&world, &token, &[("limit", "10"), ("after", after)]).await;

    assert_eq!(ids(&second), rest_before[1..]);
}

#[tokio::test]
async fn since_and_until_bound_the_listing() {
    let (world, token) = with_media(10).await;
    let media = world.simulator.media("walker").unwrap();
    let (since, until) = (
        media[7].taken_at.timestamp().to_string(),
        media[3].taken_at.timestamp().to_string(),
    );

    let found = page(&world, &token, &[("since", &since), ("until", &until)]).await;

    let wanted: Vec<&String> = media[3..=7].iter().map(|media| &media.id).collect();
    assert_eq!(ids(&found).iter().collect::<Vec<_>>(), wanted);
}

#[tokio::test]
async fn only_the_ten_thousand_newest_are_listed() {
    let (world, token) = with_media(10_001).await;
    let mut seen = 0;
    let mut after = String::new();
    loop {
        let page = page(&world, &token, &[("limit", "100"), ("after", &after)]).await;
        seen += ids(&page).len();
        let Some(cursor) = page["paging"]["cursors"]["after"]
            .as_str()
            .filter(|_| page["paging"]["next"].is_string())
        else {
            break;
        };
        cursor.clone_into(&mut after);
    }
    assert_eq!(seen, 10_000);
    let (_, me) = world
        .json("/me", &[("fields", "media_count"), ("access_token", &token)])
        .await;
    assert_eq!(me["media_count"], 10_001);
}
