//! Every problem that an answer can name, with what it means and what to do about it.

use actix_web::http::StatusCode;
use utoipa::openapi::{
    ObjectBuilder,
    schema::{Object, Type},
};

/// One kind of problem.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// Machine word; also the last part of the problem's `type`.
    pub word: &'static str,
    /// Status of the answer.
    pub status: StatusCode,
    /// Short name for people.
    pub title: &'static str,
    /// What happened.
    pub meaning: &'static str,
    /// What the reader can do.
    pub remedy: &'static str,
}

impl Code {
    /// The kind with this machine word.
    #[must_use]
    pub fn find(word: &str) -> Option<&'static Self> {
        ALL.iter().copied().find(|code| code.word == word)
    }

    /// Where the kind is explained, below the path that the server is shown at: the problem's `type`.
    #[must_use]
    pub fn uri(&self) -> String {
        format!("/problems/{}", self.word)
    }
}

/// All machine words, as the document lists them.
pub(super) fn words() -> Object {
    let words = ALL.iter().map(|code| code.word);
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some("Machine word of the kind"))
        .examples(["not_found"])
        .enum_values(Some(words))
        .build()
}

macro_rules! codes {
    ($($name:ident: $status:ident $word:literal, $title:literal, $meaning:literal, $remedy:literal;)+) => {
        $(
            #[doc = $title]
            pub(crate) const $name: Code = Code {
                word: $word,
                status: StatusCode::$status,
                title: $title,
                meaning: $meaning,
                remedy: $remedy,
            };
        )+

        /// All kinds.
        pub(crate) const ALL: &[&Code] = &[$(&$name),+];
    };
}

codes! {
    INVALID_JSON: BAD_REQUEST "invalid_json", "The body is not JSON",
        "The body of the request could not be read as JSON in UTF-8.",
        "Send one JSON object, and check quotes, commas and the encoding.";
    WRONG_SHAPE: BAD_REQUEST "wrong_shape", "The body has the wrong shape",
        "The body is JSON, but not an object with the documented fields. It may be a list.",
        "Send one JSON object whose fields have the documented types.";
    MISSING_BODY: BAD_REQUEST "missing_body", "The body is missing",
        "This request needs a JSON body and came without one.",
        "Send the fields as a JSON object.";
    INCOMPLETE_BODY: BAD_REQUEST "incomplete_body", "The body ended early",
        "The connection broke, or the body was shorter than announced.",
        "Send the request again.";
    UNSUPPORTED_MEDIA_TYPE: UNSUPPORTED_MEDIA_TYPE "unsupported_media_type", "The body has the wrong type",
        "The body was not declared as plain application/json in UTF-8.",
        "Set Content-Type: application/json, and send the body uncompressed.";
    PAYLOAD_TOO_LARGE: PAYLOAD_TOO_LARGE "payload_too_large", "The body is too large",
        "A JSON body may have at most 64 KiB.",
        "Send less at once.";
    URI_TOO_LONG: URI_TOO_LONG "uri_too_long", "The address is too long",
        "Path and query together may have at most 8 KiB.",
        "Shorten the query.";
    REQUEST_TIMEOUT: REQUEST_TIMEOUT "request_timeout", "The body took too long",
        "The whole body did not arrive within ten seconds.",
        "Send the request again over a better connection.";
    NOT_ACCEPTABLE: NOT_ACCEPTABLE "not_acceptable", "No acceptable encoding",
        "The response does not exist in any encoding that the request accepts.",
        "Drop the Accept-Encoding header, or let it allow identity.";
    VALIDATION_FAILED: UNPROCESSABLE_ENTITY "validation_failed", "Some fields are not valid",
        "The request was understood, but some fields are missing, unknown or not allowed as they are.",
        "Correct the fields that `errors` names.";
    INVALID_QUERY: UNPROCESSABLE_ENTITY "invalid_query", "Some query parameters are not valid",
        "Some parameters after the question mark are unknown or not allowed as they are.",
        "Correct the parameters that `errors` names.";
    INVALID_CURSOR: BAD_REQUEST "invalid_cursor", "The cursor is not valid",
        "This server did not issue the cursor for this list.",
        "Start without a cursor, and pass `page.next_cursor` on unchanged.";
    NOT_FOUND: NOT_FOUND "not_found", "Not found",
        "There is nothing at this address, or it belongs to somebody else.",
        "Check the path and the id, and whose credentials you use.";
    INVALID_IDEMPOTENCY_KEY: BAD_REQUEST "invalid_idempotency_key", "The idempotency key is not valid",
        "The header Idempotency-Key was sent twice, is empty, or is not plain text of at most 255 characters.",
        "Send one key of visible ASCII characters, such as a UUID.";
    IDEMPOTENCY_KEY_REUSED: UNPROCESSABLE_ENTITY "idempotency_key_reused", "The idempotency key was used for another request",
        "The same Idempotency-Key came with another address or body within the last 24 hours.",
        "Use a new key for each new request, and the same key only to repeat one.";
    IDEMPOTENCY_KEY_IN_USE: CONFLICT "idempotency_key_in_use", "The request is still being processed",
        "A request with the same Idempotency-Key has not been answered yet.",
        "Ask again after the time in Retry-After. You will then get the first response.";
    NO_DELETION: CONFLICT "no_deletion", "There is no deletion to cancel",
        "No deletion of the tenant is scheduled, or it has begun and cannot be stopped.",
        "There is nothing to do.";
    METHOD_NOT_ALLOWED: METHOD_NOT_ALLOWED "method_not_allowed", "The method is not allowed here",
        "The address exists, but not for this method.",
        "Use one of the methods in the Allow header.";
    UNAUTHENTICATED: UNAUTHORIZED "unauthenticated", "Credentials are missing",
        "This address needs an access token or an API key.",
        "Send an access token or an API key as `Authorization: Bearer …`, or a key as `X-Api-Key`.";
    INVALID_TOKEN: UNAUTHORIZED "invalid_token", "The token is not valid",
        "This server did not issue the access or refresh token, or the token was changed on the way.",
        "Log in again.";
    EXPIRED_TOKEN: UNAUTHORIZED "expired_token", "The token has expired",
        "An access token lives for minutes, a refresh token for weeks. This one has expired.",
        "Use the refresh token for a new pair, or log in again.";
    SESSION_REVOKED: UNAUTHORIZED "session_revoked", "The session has ended",
        "The session was logged out, or an old refresh token of it was used a second time.",
        "Log in again. If it was not you who used the old token, change your password.";
    INVALID_CREDENTIALS: UNAUTHORIZED "invalid_credentials", "Email address or password is wrong",
        "No account has this combination of email address and password.",
        "Check both and try again.";
    SECOND_FACTOR_REQUIRED: UNAUTHORIZED "second_factor_required", "A code is needed too",
        "Email address and password are right, but this person's login also needs a code from their authenticator app.",
        "Send the request again with `code`: the code of the authenticator app, or a recovery code.";
    INVALID_CODE: UNAUTHORIZED "invalid_code", "The code is wrong",
        "The code is not the current one of the authenticator app, or was used before.",
        "Wait for the next code, check the clock of the device, or use a recovery code.";
    TOO_MANY_TRIES: TOO_MANY_REQUESTS "too_many_tries", "Too many attempts",
        "Too many logins have failed for this email address or from your network, or too many people have registered from your network. This attempt was not checked.",
        "Try again after the time in Retry-After. To log in sooner, use a network that you have logged in from before, or choose a new password by email. Operators set how many people can register from one network with signup.per_network_per_hour.";
    SECOND_FACTOR_ON: CONFLICT "second_factor_on", "The second factor is already on",
        "Logging in already needs a code.",
        "Disable the second factor first to use another authenticator app.";
    SECOND_FACTOR_OFF: CONFLICT "second_factor_off", "The second factor is off",
        "There is no authenticator app that this could apply to.",
        "Set one up first.";
    INVALID_LINK: BAD_REQUEST "invalid_link", "The link is not valid",
        "None of our emails has this link, or its purpose has changed since.",
        "Copy the whole link from the newest email, or ask for another.";
    USED_LINK: BAD_REQUEST "used_link", "The link was already used",
        "A link in an email works once.",
        "If it was not you who used it, ask for another and check your sessions.";
    EXPIRED_LINK: BAD_REQUEST "expired_link", "The link has expired",
        "A link in an email works for an hour or a day, and ends when a newer one is sent.",
        "Use the newest email, or ask for another.";
    CROSS_SITE: FORBIDDEN "cross_site", "Not from this site",
        "The dashboard's cookie is only accepted from pages of the dashboard.",
        "Send the refresh token in the body instead.";
    INVALID_KEY: UNAUTHORIZED "invalid_key", "The API key is not valid",
        "The key is mistyped, or does not exist.",
        "Copy the whole key again, or create a new one.";
    KEY_REVOKED: UNAUTHORIZED "key_revoked", "The API key was revoked",
        "Somebody in the key's tenant revoked it.",
        "Use another key, or create a new one.";
    KEY_EXPIRED: UNAUTHORIZED "key_expired", "The API key has expired",
        "The key was created with an expiry date, which has passed.",
        "Create a new key.";
    KEY_ROTATED: UNAUTHORIZED "key_rotated", "The API key was replaced",
        "Another key has replaced this one, and the time in which both worked is over.",
        "Use the new key, or create another.";
    KEY_ENDED: CONFLICT "key_ended", "The API key has ended",
        "A key that was revoked or has expired cannot be rotated.",
        "Create a new key.";
    KEY_ALREADY_ROTATED: CONFLICT "key_already_rotated", "The API key was already rotated",
        "Another key has replaced this one, perhaps a moment ago. `replaced_by` of the old key names it.",
        "Rotate the newer key, or create another one.";
    KEY_REQUIRED: FORBIDDEN "key_required", "This needs an API key",
        "This address describes the API key of a request, and the request came with a person's access token.",
        "Send an API key, as `Authorization: Bearer …` or `X-Api-Key`.";
    SECRET_KEY_IN_ADDRESS: FORBIDDEN "secret_key_in_address", "A secret key was sent in an address",
        "Addresses end up in logs, in browser histories and on other sites. So a secret key is never accepted there.",
        "Revoke that key, send secret keys in headers only, and use a publishable key on pages.";
    INSUFFICIENT_SCOPE: FORBIDDEN "insufficient_scope", "The API key does not allow this",
        "The key is valid, but is of the wrong kind or lacks the scope that this needs.",
        "Use a key with that scope. Only a logged-in person can manage people and keys.";
    INSUFFICIENT_ROLE: FORBIDDEN "insufficient_role", "Your role does not allow this",
        "You are a member of this tenant, but your role is too low.",
        "Ask an admin or the owner.";
    ORIGIN_NOT_ALLOWED: FORBIDDEN "origin_not_allowed", "This site is not allowed",
        "The key or the feed may only be used from certain origins, and this page has another one.",
        "Add the page's origin to `allowed_origins` of the key and of the feed.";
    EMAIL_TAKEN: CONFLICT "email_taken", "The email address is taken",
        "Somebody has already registered with this email address.",
        "Log in instead, or use another address.";
    SIGNUP_CLOSED: FORBIDDEN "signup_closed", "Registration is closed",
        "The operator of this server does not accept new registrations.",
        "Ask the operator, or somebody who can invite you.";
    PLAN_LIMIT_REACHED: FORBIDDEN "plan_limit_reached", "The plan's limit is reached",
        "The tenant has reached a limit of its plan: `errors` names what it has as many of as it can, or what it did as often as it can in a day (in UTC).",
        "Delete what is not needed, wait for the next day, or ask the operator for another plan. GET /v1/tenant shows the plan and its use.";
    EMAIL_UNCONFIRMED: FORBIDDEN "email_unconfirmed", "Your email address is not confirmed",
        "Only people with a confirmed email address can invite others to a tenant.",
        "Follow the link in the email that came when you registered, or have it sent again by POST /v1/me/email/verification.";
    LAST_OWNER: CONFLICT "last_owner", "A tenant needs an owner",
        "The only owner can neither leave nor take a lower role.",
        "Make somebody else an owner first, or delete the tenant.";
    ALREADY_MEMBER: CONFLICT "already_member", "The person is already a member",
        "The person with this email address belongs to the tenant.",
        "Change the member's role instead.";
    ALREADY_INVITED: CONFLICT "already_invited", "The email address is already invited",
        "There is an open invitation for this address.",
        "Withdraw it before you send another.";
    INVITATION_INVALID: BAD_REQUEST "invitation_invalid", "The invitation is not valid",
        "The invitation was accepted or withdrawn, has expired, or never existed.",
        "Ask for a new invitation.";
    INVITATION_OF_ANOTHER: FORBIDDEN "invitation_of_another", "The invitation is for somebody else",
        "An invitation is bound to the email address that it was sent to, and you are logged in with another.",
        "Log out, or log in with the invited address.";
    NEEDS_RECONNECT: CONFLICT "needs_reconnect", "The account must be connected again",
        "Instagram no longer accepts the account's token. Its photos are still served.",
        "Connect the account again.";
    ACCOUNT_PAUSED: CONFLICT "account_paused", "The account is paused",
        "Its owner has paused the syncs.",
        "Set `paused` to false to resume them.";
    SCHEDULE_PAUSED: CONFLICT "schedule_paused", "The operator has paused the schedule",
        "The operator of this server has stopped syncs and refreshes, for this tenant or for everybody.",
        "Try again later, or ask the operator. Photos are still served.";
    JOB_NOT_DEAD: CONFLICT "job_not_dead", "The job has not failed for good",
        "Only a job that failed for good can be retried by hand.",
        "Wait for it, or start a new one.";
    JOB_ALREADY_WAITING: CONFLICT "job_already_waiting", "Another such job is waiting",
        "A job of the same kind is already waiting for this account.",
        "Wait for that one.";
    STATE_UNKNOWN: BAD_REQUEST "state_unknown", "This connection was not started here",
        "The address that Instagram sent you to belongs to no connection of this server.",
        "Start again from the site or dashboard where you wanted to connect the account.";
    STATE_EXPIRED: BAD_REQUEST "state_expired", "The connection took too long",
        "A connection must be finished within 15 minutes.",
        "Start again.";
    STATE_USED: CONFLICT "state_used", "This connection has already ended",
        "The connection was tried before, and it failed.",
        "Start again.";
    ACCESS_DENIED: FORBIDDEN "access_denied", "The connection was not allowed",
        "The account's owner pressed Cancel on Instagram's page, or closed the page.",
        "Start again, and allow the access when Instagram asks.";
    INSTAGRAM_REFUSED: FORBIDDEN "instagram_refused", "Instagram did not allow the connection",
        "Instagram refused the connection before the account's owner could decide. Its own words say why.",
        "Tell the operator of this server what Instagram said. Often the Instagram app is still in development, or asks for a permission that it does not have.";
    CODE_MISSING: BAD_REQUEST "code_missing", "Instagram sent nothing",
        "The address was opened with neither a code nor an error from Instagram. The connection is still open.",
        "Continue in the window where Instagram asks you, or start again.";
    OTHER_ACCOUNT: CONFLICT "other_account", "Another account logged in",
        "A known account was to be connected again, but another one logged in to Instagram.",
        "Log out of Instagram, start again, and log in with the right account.";
    PERSONAL_ACCOUNT: UNPROCESSABLE_ENTITY "personal_account", "Personal accounts cannot be connected",
        "Instagram only lets professional accounts (business or creator) be read.",
        "Switch to a professional account, which is free: in Instagram's app open the profile, then Settings, Account type and tools, Switch to professional account. Then start again.";
    PERMISSION_MISSING: FORBIDDEN "permission_missing", "A permission is missing",
        "A permission that is needed to read the photos was unticked on Instagram's page.",
        "Start again, and leave the permissions ticked.";
    CODE_SPENT: BAD_REQUEST "code_spent", "The code was used or is too old",
        "Instagram's code works once, and for an hour at most.",
        "Start again.";
    REDIRECT_MISMATCH: BAD_REQUEST "redirect_mismatch", "The redirect address does not match",
        "The redirect address is not exactly the one that the connection was started with.",
        "Send the same `redirect_uri` both times, and register it in Meta's app dashboard. A connection that was started for a page of your own must be completed by that page, not by the built-in callback.";
    ROLE_MISSING: FORBIDDEN "role_missing", "The account is not a tester",
        "Meta has not reviewed the server's Instagram app yet, and the account is not an accepted Instagram Tester of it.",
        "Ask the operator to invite the account as an Instagram Tester. Accept the invitation in a browser on instagram.com, under Settings, Apps and websites, Tester invites. Then start again. The account must be a professional one (business or creator).";
    APP_MISCONFIGURED: SERVICE_UNAVAILABLE "app_misconfigured", "The server's Instagram app is not set up correctly",
        "Instagram does not accept this server's own id, secret or settings.",
        "Tell the operator of this server.";
    TOKEN_REJECTED: UNPROCESSABLE_ENTITY "token_rejected", "Instagram does not accept the token",
        "The access token has expired or was revoked, or never was valid.",
        "Create a new one, or connect through Instagram's page.";
    FACEBOOK_TOKEN: UNPROCESSABLE_ENTITY "facebook_token", "This is a Facebook Login token",
        "Vitrine reads accounts through Instagram Login, whose tokens begin with IGAA.",
        "Create the token in Meta's dashboard under Instagram, API setup with Instagram login, or connect through Instagram's page.";
    ACCOUNT_NOT_ALLOWED: FORBIDDEN "account_not_allowed", "Instagram does not let this account be read",
        "The account is a personal one, or not an accepted Instagram Tester of an app that Meta has not reviewed yet, or Instagram has restricted it.",
        "Switch a personal account to a professional one, which is free: in Instagram's app open the profile, then Settings, Account type and tools, Switch to professional account. If it is already professional, ask the operator of this server to invite it as an Instagram Tester, and accept the invitation on instagram.com under Settings, Apps and websites, Tester invites. Then start again.";
    INSTAGRAM_UNAVAILABLE: SERVICE_UNAVAILABLE "instagram_unavailable", "Instagram does not answer",
        "Instagram failed, or could not be reached.",
        "Try again in a moment.";
    THROTTLED: TOO_MANY_REQUESTS "throttled", "Too many calls to Instagram",
        "The calls that Instagram allows are used up for now.",
        "Try again after the time in Retry-After.";
    RATE_LIMITED: TOO_MANY_REQUESTS "rate_limited", "Too many requests",
        "The key has used up its requests for this minute.",
        "Try again after the time in Retry-After, and let browsers and caches keep responses for as long as Cache-Control says.";
    BUSY: SERVICE_UNAVAILABLE "busy", "Too much work at once",
        "The server has as much work of this kind as it can take.",
        "Try again after the time in Retry-After.";
    INVALID_SIGNED_REQUEST: BAD_REQUEST "invalid_signed_request", "The signed request is not accepted",
        "The form has no signed request that this server accepts.",
        "Only Meta can create these. Operators: compare the app's secret with the one in Meta's dashboard.";
    INVALID_SIGNATURE: FORBIDDEN "invalid_signature", "The signature is not accepted",
        "The body was not signed with the app's secret.",
        "Only Meta can create these. Operators: compare the app's secret with the one in Meta's dashboard.";
    INVALID_VERIFY_TOKEN: FORBIDDEN "invalid_verify_token", "The verify token is wrong",
        "The request has another verify token than this server.",
        "Enter the token of instagram.webhook_verify_token in Meta's dashboard.";
    UNAVAILABLE: SERVICE_UNAVAILABLE "unavailable", "Not available right now",
        "A part of the server that this response needs is not available.",
        "Try again in a moment.";
    INTERNAL: INTERNAL_SERVER_ERROR "internal_error", "Something went wrong here",
        "The server failed. Your request was not at fault.",
        "Try again. If it happens again, tell the operator the request id.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machine_words_are_unique_and_fit_into_an_address() {
        let mut words: Vec<_> = ALL.iter().map(|code| code.word).collect();
        assert!(
            words
                .iter()
                .all(|word| word.chars().all(|sign| sign.is_ascii_lowercase() || sign == '_'))
        );

        words.sort_unstable();
        let known = words.len();
        words.dedup();

        assert_eq!(words.len(), known);
    }

    #[test]
    fn a_kind_is_found_by_its_word() {
        assert_eq!(Code::find("invalid_cursor"), Some(&INVALID_CURSOR));
        assert_eq!(Code::find("nonsense"), None);
    }

    #[test]
    fn the_document_lists_every_word() {
        let described = serde_json::to_value(words()).unwrap();

        let all: Vec<&str> = ALL.iter().map(|code| code.word).collect();
        assert_eq!(described["enum"], serde_json::json!(all));
    }
}
