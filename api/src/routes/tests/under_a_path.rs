//! Pages of a server that a proxy shows under a path of its own, which it takes away.

use super::*;
use chrono::DateTime;
use url::Url;

const SHOWN_AT: &str = "https://host.example/insta";
const SIGNED_AT: i64 = 1_764_000_000;
/// Somebody nobody knows wants their data deleted, signed with the secret of these tests' app.
const SIGNED: &str = "VXT9mLsNoLNR6UKccWVJgF2S8dplNyano9tKbNO6nJE.\
    eyJhbGdvcml0aG0iOiJITUFDLVNIQTI1NiIsImlzc3VlZF9hdCI6MTc2NDAwMDAwMCwidXNlcl9pZCI6IjI1OTgyNzUyMjQ4MDMyMDM2In0";

/// Every address that a page names, as a browser would ask for it.
fn addresses(page: &Url, html: &str) -> Vec<Url> {
    let named = ["href=\"", "src=\"", "data-operation=\"", "url: '"];
    let texts = named.iter().flat_map(|mark| html.split(mark).skip(1));
    let ends = |sign: char| sign == '"' || sign == '\'';
    texts
        .map(|rest| page.join(rest.split(ends).next().unwrap()).unwrap())
        .collect()
}

#[actix_web::test]
async fn everything_that_a_page_names_is_there() {
    let app = TestApp::start().await;
    let pages = [
        "/",
        "/docs",
        "/docs/start.js",
        "/verify-email",
        "/reset-password",
        "/accept-invitation",
        "/problems/not_found",
        "/v1/oauth/instagram/callback?error=x",
    ];
    for path in pages {
        let answer = app.send(ask("GET", path)).await;
        // A script asks as the page that it is in.
        let page = path.replace("/start.js", "");
        let page = Url::parse(&format!("{SHOWN_AT}{page}")).unwrap();

        let named = addresses(&page, answer.text());

        assert!(!named.is_empty(), "{path}: {}", answer.text());
        for address in named {
            let inside = address.as_str().strip_prefix(SHOWN_AT);
            let inside = inside.unwrap_or_else(|| panic!("{path} names {address}"));
            let status = app.send(ask("GET", inside)).await.status;
            assert!(status == 200 || status == 405, "{path} names {address}: {status}");
        }
    }
}

#[actix_web::test]
async fn problems_and_new_things_are_where_they_say() {
    for (shown_at, path) in [(SHOWN_AT, "/insta"), ("https://host.example", "")] {
        let app = TestApp::start_at(&format!("{shown_at}/")).await;
        let token = app.register("ada@example.com").await["access_token"].clone();
        let begun = |key: &str| {
            let request = ask("POST", "/v1/feeds").set_json(json!({"name": "Front page"}));
            bearer(request, &token).insert_header(("Idempotency-Key", key.to_owned()))
        };
        let asked = app.send(begun("one")).await;
        let again = app.send(begun("one")).await;
        assert_eq!(again.header("idempotency-replayed"), Some("true"));

        for answer in [asked, again] {
            let place = format!("{path}/v1/feeds/{}", answer.json()["id"].as_str().unwrap());
            assert_eq!(answer.header("location"), Some(place.as_str()));
        }
        let refusals = [
            ask("GET", "/v1/nothing"),
            ask("GET", "/v1/me"),
            ask("BREW", "/healthz"),
            ask("POST", "/v1/feeds")
                .insert_header(("X-Vitrine-Client", "dashboard"))
                .insert_header((ORIGIN, "https://evil.example")),
        ];
        for refused in refusals {
            let answer = app.send(refused).await;
            let explained = format!("{path}/problems/{}", answer.problem());
            assert_eq!(answer.json()["type"], explained);
        }
    }
}

#[actix_web::test]
async fn the_cookie_is_sent_to_no_other_program_of_the_host() {
    let app = TestApp::start_at(SHOWN_AT).await;
    app.register("ada@example.com").await;
    let body = json!({"email": "ada@example.com", "password": "correct horse"});
    let dashboard = ("X-Vitrine-Client", "dashboard");

    let login = ask("POST", "/v1/auth/login")
        .insert_header(dashboard)
        .set_json(body);
    let answer = app.send(login).await;

    let set = answer.header("set-cookie").unwrap();
    assert!(set.starts_with("__Secure-vitrine_refresh=vt_rt_"), "{set}");
    assert!(
        set.contains("; Path=/insta/v1/auth;") && set.contains("; Secure"),
        "{set}"
    );
    let cookie = set.split(';').next().unwrap();
    let refresh = ask("POST", "/v1/auth/refresh").insert_header(dashboard);
    let refresh = refresh.insert_header(("Cookie", cookie)).set_json(json!({}));
    assert_eq!(app.send(refresh).await.status, 200);
}

#[actix_web::test]
async fn the_document_describes_a_server_below_the_path() {
    let app = TestApp::start_at(SHOWN_AT).await;

    let document = app.send(ask("GET", "/openapi.json")).await.json();

    assert_eq!(document["servers"], json!([{"url": SHOWN_AT}]));
}

#[actix_web::test]
async fn a_deletion_is_looked_at_below_the_path() {
    let app = TestApp::start_at(SHOWN_AT).await;
    app.clock.set(DateTime::from_timestamp(SIGNED_AT, 0).unwrap());
    let order = ask("POST", "/v1/instagram/data-deletion").set_form([("signed_request", SIGNED)]);

    let ordered = app.send(order).await;

    assert_eq!(ordered.status, 200, "{}", ordered.text());
    let ordered = ordered.json();
    let code = ordered["confirmation_code"].as_str().unwrap();
    assert_eq!(ordered["url"], format!("{SHOWN_AT}/data-deletion/{code}"));
}

#[actix_web::test]
async fn a_browser_is_sent_back_below_the_path() {
    let app = TestApp::start_at(SHOWN_AT).await;
    let token = app.register("ada@example.com").await["access_token"].clone();
    let begin = ask("POST", "/v1/accounts/connect").set_json(json!({"return_to": "/accounts"}));
    let begun = app.send(bearer(begin, &token)).await.json();
    let state = begun["state"].as_str().unwrap();

    let path = format!("/v1/oauth/instagram/callback?error=access_denied&state={state}");
    let back = app.send(ask("GET", &path)).await;

    let place = back.header("location").unwrap();
    assert!(
        place.starts_with(&format!("{SHOWN_AT}/accounts?connect_error=access_denied")),
        "{place}"
    );
}
