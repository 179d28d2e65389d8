//! The few plain pages that the API itself shows: one style sheet, and no scripts but on those that emails lead to.

use actix_web::{
    HttpResponse,
    http::{StatusCode, header::CONTENT_SECURITY_POLICY},
};

/// What a page may load: its style sheet.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; \
                           frame-ancestors 'none'";

/// The way from a page to the root of this server, which a proxy may show under a path of its own: a link that begins
/// with `/` would leave that.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Root {
    /// From `/page`.
    Here,
    /// From `/pages/one`.
    Above,
    /// From the page that Instagram sends browsers back to.
    AboveCallback,
}

impl Root {
    fn way(self) -> &'static str {
        match self {
            Self::Here => "",
            Self::Above => "../",
            Self::AboveCallback => "../../../",
        }
    }
}

/// A page with this title as its heading; `body` is HTML, made with [`escape`].
pub(crate) fn page(root: Root, status: StatusCode, title: &str, body: &str) -> HttpResponse {
    page_under(PAGE_POLICY, root, status, title, body)
}

/// The same, under another content security policy.
pub(crate) fn page_under(
    policy: &'static str,
    root: Root,
    status: StatusCode,
    title: &str,
    body: &str,
) -> HttpResponse {
    let (title, root) = (escape(title), root.way());
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title} – Vitrine</title>\n<link rel=\"stylesheet\" href=\"{root}page.css\">\n</head>\n\
         <body>\n<main>\n<h1>{title}</h1>\n{body}\n</main>\n</body>\n</html>\n"
    );
    HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .insert_header((CONTENT_SECURITY_POLICY, policy))
        .body(html)
}

/// Text as it may stand in HTML, between tags or in a quoted attribute.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::body::to_bytes;

    #[actix_web::test]
    async fn a_title_cannot_smuggle_markup() {
        let response = page(Root::Here, StatusCode::OK, "<script>alert(1)</script>", "");

        let html = to_bytes(response.into_body()).await.unwrap();

        assert!(!std::str::from_utf8(&html).unwrap().contains("<script"));
    }
}
