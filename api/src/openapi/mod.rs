//! The OpenAPI document, generated from the handlers.

mod credentials;
mod examples;
mod idempotency;
mod lists;
mod operations;
mod problems;
pub(crate) mod schemas;
mod successes;
mod texts;

use crate::http::problem::ProblemView;
use bytes::Bytes;
use credentials::Credentials;
use examples::Examples;
use idempotency::IdempotencyKeys;
use lists::Lists;
use problems::Problems;
use successes::Successes;
use texts::Texts;
use url::Url;
use utoipa::{
    Modify, OpenApi as _,
    openapi::{OpenApi, Server},
};

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Vitrine",
        description = "Connects Instagram accounts, keeps them connected, and serves their photos to websites. \
                       Errors are application/problem+json (RFC 9457).",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    tags(
        (name = "auth", description = "Register, log in, stay logged in, log out"),
        (name = "me", description = "The logged-in person: name, password, sessions, second factor"),
        (name = "tenant", description = "One site owner's space: settings, plan, usage, export, deletion"),
        (name = "members", description = "Who belongs to a tenant, and who is invited"),
        (name = "api-keys", description = "Keys for programs and pages"),
        (name = "audit-log", description = "Who changed what"),
        (name = "accounts", description = "Connected Instagram accounts"),
        (name = "jobs", description = "Syncs and token refreshes, and how they ended"),
        (name = "feeds", description = "Which posts a site shows; reading them, in every format"),
        (name = "graph", description = "Feeds in the shapes of Instagram's Graph API"),
        (name = "compat", description = "Drop-in replacements for other services"),
        (name = "callbacks", description = "Callbacks from Meta"),
        (name = "operators", description = "Whether the server is alive and ready"),
        (name = "pages", description = "Pages for people, with their scripts and styles"),
    ),
    components(schemas(ProblemView))
)]
struct Description;

/// What holds for whole kinds of operations, in the order in which it is added.
const COMPLETIONS: [&dyn Modify; 7] = [
    &Credentials,
    &Problems,
    &Successes,
    &Lists,
    &IdempotencyKeys,
    &Texts,
    &Examples,
];

/// The document as it is sent.
pub(crate) struct Document(Bytes);

impl Document {
    /// What is described, as JSON.
    #[expect(clippy::expect_used, reason = "the document is fixed, and tests read it")]
    pub(crate) fn new(description: &OpenApi) -> Self {
        Self(
            serde_json::to_vec(description)
                .expect("the document as JSON")
                .into(),
        )
    }

    /// The JSON.
    pub(crate) fn json(&self) -> Bytes {
        self.0.clone()
    }
}

/// These operations of a server at this address, with what holds for whole kinds of them.
pub(crate) fn describe(operations: OpenApi, public_url: &Url) -> OpenApi {
    let mut description = Description::openapi();
    description.merge(operations);
    for completion in COMPLETIONS {
        completion.modify(&mut description);
    }
    description.servers = Some(vec![Server::new(public_url.as_str().trim_end_matches('/'))]);
    description
}
