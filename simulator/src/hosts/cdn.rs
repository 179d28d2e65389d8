//! Answers requests below `/cdn`.

use std::sync::Arc;

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;

use super::under_faults;
use crate::accounts::Account;
use crate::calls::Endpoint;
use crate::media::files::{File, PictureRequest, file_of, make, video};
use crate::platform::{MediaKey, Platform};

const PROFILE_SIZE: (u32, u32) = (320, 320);

/// A file found behind a link.
enum Content {
    Picture(PictureRequest),
    Video(u64),
}

/// Checks the link and gives the file. Faults may change the answer afterwards.
pub(crate) async fn serve(platform: Arc<Platform>, uri: Uri) -> Response {
    let Some(file) = file_of(uri.path()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let account = owner(&platform, file);
    let endpoint = if matches!(file, File::Video(_)) {
        Endpoint::CdnVideo
    } else {
        Endpoint::CdnImage
    };
    let call = platform
        .calls
        .arrived(account.as_ref(), None, endpoint, platform.now());
    let usual = answer(&platform, &uri, file, account.as_deref());
    let response = under_faults(&platform, account.as_deref(), endpoint, usual).await;
    call.answered(&response);
    response
}

async fn answer(platform: &Arc<Platform>, uri: &Uri, file: File, account: Option<&Account>) -> Response {
    let query = uri.query().unwrap_or_default();
    if let Err(refusal) = platform.links.check(uri.path(), query, platform.clock.unix_now()) {
        return text(StatusCode::FORBIDDEN, refusal.text());
    }
    match account.and_then(|account| content(platform, file, account)) {
        None => text(StatusCode::NOT_FOUND, "Not found"),
        Some(Content::Video(number)) => file_response(platform, "video/mp4", video(number)),
        Some(Content::Picture(request)) => match picture(platform, request).await {
            Some(bytes) => file_response(platform, request.content_type(), bytes),
            None => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        },
    }
}

fn owner(platform: &Platform, file: File) -> Option<Arc<Account>> {
    let number = match file {
        File::Image(id) | File::Video(id) => platform.ids.media_key(id)?.account,
        File::Profile(id) => platform.ids.account_number(id)?,
    };
    platform.accounts.by_number(number)
}

fn content(platform: &Platform, file: File, account: &Account) -> Option<Content> {
    match file {
        File::Profile(id) => account
            .record()
            .has_picture
            .then_some(Content::Picture(PictureRequest {
                number: id,
                size: PROFILE_SIZE,
            })),
        File::Image(id) | File::Video(id) => {
            let MediaKey { serial, .. } = platform.ids.media_key(id)?;
            let media = platform.shelves.media_of(account);
            let shape = media.iter().find(|media| media.serial == serial)?.shape;
            Some(match file {
                File::Video(_) => Content::Video(id),
                _ => Content::Picture(PictureRequest {
                    number: id,
                    size: shape.size(),
                }),
            })
        }
    }
}

async fn picture(platform: &Platform, request: PictureRequest) -> Option<Bytes> {
    if let Some(bytes) = platform.pictures.find(request) {
        return Some(bytes);
    }
    let made = tokio::task::spawn_blocking(move || make(request)).await.ok()?;
    let bytes = made
        .inspect_err(|error| tracing::error!(%error, "a picture could not be made"))
        .ok()?;
    platform.pictures.keep(request, bytes.clone());
    Some(bytes)
}

fn file_response(platform: &Platform, content_type: &'static str, bytes: Bytes) -> Response {
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(
        CACHE_CONTROL,
        HeaderValue::from_static("max-age=1209600, no-transform"),
    );
    if platform.modes().corp_header {
        let name = HeaderName::from_static("cross-origin-resource-policy");
        headers.insert(name, HeaderValue::from_static("same-origin"));
    }
    response
}

fn text(status: StatusCode, text: &'static str) -> Response {
    (status, [(CONTENT_TYPE, "text/plain")], text).into_response()
}
