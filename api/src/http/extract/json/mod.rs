//! JSON bodies.

mod misnamed;
mod parse;

use super::body::{MAX_BODY_BYTES, read_body};
use crate::http::{
    auth::still_allowed,
    problem::{Problem, code},
};
use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    dev::Payload,
    http::header::{CONTENT_ENCODING, CONTENT_LENGTH},
    web,
};
use bytes::Bytes;
use futures::future::LocalBoxFuture;
use parse::parse;
use serde::de::DeserializeOwned;
use utoipa::PartialSchema;

/// A JSON body.
///
/// Answers 400 for no body, no JSON or no UTF-8, 413 above [`MAX_BODY_BYTES`], 415 for another
/// content type, 401 or 403 for whoever may no longer when a slow body is there, and 422 with the names of fields
/// that are unknown or missing, and that of one of a wrong type.
#[derive(Debug)]
pub(crate) struct Json<T>(pub(crate) T);

impl<T: DeserializeOwned + PartialSchema + 'static> FromRequest for Json<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let acceptable = if matches!(payload, Payload::None) {
            Err(missing())
        } else {
            check_headers(request)
        };
        let (request, payload) = (request.clone(), web::Payload::from_request(request, payload));
        Box::pin(async move {
            acceptable?;
            let payload = payload.await.map_err(|_| Problem::new(&code::INCOMPLETE_BODY))?;
            let body = read(payload).await;
            still_allowed(&request).await?;
            parse(&body?).map(Self)
        })
    }
}

/// A JSON body that may be left out when every field of it may. Answers as [`Json`] otherwise.
#[derive(Debug)]
pub(crate) struct OptionalJson<T>(pub(crate) T);

impl<T: DeserializeOwned + PartialSchema + Default + 'static> FromRequest for OptionalJson<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let body = Json::<T>::from_request(request, payload);
        Box::pin(async move {
            match body.await {
                Ok(Json(value)) => Ok(Self(value)),
                Err(problem) if problem.is(&code::MISSING_BODY) => Ok(Self(T::default())),
                Err(problem) => Err(problem),
            }
        })
    }
}

fn missing() -> Problem {
    Problem::new(&code::MISSING_BODY)
}

fn check_headers(request: &HttpRequest) -> Result<(), Problem> {
    let announced = request
        .headers()
        .get(CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse().ok());
    if announced == Some(0_usize) {
        return Err(missing());
    }
    if announced.is_some_and(|length| length > MAX_BODY_BYTES) {
        return Err(Problem::new(&code::PAYLOAD_TOO_LARGE));
    }
    if request.headers().contains_key(CONTENT_ENCODING) || !is_json(request) {
        return Err(Problem::new(&code::UNSUPPORTED_MEDIA_TYPE));
    }
    Ok(())
}

fn is_json(request: &HttpRequest) -> bool {
    let Ok(Some(media_type)) = request.mime_type() else {
        return false;
    };
    let json = media_type.subtype() == "json" || media_type.suffix().is_some_and(|suffix| suffix == "json");
    media_type.type_() == "application"
        && json
        && media_type.get_param("charset").is_none_or(|set| set == "utf-8")
}

async fn read(payload: web::Payload) -> Result<Bytes, Problem> {
    let body = read_body(payload).await?;
    if body.is_empty() { Err(missing()) } else { Ok(body) }
}

#[cfg(test)]
mod tests;
