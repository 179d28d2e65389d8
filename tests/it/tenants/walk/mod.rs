//! Tenants stay apart: every operation of the OpenAPI document is called with every id of another tenant, by
//! every kind of credential, and by credentials that are no good. A new route is covered without anybody
//! remembering it; one with a new kind of id fails here until [`scene`] says which one another tenant has.

mod credentials;
mod document;
mod named;
mod places;
mod scene;
mod wrong_kinds;

use crate::support::{Answer, Engines, Installation, Owner, Plan, on_both_pairs, rows_of};
use credentials::{Credential, bad_ones, keys_of, stranger};
use document::{Document, Ids, Operation};
use scene::Tenant;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use wrong_kinds::wrong_kinds;

on_both_pairs!(
    nobody_reaches_what_is_anothers,
    nobody_gets_in_without_a_good_credential,
    no_key_opens_what_is_for_people,
    no_operation_reads_a_body_that_the_document_hides,
);

/// What passes by itself: visitors' requests are written down, what is due is done, sign-ins are renewed.
const MOVES_BY_ITSELF: [&str; 2] = ["usage_day", "outbox"];

fn quiet(engines: Engines) -> Plan {
    Plan::on(engines)
        .with(
            "VITRINE_INSTAGRAM__WEBHOOK_VERIFY_TOKEN",
            wrong_kinds::VERIFY_TOKEN,
        )
        .with("VITRINE_SCHEDULE__SYNC_EVERY", "24h")
        .with("VITRINE_LOG", "warn")
}

/// The victim's rows, as far as only the victim moves them.
async fn rows(vitrine: &Installation, victim: &Tenant<'_>) -> BTreeMap<String, Vec<String>> {
    let mut rows = rows_of(vitrine, victim.tenant).await;
    rows.retain(|table, _| !MOVES_BY_ITSELF.contains(&table.as_str()));
    rows
}

async fn nobody_reaches_what_is_anothers(engines: Engines) {
    let vitrine = Installation::start_as(quiet(engines)).await;
    let document = Document::of(&vitrine).await;
    let victim = Tenant::with_everything(&vitrine).await;
    let strangers = stranger(&vitrine).await;
    let nobodys = victim.nobodys();
    let before = rows(&vitrine, &victim).await;

    for operation in document.operations() {
        for credential in &strangers {
            let theirs = call(&vitrine, &document, &operation, credential, &victim.ids).await;
            let nothing = call(&vitrine, &document, &operation, credential, &nobodys).await;
            check(&operation, credential, &theirs, &nothing, &victim);
        }
    }

    let after = rows(&vitrine, &victim).await;
    assert_eq!(after, before, "a stranger changed something");
    victim.owner.get("/v1/tenant").await.expect(200);
}

async fn call(
    vitrine: &Installation,
    document: &Document,
    operation: &Operation,
    credential: &Credential,
    ids: &Ids,
) -> Answer {
    let address = format!("{}{}", vitrine.address, operation.address(ids));
    let mut request = vitrine.http.request(operation.method.clone(), address);
    if let Some(body) = document.body(operation, ids) {
        request = request.json(&body);
    }
    let request = credential.shown(vitrine, request).await;
    Answer::of(request.send().await.unwrap()).await
}

/// What is another's does not exist: the answer is that for an id that never was anybody's, to the letter, and
/// tells nothing of the victim.
fn check(
    operation: &Operation,
    credential: &Credential,
    theirs: &Answer,
    nothing: &Answer,
    victim: &Tenant<'_>,
) {
    let what = format!(
        "{} as {}: {} {}",
        operation.id, credential.name, theirs.status, theirs.text
    );
    assert!(theirs.status.as_u16() < 500, "{what}");
    let asked = operation.address(&victim.ids);
    let secrets = victim.secrets();
    for secret in secrets.iter().filter(|secret| !asked.contains(secret.as_str())) {
        assert!(
            !theirs.text.contains(secret.as_str()),
            "{secret} of another tenant in {what}"
        );
    }
    if !(operation.is_guarded() && operation.names_a_thing()) {
        return;
    }
    assert!(theirs.status.is_client_error(), "{what}");
    assert_eq!(theirs.status, nothing.status, "{what}\n{}", nothing.text);
    assert_eq!(told(theirs), told(nothing), "{what}");
    if operation.path.starts_with("/graph") {
        return;
    }
    let code = theirs.json()["code"].as_str().unwrap_or_default().to_owned();
    let refusals = [
        "not_found",
        "insufficient_role",
        "insufficient_scope",
        "unauthenticated",
    ];
    assert!(refusals.contains(&code.as_str()), "{what}");
    assert_eq!(theirs.status == 404, code == "not_found", "{what}");
}

/// An answer without what differs between two requests anyway.
fn told(answer: &Answer) -> Value {
    let mut body: Value = serde_json::from_str(&answer.text).unwrap_or(Value::Null);
    if let Some(fields) = body.as_object_mut() {
        fields.remove("instance");
        if let Some(error) = fields.get_mut("error").and_then(Value::as_object_mut) {
            error.remove("fbtrace_id");
            // Instagram's words repeat the id.
            error.remove("message");
        }
    }
    body
}

async fn nobody_gets_in_without_a_good_credential(engines: Engines) {
    let vitrine = Installation::start_as(quiet(engines)).await;
    let document = Document::of(&vitrine).await;
    let victim = Tenant::with_everything(&vitrine).await;
    let mut bad = bad_ones(&vitrine, &victim).await;
    bad.extend(wrong_kinds(&vitrine, &victim).await);

    for operation in document
        .operations()
        .iter()
        .filter(|operation| operation.is_guarded())
    {
        for credential in &bad {
            let answer = call(&vitrine, &document, operation, credential, &victim.ids).await;
            let what = format!(
                "{} with {}: {} {}",
                operation.id, credential.name, answer.status, answer.text
            );
            if operation.path.starts_with("/graph") {
                assert!([400, 401, 403].contains(&answer.status.as_u16()), "{what}");
                assert!(answer.json()["error"]["code"].is_number(), "{what}");
                continue;
            }
            assert_eq!(answer.status, 401, "{what}");
            // Where only keys are read, another credential is none.
            let code = answer.problem(401);
            let unread = !operation.reads_bearers() && code == "unauthenticated";
            assert!(unread || credential.refused_as.contains(&code.as_str()), "{what}");
            assert!(answer.header("www-authenticate").starts_with("Bearer"), "{what}");
        }
    }
}

async fn no_key_opens_what_is_for_people(engines: Engines) {
    let vitrine = Installation::start_as(quiet(engines)).await;
    let document = Document::of(&vitrine).await;
    let tenant = Tenant::with_everything(&vitrine).await;
    let keys = keys_of(&tenant.owner).await;
    let before = rows(&vitrine, &tenant).await;
    let mut operations = document.operations();
    operations.retain(|operation| operation.is_guarded() && !operation.takes_keys());
    assert!(operations.len() > 20, "{operations:?}");

    for operation in &operations {
        for key in &keys {
            let answer = call(&vitrine, &document, operation, key, &tenant.ids).await;
            let what = format!("{} with {}", operation.id, key.name);
            assert_eq!(answer.problem(403), "insufficient_scope", "{what}");
        }
    }

    let mut after = rows(&vitrine, &tenant).await;
    // When a key was last used.
    after.insert("api_key".to_owned(), before["api_key"].clone());
    assert_eq!(after, before);
}

async fn no_operation_reads_a_body_that_the_document_hides(engines: Engines) {
    let vitrine = Installation::start_as(quiet(engines)).await;
    let document = Document::of(&vitrine).await;
    let tenant = Tenant::with_everything(&vitrine).await;
    let mut operations = document.operations();
    operations.retain(|operation| operation.is_guarded() && document.body_schema(operation).is_none());

    for operation in operations {
        let path = operation.address(&tenant.nobodys());
        let owner = Owner::signs_in(&vitrine, &tenant.owner.email).await;
        let request = owner.request(operation.method.clone(), &path);
        let request = request.json(&json!({"nobody_knows_this": true}));
        let answer = Answer::of(request.send().await.unwrap()).await;
        assert!(
            !answer.text.contains("nobody_knows_this"),
            "{}: {}",
            operation.id,
            answer.text
        );
    }
}
