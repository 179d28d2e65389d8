//! The id under which a request is found again in the log.

use actix_web::{
    HttpMessage, HttpRequest,
    dev::ServiceRequest,
    http::header::{HeaderMap, HeaderName, HeaderValue},
};
use std::time::SystemTime;
use uuid::Builder;
use vitrine_base::random;

/// The header that carries it, both ways.
pub(crate) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A request's id: the caller's own where that is a sane token, else a new UUIDv7.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RequestId(String);

impl RequestId {
    /// The id of a request with these headers.
    #[must_use]
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let given = headers.get(X_REQUEST_ID).and_then(|value| value.to_str().ok());
        Self(
            given
                .filter(|text| is_sane(text))
                .map_or_else(fresh, str::to_owned),
        )
    }

    /// The id that a request was given by the outermost layer.
    #[must_use]
    pub(crate) fn of_request(request: &HttpRequest) -> Option<Self> {
        request.extensions().get::<Self>().cloned()
    }

    /// Gives it to a request, for the layers and handlers inside.
    pub(super) fn mark(&self, request: &ServiceRequest) {
        request.extensions_mut().insert(self.clone());
    }

    /// Puts it into an answer's headers.
    pub(crate) fn insert_into(&self, headers: &mut HeaderMap) {
        self.clone().tell_last(headers);
    }

    /// The same for an id that nobody else needs.
    pub(crate) fn tell_last(self, headers: &mut HeaderMap) {
        if let Ok(value) = HeaderValue::try_from(self.0) {
            headers.insert(X_REQUEST_ID, value);
        }
    }

    /// Its text.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// A UUIDv7 whose random part comes from this thread's own generator: asking the system each time is a
/// tenth of a warm read.
fn fresh() -> String {
    let millis = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let millis = u64::try_from(millis.unwrap_or_default().as_millis()).unwrap_or_default();
    let random: [u8; 10] = random::bytes();
    Builder::from_unix_timestamp_millis(millis, &random)
        .into_uuid()
        .to_string()
}

fn is_sane(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id_for(text: &str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(X_REQUEST_ID, HeaderValue::from_str(text).unwrap());
        RequestId::of(&headers).0
    }

    #[test]
    fn a_sane_token_is_taken_over() {
        for text in ["trace-1234_a.b", "7", &"x".repeat(64)] {
            assert_eq!(id_for(text), text);
        }
    }

    #[test]
    fn anything_else_is_replaced() {
        for text in [
            "",
            "has space in it",
            "inject\u{9}tabbed",
            &"x".repeat(65),
            "<script>x</script>",
        ] {
            assert_ne!(id_for(text), text);
        }
        assert_ne!(RequestId::of(&HeaderMap::new()), RequestId::of(&HeaderMap::new()));
    }
}
