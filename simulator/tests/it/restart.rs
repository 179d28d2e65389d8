//! What a restart keeps.

use std::net::SocketAddr;
use std::path::Path;

use chrono::Duration;
use serde_json::{Value, json};
use vitrine_simulator::{AccountEdit, NewAccount, NewPost, Revocation};

use crate::support::World;

async fn start(path: &Path, listen: Option<SocketAddr>) -> World {
    World::with(|settings| {
        settings.state_file = Some(path.to_owned());
        settings.listen = listen.unwrap_or(settings.listen);
    })
    .await
}

#[tokio::test]
async fn accounts_edits_codes_tokens_links_and_the_clock_survive() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.json");
    let world = start(&path, None).await;
    world.simulator.clock().advance(Duration::days(3));
    world.simulator.add_account(NewAccount::named("kept")).unwrap();
    let edit = AccountEdit {
        username: Some("kept.too".to_owned()),
        ..AccountEdit::default()
    };
    world.simulator.edit_account("kept", &edit).unwrap();
    let posted = world
        .simulator
        .post_media("kept.too", NewPost::captioned("still here"))
        .unwrap();
    let dead = world.simulator.mint_token("kept.too").unwrap();
    world
        .simulator
        .revoke("kept.too", Revocation::PasswordChanged)
        .unwrap();
    let token = world.simulator.mint_token("kept.too").unwrap();
    let (spent, fresh) = (world.code("kept.too"), world.code("kept.too"));
    assert_eq!(world.exchange(&world.exchange_form(&spent)).await.0, 200);
    let query = [
        ("fields", "id,caption,timestamp,permalink"),
        ("access_token", &*token),
    ];
    let before = world.json("/me/media", &query).await.1["data"].clone();
    let links = [("fields", "media_url"), ("access_token", &*token)];
    let link = world.json("/me/media", &links).await.1["data"][0]["media_url"]
        .as_str()
        .unwrap()
        .to_owned();
    let picture = world
        .client
        .get(&link)
        .send()
        .await
        .unwrap()
        .bytes()
        .await
        .unwrap();
    let address = world.simulator.addr();
    world.simulator.stop().await.unwrap();

    let world = start(&path, Some(address)).await;

    assert!((world.simulator.clock().offset() - Duration::days(3)).is_zero());
    assert_eq!(world.json("/me/media", &query).await.1["data"], before);
    assert_eq!(
        (&before[0]["id"], &before[0]["caption"]),
        (&Value::from(posted.id), &"still here".into())
    );
    let (_, body) = world.json("/me", &[("access_token", &dead)]).await;
    assert!(
        body["error"]["message"]
            .as_str()
            .unwrap()
            .contains("changed their password")
    );
    assert_eq!(world.exchange(&world.exchange_form(&fresh)).await.0, 200);
    let (_, body) = world.exchange(&world.exchange_form(&spent)).await;
    assert_eq!(body["error_message"], "This authorization code has been used");
    assert_eq!(
        world
            .client
            .get(&link)
            .send()
            .await
            .unwrap()
            .bytes()
            .await
            .unwrap(),
        picture
    );
}

#[tokio::test]
async fn a_control_call_is_on_disk_when_it_is_answered() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.json");
    let world = start(&path, None).await;
    for days in 1..=3 {
        let request = world
            .client
            .post(world.url("/_simulator/clock"))
            .body(json!({"advance": "1d"}).to_string());
        assert_eq!(request.send().await.unwrap().status(), 200);

        let state: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        assert_eq!(state["offset_micros"], days * 86_400_000_000_i64);
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
}

#[tokio::test]
async fn a_damaged_state_file_is_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.json");
    std::fs::write(&path, "{half").unwrap();
    let settings = vitrine_simulator::SimulatorSettings {
        state_file: Some(path.clone()),
        ..Default::default()
    };

    assert!(vitrine_simulator::Simulator::start(settings).await.is_err());

    assert_eq!(std::fs::read_to_string(&path).unwrap(), "{half");
}
