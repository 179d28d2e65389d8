//! From the consent page to a long-lived token and a picture.

use crate::support::{REDIRECT, World, with};

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

#[tokio::test]
async fn a_person_sees_who_asks_and_can_use_the_page_without_a_script() {
    let world = World::start().await;
    let form = world.consent_form("vitrine.creator", "");

    let page = world
        .client
        .get(world.url("/oauth/authorize"))
        .query(&form)
        .send()
        .await
        .unwrap();

    assert_eq!(page.status(), 200);
    let page = page.text().await.unwrap();
    assert!(page.contains(r#"<option value="vitrine.creator" selected>"#));
    assert!(page.contains(r#"value="s t&amp;1""#));
    assert!(page.contains("instagram_business_basic (required)"));
    assert!(page.contains(r#"<button name="decision" value="allow">"#));
}

#[tokio::test]
async fn a_refusal_goes_back_to_the_app_and_says_so() {
    let world = World::start().await;

    let response = world.decide(&world.consent_form("vitrine.demo", "deny")).await;

    assert_eq!(response.status(), 302);
    assert_eq!(
        response.headers()["location"],
        "http://127.0.0.1:9/callback?error=access_denied&error_reason=user_denied\
         &error_description=The+user+denied+your+request&state=s+t%261"
    );
}

#[tokio::test]
async fn an_unticked_permission_is_not_granted_and_the_required_one_always_is() {
    let world = World::start().await;
    let form = with(
        world.consent_form("vitrine.demo", "allow"),
        "scopes",
        "instagram_business_basic",
    );

    let response = world.decide(&form).await;

    let location = response.headers()["location"].to_str().unwrap().to_owned();
    let code = location
        .split("code=")
        .nth(1)
        .unwrap()
        .split('&')
        .next()
        .unwrap()
        .to_owned();
    let (_, grant) = world.exchange(&world.exchange_form(&code)).await;
    assert_eq!(
        grant["permissions"],
        serde_json::json!(["instagram_business_basic"])
    );
}

#[tokio::test]
async fn what_is_wrong_stays_on_a_page_of_its_own_and_never_reaches_the_app() {
    let world = World::with(|settings| settings.redirect_uris = vec![REDIRECT.to_owned()]).await;
    let good = world.consent_form("vitrine.demo", "allow");
    let wrong = [
        ("client_id", "1", "Invalid platform app"),
        (
            "redirect_uri",
            "http://127.0.0.1:9/callback/",
            "Invalid redirect_uri",
        ),
        ("scope", "instagram_business_basic,basic", "Invalid scope"),
        ("scope", "instagram_business_manage_comments", "Invalid scope"),
        ("account", "vitrine.outsider", "Insufficient developer role"),
    ];
    assert_eq!(world.decide(&good).await.status(), 302);

    for (name, value, text) in wrong {
        let response = world.decide(&with(good.clone(), name, value)).await;
        assert_eq!(response.status(), 400, "{text}");
        assert!(response.headers().get("location").is_none());
        assert!(response.text().await.unwrap().contains(text), "{text}");
    }
}
