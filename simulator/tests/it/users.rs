//! Reading a user.

use serde_json::Value;
use vitrine_simulator::{AccountEdit, Dialect};

use crate::support::{World, with};

#[tokio::test]
async fn the_three_ids_differ_and_each_names_the_account() {
    let world = World::start().await;
    let token = world.simulator.mint_token("vitrine.demo").unwrap();
    let view = world.simulator.account("vitrine.demo").unwrap();
    assert!(view.id != view.user_id && view.id != view.exchange_id && view.user_id != view.exchange_id);

    for id in [&view.id, &view.user_id, &view.exchange_id] {
        assert!(id.parse::<u64>().unwrap() > 1 << 53);
        for path in [format!("/{id}"), format!("/v24.0/{id}")] {
            let (status, body) = world
                .json(&path, &[("fields", "user_id,username"), ("access_token", &token)])
                .await;
            assert_eq!(status, 200, "{body}");
            assert_eq!(
                (&body["id"], &body["user_id"]),
                (&Value::from(&*view.id), &Value::from(&*view.user_id))
            );
        }
    }
}

#[tokio::test]
async fn a_profile_has_the_fields_of_its_dialect_and_no_others() {
    let rich = "user_id,username,name,account_type,profile_picture_url,followers_count,media_count";
    let world = World::start().await;
    let token = world.simulator.mint_token("vitrine.creator").unwrap();
    let (status, body) = world
        .json("/me", &[("fields", rich), ("access_token", &token)])
        .await;
    assert_eq!(status, 200);
    assert_eq!(
        (&body["account_type"], &body["media_count"]),
        (&"MEDIA_CREATOR".into(), &24.into())
    );
    assert!(
        world
            .client
            .get(body["profile_picture_url"].as_str().unwrap())
            .send()
            .await
            .unwrap()
            .status()
            == 200
    );
    let (_, body) = world.json("/me", &[("access_token", &token)]).await;
    assert_eq!(body.as_object().unwrap().len(), 1, "{body}");
    let (status, body) = world
        .json("/me", &[("fields", "id,shoe_size"), ("access_token", &token)])
        .await;
    assert_eq!((status, &body["error"]["code"]), (400, &100.into()));
    assert!(body["error"]["message"].as_str().unwrap().contains("shoe_size"));

    let older = World::with(|settings| settings.dialect = Dialect::BasicDisplay).await;
    let token = older.simulator.mint_token("vitrine.personal").unwrap();
    let (status, _) = older
        .json(
            "/me",
            &[("fields", "id,username,media_count"), ("access_token", &token)],
        )
        .await;
    assert_eq!(status, 200);
    let (status, _) = older
        .json("/me", &[("fields", "user_id"), ("access_token", &token)])
        .await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn the_app_may_act_on_professional_accounts_with_a_role_only() {
    let world = World::start().await;
    let refusal = "Unsupported request - method type: get";
    for username in ["vitrine.personal", "vitrine.outsider"] {
        let token = world.simulator.mint_token(username).unwrap();
        let (status, body) = world.json("/me", &[("access_token", &token)]).await;
        assert_eq!((status, &body["error"]["code"]), (400, &100.into()));
        assert_eq!(body["error"]["message"], refusal);
    }

    let token = world.simulator.mint_token("vitrine.demo").unwrap();
    let edit = AccountEdit {
        tester: Some(false),
        ..AccountEdit::default()
    };
    world.simulator.edit_account("vitrine.demo", &edit).unwrap();
    assert_eq!(
        world.json("/me", &[("access_token", &token)]).await.1["error"]["message"],
        refusal
    );
}

#[tokio::test]
async fn nobody_reads_the_user_of_another() {
    let world = World::start().await;
    let token = world.simulator.mint_token("vitrine.demo").unwrap();
    let other = world.simulator.account("vitrine.creator").unwrap();

    let (status, body) = world
        .json(&format!("/{}/media", other.user_id), &[("access_token", &token)])
        .await;

    assert_eq!((status, &body["error"]["error_subcode"]), (400, &33.into()));
}

#[tokio::test]
async fn a_renamed_account_keeps_its_ids_and_media_expand_within_a_user() {
    let world = World::start().await;
    let token = world.simulator.mint_token("vitrine.demo").unwrap();
    let before = world.simulator.account("vitrine.demo").unwrap();
    let edit = AccountEdit {
        username: Some("renamed.demo".to_owned()),
        ..AccountEdit::default()
    };
    world.simulator.edit_account("vitrine.demo", &edit).unwrap();

    let fields = "user_id,username,media.limit(3){id,username}";
    let (_, body) = world
        .json("/me", &[("fields", fields), ("access_token", &token)])
        .await;

    assert_eq!(
        (&body["user_id"], &body["username"]),
        (&Value::from(before.user_id), &"renamed.demo".into())
    );
    assert_eq!(body["media"]["data"].as_array().unwrap().len(), 3);
    assert_eq!(body["media"]["data"][0]["username"], "renamed.demo");
    let next = body["media"]["paging"]["next"].as_str().unwrap();
    let next: Value = world.client.get(next).send().await.unwrap().json().await.unwrap();
    assert_eq!(next["data"][0]["username"], "renamed.demo");
}

#[tokio::test]
async fn an_unknown_path_and_a_wrong_method_are_told() {
    let world = World::start().await;
    let token = world.simulator.mint_token("vitrine.demo").unwrap();
    let (_, body) = world.json("/me/media/strange", &[("access_token", &token)]).await;
    assert_eq!(body["error"]["code"], 2500);
    let response = world
        .client
        .post(world.url("/me/media"))
        .bearer_auth(&token)
        .send()
        .await
        .unwrap();
    let body: Value = response.json().await.unwrap();
    assert_eq!(
        body["error"]["message"],
        "Unsupported request - method type: post"
    );
}

#[tokio::test]
async fn in_the_older_dialect_media_need_a_permission_of_their_own() {
    let world = World::with(|settings| settings.dialect = Dialect::BasicDisplay).await;
    for (scopes, status) in [("user_profile", 403), ("user_profile,user_media", 200)] {
        let mut form = with(
            world.consent_form("vitrine.personal", "allow"),
            "scope",
            "user_profile,user_media",
        );
        form.push(("scopes", scopes.to_owned()));
        let response = world.decide(&form).await;
        let location = response.headers()["location"].to_str().unwrap();
        let code = location.split(['=', '&']).nth(1).unwrap().to_owned();
        let (_, grant) = world.exchange(&world.exchange_form(&code)).await;
        let token = grant["access_token"].as_str().unwrap();
        assert_eq!(
            world.json("/me/media", &[("access_token", token)]).await.0,
            status
        );
    }
}
