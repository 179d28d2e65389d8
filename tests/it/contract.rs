//! The API keeps what its OpenAPI document promises, whatever it is sent.

use crate::support::{Engines, Installation, clients::schemathesis, connected, on_both_pairs};

on_both_pairs!(nothing_that_is_generated_breaks_the_contract);

async fn nothing_that_is_generated_breaks_the_contract(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (owner, ..) = connected(&vitrine).await;

    let report = schemathesis(&vitrine.address, &owner.access_token).await;

    assert!(report.passed, "{}\n{}", report.text, vitrine.log());
}
