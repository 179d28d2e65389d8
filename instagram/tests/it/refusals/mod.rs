//! Refusals of the Graph host, as recorded on the wire or listed in Meta's error references.

mod login;
mod throttles;

use vitrine_instagram::FailureKind::{self, Gone, NotAllowed, OurBug, Retry, RetrySmaller, TokenDead};
use vitrine_instagram::Refusal::{AppMayNotActOnAccount, PermissionMissing, ProofRequired};
use vitrine_instagram::TokenDeath::{
    AppRemoved, Checkpoint, Corrupt, Expired, Other, PasswordChanged, Unconfirmed,
};

use crate::server::{Server, answer, media_failure, media_kind, token};

/// A Graph error body; a subcode of 0 is left out.
pub(crate) fn graph(kind: &str, code: i64, subcode: i64, message: &str) -> String {
    let subcode = if subcode == 0 {
        String::new()
    } else {
        format!(r#""error_subcode":{subcode},"#)
    };
    let message = serde_json::to_string(message).unwrap();
    format!(
        r#"{{"error":{{"message":{message},"type":"{kind}","code":{code},{subcode}"fbtrace_id":"AaauHBIaXk3BqVdUdO5_-Zz"}}}}"#
    )
}

const UNSUPPORTED: &str = "Unsupported request - method type: get";
const MISSING: &str = "Unsupported get request. Object with ID '17895695668004550' does not exist, cannot be loaded \
    due to missing permissions, or does not support this operation";

#[tokio::test]
async fn recorded_bodies_are_understood() {
    let expired = "Error validating access token: Session has expired on Wednesday, 26-Oct-22 20:00:00 PDT. \
        The current time is Wednesday, 26-Oct-22 21:51:57 PDT.";
    let invalidated = "Error validating access token: The session has been invalidated because the user changed \
        their password or Facebook has changed the session for security reasons.";
    let corrupt = "Invalid OAuth access token - Cannot parse access token";
    let no_right = "Application does not have permission for this action";
    let unexpected = "An unexpected error has occurred. Please retry your request later.";
    let table: &[(u16, String, FailureKind)] = &[
        (400, graph("OAuthException", 190, 0, expired), TokenDead(Expired)),
        (
            400,
            graph("OAuthException", 190, 0, invalidated),
            TokenDead(PasswordChanged),
        ),
        (400, graph("OAuthException", 190, 0, corrupt), TokenDead(Corrupt)),
        (
            400,
            graph("IGApiException", 100, 0, UNSUPPORTED),
            NotAllowed(AppMayNotActOnAccount),
        ),
        (400, graph("IGApiException", 100, 33, MISSING), Gone),
        (
            400,
            graph("IGApiException", 10, 0, no_right),
            NotAllowed(PermissionMissing),
        ),
        (
            403,
            graph("IGApiException", 10, 0, no_right),
            NotAllowed(PermissionMissing),
        ),
        (500, graph("OAuthException", 2, 0, unexpected), Retry),
        (
            500,
            format!(
                r#"{{"error":{{"message":"{unexpected}","type":"OAuthException","is_transient":true}}}}"#
            ),
            Retry,
        ),
        (
            400,
            graph("IGApiException", 2500, 0, "Unknown path components: /me/medias"),
            OurBug,
        ),
        (
            500,
            graph("IGApiException", 2500, 0, "Unknown path components: /me/medias"),
            OurBug,
        ),
        (
            400,
            graph(
                "OAuthException",
                100,
                2_108_006,
                "Media posted before business account conversion",
            ),
            OurBug,
        ),
    ];
    for (status, body, expected) in table {
        assert_eq!(
            media_kind(answer(*status, body.as_str())).await,
            *expected,
            "{body}"
        );
    }
}

#[tokio::test]
async fn codes_decide_whatever_the_type_and_status_say() {
    let table: &[(i64, i64, &str, FailureKind)] = &[
        (1, 0, "An unknown error occurred", Retry),
        (
            1,
            0,
            "Please reduce the amount of data you're asking for, then retry your request",
            RetrySmaller,
        ),
        (2, 0, "Service temporarily unavailable", Retry),
        (-1, 2_207_001, "Instagram server error", Retry),
        (-2, 0, "Timeout", Retry),
        (3, 0, "Unknown method", NotAllowed(PermissionMissing)),
        (10, 0, "Permission denied", NotAllowed(PermissionMissing)),
        (24, 2_207_006, "The requested media does not exist", Gone),
        (100, 0, "Invalid parameter", OurBug),
        (100, 0, UNSUPPORTED, NotAllowed(AppMayNotActOnAccount)),
        (100, 33, MISSING, Gone),
        (100, 0, MISSING, Gone),
        (
            100,
            0,
            "API calls from the server require an appsecret_proof argument",
            NotAllowed(ProofRequired),
        ),
        (
            100,
            0,
            "Invalid appsecret_proof provided in the API argument",
            NotAllowed(ProofRequired),
        ),
        (101, 0, "Invalid API key", OurBug),
        (102, 0, "Session key invalid or no longer valid", TokenDead(Other)),
        (104, 0, "Incorrect signature", OurBug),
        (110, 0, "Invalid user id", OurBug),
        (190, 0, "Invalid OAuth 2.0 Access Token", TokenDead(Other)),
        (190, 0, "Malformed access token IGAA", TokenDead(Corrupt)),
        (
            190,
            458,
            "The user has not authorized application 1",
            TokenDead(AppRemoved),
        ),
        (
            190,
            0,
            "The user has not authorized application 1",
            TokenDead(AppRemoved),
        ),
        (190, 459, "Checkpointed", TokenDead(Checkpoint)),
        (190, 460, "Password changed", TokenDead(PasswordChanged)),
        (190, 463, "Expired", TokenDead(Expired)),
        (190, 464, "Unconfirmed user", TokenDead(Unconfirmed)),
        (190, 467, "Invalid access token", TokenDead(Other)),
        (190, 467, "Session has expired", TokenDead(Expired)),
        (190, 492, "Invalid session", TokenDead(Other)),
        (459, 0, "User checkpointed", TokenDead(Checkpoint)),
        (483, 0, "Consent blocking", TokenDead(Other)),
        (
            452,
            0,
            "Session key invalid. This could be because the user has revoked this session",
            TokenDead(Other),
        ),
        (200, 0, "Permissions error", NotAllowed(PermissionMissing)),
        (230, 0, "Requires permission", NotAllowed(PermissionMissing)),
        (299, 0, "Requires permission", NotAllowed(PermissionMissing)),
        (2635, 0, "You are calling a deprecated version", OurBug),
        (12_345, 0, "Something new", OurBug),
    ];
    for (code, subcode, message, expected) in table {
        for kind in ["OAuthException", "IGApiException", "GraphMethodException"] {
            for status in [400, 401, 403] {
                let body = graph(kind, *code, *subcode, message);
                assert_eq!(
                    media_kind(answer(status, body.as_str())).await,
                    *expected,
                    "{status} {body}"
                );
            }
        }
    }
}

#[tokio::test]
async fn the_error_is_found_in_every_envelope() {
    let inner = graph("OAuthException", 190, 463, "Expired");
    for body in [
        inner.clone(),
        format!(r#"{{"data":{inner}}}"#),
        inner.replace("190", "\"190\""),
    ] {
        for status in [200, 400, 401, 500] {
            assert_eq!(
                media_kind(answer(status, body.as_str())).await,
                TokenDead(Expired),
                "{status} {body}"
            );
        }
    }
}

#[tokio::test]
async fn a_failure_tells_the_numbers_of_the_refusal() {
    let failure = media_failure(answer(400, graph("OAuthException", 190, 460, "Password changed"))).await;

    assert_eq!(
        (failure.status, failure.code, failure.subcode),
        (Some(400), Some(190), Some(460))
    );
    assert_eq!(failure.fbtrace_id.as_deref(), Some("AaauHBIaXk3BqVdUdO5_-Zz"));
    let text = failure.to_string();
    assert_eq!(
        text,
        "Instagram call failed: token_password_changed \
         (status 400, code 190, subcode 460, trace AaauHBIaXk3BqVdUdO5_-Zz)"
    );
}

#[tokio::test]
async fn a_transient_mark_outweighs_every_code_but_a_throttle() {
    for code in [10, 100, 190, 12_345] {
        let body = graph("OAuthException", code, 0, "Try again")
            .replace("\"type\"", "\"is_transient\":true,\"type\"");
        assert_eq!(media_kind(answer(400, body.as_str())).await, Retry, "{body}");
    }
}

#[tokio::test]
async fn refusals_without_a_code_go_by_the_status() {
    for (status, body, expected) in [
        (400, r#"{"error":{"message":"?"}}"#, OurBug),
        (404, r#"{"message":"not found"}"#, OurBug),
        (408, "{}", Retry),
        (500, r#"{"error":{}}"#, Retry),
        (503, "{}", Retry),
        (200, r#"{"error":{}}"#, Retry),
        (302, "{}", Retry),
    ] {
        assert_eq!(
            media_kind(answer(status, body)).await,
            expected,
            "{status} {body}"
        );
    }
}

#[tokio::test]
async fn a_token_too_young_is_told_by_the_refresh_alone() {
    let body = graph("IGApiException", 100, 0, "Token is too new to refresh");
    let server = Server::start([answer(400, body.as_str())]).await;
    let client = server.client();

    assert_eq!(
        client.refresh(&token()).await.unwrap_err().kind,
        FailureKind::TooYoungToRefresh
    );
    assert_eq!(client.long_lived(&token()).await.unwrap_err().kind, OurBug);
}

#[tokio::test]
async fn a_dead_token_is_told_by_every_call() {
    let body = graph(
        "OAuthException",
        190,
        0,
        "Error validating access token: Session has expired on Wednesday",
    );
    let server = Server::start([answer(400, body.as_str())]).await;
    let client = server.client();

    assert_eq!(
        client.refresh(&token()).await.unwrap_err().kind,
        TokenDead(Expired)
    );
    assert_eq!(
        client.long_lived(&token()).await.unwrap_err().kind,
        TokenDead(Expired)
    );
    assert_eq!(client.me(&token()).await.unwrap_err().kind, TokenDead(Expired));
    assert_eq!(
        client.confirm_alive(&token()).await.unwrap_err().kind,
        TokenDead(Expired)
    );
}
