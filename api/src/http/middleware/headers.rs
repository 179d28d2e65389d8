//! Headers that every answer carries.

use super::request_id::RequestId;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CROSS_ORIGIN_RESOURCE_POLICY, HeaderMap, HeaderName, HeaderValue,
    LOCATION, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};

/// What an answer carries unless it says otherwise: it is nobody's document, script or cache entry.
const DEFAULTS: [(HeaderName, &str); 5] = [
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "no-referrer"),
    (
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"),
    (CACHE_CONTROL, "no-store"),
];

/// A browser that came over TLS once comes so for a year.
const ONLY_TLS: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Leads to addresses of ours below the path that the server is shown at: handlers name them from the root.
pub(super) fn lead_below(headers: &mut HeaderMap, path: &str) {
    let place = headers.get(LOCATION).and_then(|place| place.to_str().ok());
    let ours = place.filter(|place| !path.is_empty() && place.starts_with('/'));
    let below = ours.and_then(|place| HeaderValue::from_str(&format!("{path}{place}")).ok());
    if let Some(below) = below {
        headers.insert(LOCATION, below);
    }
}

/// Adds the request's id, and the defaults that are not set yet; `over_tls` when the server's public address is
/// `https`.
pub(crate) fn complete(headers: &mut HeaderMap, id: &RequestId, over_tls: bool) {
    id.insert_into(headers);
    if over_tls {
        headers.insert(STRICT_TRANSPORT_SECURITY, ONLY_TLS);
    }
    for (name, value) in DEFAULTS {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
}
