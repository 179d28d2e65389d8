//! What scripts ask of Instagram's API beside pages of posts.

use crate::support::{Answer, Engines, Installation, connected, on_both_pairs};
use reqwest::Method;
use serde_json::{Value, json};
use vitrine_simulator::{NewPost, PostKind};

on_both_pairs!(
    a_list_can_be_of_a_time,
    several_objects_are_answered_at_once,
    a_key_is_refreshed_as_a_token_is,
    pictures_of_albums_have_a_page,
    texts_are_as_they_are_unless_asked_for_as_html,
);

fn ids(page: &Value) -> Vec<String> {
    let data = page["data"].as_array().unwrap().iter();
    data.map(|media| media["id"].as_str().unwrap().to_owned())
        .collect()
}

fn error(answer: &Answer) -> (u16, Value) {
    (answer.status.as_u16(), answer.json()["error"]["code"].clone())
}

async fn a_list_can_be_of_a_time(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (_, _, _, key) = connected(&vitrine).await;
    let get = async |query: &str| {
        let path = format!("/graph/me/media?fields=timestamp&{query}&access_token={key}");
        vitrine.get(&path).await
    };
    let whole = get("limit=100").await.expect(200);
    let posts = whole["data"].as_array().unwrap();
    assert!(posts.len() > 6, "{whole}");
    let moment = |place: usize| posts[place]["timestamp"].as_str().unwrap();
    let within = |since: &str, until: &str| -> Vec<String> {
        let fits = |post: &&Value| (since..=until).contains(&post["timestamp"].as_str().unwrap());
        let fitting = posts.iter().filter(fits);
        fitting
            .map(|post| post["id"].as_str().unwrap().to_owned())
            .collect()
    };
    let (newest, oldest) = (moment(1), moment(posts.len() - 2));
    let coded = |moment: &str| moment.replace('+', "%2B");

    let wanted = within(oldest, newest);
    assert!(wanted.len() >= 4 && wanted.len() < posts.len(), "{wanted:?}");
    let seconds = |text: &str| {
        chrono::DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%z")
            .unwrap()
            .timestamp()
    };
    for (since, until) in [
        (coded(oldest), coded(newest)),
        (seconds(oldest).to_string(), seconds(newest).to_string()),
    ] {
        let page = get(&format!("limit=100&since={since}&until={until}"))
            .await
            .expect(200);
        assert_eq!(ids(&page), wanted, "{since} to {until}");
    }

    let mut page = get(&format!(
        "limit=2&since={}&until={}",
        coded(oldest),
        coded(newest)
    ))
    .await
    .expect(200);
    let mut read = ids(&page);
    while let Some(next) = page["paging"].get("next").and_then(Value::as_str) {
        page = Answer::of(vitrine.http.get(next).send().await.unwrap())
            .await
            .expect(200);
        read.extend(ids(&page));
    }
    assert_eq!(read, wanted);
    assert_eq!(
        get("since=1999-01-01&until=1999-12-31").await.expect(200)["data"],
        json!([])
    );
    assert_eq!(error(&get("since=yesterday").await), (400, json!(100)));
}

async fn several_objects_are_answered_at_once(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (owner, account, _, key) = connected(&vitrine).await;
    let program = vitrine.program(Some(&key));
    let listed = program
        .get("/graph/me/media?fields=username&limit=2")
        .await
        .expect(200);
    let (first, second) = (ids(&listed)[0].clone(), ids(&listed)[1].clone());
    let user = owner.account(&account).await["platform_user_id"]
        .as_str()
        .unwrap()
        .to_owned();

    for root in ["/graph", "/graph/", "/graph/v25.0/"] {
        let both = program
            .get(&format!("{root}?ids={first},{second},{first}&fields=username"))
            .await;
        assert_eq!(
            both.expect(200),
            json!({&first: listed["data"][0], &second: listed["data"][1]})
        );
    }
    let mixed = program
        .get(&format!("/graph/?ids=me,{user},{first}&fields=username"))
        .await
        .expect(200);
    assert_eq!(
        (&mixed["me"], &mixed[&first]),
        (&mixed[&user], &listed["data"][0])
    );

    let unknown = program
        .get(&format!("/graph/?ids={first},17900000000000000"))
        .await;
    assert_eq!(unknown.json()["error"]["error_subcode"], 33, "{}", unknown.text);
    let many = vec![first.as_str(); 51].join(",");
    for query in ["?ids=", "?ids=1,,2", &format!("?ids={many}")] {
        assert_eq!(
            error(&program.get(&format!("/graph/{query}")).await),
            (400, json!(100)),
            "{query}"
        );
    }
    assert_eq!(
        error(&vitrine.get(&format!("/graph/?ids={first}")).await),
        (400, json!(104))
    );
}

async fn a_key_is_refreshed_as_a_token_is(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;
    let body = json!({"name": "shop", "kind": "publishable", "allowed_origins": ["https://shop.example"]});
    let created = owner.post("/v1/api-keys", &body).await.expect(201);
    let key = created["key"].as_str().unwrap();
    let secret = owner.makes_key("secret", &["feeds:read"]).await;
    let path =
        |key: &str| format!("/graph/refresh_access_token?grant_type=ig_refresh_token&access_token={key}");

    let answer = vitrine.get(&path(key)).await;
    let wanted = json!({"access_token": key, "token_type": "bearer", "expires_in": 5_184_000});
    assert_eq!(answer.expect(200), wanted);
    assert!(answer.header("cache-control").contains("no-store"));
    let from = async |origin: &str| {
        let request = vitrine.program(None).request(Method::GET, &path(key));
        Answer::of(request.header("origin", origin).send().await.unwrap()).await
    };
    let ours = from("https://shop.example").await;
    assert_eq!(ours.header("access-control-allow-origin"), "https://shop.example");
    assert_eq!(error(&from("https://other.example").await), (403, json!(10)));

    assert_eq!(error(&vitrine.get(&path(&secret)).await), (400, json!(190)));
    assert_eq!(
        error(&vitrine.get(&path("vt_pk_nonsense")).await),
        (400, json!(190))
    );
    let other_grant = vitrine
        .get(&format!("/graph/refresh_access_token?access_token={key}"))
        .await;
    assert_eq!(error(&other_grant), (400, json!(100)));
    let program = vitrine.program(Some(&secret));
    let by_header = program
        .get("/graph/refresh_access_token?grant_type=ig_refresh_token")
        .await;
    assert_eq!(error(&by_header), (400, json!(100)));
}

async fn pictures_of_albums_have_a_page(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (owner, account, feed, key) = connected(&vitrine).await;
    let album = NewPost {
        kind: PostKind::Carousel,
        ..NewPost::captioned("an album")
    };
    vitrine.simulator.post_media("vitrine.demo", album).unwrap();
    let albums = json!({"media_types": ["IMAGE", "CAROUSEL_ALBUM"]});
    owner
        .patch(&format!("/v1/feeds/{feed}"), &albums)
        .await
        .expect(200);
    owner.syncs(&account).await;
    let shown = owner
        .photos_that(&feed, &key, |feed| feed["data"][0]["caption"] == "an album")
        .await;

    let path = format!("/graph/me/media?fields=permalink,children{{permalink}}&limit=1&access_token={key}");
    let page = vitrine.get(&path).await.expect(200);

    let album = &page["data"][0];
    let children = album["children"]["data"].as_array().unwrap();
    assert_eq!(children.len(), 3);
    assert!(
        album["permalink"].is_string()
            && children
                .iter()
                .all(|child| child["permalink"] == album["permalink"])
    );
    assert_eq!(shown["data"][0]["children"][1]["permalink"], album["permalink"]);
}

async fn texts_are_as_they_are_unless_asked_for_as_html(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (owner, account, feed, key) = connected(&vitrine).await;
    let markup = "<b>Tom & Jerry's</b>";
    vitrine
        .simulator
        .post_media("vitrine.demo", NewPost::captioned(markup))
        .unwrap();
    owner.syncs(&account).await;
    owner
        .photos_that(&feed, &key, |feed| feed["data"][0]["caption"] == markup)
        .await;
    let get = async |query: &str| {
        let path = format!("/graph/me/media?fields=caption&limit=1{query}&access_token={key}");
        vitrine.get(&path).await.expect(200)
    };

    for plain in ["", "&escape=none"] {
        let page = get(plain).await;
        assert_eq!(page["data"][0]["caption"], markup);
        assert!(
            !page["paging"]["next"].as_str().unwrap().contains("escape"),
            "{page}"
        );
    }
    let safe = get("&escape=html").await;
    assert_eq!(
        safe["data"][0]["caption"],
        "&lt;b&gt;Tom &amp; Jerry&#39;s&lt;/b&gt;"
    );
    assert!(
        safe["paging"]["next"].as_str().unwrap().contains("escape=html"),
        "{safe}"
    );
}
