//! Pages of a server that a proxy shows under a path of its own, which it takes away.

use super::*;
use url::Url;

const SHOWN_AT: &str = "https://host.example/insta";

/// Every address that a page names, as a browser would ask for it.
fn addresses(page: &Url, html: &str) -> Vec<Url> {
    let named = ["href=\"", "src=\"", "data-operation=\"", "url: '"];
    let texts = named.iter().flat_map(|mark| html.split(mark).skip(1));
    let ends = |sign: char| sign == '"' || sign == '\'';
    texts
        .map(|rest| page.join(rest.split(ends).next().unwrap()).unwrap())
        .collect()
}

#[actix_web::test]
async fn everything_that_a_page_names_is_there() {
    let app = TestApp::start().await;
    let pages = [
        "/",
        "/docs",
        "/docs/start.js",
        "/verify-email",
        "/reset-password",
        "/accept-invitation",
        "/problems/not_found",
        "/v1/oauth/instagram/callback?error=x",
    ];
    for path in pages {
        let answer = app.send(ask("GET", path)).await;
        // A script asks as the page that it is in.
        let page = path.replace("/start.js", "");
        let page = Url::parse(&format!("{SHOWN_AT}{page}")).unwrap();

        let named = addresses(&page, answer.text());

        assert!(!named.is_empty(), "{path}: {}", answer.text());
        for address in named {
            let inside = address.as_str().strip_prefix(SHOWN_AT);
            let inside = inside.unwrap_or_else(|| panic!("{path} names {address}"));
            let status = app.send(ask("GET", inside)).await.status;
            assert!(status == 200 || status == 405, "{path} names {address}: {status}");
        }
    }
}
