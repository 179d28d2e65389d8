//! The webhook: its handshake, and the syncs that it brings forward.

use super::{at, code_of};
use crate::support::{Engines, Installation, Plan, on_both_pairs};
use std::time::Duration;
use vitrine_simulator::{CallbackVariant, WebhookCallback, WebhookEvent};

on_both_pairs!(a_webhook_shakes_hands_and_brings_a_sync_forward);

const WEBHOOK: &str = "/v1/instagram/webhook";
const AGREED: &str = "the token agreed on";

async fn a_webhook_shakes_hands_and_brings_a_sync_forward(engines: Engines) {
    let plan = Plan::on(engines).with("VITRINE_INSTAGRAM__WEBHOOK_VERIFY_TOKEN", AGREED);
    let vitrine = Installation::start_as(plan).await;
    let mut owner = vitrine.owner("ada").await;
    let account = owner.connects("vitrine.demo").await;
    let synced = owner
        .account_that(&account, |account| !account["sync"]["last_at"].is_null())
        .await;
    let tell = async |event, variant| {
        let callback = WebhookCallback {
            url: at(&vitrine, WEBHOOK),
            account: "vitrine.demo".to_owned(),
            event,
            variant,
        };
        vitrine.simulator.send_webhook(&callback).await.unwrap().remove(0)
    };
    let shake = |token: &str| WebhookEvent::Handshake {
        verify_token: token.to_owned(),
    };
    let comment = || WebhookEvent::Comment {
        text: "Nice".to_owned(),
    };

    let shaken = tell(shake(AGREED), CallbackVariant::Valid).await;
    assert_eq!((shaken.status, shaken.body.as_str()), (200, "1158201444"));
    let wrong = tell(shake("another"), CallbackVariant::Valid).await;
    assert_eq!(code_of(&wrong), (403, "invalid_verify_token".to_owned()));
    let forged = tell(comment(), CallbackVariant::BadSignature).await;
    assert_eq!(code_of(&forged), (403, "invalid_signature".to_owned()));

    vitrine.advance(Duration::from_secs(20 * 60)).await;
    owner.signs_in_again().await;
    assert_eq!(
        owner.account(&account).await["sync"]["last_at"],
        synced["sync"]["last_at"]
    );
    let replayed = tell(comment(), CallbackVariant::Replay).await;
    assert_eq!(replayed.status, 200, "{replayed:?}");
    vitrine.advance(Duration::from_secs(20)).await;
    owner
        .account_that(&account, |account| {
            account["sync"]["last_at"] != synced["sync"]["last_at"]
        })
        .await;
}
