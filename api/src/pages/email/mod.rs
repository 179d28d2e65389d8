//! The pages that emails lead to: plain forms, and one script that asks the API.
//!
//! The token stands behind `#`, so neither this server nor any log sees it before the script sends it in a body. The
//! script takes it out of the address at once. Nothing happens before the person presses the button: programs that
//! open every link of an email use none up.

use crate::http::page::{Root, page_under};
use actix_web::{
    HttpResponse, get,
    http::{StatusCode, header::CACHE_CONTROL},
};

/// Style, script and requests of this server's own; the forms are sent by the script alone.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";

const SCRIPT: &str = include_str!("letters.js");

/// What every page ends with: where the outcome is said, and the script.
const END: &str = r#"<div id="outcome" role="alert" tabindex="-1"></div>
<noscript><p>This page needs scripts to send what you enter.</p></noscript>
<script src="letters.js"></script>"#;

const VERIFY_EMAIL: &str = r#"<form data-operation="v1/auth/email/verify" data-done="Your address is confirmed.">
<p>Click the button to confirm that this is your email address.</p>
<p><button>Confirm the address</button></p>
</form>
"#;

const RESET_PASSWORD: &str = r#"<form data-operation="v1/auth/password/reset" data-done="The new password is set. Log in with it.">
<p><label for="password">New password</label>
<input id="password" name="password" type="password" autocomplete="new-password" required aria-describedby="password-hint password-error">
<span id="password-hint" class="hint">At least 8 characters.</span>
<span id="password-error" class="error"></span></p>
<p><label><input id="show" type="checkbox"> Show the password</label></p>
<p><button>Set the password</button></p>
</form>
"#;

const ACCEPT_INVITATION: &str = r#"<form data-operation="v1/invitations/accept" data-done="You have joined. Log in with your email address and password.">
<p><label for="name">Your name</label>
<input id="name" name="name" autocomplete="name" aria-describedby="name-hint name-error">
<span id="name-hint" class="hint">Only needed if you have no account here yet.</span>
<span id="name-error" class="error"></span></p>
<p><label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required aria-describedby="password-hint password-error">
<span id="password-hint" class="hint">The password of your account, or a new one of at least 8 characters.</span>
<span id="password-error" class="error"></span></p>
<p><label><input id="show" type="checkbox"> Show the password</label></p>
<p id="code-field" hidden><label for="code">Code</label>
<input id="code" name="code" autocomplete="one-time-code" aria-describedby="code-hint">
<span id="code-hint" class="hint">From your authenticator app, or a recovery code.</span></p>
<p><button>Accept the invitation</button></p>
</form>
"#;

/// Confirms an email address, for a person who follows the link in an email.
#[utoipa::path(tag = "pages", responses((status = 200, description = "A page", content_type = "text/html")))]
#[get("/verify-email")]
pub(crate) async fn show_verify_email() -> HttpResponse {
    form("Confirm your email address", VERIFY_EMAIL)
}

/// Sets a new password, for a person who follows the link in an email.
#[utoipa::path(tag = "pages", responses((status = 200, description = "A page", content_type = "text/html")))]
#[get("/reset-password")]
pub(crate) async fn show_reset_password() -> HttpResponse {
    form("Choose a new password", RESET_PASSWORD)
}

/// Accepts an invitation, for a person who follows the link in an email.
#[utoipa::path(tag = "pages", responses((status = 200, description = "A page", content_type = "text/html")))]
#[get("/accept-invitation")]
pub(crate) async fn show_accept_invitation() -> HttpResponse {
    form("Accept the invitation", ACCEPT_INVITATION)
}

/// The script of these pages.
#[utoipa::path(tag = "pages", responses((status = 200, description = "A script", content_type = "text/javascript")))]
#[get("/letters.js")]
pub(crate) async fn read_letters_script() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/javascript; charset=utf-8")
        .insert_header((CACHE_CONTROL, "public, max-age=3600"))
        .body(SCRIPT)
}

fn form(title: &str, form: &str) -> HttpResponse {
    page_under(POLICY, Root::Here, StatusCode::OK, title, &format!("{form}{END}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::{body::to_bytes, http::header::CONTENT_SECURITY_POLICY};

    #[actix_web::test]
    async fn a_page_runs_this_servers_script_and_nothing_else() {
        for (title, body) in [
            ("Confirm", VERIFY_EMAIL),
            ("Reset", RESET_PASSWORD),
            ("Accept", ACCEPT_INVITATION),
        ] {
            let answer = form(title, body);
            let policy = answer.headers().get(CONTENT_SECURITY_POLICY).unwrap();
            let policy = policy.to_str().unwrap();
            assert!(policy.contains("script-src 'self'") && policy.contains("form-action 'none'"));
            assert!(!policy.contains("unsafe"), "{policy}");
            let html = to_bytes(answer.into_body()).await.unwrap();
            let html = std::str::from_utf8(&html).unwrap();
            assert_eq!(html.matches("<script").count(), 1);
            assert!(!html.contains("style=") && !html.contains("//"), "{html}");
        }
    }

    #[test]
    fn every_field_has_a_label_and_what_describes_it() {
        for body in [RESET_PASSWORD, ACCEPT_INVITATION] {
            let fields = body.split("<input id=\"").skip(1);
            for field in fields.filter(|field| field.contains("name=")) {
                let id = field.split('"').next().unwrap();
                assert!(body.contains(&format!("<label for=\"{id}\">")), "{id}");
                let described = field.split("aria-describedby=\"").nth(1).unwrap();
                for other in described.split('"').next().unwrap().split(' ') {
                    assert!(body.contains(&format!("<span id=\"{other}\"")), "{other}");
                }
            }
        }
    }
}
