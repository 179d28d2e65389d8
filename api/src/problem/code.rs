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
        "The body is JSON, but not an object with the fields that were documented: it may be a list.",
        "Send one JSON object whose fields have the documented types.";
    MISSING_BODY: BAD_REQUEST "missing_body", "The body is missing",
        "This request needs a JSON body and came without one.",
        "Send the fields as a JSON object.";
    INCOMPLETE_BODY: BAD_REQUEST "incomplete_body", "The body ended early",
        "The connection broke, or the body was shorter than announced.",
        "Send the request again.";
    UNSUPPORTED_MEDIA_TYPE: UNSUPPORTED_MEDIA_TYPE "unsupported_media_type", "The body has the wrong type",
        "The body was not announced as plain application/json in UTF-8.",
        "Set Content-Type: application/json and send the body uncompressed.";
    PAYLOAD_TOO_LARGE: PAYLOAD_TOO_LARGE "payload_too_large", "The body is too large",
        "JSON bodies may hold at most 64 KiB.",
        "Send less at once.";
    URI_TOO_LONG: URI_TOO_LONG "uri_too_long", "The address is too long",
        "Path and query together may hold at most 8 KiB.",
        "Shorten the query.";
    REQUEST_TIMEOUT: REQUEST_TIMEOUT "request_timeout", "The body took too long",
        "The whole body did not arrive within ten seconds.",
        "Send the request again over a better connection.";
    NOT_ACCEPTABLE: NOT_ACCEPTABLE "not_acceptable", "No acceptable form",
        "The answer does not exist in any form that the request accepts.",
        "Drop the Accept-Encoding header, or let it allow identity.";
    VALIDATION_FAILED: UNPROCESSABLE_ENTITY "validation_failed", "Some fields are not valid",
        "The request was understood, but fields in it are missing, unknown or hold something that is not allowed.",
        "Correct the fields that `errors` names.";
    INVALID_QUERY: UNPROCESSABLE_ENTITY "invalid_query", "Some query parameters are not valid",
        "Parameters after the question mark hold something that is not allowed.",
        "Correct the parameters that `errors` names.";
    INVALID_CURSOR: BAD_REQUEST "invalid_cursor", "The cursor is not valid",
        "The cursor was not issued by this server for this list.",
        "Begin without a cursor, and pass on `page.next_cursor` unchanged.";
    NOT_FOUND: NOT_FOUND "not_found", "Not found",
        "There is nothing at this address, or it belongs to somebody else.",
        "Check the path and the id, and whose credentials you use.";
    INVALID_IDEMPOTENCY_KEY: BAD_REQUEST "invalid_idempotency_key", "The idempotency key is not valid",
        "The header Idempotency-Key stands there twice, is empty, or is no plain text of at most 255 characters.",
        "Send one key made of visible ASCII characters, such as a UUID.";
    IDEMPOTENCY_KEY_REUSED: UNPROCESSABLE_ENTITY "idempotency_key_reused", "The idempotency key named another request",
        "The same Idempotency-Key came with another address or body within the last 24 hours.",
        "Take a new key for each new request, and the same key only to repeat one.";
    IDEMPOTENCY_KEY_IN_USE: CONFLICT "idempotency_key_in_use", "The request is being worked on",
        "A request with the same Idempotency-Key has not been answered yet.",
        "Ask again after the time in Retry-After; the first answer is repeated then.";
    NO_DELETION: CONFLICT "no_deletion", "There is no deletion to take back",
        "The tenant is not going to be deleted, or its deletion has begun and cannot be stopped.",
        "Nothing is to be done.";
    METHOD_NOT_ALLOWED: METHOD_NOT_ALLOWED "method_not_allowed", "The method is not allowed here",
        "The address exists, but not for this method.",
        "Use one of the methods in the Allow header.";
    UNAUTHENTICATED: UNAUTHORIZED "unauthenticated", "Credentials are missing",
        "This address answers only those who say who they are.",
        "Send an access token or an API key as `Authorization: Bearer …`, or a key as `X-Api-Key`.";
    INVALID_TOKEN: UNAUTHORIZED "invalid_token", "The token is not valid",
        "The access or refresh token was not issued by this server, or was changed on the way.",
        "Sign in again.";
    EXPIRED_TOKEN: UNAUTHORIZED "expired_token", "The token has expired",
        "Access tokens live for minutes, refresh tokens for weeks; this one is over.",
        "Use the refresh token for a new pair, or sign in again.";
    SESSION_REVOKED: UNAUTHORIZED "session_revoked", "The sign-in has ended",
        "The session was signed out, or an old refresh token of it was used a second time.",
        "Sign in again. If it was not you who used the old token, change the password.";
    INVALID_CREDENTIALS: UNAUTHORIZED "invalid_credentials", "Address or password is wrong",
        "No account has this combination of address and password.",
        "Check both and try again.";
    SECOND_FACTOR_REQUIRED: UNAUTHORIZED "second_factor_required", "A code is needed besides",
        "Address and password are right, and this person's sign-in needs a code of their authenticator as well.",
        "Send the request again with `code`: the authenticator's code, or a recovery code.";
    INVALID_CODE: UNAUTHORIZED "invalid_code", "The code is wrong",
        "The code is not the authenticator's of this moment, or was used before.",
        "Wait for the next code, check the clock of the device, or use a recovery code.";
    TOO_MANY_TRIES: TOO_MANY_REQUESTS "too_many_tries", "Too many tries",
        "Too many sign-ins have failed for this address or from your network, or too many people have registered from your network. This try was not looked at.",
        "Try again after the time in Retry-After. To sign in sooner, use a network that you signed in from before, or choose a new password by mail. Operators set how many people may register from one network with signup.per_network_per_hour.";
    SECOND_FACTOR_ON: CONFLICT "second_factor_on", "The second factor is on already",
        "Signing in needs a code already.",
        "Switch it off first to use another authenticator.";
    SECOND_FACTOR_OFF: CONFLICT "second_factor_off", "The second factor is off",
        "There is no authenticator to which this could be done.",
        "Begin one first.";
    INVALID_LINK: BAD_REQUEST "invalid_link", "The link is not valid",
        "No letter of ours has this link, or what it was for has changed since.",
        "Copy the whole link from the newest letter, or ask for another.";
    USED_LINK: BAD_REQUEST "used_link", "The link was used before",
        "Links in letters work once.",
        "If it was not you, ask for another and look at your sign-ins.";
    EXPIRED_LINK: BAD_REQUEST "expired_link", "The link has expired",
        "Links in letters live for an hour or a day, and end when a newer one is sent.",
        "Use the newest letter, or ask for another.";
    CROSS_SITE: FORBIDDEN "cross_site", "Not from this site",
        "The dashboard's cookie is taken from pages of the dashboard only.",
        "Send the refresh token in the body instead.";
    INVALID_KEY: UNAUTHORIZED "invalid_key", "The API key is not valid",
        "The key is mistyped, or does not exist.",
        "Copy the whole key again, or create a new one.";
    KEY_REVOKED: UNAUTHORIZED "key_revoked", "The API key was revoked",
        "Somebody of the key's owner ended it.",
        "Use another key, or create a new one.";
    KEY_EXPIRED: UNAUTHORIZED "key_expired", "The API key has expired",
        "The key was made with an end, which has passed.",
        "Create a new key.";
    KEY_ROTATED: UNAUTHORIZED "key_rotated", "The API key was replaced",
        "Another key has taken the place of this one, and the time in which both were good is over.",
        "Use the key that came of the rotation, or create a new one.";
    KEY_ENDED: CONFLICT "key_ended", "The API key has ended",
        "A key that was revoked or has expired cannot be rotated.",
        "Create a new key.";
    KEY_ALREADY_ROTATED: CONFLICT "key_already_rotated", "The API key was rotated before",
        "Another key has taken the place of this one, perhaps a moment ago. `replaced_by` of the old key names it.",
        "Rotate the newer key, or create another one.";
    KEY_REQUIRED: FORBIDDEN "key_required", "This needs an API key",
        "The address tells a key about itself, and the request came with a person's access token.",
        "Send an API key, as `Authorization: Bearer …` or `X-Api-Key`.";
    SECRET_KEY_IN_ADDRESS: FORBIDDEN "secret_key_in_address", "A secret key stood in an address",
        "Addresses end up in logs, histories and other sites' hands, so a secret key is never taken from one.",
        "Revoke that key, send secret keys in headers only, and use a publishable key on pages.";
    INSUFFICIENT_SCOPE: FORBIDDEN "insufficient_scope", "The API key does not open this",
        "The key is valid, but is of the wrong kind or lacks the scope that this needs.",
        "Use a key with that scope; people and keys are managed by signed-in people only.";
    INSUFFICIENT_ROLE: FORBIDDEN "insufficient_role", "Your role does not allow this",
        "You are a member of this tenant, but your role is too low.",
        "Ask an admin or the owner.";
    ORIGIN_NOT_ALLOWED: FORBIDDEN "origin_not_allowed", "Not from this site",
        "The key or the feed may be used from certain origins only, and this page is of another.",
        "Add the page's origin to `allowed_origins` of the key and of the feed.";
    EMAIL_TAKEN: CONFLICT "email_taken", "The address is taken",
        "Somebody has registered with this mail address.",
        "Sign in instead, or use another address.";
    SIGNUP_CLOSED: FORBIDDEN "signup_closed", "Registration is closed",
        "The operator of this server does not take new registrations.",
        "Ask the operator, or somebody who can invite you.";
    PLAN_LIMIT_REACHED: FORBIDDEN "plan_limit_reached", "The plan allows no more",
        "The tenant has all that its plan allows of what `errors` names, or did it as often as it may in a day (in UTC).",
        "Delete what is not needed, wait for the next day, or ask the operator for another plan. GET /v1/tenant shows both.";
    EMAIL_UNCONFIRMED: FORBIDDEN "email_unconfirmed", "Your address is not confirmed",
        "Only people who have shown that their mail address is theirs let others into a tenant.",
        "Follow the link in the letter that came when you registered, or have it sent again by POST /v1/me/email/verification.";
    LAST_OWNER: CONFLICT "last_owner", "A tenant needs an owner",
        "The only owner can neither leave nor take a lower role.",
        "Make somebody else an owner first, or delete the tenant.";
    ALREADY_MEMBER: CONFLICT "already_member", "The person is a member already",
        "Whoever has this address belongs to the tenant.",
        "Change the member's role instead.";
    ALREADY_INVITED: CONFLICT "already_invited", "The address is invited already",
        "An invitation for this address is open.",
        "Withdraw it before you send another.";
    INVITATION_INVALID: BAD_REQUEST "invitation_invalid", "The invitation is not valid",
        "The invitation was accepted or withdrawn, has expired, or was never sent.",
        "Ask for a new invitation.";
    INVITATION_OF_ANOTHER: FORBIDDEN "invitation_of_another", "The invitation is for somebody else",
        "An invitation is bound to the address that it was sent to, and you are signed in with another.",
        "Sign out, or sign in with the address that was invited.";
    NEEDS_RECONNECT: CONFLICT "needs_reconnect", "The account must be connected again",
        "Instagram no longer accepts the account's token. Its photos are still served.",
        "Connect the account once more.";
    ACCOUNT_PAUSED: CONFLICT "account_paused", "The account is paused",
        "Its owner stopped the syncs.",
        "Resume it by setting `paused` to false.";
    SCHEDULE_PAUSED: CONFLICT "schedule_paused", "The operator has paused the work",
        "The operator of this server has stopped syncs and refreshes, of this tenant or of everybody.",
        "Try again later, or ask the operator. Photos are served meanwhile.";
    JOB_NOT_DEAD: CONFLICT "job_not_dead", "The job has not given up",
        "Only a job that gave up for good can be tried again by hand.",
        "Wait for it, or ask for a new one.";
    JOB_ALREADY_WAITING: CONFLICT "job_already_waiting", "Another such job is waiting",
        "A job of the same kind waits for this account already.",
        "Wait for that one.";
    STATE_UNKNOWN: BAD_REQUEST "state_unknown", "This connection was not begun here",
        "The address that Instagram sent you to belongs to no connection that was begun on this server.",
        "Begin again from the site or dashboard where you wanted to connect the account.";
    STATE_EXPIRED: BAD_REQUEST "state_expired", "The connection took too long",
        "A connection has to be finished within a quarter of an hour.",
        "Begin again.";
    STATE_USED: CONFLICT "state_used", "This connection has ended",
        "The connection was tried before, and nothing came of it.",
        "Begin again.";
    ACCESS_DENIED: FORBIDDEN "access_denied", "The connection was not allowed",
        "The account's owner pressed Cancel on Instagram's page, or closed the page.",
        "Begin again, and allow the access when Instagram asks.";
    INSTAGRAM_REFUSED: FORBIDDEN "instagram_refused", "Instagram did not allow the connection",
        "Instagram refused the connection before the account's owner could decide. Its own words say why.",
        "Tell the operator of this server what Instagram said. Often the Instagram app is still in development, or asks for a permission that it does not have.";
    CODE_MISSING: BAD_REQUEST "code_missing", "Nothing came from Instagram",
        "The address was opened with neither a code nor an error from Instagram. The connection is still open.",
        "Go on in the window where Instagram asks you, or begin again.";
    OTHER_ACCOUNT: CONFLICT "other_account", "Another account logged in",
        "An account that is known here was to be connected again, but another one logged in to Instagram.",
        "Log out of Instagram, begin again, and log in with the right account.";
    PERSONAL_ACCOUNT: UNPROCESSABLE_ENTITY "personal_account", "Personal accounts cannot be connected",
        "Instagram lets only professional accounts, business or creator, be read.",
        "Switch to a professional account, which is free: in Instagram's app open the profile, then Settings, Account type and tools, Switch to professional account. Then begin again.";
    PERMISSION_MISSING: FORBIDDEN "permission_missing", "A permission is missing",
        "A permission that is needed to read the photos was unticked on Instagram's page.",
        "Begin again, and leave the permissions ticked.";
    CODE_SPENT: BAD_REQUEST "code_spent", "The code was used or is too old",
        "Instagram's code works once, and for an hour at most.",
        "Begin again.";
    REDIRECT_MISMATCH: BAD_REQUEST "redirect_mismatch", "The redirect address does not fit",
        "The redirect address is not, to the letter, the one that the connection was begun with.",
        "Send the same `redirect_uri` both times, and register it in Meta's app dashboard. What was begun for a page of your own is completed by that page, not at the built-in callback.";
    ROLE_MISSING: FORBIDDEN "role_missing", "The account is no tester",
        "Meta has not reviewed the server's Instagram app yet, and the account is no accepted Instagram Tester of it.",
        "Ask the operator to invite the account as an Instagram Tester. Accept the invitation in a browser on instagram.com, under Settings, Apps and websites, Tester invites. Then begin again. The account must be a professional one, business or creator.";
    APP_MISCONFIGURED: SERVICE_UNAVAILABLE "app_misconfigured", "The server's Instagram app is not set up",
        "Instagram does not accept this server's own id, secret or settings.",
        "Tell the operator of this server.";
    TOKEN_REJECTED: UNPROCESSABLE_ENTITY "token_rejected", "Instagram does not accept the token",
        "The access token is dead, or never was alive.",
        "Make a new one, or connect through Instagram's page.";
    FACEBOOK_TOKEN: UNPROCESSABLE_ENTITY "facebook_token", "This is a token of Facebook Login",
        "Vitrine reads accounts through Instagram Login, whose tokens begin with IGAA.",
        "Make the token under Instagram, API setup with Instagram login, in Meta's dashboard, or connect through Instagram's page.";
    ACCOUNT_NOT_ALLOWED: FORBIDDEN "account_not_allowed", "Instagram does not let this account be read",
        "The account is a personal one, or no accepted Instagram Tester of an app that Meta has not reviewed yet, or Instagram has restricted it.",
        "Switch a personal account to a professional one, which is free: in Instagram's app open the profile, then Settings, Account type and tools, Switch to professional account. If it is professional already, ask the operator of this server to invite it as an Instagram Tester, and accept the invitation on instagram.com under Settings, Apps and websites, Tester invites. Then begin again.";
    INSTAGRAM_UNAVAILABLE: SERVICE_UNAVAILABLE "instagram_unavailable", "Instagram does not answer",
        "Instagram failed, or was not to be reached.",
        "Try again in a moment.";
    THROTTLED: TOO_MANY_REQUESTS "throttled", "Too many calls to Instagram",
        "The calls that Instagram allows are used up for now.",
        "Try again after the time in Retry-After.";
    RATE_LIMITED: TOO_MANY_REQUESTS "rate_limited", "Too many requests",
        "The key has made as many requests as it may make in a minute.",
        "Try again after the time in Retry-After, and let browsers and caches keep answers as long as Cache-Control says.";
    BUSY: SERVICE_UNAVAILABLE "busy", "Too much at once",
        "The server has all the work of this kind that it can take.",
        "Try again after the time in Retry-After.";
    INVALID_SIGNED_REQUEST: BAD_REQUEST "invalid_signed_request", "The signed request is not accepted",
        "The form held no signed request that this server accepts.",
        "Only Meta can make these. Operators compare the app's secret with the one in Meta's dashboard.";
    INVALID_SIGNATURE: FORBIDDEN "invalid_signature", "The signature is not accepted",
        "The body was not signed with the app's secret.",
        "Only Meta can make these. Operators compare the app's secret with the one in Meta's dashboard.";
    INVALID_VERIFY_TOKEN: FORBIDDEN "invalid_verify_token", "The verify token is not the one agreed on",
        "The address is asked for with another token than this server was given.",
        "Enter the token of instagram.webhook_verify_token in Meta's dashboard.";
    UNAVAILABLE: SERVICE_UNAVAILABLE "unavailable", "Not available right now",
        "Something that this answer needs is away.",
        "Try again in a moment.";
    INTERNAL: INTERNAL_SERVER_ERROR "internal_error", "Something broke here",
        "The server failed. The request was not at fault.",
        "Try again; if it stays, tell the operator the request id.";
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
}
