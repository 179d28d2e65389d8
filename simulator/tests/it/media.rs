//! Reading media, the odd cases included.

use serde_json::Value;
use vitrine_simulator::{MediaEdit, NewPost, PostKind};

use crate::support::World;

const ALL: &str = "id,caption,media_type,media_product_type,media_url,thumbnail_url,permalink,shortcode,timestamp,\
                   username,owner,like_count,comments_count,is_comment_enabled,is_shared_to_feed,alt_text,\
                   children{id,media_type,media_url,thumbnail_url}";

async fn all_media(world: &World, fields: &str) -> Vec<Value> {
    let token = world.simulator.mint_token("vitrine.demo").unwrap();
    let query = [
        ("fields", fields),
        ("limit", "100"),
        ("access_token", token.as_str()),
    ];
    let (status, body) = world.json("/me/media", &query).await;
    assert_eq!(status, 200, "{body}");
    body["data"].as_array().unwrap().clone()
}

#[tokio::test]
async fn the_demo_account_has_every_odd_case() {
    let world = World::with(|settings| settings.modes.list_unshared_reels = true).await;
    let media = all_media(&world, ALL).await;
    let count = |fits: &dyn Fn(&Value) -> bool| media.iter().filter(|media| fits(media)).count();

    assert!(media.len() >= 30);
    assert!(count(&|media| media["media_type"] == "IMAGE" && media["media_url"].is_string()) >= 20);
    assert!(count(&|media| media["is_shared_to_feed"] == true && media["media_product_type"] == "REELS") > 0);
    assert!(count(&|media| media["is_shared_to_feed"] == false) > 0);
    assert!(count(&|media| media["media_type"] == "VIDEO" && media["media_product_type"] == "FEED") > 0);
    assert!(count(&|media| media["media_type"] == "VIDEO" && media["thumbnail_url"].is_string()) > 0);
    assert!(count(&|media| media.get("caption").is_none()) > 0);
    assert!(count(&|media| media["caption"].as_str().is_some_and(|text| text.contains("👩‍👩‍👧‍👦"))) > 0);
    assert!(
        count(&|media| media["caption"]
            .as_str()
            .is_some_and(|text| text.chars().count() == 2_200))
            > 0
    );
    assert!(count(&|media| media.get("like_count").is_none()) > 0);
    assert!(count(&|media| media["media_type"] == "IMAGE" && media.get("media_url").is_none()) > 0);
    let known = ["IMAGE", "VIDEO", "CAROUSEL_ALBUM"];
    assert!(count(&|media| !known.contains(&media["media_type"].as_str().unwrap())) > 0);
    let children = |media: &Value| media["children"]["data"].as_array().cloned().unwrap_or_default();
    assert!(
        count(&|media| children(media)
            .iter()
            .any(|child| child.get("media_url").is_none()))
            > 0
    );
    let types = |media: &Value| {
        children(media)
            .iter()
            .map(|child| child["media_type"].clone())
            .collect::<Vec<_>>()
    };
    assert!(
        count(&|media| types(media).contains(&"VIDEO".into()) && types(media).contains(&"IMAGE".into())) > 0
    );
    assert!(
        media
            .iter()
            .all(|media| media["timestamp"].as_str().unwrap().ends_with("+0000"))
    );
}

#[tokio::test]
async fn unshared_reels_count_but_are_not_listed() {
    let world = World::start().await;
    let listed = all_media(&world, "id").await.len();
    assert!(world.simulator.account("vitrine.demo").unwrap().media_count > listed);
}

#[tokio::test]
async fn by_default_a_media_is_its_id_and_children_are_bare_ids() {
    let world = World::start().await;
    let media = all_media(&world, "").await;
    assert!(media.iter().all(|media| media.as_object().unwrap().len() == 1));
    let albums = all_media(&world, "children").await;
    let album = albums
        .iter()
        .find(|media| media.get("children").is_some())
        .unwrap();
    assert_eq!(album["children"]["data"][0].as_object().unwrap().len(), 1);
}

#[tokio::test]
async fn a_media_its_children_and_a_child_can_be_read_by_id() {
    let world = World::start().await;
    let token = world.simulator.mint_token("vitrine.demo").unwrap();
    let media = all_media(&world, "id,media_type,children{id,media_type}").await;
    let album = media
        .iter()
        .find(|media| media["media_type"] == "CAROUSEL_ALBUM")
        .unwrap();
    let id = album["id"].as_str().unwrap();
    let query = [
        ("fields", "id,media_type,permalink,children.fields(id,media_type)"),
        ("access_token", &*token),
    ];

    let (_, one) = world.json(&format!("/{id}"), &query).await;
    assert_eq!(one["children"], album["children"]);
    let query = [("fields", "id,media_type"), ("access_token", &*token)];
    let (_, children) = world.json(&format!("/v25.0/{id}/children"), &query).await;
    assert_eq!(children["data"], album["children"]["data"]);
    let child = children["data"][0]["id"].as_str().unwrap();
    let (status, body) = world.json(&format!("/{child}"), &query).await;
    assert_eq!((status, &body), (200, &children["data"][0]));
}

#[tokio::test]
async fn the_media_of_another_and_an_unknown_field_are_refused() {
    let world = World::start().await;
    let token = world.simulator.mint_token("vitrine.creator").unwrap();
    let theirs = world
        .simulator
        .media("vitrine.demo")
        .unwrap()
        .last()
        .unwrap()
        .id
        .clone();
    let (status, body) = world
        .json(&format!("/{theirs}"), &[("access_token", &token)])
        .await;
    assert_eq!(
        (status, &body["error"]["code"], &body["error"]["error_subcode"]),
        (400, &100.into(), &33.into())
    );
    assert!(
        body["error"]["message"]
            .as_str()
            .unwrap()
            .contains(&format!("Object with ID '{theirs}' does not exist"))
    );
    let (status, body) = world
        .json(
            "/me/media",
            &[("fields", "id,view_count"), ("access_token", &token)],
        )
        .await;
    assert_eq!((status, &body["error"]["code"]), (400, &100.into()));
}

#[tokio::test]
async fn posts_edits_and_deletions_show_at_once() {
    let world = World::start().await;
    let reel = NewPost {
        kind: PostKind::Reel,
        ..NewPost::captioned("Fresh /\\ \"paint\" 🎨")
    };
    let posted = world.simulator.post_media("vitrine.demo", reel).unwrap();
    let media = all_media(&world, ALL).await;
    assert_eq!(
        (&media[0]["id"], &media[0]["caption"]),
        (&Value::from(&*posted.id), &"Fresh /\\ \"paint\" 🎨".into())
    );
    assert!(media[0]["media_url"].is_string());

    let edit = MediaEdit {
        caption: Some(String::new()),
        hide_media_url: Some(true),
        ..MediaEdit::default()
    };
    world
        .simulator
        .edit_media("vitrine.demo", &posted.id, &edit)
        .unwrap();
    let media = all_media(&world, ALL).await;
    assert!(media[0].get("caption").is_none() && media[0].get("media_url").is_none());

    world.simulator.delete_media("vitrine.demo", &posted.id).unwrap();
    assert_ne!(all_media(&world, "id").await[0]["id"], *posted.id);
    assert!(world.simulator.delete_media("vitrine.demo", &posted.id).is_err());
}

#[tokio::test]
async fn text_is_escaped_as_the_platform_does_unless_switched_off() {
    let read = async |world: &World| {
        let token = world.simulator.mint_token("vitrine.demo").unwrap();
        let query = [
            ("fields", "caption,media_url"),
            ("limit", "100"),
            ("access_token", &*token),
        ];
        world.get("/me/media", &query).await.text().await.unwrap()
    };
    let escaped = read(&World::start().await).await;
    assert!(escaped.is_ascii() && escaped.contains(r"http:\/\/127.0.0.1") && escaped.contains(r"\ud83c"));
    let plain = read(&World::with(|settings| settings.modes.escape_json = false).await).await;
    assert!(plain.contains("http://127.0.0.1") && plain.contains("🏔"));
    let captions = |text: &str| -> Vec<Value> {
        let body: Value = serde_json::from_str(text).unwrap();
        body["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|media| media["caption"].clone())
            .collect()
    };
    assert_eq!(captions(&escaped), captions(&plain));
}
