//! The Graph-compatible routes, as programs see them that were written for Instagram.

mod feed;
mod keys;
mod media;
mod paging;
mod refusals;
mod token_services;

use crate::support::{Answer, Program};
use serde_json::Value;

const FIELDS: &str = "id,caption,media_type,media_url,permalink,timestamp,username";

/// The error of a refused answer: its status, its code and its subcode.
#[track_caller]
fn refusal(answer: &Answer) -> (u16, i64, Option<i64>) {
    let body = answer.json();
    let error = &body["error"];
    assert_eq!(
        answer.header("content-type"),
        "application/json",
        "{}",
        answer.text
    );
    assert_eq!(
        error["fbtrace_id"],
        answer.header("x-request-id"),
        "{}",
        answer.text
    );
    assert!(error["message"].is_string(), "{}", answer.text);
    assert!(
        error["type"] == "OAuthException" || error["type"] == "IGApiException",
        "{}",
        answer.text
    );
    let code = error["code"].as_i64().unwrap();
    (answer.status.as_u16(), code, error["error_subcode"].as_i64())
}

fn ids(page: &Value) -> Vec<String> {
    let data = page["data"].as_array().unwrap();
    data.iter()
        .map(|media| media["id"].as_str().unwrap().to_owned())
        .collect()
}

/// Every post of the feed's library, by its id on Instagram.
async fn library(program: &Program<'_>) -> Vec<String> {
    ids(&program.get("/graph/me/media?limit=100").await.expect(200))
}
