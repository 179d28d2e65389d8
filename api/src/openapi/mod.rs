//! The OpenAPI document, generated from the handlers.

mod credentials;
mod examples;
mod idempotency;
mod lists;
mod operations;
mod parameters;
mod problems;
mod successes;
mod texts;

use crate::{
    compat, docs, graph, graph::RefusalView, letters, operators, page, problem, problem::ProblemView, v1,
};
use actix_web::http::Method;
use bytes::Bytes;
use credentials::Credentials;
use examples::Examples;
use idempotency::IdempotencyKeys;
use lists::Lists;
use parameters::Parameters;
use problems::Problems;
use std::collections::HashMap;
use successes::Successes;
use texts::Texts;
use url::Url;
use utoipa::{
    OpenApi,
    openapi::{Server, path::PathItem},
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Vitrine",
        description = "Connects Instagram accounts, keeps them connected, and serves their photos to websites. \
                       Everything that goes wrong is answered as application/problem+json (RFC 9457).",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    tags(
        (name = "auth", description = "Register, sign in, stay signed in, sign out"),
        (name = "me", description = "The signed-in person: names, password, sign-ins, second factor"),
        (name = "tenant", description = "One site owner's space: settings, plan, usage, export, deletion"),
        (name = "members", description = "Who belongs to a tenant, and who is invited"),
        (name = "api-keys", description = "Keys for programs and pages"),
        (name = "audit-log", description = "Who changed what"),
        (name = "accounts", description = "Connected Instagram accounts"),
        (name = "jobs", description = "Syncs and token refreshes, and how they ended"),
        (name = "feeds", description = "Which posts a site shows; reading them, in every form"),
        (name = "graph", description = "Feeds in the shapes of Instagram's Graph API"),
        (name = "compat", description = "Drop-ins for scripts that were written for others"),
        (name = "callbacks", description = "What Meta calls"),
        (name = "operators", description = "Whether the server is alive and ready"),
        (name = "pages", description = "Pages for people, with their scripts and styles"),
    ),
    paths(
        v1::auth::register, v1::auth::login, v1::auth::refresh, v1::auth::logout,
        v1::recovery::forgot_password, v1::recovery::reset_password, v1::recovery::verify_email,
        v1::me::read_me, v1::me::update_me, v1::me::resend_verification, v1::me::change_password,
        v1::sessions::list_sessions, v1::sessions::end_other_sessions, v1::sessions::end_session,
        v1::second_factor::read_second_factor, v1::second_factor::begin_second_factor,
        v1::second_factor::enable_second_factor, v1::second_factor::disable_second_factor,
        v1::second_factor::renew_recovery_codes,
        v1::tenant::read_tenant, v1::tenant::update_tenant,
        v1::switching::switch_tenant, v1::usage::read_usage,
        v1::members::list_members, v1::members::change_member, v1::members::remove_member,
        v1::members::transfer_ownership,
        v1::invitations::list_invitations, v1::invitations::create_invitation,
        v1::invitations::withdraw_invitation, v1::invitations::accept_invitation,
        v1::tenant_tasks::delete_tenant, v1::tenant_tasks::read_deletion, v1::tenant_tasks::restore_tenant,
        v1::tenant_tasks::export_tenant,
        v1::tenant_tasks::request_export, v1::tenant_tasks::read_export_task, v1::tenant_tasks::read_export_document,
        v1::audit_log::list_audit_events,
        v1::api_keys::list_api_keys, v1::api_keys::create_api_key, v1::api_keys::revoke_api_key,
        v1::api_keys::rotate_api_key, v1::own_key::read_own_key,
        v1::connections::begin_connection, v1::connections::finish_connection,
        v1::connections::complete_connection, v1::connections::connect_with_token,
        v1::callbacks::deauthorize, v1::callbacks::request_data_deletion, v1::callbacks::show_data_deletion,
        v1::callbacks::confirm_webhook, v1::callbacks::hear_webhook,
        v1::accounts::list_accounts, v1::accounts::read_account, v1::accounts::update_account,
        v1::accounts::disconnect_account, v1::accounts::sync_account, v1::accounts::refresh_account_token,
        v1::media::list_media,
        v1::jobs::list_jobs, v1::jobs::read_job, v1::jobs::retry_job,
        v1::feeds::list_feeds, v1::feeds::read_feed, v1::feeds::create_feed, v1::feeds::update_feed,
        v1::feeds::delete_feed,
        v1::feed_items::list_feed_items, v1::feed_items::change_feed_item, v1::feed_items::decide_feed_item,
        v1::feed_items::undecide_feed_item,
        v1::photos::read_photos,
        v1::feed_documents::read_json_feed, v1::feed_documents::read_rss, v1::feed_documents::read_atom,
        compat::behold::read_behold_feed,
        graph::read_me, graph::list_my_media, graph::list_media_of, graph::read_object, graph::list_children,
        graph::read_objects, graph::refresh::refresh_access_token,
        compat::shim::read_shim, compat::token::read_token_script, compat::token::read_token_json,
        compat::token::read_token,
        operators::read_health, operators::read_readiness, operators::read_openapi, operators::show_index,
        docs::show_docs, docs::read_docs_file, page::read_style, problem::page::explain_problem,
        letters::show_verify_email, letters::show_reset_password, letters::show_accept_invitation,
        letters::read_letters_script,
    ),
    components(schemas(ProblemView, RefusalView)),
    modifiers(&Credentials, &Problems, &Successes, &Lists, &IdempotencyKeys, &Texts, &Examples)
)]
struct Description;

/// The document, and what it says about methods.
pub(crate) struct Document {
    json: Bytes,
    methods: HashMap<String, String>,
    operations: HashMap<String, Described>,
}

/// What is asked about an operation.
struct Described {
    id: String,
    parameters: Option<Parameters>,
}

impl Document {
    /// The document of a server at this address.
    pub(crate) fn new(public_url: &Url) -> Self {
        let mut description = Description::openapi();
        description.servers = Some(vec![Server::new(public_url.as_str().trim_end_matches('/'))]);
        let methods = description
            .paths
            .paths
            .iter()
            .map(|(path, item)| (path.clone(), methods(item)))
            .collect();
        let operations = description.paths.paths.iter().flat_map(described).collect();
        Self {
            operations,
            json: serde_json::to_vec(&description).unwrap_or_default().into(),
            methods,
        }
    }

    /// The document as JSON.
    pub(crate) fn json(&self) -> Bytes {
        self.json.clone()
    }

    /// The `operationId` of a method on a path pattern.
    pub(crate) fn operation(&self, method: &Method, pattern: &str) -> Option<&str> {
        self.described(method, pattern)
            .map(|operation| operation.id.as_str())
    }

    /// The query parameters of a method on a path pattern; none where others are let be too.
    pub(crate) fn parameters(&self, method: &Method, pattern: &str) -> Option<&Parameters> {
        self.described(method, pattern)?.parameters.as_ref()
    }

    fn described(&self, method: &Method, pattern: &str) -> Option<&Described> {
        self.operations.get(&format!("{method} {pattern}"))
    }

    /// The methods of a path pattern, as an `Allow` header says them.
    pub(crate) fn methods(&self, pattern: &str) -> Option<&str> {
        self.methods.get(pattern).map(String::as_str)
    }
}

/// What can be read can also be asked about, hence `HEAD` beside `GET`.
fn methods(item: &PathItem) -> String {
    let known = [
        (item.get.is_some(), "GET, HEAD"),
        (item.post.is_some(), "POST"),
        (item.put.is_some(), "PUT"),
        (item.patch.is_some(), "PATCH"),
        (item.delete.is_some(), "DELETE"),
    ];
    known
        .into_iter()
        .filter(|(given, _)| *given)
        .map(|(_, name)| name)
        .collect::<Vec<_>>()
        .join(", ")
}

/// A path's operations, by method and pattern.
fn described((path, item): (&String, &PathItem)) -> Vec<(String, Described)> {
    let known = [
        ("GET", &item.get),
        ("POST", &item.post),
        ("PUT", &item.put),
        ("PATCH", &item.patch),
        ("DELETE", &item.delete),
    ];
    let described = known.into_iter().filter_map(|(method, operation)| {
        let operation = operation.as_ref()?;
        let described = Described {
            id: operation.operation_id.clone()?,
            parameters: Parameters::of(operation),
        };
        Some((format!("{method} {path}"), described))
    });
    described.collect()
}
