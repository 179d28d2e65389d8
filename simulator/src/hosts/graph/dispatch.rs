//! From a request to the right answer.

use std::sync::Arc;

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::response::Response;

use super::access::{Access, Presented};
use super::path::{Edge, GraphPath, Node, Target};
use super::{listing, media, token_endpoints, user};
use crate::accounts::Account;
use crate::hosts::under_faults;
use crate::hosts::usage;
use crate::platform::Platform;
use crate::wire::Form;
use crate::wire::GraphError;

/// What a call asked for, apart from who asked.
struct Call<'a> {
    method: &'a Method,
    path: GraphPath<'a>,
    query: Form,
}

/// Answers any request that no other route took.
pub(crate) async fn serve(platform: Arc<Platform>, method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let query = Form::parse(uri.query().unwrap_or_default());
    let call = Call {
        method: &method,
        path: GraphPath::parse(uri.path()),
        query,
    };
    let presented = Presented::from_call(&platform, &call.query, &headers);
    let account = presented.as_ref().and_then(Presented::account).cloned();
    let endpoint = call.path.endpoint(|id| is_account(&platform, id));
    let fingerprint = presented.as_ref().map(|presented| presented.fingerprint.clone());
    let open = platform
        .calls
        .arrived(account.as_ref(), fingerprint.as_deref(), endpoint, platform.now());
    let usual = async { with_usage(&platform, &call, account.as_deref(), presented) };
    let response = under_faults(&platform, account.as_deref(), endpoint, usual).await;
    open.answered(&response);
    response
}

/// Answers within the budget of the account, and tells how much of it is used.
fn with_usage(
    platform: &Platform,
    call: &Call<'_>,
    account: Option<&Account>,
    presented: Option<Presented>,
) -> Response {
    let Some(account) = account else {
        return respond(platform, answer(platform, call, presented));
    };
    let (usage, allowed) = usage::spend(platform, account);
    let mut response = respond(platform, allowed.and_then(|()| answer(platform, call, presented)));
    usage::write(platform, account, usage, response.headers_mut());
    response
}

fn answer(platform: &Platform, call: &Call<'_>, presented: Option<Presented>) -> Result<String, GraphError> {
    if let Target::Unknown(rest) = &call.path.target {
        return Err(GraphError::unknown_path(rest));
    }
    let method = call.method.as_str().to_ascii_lowercase();
    let presented = presented.ok_or_else(GraphError::missing_token)?;
    let access = presented.judged(platform, &method)?;
    if reads_media(&call.path.target) && !may_read_media(platform, &access) {
        return Err(GraphError::no_permission());
    }
    let version = &call.path.version;
    match (&call.path.target, call.method.as_str()) {
        (Target::LongLived, "GET") => token_endpoints::long_lived(platform, &call.query, &access),
        (Target::Refresh, "GET") => token_endpoints::refresh(platform, &call.query, &access),
        (Target::Object(Node::Id(id), Edge::Itself), "GET") if !is_account(platform, id) => {
            media::media(platform, &call.query, &access, id)
        }
        (Target::Object(Node::Id(id), Edge::Children), "GET") => {
            media::children(platform, &call.query, &access, id)
        }
        (Target::Object(node, edge), method) => {
            check_own(platform, &access, *node, method)?;
            match (edge, method) {
                (Edge::Itself, "GET") => user::user(platform, &call.query, &access, version),
                (Edge::Media, "GET") => listing::media_list(platform, &call.query, &access, version),
                (Edge::Stories, "GET") => Ok(r#"{"data":[]}"#.to_owned()),
                (Edge::Permissions, "DELETE") => Ok(remove_app(platform, &access)),
                (Edge::SubscribedApps, "POST") if *node != Node::Me => Ok(r#"{"success":true}"#.to_owned()),
                _ => Err(GraphError::unsupported_method(&method.to_ascii_lowercase())),
            }
        }
        _ => Err(GraphError::unsupported_method(&method)),
    }
}

fn reads_media(target: &Target<'_>) -> bool {
    matches!(target, Target::Object(_, Edge::Media | Edge::Children))
}

/// Basic Display gave media under a permission of their own.
fn may_read_media(platform: &Platform, access: &Access) -> bool {
    let scopes = platform.dialect().scopes();
    scopes
        .iter()
        .position(|scope| *scope == "user_media")
        .is_none_or(|place| access.claims.scopes & (1 << place) != 0)
}

fn is_account(platform: &Platform, id: &str) -> bool {
    id.parse()
        .ok()
        .and_then(|id| platform.ids.account_number(id))
        .is_some()
}

/// Any of the three ids of the token's own account will do; no other account is there.
fn check_own(platform: &Platform, access: &Access, node: Node<'_>, method: &str) -> Result<(), GraphError> {
    let Node::Id(id) = node else { return Ok(()) };
    let number = id.parse().ok().and_then(|id| platform.ids.account_number(id));
    if number == Some(access.account.number) {
        return Ok(());
    }
    Err(GraphError::no_such_object(&method.to_ascii_lowercase(), id))
}

fn remove_app(platform: &Platform, access: &Access) -> String {
    access
        .account
        .edit(|record| record.revoke(crate::accounts::Revocation::AppRemoved));
    platform.changes.mark();
    r#"{"success":true}"#.to_owned()
}

fn respond(platform: &Platform, outcome: Result<String, GraphError>) -> Response {
    let (status, body) = match outcome {
        Ok(body) => (StatusCode::OK, body),
        Err(error) => (error.status, error.body(&platform.modes())),
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json; charset=UTF-8");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}
