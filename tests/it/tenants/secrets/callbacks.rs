//! Meta's calls.

use super::{Secrets, VERIFY_TOKEN};
use crate::support::Installation;
use reqwest::Method;
use vitrine_simulator::{CallbackVariant, NewAccount, SignedCallback, WebhookCallback, WebhookEvent};

/// Meta's calls about somebody who is not connected, genuine and forged.
pub(super) async fn callbacks(vitrine: &Installation, secrets: &mut Secrets) {
    vitrine
        .simulator
        .add_account(NewAccount::named("stranger.shop"))
        .unwrap();
    for path in ["/v1/instagram/deauthorize", "/v1/instagram/data-deletion"] {
        for variant in [CallbackVariant::Valid, CallbackVariant::BadSignature] {
            let callback = SignedCallback {
                variant,
                ..SignedCallback::new(format!("{}{path}", vitrine.address), "stranger.shop")
            };
            vitrine.simulator.send_signed(&callback).await.unwrap();
        }
    }
    let forged = "c2lnbmF0dXJlLXRoYXQtd2FzLW1hZGUtdXA.eyJhbGdvcml0aG0iOiJITUFDIn0";
    let form = [("signed_request", forged)];
    let sent = vitrine
        .program(None)
        .request(Method::POST, "/v1/instagram/deauthorize")
        .form(&form)
        .send()
        .await;
    assert_eq!(sent.unwrap().status(), 400);
    secrets.add("signed request", forged);
    for event in [
        WebhookEvent::Handshake {
            verify_token: VERIFY_TOKEN.to_owned(),
        },
        WebhookEvent::Comment {
            text: "Nice".to_owned(),
        },
    ] {
        let callback = WebhookCallback {
            url: format!("{}/v1/instagram/webhook", vitrine.address),
            account: "vitrine.demo".to_owned(),
            event,
            variant: CallbackVariant::Valid,
        };
        assert_eq!(
            vitrine.simulator.send_webhook(&callback).await.unwrap()[0].status,
            200
        );
    }
}
