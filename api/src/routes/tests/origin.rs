//! Pages of other origins that pretend to be the dashboard.

use super::*;
use vitrine_entity::{InstallationOwned, TenantOwned, membership, user};

const DASHBOARD: (&str, &str) = ("X-Vitrine-Client", "dashboard");
const ELSEWHERE: [(&str, &str); 3] = [
    ("Origin", "https://evil.example"),
    ("Origin", "null"),
    ("Sec-Fetch-Site", "cross-site"),
];

/// What any page may read.
const READING_FEEDS: [&str; 4] = ["/photos", "/feed.json", "/feed.rss", "/feed.atom"];

#[actix_web::test]
async fn whatever_says_that_it_is_the_dashboard_is_asked_where_it_comes_from() {
    let app = TestApp::start().await;
    let owner = app.register("ada@example.com").await;
    let document = app.send(ask("GET", "/openapi.json")).await.json();

    for (method, path, _) in operations(&document) {
        let reads_a_feed = READING_FEEDS.iter().any(|end| path.ends_with(end));
        if !path.starts_with("/v1/") || reads_a_feed {
            continue;
        }
        for elsewhere in ELSEWHERE {
            let request = bearer(ask(&method, &path), &owner["access_token"]);
            let request = request.insert_header(DASHBOARD).insert_header(elsewhere);
            let answer = app.send(request.set_json(json!({}))).await;
            assert_eq!(
                (answer.status, answer.problem().as_str()),
                (403, "cross_site"),
                "{method} {path} {elsewhere:?}"
            );
        }
    }
}

#[actix_web::test]
async fn a_page_of_another_origin_registers_nobody_and_moves_no_sign_in() {
    use sea_orm::PaginatorTrait;
    let app = TestApp::start().await;
    let owner = app.register("ada@example.com").await;
    let body =
        json!({"email": "eve@example.com", "password": "correct horse", "name": "x", "site_name": "y"});

    for (path, body) in [
        ("/v1/auth/register", body),
        ("/v1/auth/switch", json!({"tenant_id": owner["tenant"]["id"]})),
    ] {
        let request = bearer(ask("POST", path).set_json(body), &owner["access_token"]);
        let refused = app.send(request.insert_header(DASHBOARD).insert_header(ELSEWHERE[0]));
        assert_eq!(refused.await.problem(), "cross_site");
    }

    let connection = app.database.connection();
    assert_eq!(user::Entity::rows().count(connection).await.unwrap(), 1);
    assert_eq!(
        membership::Entity::across_tenants()
            .count(connection)
            .await
            .unwrap(),
        1
    );
    let refresh = json!({"refresh_token": owner["refresh_token"]});
    let refreshed = app.send(ask("POST", "/v1/auth/refresh").set_json(refresh)).await;
    assert_eq!(refreshed.status, 200, "{}", refreshed.text());
}
