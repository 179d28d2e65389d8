//! The two pages a person sees.

use std::fmt::Write;

use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};

use super::request::ConsentRequest;
use crate::platform::Platform;
use crate::wire::Form;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:3rem auto;padding:0 1rem;\
color:#1c1e21;background:#fff}fieldset{border:1px solid #767676;border-radius:8px;margin:1rem 0;padding:1rem}\
label{display:block;padding:.25rem 0}select,button{font:inherit;padding:.6rem 1rem;border-radius:8px;\
border:1px solid #767676;background:#fff;color:inherit}button[value=allow]{background:#0a58ca;color:#fff;\
border-color:#0a58ca}button+button{margin-left:.5rem}:focus-visible{outline:3px solid #f0a500;outline-offset:2px}";

/// Parameters of the request that the form carries on.
const CARRIED: &[&str] = &[
    "client_id",
    "app_id",
    "redirect_uri",
    "response_type",
    "scope",
    "state",
];

/// A list longer than this helps nobody to choose.
const MOST_OFFERED: usize = 200;

/// The page on which a person allows or refuses.
pub(super) fn consent(platform: &Platform, form: &Form, request: &ConsentRequest) -> Response {
    let mut content = format!(
        "<h1>Log in with the simulated Instagram</h1><p>The app <strong>{}</strong> asks for access to an \
         account. Afterwards you return to <strong>{}</strong>.</p>\
         <form method=\"post\" action=\"{}/oauth/authorize/decision\">",
        escape(&platform.settings.client_id),
        escape(&request.redirect_uri),
        escape(&platform.base_url),
    );
    for name in CARRIED {
        for value in form.all(name) {
            hidden(&mut content, name, value);
        }
    }
    accounts(&mut content, platform, request);
    scopes(&mut content, platform, request);
    content.push_str(
        "<button name=\"decision\" value=\"allow\">Allow</button>\
         <button name=\"decision\" value=\"deny\">Cancel</button></form>",
    );
    document(StatusCode::OK, "Allow access?", &content)
}

/// Instagram's own error page: it never sends the browser back to the app.
pub(super) fn refusal(message: &str) -> Response {
    let content = format!(
        "<h1>Sorry, this page isn&#39;t available</h1><p role=\"alert\">Invalid Request: Request parameters \
         are invalid: {}</p>",
        escape(message)
    );
    document(StatusCode::BAD_REQUEST, "Error", &content)
}

fn hidden(content: &mut String, name: &str, value: &str) {
    // Writing to a string cannot fail.
    let _ = write!(
        content,
        "<input type=\"hidden\" name=\"{name}\" value=\"{}\">",
        escape(value)
    );
}

fn accounts(content: &mut String, platform: &Platform, request: &ConsentRequest) {
    content
        .push_str("<label for=\"account\">Account</label><select id=\"account\" name=\"account\" required>");
    let preselected = request
        .account
        .as_deref()
        .and_then(|username| platform.accounts.by_name(username));
    let first = platform.accounts.all().into_iter().take(MOST_OFFERED);
    for account in first.chain(preselected.filter(|account| account.number as usize >= MOST_OFFERED)) {
        let record = account.record();
        let username = escape(&record.username);
        let selected = if request.account.as_ref() == Some(&record.username) {
            " selected"
        } else {
            ""
        };
        let kind = record.account_type.as_str().replace('_', " ").to_lowercase();
        let role = if record.tester {
            ""
        } else {
            ", without the tester role"
        };
        let _ = write!(
            content,
            "<option value=\"{username}\"{selected}>{username} ({kind}{role})</option>"
        );
    }
    content.push_str("</select>");
}

fn scopes(content: &mut String, platform: &Platform, request: &ConsentRequest) {
    content.push_str("<fieldset><legend>Permissions</legend>");
    let required = platform.dialect().required_scope();
    hidden(content, "scopes", required);
    for scope in &request.scopes {
        let attributes = if *scope == required {
            "checked disabled"
        } else {
            "name=\"scopes\" checked"
        };
        let note = if *scope == required { " (required)" } else { "" };
        let _ = write!(
            content,
            "<label><input type=\"checkbox\" value=\"{scope}\" {attributes}> {scope}{note}</label>"
        );
    }
    content.push_str("</fieldset>");
}

fn document(status: StatusCode, title: &str, content: &str) -> Response {
    let page = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><style>{STYLE}</style></head>\
         <body><main>{content}</main></body></html>"
    );
    (status, Html(page)).into_response()
}

pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}
