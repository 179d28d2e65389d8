//! Which encoding a client wants (RFC 9110, section 12.5.3).
//!
//! actix-web's own `AcceptEncoding` puts equals in the same order, but does not fit. `*` chooses nothing there: `*`
//! alone, or `br;q=0, *;q=0.3`, gets the plain bytes. An encoding that has a parameter besides `q`, as in `gzip;q=1;x=y`,
//! is unknown there. And it takes a list and a set of its own from the heap for each request.

use actix_web::http::header::{ACCEPT_ENCODING, HeaderMap};
use std::borrow::Cow;
use vitrine_feeds::Encoding;

/// The encoding that a client likes best of those that there are; of equals the tightest. None when
/// it refuses every one, which it can only do by name.
pub(crate) fn wanted(headers: &HeaderMap) -> Option<Encoding> {
    let mut lines = headers
        .get_all(ACCEPT_ENCODING)
        .map(|value| value.to_str().unwrap_or_default());
    let Some(first) = lines.next() else {
        return Some(Encoding::Identity);
    };
    let text = &lines.fold(Cow::Borrowed(first), |all, line| {
        Cow::Owned(format!("{all},{line}"))
    });
    let mut best: Option<(Encoding, u16)> = None;
    for encoding in Encoding::COMPRESSED.into_iter().chain([Encoding::Identity]) {
        let weight = weight(text, encoding);
        if weight > best.map_or(0, |(_, weight)| weight) {
            best = Some((encoding, weight));
        }
    }
    best.map(|(encoding, _)| encoding)
}

/// How much an encoding is liked, in thousandths. Named wins over `*`; what is not named at all is not
/// liked, but that the bytes are not packed is liked a little unless it is refused.
fn weight(text: &str, encoding: Encoding) -> u16 {
    let named = find(text, |name| name.eq_ignore_ascii_case(encoding.name()));
    let unnamed = || match (find(text, |name| name == "*"), encoding) {
        (Some(weight), Encoding::Identity) => weight.min(1),
        (Some(weight), _) => weight,
        (None, Encoding::Identity) => 1,
        (None, _) => 0,
    };
    named.unwrap_or_else(unnamed)
}

fn find(text: &str, is_meant: impl Fn(&str) -> bool) -> Option<u16> {
    text.split(',').find_map(|part| {
        let (name, parameters) = part.split_once(';').unwrap_or((part, ""));
        is_meant(name.trim()).then(|| quality(parameters))
    })
}

fn quality(parameters: &str) -> u16 {
    let text = parameters
        .split(';')
        .find_map(|part| {
            part.split_once('=')
                .filter(|(name, _)| name.trim().eq_ignore_ascii_case("q"))
        })
        .map(|(_, value)| value);
    let value = text.map_or(Ok(1.0), |text| text.trim().parse::<f32>());
    thousandths(value.unwrap_or(0.0))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped before"
)]
fn thousandths(value: f32) -> u16 {
    (value.clamp(0.0, 1.0) * 1_000.0).round() as u16
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    fn wants(text: &str) -> Option<Encoding> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_str(text).unwrap());
        wanted(&headers)
    }

    #[test]
    fn the_best_liked_is_taken_and_of_equals_the_tightest() {
        for (text, encoding) in [
            ("gzip, deflate, br, zstd", Encoding::Brotli),
            ("gzip, zstd", Encoding::Zstandard),
            ("gzip;q=1.0, br;q=0.5", Encoding::Gzip),
            ("br;q=0, *;q=0.3", Encoding::Zstandard),
            ("GZIP", Encoding::Gzip),
            ("gzip;q=1.0;x=y", Encoding::Gzip),
            ("br;x=y;q=0, gzip", Encoding::Gzip),
            ("deflate", Encoding::Identity),
            ("identity, br;q=0.2", Encoding::Identity),
            ("", Encoding::Identity),
            ("*", Encoding::Brotli),
            ("br;q=nonsense", Encoding::Identity),
        ] {
            assert_eq!(wants(text), Some(encoding), "{text}");
        }
        assert_eq!(wanted(&HeaderMap::new()), Some(Encoding::Identity));
    }

    #[test]
    fn a_client_can_refuse_everything() {
        assert_eq!(wants("identity;q=0"), None);
        assert_eq!(wants("*;q=0"), None);
        assert_eq!(wants("*;q=0, gzip"), Some(Encoding::Gzip));
    }
}
