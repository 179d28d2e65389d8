//! The page that asks, and the pages that may read an answer (the Fetch standard's CORS protocol).

use actix_web::http::header::{HeaderMap, HeaderValue, ORIGIN};
use vitrine_feeds::keys::Readers;

/// Pages of every origin.
pub(crate) const ANY: HeaderValue = HeaderValue::from_static("*");

/// The origin of the page that asks; none where the request is no page's. What is no text is no origin that anybody names.
pub(crate) fn origin(headers: &HeaderMap) -> Option<&str> {
    let origin = headers.get(ORIGIN)?;
    Some(origin.to_str().unwrap_or_default())
}

/// The value of `Access-Control-Allow-Origin` that lets these readers read the answer to a request with these headers.
pub(crate) fn allow_origin(headers: &HeaderMap, readers: Readers) -> Option<HeaderValue> {
    match readers {
        Readers::AnyPage => Some(ANY),
        Readers::AskingPage => headers.get(ORIGIN).cloned(),
        Readers::NoPage => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(origin: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(ORIGIN, HeaderValue::from_bytes(origin.as_bytes()).unwrap());
        headers
    }

    #[test]
    fn without_restrictions_every_page_may_read() {
        let page = from("https://any.example");

        assert_eq!(allow_origin(&page, Readers::AnyPage), Some(ANY));
        assert_eq!(allow_origin(&HeaderMap::new(), Readers::AnyPage), Some(ANY));
    }

    #[test]
    fn a_restricted_answer_names_the_one_origin() {
        let page = from("https://shop.example");

        assert_eq!(origin(&page), Some("https://shop.example"));
        let value = allow_origin(&page, Readers::AskingPage);
        assert_eq!(value.unwrap(), "https://shop.example");
    }

    #[test]
    fn a_server_without_an_origin_is_let_through_unmarked() {
        assert_eq!(origin(&HeaderMap::new()), None);
        assert_eq!(allow_origin(&HeaderMap::new(), Readers::NoPage), None);
    }

    #[test]
    fn an_origin_that_is_no_text_is_still_a_pages() {
        assert_eq!(origin(&from("https://sh\u{f6}p.example")), Some(""));
    }
}
