//! Signed links and what is behind them.

use chrono::Duration;
use serde_json::Value;
use vitrine_simulator::{Endpoint, FaultAction, FaultRule};

use crate::support::World;

async fn media(world: &World, kind: &str) -> Value {
    let token = world.simulator.mint_token("vitrine.demo").unwrap();
    let query = [
        ("fields", "media_type,media_url,thumbnail_url"),
        ("limit", "100"),
        ("access_token", &*token),
    ];
    let (_, body) = world.json("/me/media", &query).await;
    let all = body["data"].as_array().unwrap();
    all.iter()
        .find(|media| media["media_type"] == kind && media["media_url"].is_string())
        .unwrap()
        .clone()
}

async fn fetch(world: &World, link: &str) -> (u16, String, Vec<u8>) {
    let response = world.client.get(link).send().await.unwrap();
    let kind = response
        .headers()
        .get("content-type")
        .map(|kind| kind.to_str().unwrap().to_owned());
    (
        response.status().as_u16(),
        kind.unwrap_or_default(),
        response.bytes().await.unwrap().to_vec(),
    )
}

#[tokio::test]
async fn a_picture_can_be_decoded_and_stays_the_same_behind_ever_new_links() {
    let world = World::start().await;
    let first = media(&world, "IMAGE").await["media_url"]
        .as_str()
        .unwrap()
        .to_owned();
    let second = media(&world, "IMAGE").await["media_url"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_ne!(first, second);

    let (status, kind, bytes) = fetch(&world, &first).await;
    assert_eq!(status, 200);
    assert_eq!(fetch(&world, &second).await.2, bytes);
    let picture = image::load_from_memory(&bytes).unwrap();
    assert!(picture.width() >= 540 && kind.starts_with("image/"), "{kind}");
}

#[tokio::test]
async fn links_to_pictures_die_after_four_days_and_to_videos_after_eight_hours() {
    let world = World::start().await;
    let image = media(&world, "IMAGE").await["media_url"]
        .as_str()
        .unwrap()
        .to_owned();
    let video = media(&world, "VIDEO").await;
    let (film, cover) = (
        video["media_url"].as_str().unwrap(),
        video["thumbnail_url"].as_str().unwrap(),
    );
    let (status, kind, bytes) = fetch(&world, film).await;
    assert_eq!(
        (status, kind.as_str(), &bytes[4..8]),
        (200, "video/mp4", &b"ftyp"[..])
    );

    world.simulator.clock().advance(Duration::hours(8));
    let dead = (403, "text/plain".to_owned(), b"URL signature expired".to_vec());
    assert_eq!(fetch(&world, film).await, dead);
    assert_eq!(fetch(&world, cover).await.0, 200);
    world.simulator.clock().advance(Duration::hours(88));
    assert_eq!(fetch(&world, &image).await, dead);
}

#[tokio::test]
async fn a_changed_link_is_refused() {
    let world = World::start().await;
    let link = media(&world, "IMAGE").await["media_url"]
        .as_str()
        .unwrap()
        .to_owned();
    for changed in [
        link.replace("&oh=00_", "&oh=00_x"),
        link.replace("ccb=1-7&", ""),
        link.replace("&oe=", "&oe=7"),
    ] {
        let (status, _, body) = fetch(&world, &changed).await;
        assert_eq!(
            (status, body.as_slice()),
            (403, &b"URL signature mismatch"[..]),
            "{changed}"
        );
    }
    let dateless = link.split("&oe=").next().unwrap();
    assert_eq!(fetch(&world, dateless).await.2, b"Bad URL date param");
}

#[tokio::test]
async fn the_files_of_a_deleted_media_are_gone() {
    let world = World::start().await;
    let newest = world.simulator.media("vitrine.demo").unwrap()[0].id.clone();
    let token = world.simulator.mint_token("vitrine.demo").unwrap();
    let query = [("fields", "media_url"), ("access_token", &*token)];
    let (_, body) = world.json(&format!("/{newest}"), &query).await;
    let link = body["media_url"].as_str().unwrap();

    world.simulator.delete_media("vitrine.demo", &newest).unwrap();

    assert_eq!(fetch(&world, link).await.0, 404);
}

#[tokio::test]
async fn browsers_are_told_to_keep_out_only_when_asked_for() {
    for on in [false, true] {
        let world = World::with(|settings| settings.modes.corp_header = on).await;
        let link = media(&world, "IMAGE").await["media_url"]
            .as_str()
            .unwrap()
            .to_owned();
        let response = world.client.get(link).send().await.unwrap();
        assert_eq!(
            response.headers().contains_key("cross-origin-resource-policy"),
            on
        );
    }
}

#[tokio::test]
async fn files_can_come_slowly_cut_mislabelled_too_large_or_from_elsewhere() {
    let world = World::start().await;
    let link = media(&world, "IMAGE").await["media_url"]
        .as_str()
        .unwrap()
        .to_owned();
    let whole = fetch(&world, &link).await.2;
    let order = |action| {
        world
            .simulator
            .set_faults(vec![FaultRule::always(action).at(Endpoint::CdnImage)])
    };

    order(FaultAction::Slow(std::time::Duration::from_millis(100)));
    let started = std::time::Instant::now();
    assert_eq!(fetch(&world, &link).await.2, whole);
    assert!(started.elapsed() >= std::time::Duration::from_millis(100));
    order(FaultAction::HalfAnswer);
    let response = world.client.get(&link).send().await.unwrap();
    assert_eq!(response.content_length(), Some(whole.len() as u64));
    assert!(response.bytes().await.is_err());
    order(FaultAction::ContentType("text/html".to_owned()));
    assert_eq!(fetch(&world, &link).await.1, "text/html");
    order(FaultAction::Oversized(30_000_000));
    assert_eq!(fetch(&world, &link).await.2.len(), 30_000_000);
    order(FaultAction::Redirect("http://10.0.0.1/secret".to_owned()));
    let response = world.client.get(&link).send().await.unwrap();
    assert_eq!(
        (response.status().as_u16(), &response.headers()["location"]),
        (302, &"http://10.0.0.1/secret".parse().unwrap())
    );
}
