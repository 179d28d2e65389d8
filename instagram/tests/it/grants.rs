//! Every shape in which tokens have been handed out.

use std::time::Duration;

use vitrine_instagram::{Failure, FailureKind, LongLivedToken, ShortLivedGrant};

use crate::server::{Server, answer, token};

async fn grant(body: &str) -> Result<ShortLivedGrant, Failure> {
    let server = Server::start([answer(200, body)]).await;
    server
        .client()
        .exchange_code(&"code".into(), "https://photos.example/")
        .await
}

async fn long_lived(body: &str) -> Result<LongLivedToken, Failure> {
    let server = Server::start([answer(200, body)]).await;
    server.client().refresh(&token()).await.map(|answer| answer.value)
}

#[tokio::test]
async fn every_mix_of_envelope_id_and_permissions_is_read() {
    let both = Some(vec![
        "instagram_business_basic",
        "instagram_business_manage_comments",
    ]);
    let ids = [
        ("17841479677897649", true),
        ("17841479677897649", false),
        ("25982752248032036", false),
    ];
    let permissions = [
        (String::new(), None),
        (r#","permissions":null"#.into(), None),
        (r#","permissions":"""#.into(), Some(vec![])),
        (r#","permissions":[]"#.into(), Some(vec![])),
        (
            r#","permissions":"instagram_business_basic""#.into(),
            Some(vec!["instagram_business_basic"]),
        ),
        (
            r#","permissions":"instagram_business_basic, instagram_business_manage_comments""#.into(),
            both.clone(),
        ),
        (
            r#","permissions":["instagram_business_basic","instagram_business_manage_comments"]"#.into(),
            both,
        ),
    ];
    for (id, quoted) in ids {
        for (tail, expected) in &permissions {
            let id_text = if quoted {
                format!("\"{id}\"")
            } else {
                id.to_owned()
            };
            let flat = format!(r#"{{"access_token":"IGAA…","user_id":{id_text}{tail}}}"#);
            for body in [
                flat.clone(),
                format!(r#"{{"data":[{flat}]}}"#),
                format!(r#"{{"data":{flat}}}"#),
            ] {
                let grant = grant(&body).await.unwrap();
                assert_eq!(grant.user_id, id, "{body}");
                assert_eq!(grant.token.expose(), "IGAA…", "{body}");
                let granted = grant
                    .permissions
                    .as_ref()
                    .map(|all| all.iter().map(String::as_str).collect());
                assert_eq!(granted, *expected, "{body}");
            }
        }
    }
}

#[tokio::test]
async fn a_grant_tells_the_budget_used() {
    let body = r#"{"access_token":"IGAA","user_id":"1"}"#;
    let header = r#"{"call_count":28,"total_time":25,"total_cputime":25}"#;
    let server = Server::start([answer(200, body).with("X-App-Usage", header)]).await;

    let grant = server
        .client()
        .exchange_code(&"code".into(), "https://photos.example/")
        .await
        .unwrap();

    assert_eq!(grant.usage.app.unwrap().call_count, 28);
}

#[tokio::test]
async fn a_grant_without_a_token_or_an_exact_id_is_no_grant() {
    for body in [
        "{}",
        r#"{"data":[]}"#,
        r#"{"access_token":"","user_id":"1"}"#,
        r#"{"access_token":"IGAA"}"#,
        r#"{"access_token":"IGAA","user_id":1.7841400774391E+16}"#,
    ] {
        assert_eq!(grant(body).await.unwrap_err().kind, FailureKind::Retry, "{body}");
    }
}

#[tokio::test]
async fn the_life_of_a_long_lived_token_is_the_one_told() {
    for (told, seconds) in [
        ("5183944", 5_183_944),
        ("5183944.0", 5_183_944),
        ("5.183944e6", 5_183_944),
        ("5184000", 5_184_000),
        ("\"5143192\"", 5_143_192),
        ("0", 0),
        ("-5", 0),
        ("9223372036854775807", 3_153_600_000),
    ] {
        let body = format!(r#"{{"access_token":"IGAAlong","token_type":"bearer","expires_in":{told}}}"#);
        let long = long_lived(&body).await.unwrap();
        assert_eq!(
            (long.token.expose(), long.expires_in),
            ("IGAAlong", Some(Duration::from_secs(seconds))),
            "{body}"
        );
    }
}

#[tokio::test]
async fn a_long_lived_token_of_unknown_life_is_taken_all_the_same() {
    for life in [
        "",
        r#","expires_in":null"#,
        r#","expires_in":"soon""#,
        r#","expires_in":{}"#,
    ] {
        let long = long_lived(&format!(r#"{{"access_token":"IGAAlong"{life}}}"#))
            .await
            .unwrap();
        assert_eq!(
            (long.token.expose(), long.expires_in),
            ("IGAAlong", None),
            "{life}"
        );
    }
    let without_token = long_lived(r#"{"expires_in":5184000}"#).await.unwrap_err();
    assert_eq!(without_token.kind, FailureKind::Retry);
}
