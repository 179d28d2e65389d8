//! Bodies as their bytes, for what is signed as it was sent.

use super::body::BODY_TIMEOUT;
use crate::http::problem::{Problem, code};
use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, web};
use bytes::Bytes;
use futures::future::LocalBoxFuture;

/// The bytes of a body of at most `LIMIT` bytes. Answers 413 above.
#[derive(Debug)]
pub(crate) struct Raw<const LIMIT: usize>(pub(crate) Bytes);

impl<const LIMIT: usize> FromRequest for Raw<LIMIT> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let payload = web::Payload::from_request(request, payload);
        Box::pin(async move {
            let payload = payload.await.map_err(|_| Problem::new(&code::INCOMPLETE_BODY))?;
            tokio::time::timeout(BODY_TIMEOUT, payload.to_bytes_limited(LIMIT))
                .await
                .map_err(|_| Problem::new(&code::REQUEST_TIMEOUT))?
                .map_err(|_| {
                    Problem::new(&code::PAYLOAD_TOO_LARGE)
                        .with_detail(format!("The body may have at most {LIMIT} bytes."))
                })?
                .map(Self)
                .map_err(|_| Problem::new(&code::INCOMPLETE_BODY))
        })
    }
}

/// One field of a form, as browsers and Meta send it. Answers 415 for another content type.
#[derive(Debug)]
pub(crate) struct Form<const LIMIT: usize>(Bytes);

impl<const LIMIT: usize> Form<LIMIT> {
    /// The first value of a field.
    pub(crate) fn field(&self, name: &str) -> Option<String> {
        url::form_urlencoded::parse(&self.0)
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }
}

impl<const LIMIT: usize> FromRequest for Form<LIMIT> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_form = request.content_type() == "application/x-www-form-urlencoded";
        let body = Raw::<LIMIT>::from_request(request, payload);
        Box::pin(async move {
            if !is_form {
                return Err(Problem::new(&code::UNSUPPORTED_MEDIA_TYPE)
                    .with_detail("Send application/x-www-form-urlencoded."));
            }
            body.await.map(|Raw(bytes)| Self(bytes))
        })
    }
}
