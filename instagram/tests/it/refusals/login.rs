//! Refusals of the code exchange.

use vitrine_instagram::FailureKind::{
    self, AppMisconfigured, CodeSpent, InvalidScope, OurBug, RedirectMismatch, Retry, RoleMissing, TokenDead,
};
use vitrine_instagram::Misconfiguration::{ClientSecret, PlatformApp, RedirectNotRegistered};
use vitrine_instagram::{Failure, TokenDeath};

use crate::refusals::graph;
use crate::server::{Scripted, Server, answer, token};

const TABLE: &[(&str, FailureKind)] = &[
    ("Matching code was not found or was already used", CodeSpent),
    ("This authorization code has been used", CodeSpent),
    ("This authorization code has expired", CodeSpent),
    (
        "Error validating verification code. Please make sure your redirect_uri is identical to the one you used \
         in the OAuth dialog request",
        RedirectMismatch,
    ),
    ("Invalid platform app", AppMisconfigured(PlatformApp)),
    (
        "Invalid Request: Request parameters are invalid: Invalid platform app",
        AppMisconfigured(PlatformApp),
    ),
    ("Insufficient developer role", RoleMissing),
    ("Invalid redirect_uri", AppMisconfigured(RedirectNotRegistered)),
    (
        "Invalid Request: Request parameters are invalid: Invalid redirect_uri",
        AppMisconfigured(RedirectNotRegistered),
    ),
    ("Invalid scope: ['basic']", InvalidScope),
    ("Error validating client secret.", AppMisconfigured(ClientSecret)),
    ("Something else", OurBug),
];

async fn refusal(scripted: Scripted) -> Failure {
    let server = Server::start([scripted]).await;
    let failure = server
        .client()
        .exchange_code(&"code".into(), "https://photos.example/")
        .await
        .unwrap_err();
    assert_eq!(server.seen().len(), 1, "a code is never sent twice");
    failure
}

fn oauth(message: &str) -> String {
    format!(r#"{{"error_type":"OAuthException","code":400,"error_message":{message:?}}}"#)
}

#[tokio::test]
async fn every_known_refusal_is_understood_in_every_envelope() {
    for (message, expected) in TABLE {
        let flat = graph("OAuthException", 100, 0, message);
        let bodies = [
            oauth(message),
            format!(r#"{{"data":{}}}"#, oauth(message)),
            flat.clone(),
            format!(r#"{{"data":{flat}}}"#),
            format!(r#"{{"error":"invalid_request","error_description":{message:?}}}"#),
        ];
        for body in bodies {
            assert_eq!(
                refusal(answer(400, body.as_str())).await.kind,
                *expected,
                "{body}"
            );
        }
    }
}

#[tokio::test]
async fn a_get_style_refusal_is_not_blamed_on_the_account() {
    let body = graph("IGApiException", 100, 0, "Unsupported request - method type: get");

    assert_eq!(refusal(answer(400, body)).await.kind, OurBug);
}

#[tokio::test]
async fn the_code_of_an_oauth_error_is_a_status_and_not_a_graph_code() {
    let body = r#"{"error_type":"OAuthException","code":190,"error_message":"?"}"#;
    assert_eq!(refusal(answer(400, body)).await.kind, OurBug);
    assert_eq!(
        refusal(answer(400, graph("OAuthException", 190, 0, "?")))
            .await
            .kind,
        TokenDead(TokenDeath::Other)
    );
}

#[tokio::test]
async fn a_refusal_that_is_not_json_says_nothing() {
    for (status, body) in [
        (400, "Invalid platform app"),
        (400, ""),
        (500, "<html>"),
        (502, "Bad Gateway"),
    ] {
        assert_eq!(refusal(answer(status, body)).await.kind, Retry, "{status} {body}");
    }
}

#[tokio::test]
async fn a_wrong_secret_is_told_by_the_long_lived_exchange_too() {
    let body = graph("OAuthException", 1, 0, "Error validating client secret.");
    let server = Server::start([answer(400, body.as_str())]).await;

    let failure = server.client().long_lived(&token()).await.unwrap_err();

    assert_eq!(failure.kind, AppMisconfigured(ClientSecret));
}
