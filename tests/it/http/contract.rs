//! The API keeps what its OpenAPI document promises, whatever it is sent.

use crate::support::{Engines, Installation, SCOPES, clients::schemathesis, connected, on_both_pairs};

on_both_pairs!(
    nothing_that_is_generated_breaks_the_contract,
    nothing_that_a_program_generates_breaks_the_contract,
);

async fn nothing_that_is_generated_breaks_the_contract(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (owner, ..) = connected(&vitrine).await;

    let report = schemathesis(&vitrine.address, &owner.access_token).await;

    assert!(report.passed, "{}\n{}", report.text, vitrine.log());
}

async fn nothing_that_a_program_generates_breaks_the_contract(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (owner, ..) = connected(&vitrine).await;
    let key = owner.makes_key("secret", &SCOPES).await;

    let report = schemathesis(&vitrine.address, &key).await;

    assert!(report.passed, "{}\n{}", report.text, vitrine.log());
}
