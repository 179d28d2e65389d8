//! Callbacks that Meta did not sign.

use super::{DEAUTHORIZE, DELETION, at, code_of};
use crate::support::{Engines, Installation, on_both_pairs};
use reqwest::Method;
use serde_json::json;
use vitrine_simulator::{CallbackVariant, SignedCallback};

on_both_pairs!(unsigned_callbacks_are_refused);

async fn unsigned_callbacks_are_refused(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let ours = vitrine.owner("ours").await;
    let account = ours.connects("vitrine.demo").await;
    for path in [DEAUTHORIZE, DELETION] {
        for variant in [CallbackVariant::BadSignature, CallbackVariant::Stale] {
            let callback = SignedCallback {
                variant,
                ..SignedCallback::new(at(&vitrine, path), "vitrine.demo")
            };
            let answers = vitrine.simulator.send_signed(&callback).await.unwrap();
            assert_eq!(
                code_of(&answers[0]),
                (400, "invalid_signed_request".to_owned()),
                "{variant:?}"
            );
        }
        for body in [
            "",
            "signed_request=",
            "signed_request=a.b.c",
            "other=1",
            "signed_request=%00",
        ] {
            let refused = vitrine.program(None).request(Method::POST, path).body(body);
            let refused = refused.header("content-type", "application/x-www-form-urlencoded");
            assert_eq!(refused.send().await.unwrap().status(), 400, "{body}");
        }
        let json = vitrine.program(None).request(Method::POST, path).json(&json!({}));
        assert_eq!(json.send().await.unwrap().status(), 415);
        let huge = vitrine
            .program(None)
            .request(Method::POST, path)
            .form(&[("signed_request", "a".repeat(20_000))]);
        assert_eq!(huge.send().await.unwrap().status(), 413);
    }
    assert_eq!(ours.account(&account).await["status"], "active");
}
