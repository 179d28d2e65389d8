//! The demo that `up` brings.

use std::io::BufRead;
use std::net::TcpListener;

use serde_json::Value;

use super::running::{Running, client};

/// What the demo prints for a person.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Greeting {
    pub(super) base: String,
    pub(super) password: String,
    pub(super) feed: String,
}

/// Reads the greeting line by line, as it comes.
pub(super) fn greeting(mut lines: impl BufRead) -> Greeting {
    let (mut base, mut password) = (String::new(), String::new());
    loop {
        let mut line = String::new();
        assert!(
            lines.read_line(&mut line).unwrap() > 0,
            "it ended before it said where the photos are"
        );
        if let Some(address) = line.strip_prefix("Vitrine runs at ") {
            address.trim().trim_end_matches('/').clone_into(&mut base);
        } else if let Some(secret) = line.trim().strip_prefix("Password ") {
            secret.trim().clone_into(&mut password);
        } else if let Some((_, command)) = line.split_once("curl -s '") {
            let feed = command
                .trim()
                .trim_end_matches('\'')
                .strip_prefix(&base)
                .unwrap()
                .to_owned();
            return Greeting { base, password, feed };
        }
    }
}

fn pictures(feed: &Value) -> Vec<String> {
    let photos = feed["data"].as_array().unwrap();
    photos
        .iter()
        .map(|photo| photo["image"]["src"].as_str().unwrap().to_owned())
        .collect()
}

pub(super) async fn photos(client: &reqwest::Client, greeting: &Greeting) -> Value {
    let address = format!("{}{}", greeting.base, greeting.feed);
    client.get(address).send().await.unwrap().json().await.unwrap()
}

fn places(feed: &Value) -> Vec<String> {
    pictures(feed)
        .iter()
        .map(|picture| place(picture).to_owned())
        .collect()
}

/// The address without what is signed anew with every read.
fn place(picture: &str) -> &str {
    picture.split('?').next().unwrap()
}

#[tokio::test]
async fn the_demo_serves_photos_and_keeps_everything_over_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let variables = [
        ("VITRINE_SIMULATOR__LISTEN", "127.0.0.1:0".to_owned()),
        ("VITRINE_SERVER__METRICS_LISTEN", "127.0.0.1:0".to_owned()),
    ];
    let client = client();

    let mut first = Running::start(directory.path(), &["--listen", "127.0.0.1:0"], &variables);
    let before = greeting(first.printed());
    let feed = photos(&client, &before).await;
    let picture = client.get(&pictures(&feed)[0]).send().await.unwrap();
    assert!(first.terminate().success());

    let mut second = Running::start(directory.path(), &["--listen", "127.0.0.1:0"], &variables);
    let after = greeting(second.printed());
    let again = photos(&client, &after).await;
    let same_picture = client.get(&pictures(&again)[0]).send().await.unwrap();
    assert!(second.terminate().success());

    assert_eq!(feed["profile"]["username"], "vitrine.demo");
    assert!(picture.status().is_success() && same_picture.status().is_success());
    assert_eq!((before.password, before.feed), (after.password, after.feed));
    assert_eq!(places(&feed), places(&again));
}

#[tokio::test]
async fn pictures_are_found_where_the_simulator_had_to_move() {
    let directory = tempfile::tempdir().unwrap();
    let variables = [
        ("VITRINE_SIMULATOR__LISTEN", "127.0.0.1:0".to_owned()),
        ("VITRINE_SERVER__METRICS_LISTEN", "127.0.0.1:0".to_owned()),
    ];
    let client = client();
    let mut first = Running::start(directory.path(), &["--listen", "127.0.0.1:0"], &variables);
    let before = photos(&client, &greeting(first.printed())).await;
    assert!(first.terminate().success());
    let old_place = reqwest::Url::parse(&pictures(&before)[0]).unwrap();

    let _somebody_else = TcpListener::bind(("127.0.0.1", old_place.port().unwrap())).unwrap();
    let mut second = Running::start(directory.path(), &["--listen", "127.0.0.1:0"], &variables);
    let after = photos(&client, &greeting(second.printed())).await;

    assert_eq!(pictures(&after).len(), pictures(&before).len());
    for picture in pictures(&after) {
        assert!(
            !picture.starts_with(&old_place.origin().ascii_serialization()),
            "{picture}"
        );
    }
    let picture = client.get(&pictures(&after)[0]).send().await.unwrap();
    assert!(picture.status().is_success());
    assert!(second.terminate().success());
}
