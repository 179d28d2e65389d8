//! Sending callbacks, to this machine only.

use reqwest::{Client, RequestBuilder, redirect};
use serde_json::json;
use url::{Host, Url};

use super::sign::{body_signature, signed_request};
use super::{CallbackAnswer, CallbackVariant, SignedCallback, UserIdForm, WebhookCallback, WebhookEvent};
use crate::accounts::Account;
use crate::error::SimulatorError;
use crate::platform::AccountIdForm;
use crate::platform::Platform;

const THIRTY_DAYS: i64 = 30 * 86_400;
const CHALLENGE: &str = "1158201444";

impl Platform {
    pub(crate) async fn send_signed(
        &self,
        callback: &SignedCallback,
    ) -> Result<Vec<CallbackAnswer>, SimulatorError> {
        let url = loopback(&callback.url)?;
        let account = self.accounts.named(&callback.account)?;
        let form = match callback.user_id {
            UserIdForm::AppScoped => AccountIdForm::AppScoped,
            UserIdForm::Professional => AccountIdForm::Professional,
            UserIdForm::Exchange => AccountIdForm::Exchange,
        };
        let payload = json!({
            "algorithm": "HMAC-SHA256",
            "issued_at": self.issued_at(callback.variant),
            "user_id": self.account_id(&account, form).to_string(),
        });
        let request = signed_request(&self.secret(callback.variant), &payload.to_string());
        let build = |client: &Client| client.post(url.clone()).form(&[("signed_request", &request)]);
        deliver(build, callback.variant).await
    }

    pub(crate) async fn send_webhook(
        &self,
        callback: &WebhookCallback,
    ) -> Result<Vec<CallbackAnswer>, SimulatorError> {
        let url = loopback(&callback.url)?;
        let account = self.accounts.named(&callback.account)?;
        match &callback.event {
            WebhookEvent::Handshake { verify_token } => {
                let query = [
                    ("hub.mode", "subscribe"),
                    ("hub.challenge", CHALLENGE),
                    ("hub.verify_token", verify_token.as_str()),
                ];
                deliver(
                    |client| client.get(url.clone()).query(&query),
                    CallbackVariant::Valid,
                )
                .await
            }
            WebhookEvent::Comment { text } => {
                let body = self.comment(&account, text, callback.variant);
                let signature = body_signature(&self.secret(callback.variant), body.as_bytes());
                let build = |client: &Client| {
                    client
                        .post(url.clone())
                        .header("content-type", "application/json")
                        .header("user-agent", "facebookexternalua")
                        .header("facebook-api-version", "v25.0")
                        .header("x-hub-signature-256", format!("sha256={signature}"))
                        .body(body.clone())
                };
                deliver(build, callback.variant).await
            }
        }
    }

    fn comment(&self, account: &Account, text: &str, variant: CallbackVariant) -> String {
        let newest = self
            .shelves
            .media_of(account)
            .first()
            .map(|media| self.media_id(account, media, 0));
        json!({
            "object": "instagram",
            "entry": [{
                "id": self.account_id(account, AccountIdForm::Professional).to_string(),
                "time": self.issued_at(variant),
                "changes": [{
                    "field": "comments",
                    "value": {
                        "id": "17865799348089039",
                        "text": text,
                        "from": {"id": "25000000000000001", "username": "a.visitor"},
                        "media": {"id": newest.unwrap_or_default().to_string(), "media_product_type": "FEED"},
                    },
                }],
            }],
        })
        .to_string()
    }

    fn issued_at(&self, variant: CallbackVariant) -> i64 {
        let age = if variant == CallbackVariant::Stale {
            THIRTY_DAYS
        } else {
            0
        };
        self.clock.unix_now() - age
    }

    fn secret(&self, variant: CallbackVariant) -> String {
        let secret = &self.settings.client_secret;
        if variant == CallbackVariant::BadSignature {
            format!("not {secret}")
        } else {
            secret.clone()
        }
    }
}

async fn deliver(
    build: impl Fn(&Client) -> RequestBuilder,
    variant: CallbackVariant,
) -> Result<Vec<CallbackAnswer>, SimulatorError> {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Lost only to another thread that installed one meanwhile, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
    let client = Client::builder()
        .redirect(redirect::Policy::none())
        .no_proxy()
        .build()?;
    let times = if variant == CallbackVariant::Replay { 2 } else { 1 };
    let mut answers = Vec::with_capacity(times);
    for _ in 0..times {
        let response = build(&client).send().await?;
        answers.push(CallbackAnswer {
            status: response.status().as_u16(),
            body: response.text().await?,
        });
    }
    Ok(answers)
}

/// Refuses any address but this machine's: the simulator is no tool to reach other hosts with.
fn loopback(text: &str) -> Result<Url, SimulatorError> {
    let refused = || SimulatorError::NotLoopback(text.to_owned());
    let url = Url::parse(text).map_err(|_| refused())?;
    let is_loopback = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    (is_loopback && matches!(url.scheme(), "http" | "https"))
        .then_some(url)
        .ok_or_else(refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_called() {
        for good in ["http://127.0.0.1:8080/x", "http://[::1]/x", "http://localhost:1/"] {
            assert!(loopback(good).is_ok(), "{good}");
        }
        for bad in [
            "http://10.0.0.1/",
            "http://localhost.example/",
            "ftp://127.0.0.1/",
            "nonsense",
        ] {
            assert!(loopback(bad).is_err(), "{bad}");
        }
    }
}
