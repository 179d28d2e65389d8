//! From the consent page to a long-lived token and a picture.

use crate::support::World;

#[tokio::test]
async fn a_person_allows_and_the_app_reads_media_and_pictures() {
    let world = World::start().await;

    let response = world.decide(&world.consent_form("vitrine.demo", "allow")).await;
    assert_eq!(response.status(), 302);
    let location = response.headers()["location"].to_str().unwrap().to_owned();
    let (rest, state) = location
        .strip_suffix("#_")
        .unwrap()
        .split_once("&state=")
        .unwrap();
    assert_eq!(state, "s+t%261");
    let code = rest.strip_prefix("http://127.0.0.1:9/callback?code=").unwrap();

    let (status, grant) = world.exchange(&world.exchange_form(code)).await;
    assert_eq!(status, 200, "{grant}");
    let secret = world.simulator.settings().client_secret.clone();
    let short = grant["access_token"].as_str().unwrap();
    let query = [
        ("grant_type", "ig_exchange_token"),
        ("client_secret", &secret),
        ("access_token", short),
    ];
    let (status, long) = world.json("/access_token", &query).await;
    assert_eq!(status, 200, "{long}");
    assert!((5_183_930..=5_183_944).contains(&long["expires_in"].as_i64().unwrap()));

    let token = long["access_token"].as_str().unwrap();
    let fields = "id,caption,media_type,media_url,timestamp,children{id,media_url}";
    let (status, page) = world
        .json("/v25.0/me/media", &[("fields", fields), ("access_token", token)])
        .await;
    assert_eq!(status, 200);
    assert_eq!(page["data"].as_array().unwrap().len(), 25);
    let picture = page["data"][0]["media_url"].as_str().unwrap();
    let picture = world.client.get(picture).send().await.unwrap();
    assert_eq!(picture.status(), 200);
    assert!(
        picture.headers()["content-type"]
            .to_str()
            .unwrap()
            .starts_with("image/")
    );
    assert!(picture.bytes().await.unwrap().len() > 10_000);
}
