//! Accounts and their tokens.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use super::answer::{Refusal, body, kept};
use crate::accounts::{AccountEdit, AccountView, NewAccount, Revocation};
use crate::platform::Platform;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RevokeOrder {
    #[serde(default = "app_removed")]
    reason: Revocation,
}

fn app_removed() -> Revocation {
    Revocation::AppRemoved
}

pub(super) async fn list(State(platform): State<Arc<Platform>>) -> Json<Vec<AccountView>> {
    Json(
        platform
            .accounts
            .all()
            .iter()
            .map(|account| platform.view(account))
            .collect(),
    )
}

/// Adds one account, or a list of them: those before one that is refused stay.
pub(super) async fn add(State(platform): State<Arc<Platform>>, bytes: Bytes) -> Result<Response, Refusal> {
    if bytes.trim_ascii_start().starts_with(b"[") {
        let mut added = Vec::new();
        for account in body::<Vec<NewAccount>>(&bytes)? {
            added.push(platform.view(&*platform.add_account(account)?));
        }
        return kept(&platform, StatusCode::CREATED, added).await;
    }
    let account = platform.add_account(body::<NewAccount>(&bytes)?)?;
    kept(&platform, StatusCode::CREATED, platform.view(&account)).await
}

pub(super) async fn show(
    State(platform): State<Arc<Platform>>,
    Path(username): Path<String>,
) -> Result<Json<AccountView>, Refusal> {
    Ok(Json(platform.view(&*platform.accounts.named(&username)?)))
}

pub(super) async fn edit(
    State(platform): State<Arc<Platform>>,
    Path(username): Path<String>,
    bytes: Bytes,
) -> Result<Response, Refusal> {
    let view = platform.edit_account(&username, &body::<AccountEdit>(&bytes)?)?;
    kept(&platform, StatusCode::OK, view).await
}

pub(super) async fn revoke(
    State(platform): State<Arc<Platform>>,
    Path(username): Path<String>,
    bytes: Bytes,
) -> Result<Response, Refusal> {
    platform.revoke(&username, body::<RevokeOrder>(&bytes)?.reason)?;
    kept(
        &platform,
        StatusCode::OK,
        platform.view(&*platform.accounts.named(&username)?),
    )
    .await
}

pub(super) async fn mint(
    State(platform): State<Arc<Platform>>,
    Path(username): Path<String>,
) -> Result<Response, Refusal> {
    let token = platform.mint_token(&username)?;
    kept(&platform, StatusCode::CREATED, json!({"access_token": token})).await
}
