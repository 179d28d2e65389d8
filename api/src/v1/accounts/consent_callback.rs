//! Where people come back from Instagram's consent page.

use crate::{
    app::App,
    http::{
        extract::{FromQuery, Query, QueryReader},
        middleware::wants_head_only,
        page::{Root, escape, page},
        problem::{Problem, code},
    },
};
use actix_web::{
    HttpRequest, HttpResponse, ResponseError, get,
    http::{StatusCode, header::LOCATION},
    web::Data,
};
use url::Url;
use vitrine_accounts::connections::{CallbackOutcome, CallbackQuery};

/// Whatever else Instagram or a browser appends is let be: this is a page for people.
impl FromQuery for CallbackQuery {
    fn from_query(query: &mut QueryReader<'_>) -> Self {
        Self {
            code: query.first("code"),
            state: query.first("state"),
            error: query.first("error"),
            error_description: query.first("error_description"),
            error_code: query.first("error_code"),
            error_message: query.first("error_message"),
        }
    }
}

/// Where Instagram sends the browser back to. Loading it twice gives the same response.
#[utoipa::path(
    tag = "pages",
    params(CallbackQuery),
    responses(
        (status = 303, description = "To `return_to`, with `connected` or `connect_error` in its query"),
        (status = 200, description = "A page, if no `return_to` was named", content_type = "text/html"),
        (status = "4XX", description = "A page that says what went wrong", content_type = "text/html"),
        (status = "5XX", description = "The same", content_type = "text/html"),
    )
)]
#[get("/v1/oauth/instagram/callback")]
pub(crate) async fn finish_connection(
    Query(query): Query<CallbackQuery>,
    request: HttpRequest,
    app: Data<App>,
) -> HttpResponse {
    // A look at the head alone, as programs take it that check links, must not use the code up.
    if wants_head_only(&request) {
        let refused = Problem::new(&code::METHOD_NOT_ALLOWED).with_allow("GET".to_owned());
        return refused.error_response();
    }
    answer(app.connections.callback(query).await)
}

fn answer(outcome: CallbackOutcome) -> HttpResponse {
    let CallbackOutcome {
        return_to,
        site,
        result,
    } = outcome;
    match (return_to, result) {
        (Some(page), Ok(account)) => send_on(page, "connected", &account.to_string()),
        (Some(page), Err(error)) => {
            let word = error.code();
            log_cause(&error.into());
            send_on(page, "connect_error", word)
        }
        (None, Ok(_)) => show_success(site.as_deref()),
        (None, Err(error)) => {
            let account = error.account().map(str::to_owned);
            show_failure(&error.into(), account.as_deref(), site.as_deref())
        }
    }
}

fn send_on(mut page: Url, name: &str, value: &str) -> HttpResponse {
    page.query_pairs_mut().append_pair(name, value);
    HttpResponse::SeeOther()
        .insert_header((LOCATION, page.as_str()))
        .finish()
}

fn show_success(site: Option<&str>) -> HttpResponse {
    let body = format!(
        "<p>Its photos are being copied{} and will appear in a moment.</p>\n\
         <p>You can close this window and go back to where you started.</p>",
        named(" to ", site)
    );
    page(
        Root::AboveCallback,
        StatusCode::OK,
        "The account is connected",
        &body,
    )
}

fn show_failure(problem: &Problem, account: Option<&str>, site: Option<&str>) -> HttpResponse {
    log_cause(problem);
    let code = problem.code();
    let account = account.map(|name| format!("@{name}"));
    let body = format!(
        "<p>{}</p>\n<h2>What to do</h2>\n<p>{}</p>\n<p>The account{} was not connected{} (<code>{}</code>).</p>",
        escape(problem.detail().unwrap_or(code.meaning)),
        escape(code.remedy),
        named(" ", account.as_deref()),
        named(" to ", site),
        code.word
    );
    page(Root::AboveCallback, problem.status_code(), code.title, &body)
}

/// A name as HTML, after these words; nothing where it is not known.
fn named(before: &str, name: Option<&str>) -> String {
    name.map(|name| format!("{before}<strong>{}</strong>", escape(name)))
        .unwrap_or_default()
}

fn log_cause(problem: &Problem) {
    if let Some(cause) = problem.cause_chain() {
        tracing::error!(error = cause, "an account could not be connected");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::body::to_bytes;
    use vitrine_accounts::connections::ConnectError;
    use vitrine_entity::AccountId;

    fn location(response: &HttpResponse) -> &str {
        response.headers().get(LOCATION).unwrap().to_str().unwrap()
    }

    fn site(address: &str) -> Option<Url> {
        Some(Url::parse(address).unwrap())
    }

    fn outcome(return_to: Option<Url>, result: Result<AccountId, ConnectError>) -> CallbackOutcome {
        CallbackOutcome {
            return_to,
            site: Some("Ada's <shop>".to_owned()),
            result,
        }
    }

    async fn html(response: HttpResponse) -> String {
        let html = to_bytes(response.into_body()).await.unwrap();
        String::from_utf8(html.to_vec()).unwrap()
    }

    #[test]
    fn the_site_learns_which_account_was_connected() {
        let account = AccountId::generate();

        let response = answer(outcome(site("https://a.example/done?step=2&x=%20"), Ok(account)));

        assert_eq!(response.status(), 303);
        assert_eq!(
            location(&response),
            format!("https://a.example/done?step=2&x=%20&connected={account}")
        );
    }

    #[test]
    fn the_site_learns_why_it_failed() {
        let response = answer(outcome(site("https://a.example"), Err(ConnectError::Denied)));

        assert_eq!(response.status(), 303);
        assert_eq!(
            location(&response),
            "https://a.example/?connect_error=access_denied"
        );
    }

    #[actix_web::test]
    async fn without_a_site_people_get_a_page() {
        let personal = ConnectError::PersonalAccount {
            username: Some("ada".to_owned()),
        };
        let good = answer(outcome(None, Ok(AccountId::generate())));
        let bad = answer(outcome(None, Err(personal)));

        assert_eq!(
            (good.status(), bad.status()),
            (StatusCode::OK, StatusCode::UNPROCESSABLE_ENTITY)
        );
        assert!(html(good).await.contains("Ada&#39;s &lt;shop&gt;"));
        let html = html(bad).await;
        for words in [
            "@ada is a personal account",
            "Switch to professional account",
            "was not connected to <strong>Ada&#39;s &lt;shop&gt;</strong>",
        ] {
            assert!(html.contains(words), "{words}: {html}");
        }
        assert!(!html.contains("<script"));
    }

    #[actix_web::test]
    async fn what_instagram_said_is_shown_as_text() {
        let refused = ConnectError::Refused("App <b>not</b> active (1349126)".to_owned());

        let html = html(answer(outcome(None, Err(refused)))).await;

        assert!(
            html.contains("App &lt;b&gt;not&lt;/b&gt; active (1349126)"),
            "{html}"
        );
        assert!(!html.contains("pressed Cancel"), "{html}");
    }
}
