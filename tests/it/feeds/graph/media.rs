//! Posts, as Instagram answers them.

use super::{FIELDS, ids};
use crate::support::{Engines, Installation, connected, on_both_pairs};
use reqwest::{Method, header};
use serde_json::json;
use vitrine_simulator::NewPost;

on_both_pairs!(media_is_what_instagram_would_answer);

async fn media_is_what_instagram_would_answer(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (owner, account, feed, key) = connected(&vitrine).await;
    let markup = "<script>alert(1)</script> \"quoted\" & 'more'";
    let posted = vitrine
        .simulator
        .post_media("vitrine.demo", NewPost::captioned(markup))
        .unwrap();
    owner.syncs(&account).await;
    owner
        .photos_that(&feed, &key, |feed| feed["data"][0]["caption"] == markup)
        .await;
    let program = vitrine.program(None);
    let path = |rest: &str| format!("/graph/{rest}&access_token={key}");

    let page = program
        .get(&path(&format!("me/media?fields={FIELDS}&limit=2&escape=html")))
        .await;
    let plain = program.get(&path("v25.0/me/media/?fields=caption&limit=1")).await;
    let one = program
        .get(&path(&format!("{}?fields=timestamp", posted.id)))
        .await;
    let me = program
        .get(&path("me?fields=id,username,media.limit(1){media_type}"))
        .await;

    assert_eq!(page.header("content-type"), "application/json");
    let first = &page.expect(200)["data"][0];
    assert_eq!(first["id"], posted.id);
    assert_eq!(first["media_type"], "IMAGE");
    assert_eq!(first["username"], "vitrine.demo");
    assert_eq!(
        first["caption"],
        "&lt;script&gt;alert(1)&lt;/script&gt; &quot;quoted&quot; &amp; &#39;more&#39;"
    );
    let moment = posted.taken_at.format("%Y-%m-%dT%H:%M:%S+0000").to_string();
    assert_eq!(first["timestamp"], moment);
    assert_eq!(plain.expect(200)["data"][0]["caption"], markup);
    assert_eq!(one.expect(200), json!({"timestamp": moment, "id": posted.id}));
    let me = me.expect(200);
    let expected = owner.account(&account).await["platform_user_id"].clone();
    assert_eq!((&me["id"], &me["username"]), (&expected, &json!("vitrine.demo")));
    assert_eq!(ids(&me["media"]), std::slice::from_ref(&posted.id));
    let etag = page.header("etag").to_owned();
    let request = program
        .request(
            Method::GET,
            &path(&format!("me/media?fields={FIELDS}&limit=2&escape=html")),
        )
        .header(header::IF_NONE_MATCH, etag);
    assert_eq!(request.send().await.unwrap().status(), 304);
    let head = program
        .request(Method::HEAD, &path("me?fields=id"))
        .send()
        .await
        .unwrap();
    assert_eq!(head.status(), 200);
}
