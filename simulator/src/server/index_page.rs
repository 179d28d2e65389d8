//! `GET /`: what is here, for a person who opens the address in a browser.

use std::fmt::Write;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Html;

use crate::hosts::oauth::escape;
use crate::platform::Platform;

const CONTROLS: &[(&str, &str)] = &[
    (
        "GET, POST /_simulator/clock",
        r#"{"advance":"8d"} or {"set":"2027-01-01T00:00:00Z"}"#,
    ),
    (
        "GET, POST /_simulator/accounts",
        r#"{"username":"a.new.one","media_count":30}"#,
    ),
    (
        "GET, PATCH /_simulator/accounts/{username}",
        r#"{"tester":false} or {"username":"renamed"}"#,
    ),
    (
        "GET, POST /_simulator/accounts/{username}/media",
        r#"{"kind":"image","caption":"Hello"}"#,
    ),
    (
        "PATCH, DELETE /_simulator/accounts/{username}/media/{id}",
        r#"{"hide_media_url":true}"#,
    ),
    (
        "POST /_simulator/accounts/{username}/revoke",
        r#"{"reason":"password_changed"}"#,
    ),
    ("POST /_simulator/accounts/{username}/token", "a long-lived token"),
    (
        "GET, PUT, DELETE /_simulator/faults",
        r#"[{"account":"vitrine.demo","endpoint":"media_list","first":1,"action":{"error":"session_expired"}}]"#,
    ),
    (
        "GET, PATCH /_simulator/modes",
        r#"{"dialect":"basic_display"} or {"envelope":"data","user_id":"string"}; see below"#,
    ),
    (
        "GET, PUT /_simulator/redirect-uris",
        r#"["https://feeds.example.com/v1/oauth/instagram/callback"]; [] takes every address"#,
    ),
    (
        "GET, DELETE /_simulator/calls",
        "?account=vitrine.demo&endpoint=media_list&newest=20",
    ),
    (
        "POST /_simulator/callbacks/deauthorize, …/data-deletion",
        r#"{"url":"http://127.0.0.1:8080/…","account":"vitrine.demo","variant":"valid"}"#,
    ),
    (
        "POST /_simulator/callbacks/webhook",
        r#"{"url":"http://127.0.0.1:8080/…","account":"vitrine.demo","event":{"comment":{"text":"Nice"}}}"#,
    ),
];

/// Each mode with its values, the usual one first, and what it changes.
const MODES: &[(&str, &str, &str)] = &[
    (
        "dialect",
        r#""instagram_login", "basic_display""#,
        "scopes, fields, token prefix, limits and account types",
    ),
    (
        "envelope",
        r#""flat", "data""#,
        "around the answer of the code exchange",
    ),
    ("user_id", r#""number", "string""#, "in the code exchange"),
    (
        "exchange_id",
        r#""app_scoped", "professional""#,
        "user_id of the code exchange; Basic Display gives the professional one always",
    ),
    (
        "permissions",
        r#""array", "string", "absent""#,
        "in the code exchange",
    ),
    (
        "multipart_only",
        "false, true",
        "refuses an urlencoded code exchange",
    ),
    ("subcodes", "false, true", "error_subcode with code 190"),
    ("refresh", r#""new", "same""#, "the token that a refresh gives"),
    (
        "early_refresh",
        r#""refuse", "unchanged""#,
        "a refresh under 24 hours of age",
    ),
    (
        "missing_role",
        r#""at_consent", "at_graph""#,
        "where an account without the tester role is refused",
    ),
    ("escape_json", "true, false", r"\/, \uXXXX and \u0025 in answers"),
    (
        "corp_header",
        "false, true",
        "Cross-Origin-Resource-Policy: same-origin with files",
    ),
    (
        "list_unshared_reels",
        "false, true",
        "lists reels that are in the Reels tab only",
    ),
    (
        "token_length",
        "184 (up to 4000)",
        "characters of new access tokens",
    ),
];

pub(crate) async fn show(State(platform): State<Arc<Platform>>) -> Html<String> {
    let mut page = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Instagram simulator</title>\
         <style>body{{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}}\
         table{{border-collapse:collapse}}td,th{{text-align:left;padding:.3rem 1rem .3rem 0;vertical-align:top}}\
         </style></head><body><main><h1>Instagram simulator</h1>\
         <p>Nothing here is real. App id <code>{}</code>; it is now {}. Redirect addresses: {}.</p>\
         <h2>Accounts</h2><table><tr><th>Username<th>Type<th>Tester<th>Media</tr>",
        escape(&platform.settings.client_id),
        platform.now().format("%Y-%m-%d %H:%M:%S UTC"),
        registered(&platform),
    );
    for account in platform.accounts.all().iter().take(200) {
        let view = platform.view(account);
        let tester = if view.tester { "yes" } else { "no" };
        // Writing to a string cannot fail.
        let _ = write!(
            page,
            "<tr><td>{}<td>{}<td>{tester}<td>{}</tr>",
            escape(&view.username),
            view.account_type.as_str(),
            view.media_count
        );
    }
    page.push_str("</table><h2>Control calls</h2><table>");
    for (call, example) in CONTROLS {
        let _ = write!(
            page,
            "<tr><td><code>{call}</code><td><code>{}</code></tr>",
            escape(example)
        );
    }
    page.push_str("</table>");
    write_modes(&mut page, &platform);
    page.push_str("</main></body></html>");
    Html(page)
}

fn registered(platform: &Platform) -> String {
    let addresses = platform.switches.redirect_uris();
    match addresses.is_empty() {
        true => "every http or https address".to_owned(),
        false => escape(&addresses.join(", ")),
    }
}

fn write_modes(page: &mut String, platform: &Platform) {
    let now = serde_json::to_value(platform.switches.view()).unwrap_or_default();
    page.push_str(
        "<h2>Modes</h2><p>They change at once and are as usual again after a restart.</p>\
         <table><tr><th>Mode<th>Now<th>Values<th>What it changes</tr>",
    );
    for (name, values, meaning) in MODES {
        // Writing to a string cannot fail.
        let _ = write!(
            page,
            "<tr><td><code>{name}</code><td><code>{}</code><td><code>{}</code><td>{}</tr>",
            escape(&now[*name].to_string()),
            escape(values),
            escape(meaning)
        );
    }
    page.push_str("</table>");
}
