//! Ids of another tenant in bodies and queries, beside one's own in the path.

use super::{
    credentials::{Credential, all_of},
    document::{Document, Ids, Operation},
    places::Place,
    quiet, rows,
    scene::Tenant,
    told,
};
use crate::support::{Answer, Engines, Installation, PASSWORD, on_both_pairs};
use serde_json::json;

on_both_pairs!(what_is_anothers_is_refused_wherever_it_is_named);

/// How a credential is refused that may not call an operation at all, also in Instagram's words.
const SHUT: [&str; 3] = ["insufficient_role", "insufficient_scope", "unauthenticated"];
const SHUT_ON_GRAPH: [u64; 3] = [10, 104, 190];

async fn what_is_anothers_is_refused_wherever_it_is_named(engines: Engines) {
    let vitrine = Installation::start_as(quiet(engines)).await;
    let document = Document::of(&vitrine).await;
    let victim = Tenant::with_everything(&vitrine).await;
    let stranger = Tenant::another(&vitrine).await;
    let credentials = all_of(&stranger.owner).await;
    let before = rows(&vitrine, &victim).await;
    let mut own = stranger.ids.clone();
    own.extend([
        ("email", stranger.owner.email.clone()),
        ("password", PASSWORD.to_owned()),
    ]);
    let with = |others: &Ids| own.clone().into_iter().chain(others.clone()).collect::<Ids>();
    let (theirs, nobodys) = (with(&victim.ids), with(&victim.nobodys()));

    let mut places = 0;
    for operation in document.operations() {
        for place in document.places(&operation) {
            places += 1;
            let mut refused = Vec::new();
            for credential in &credentials {
                let ask = async |ids: &Ids| {
                    ask(&vitrine, &document, (&operation, &place), credential, &own, ids).await
                };
                let (answer, nothing) = (ask(&theirs).await, ask(&nobodys).await);
                if check(&operation, &place, credential, &answer, &nothing, &victim) {
                    refused.push(credential);
                }
            }
            let what = format!("`{}` of {}", place.name(), operation.id);
            let caller = refused
                .first()
                .unwrap_or_else(|| panic!("nobody may call with {what}"));
            let answer = ask(&vitrine, &document, (&operation, &place), caller, &own, &own).await;
            assert!(
                place.status == 200 || !refuses(&place, &answer),
                "{what}: also one's own is refused: {}",
                answer.text
            );
        }
    }

    assert!(places >= 10, "{places}");
    assert_eq!(
        rows(&vitrine, &victim).await,
        before,
        "a stranger changed something"
    );
}

/// Calls an operation with one's own things in the path, and with these ids at the place.
async fn ask(
    vitrine: &Installation,
    document: &Document,
    (operation, place): (&Operation, &Place),
    credential: &Credential,
    own: &Ids,
    ids: &Ids,
) -> Answer {
    let address = format!("{}{}", vitrine.address, operation.address_naming(place, own, ids));
    let mut request = vitrine.http.request(operation.method.clone(), address);
    if let Some(body) = document.body_naming(operation, place, ids) {
        request = request.json(&body);
    }
    Answer::of(credential.shown(vitrine, request).await.send().await.unwrap()).await
}

/// Whether the answer is the documented refusal; panics unless it is that or shuts this credential out, and is the
/// same for an id that never was anybody's.
fn check(
    operation: &Operation,
    place: &Place,
    credential: &Credential,
    theirs: &Answer,
    nothing: &Answer,
    victim: &Tenant<'_>,
) -> bool {
    let what = format!(
        "`{}` of {} as {}: {} {}",
        place.name(),
        operation.id,
        credential.name,
        theirs.status,
        theirs.text
    );
    assert_eq!(theirs.status, nothing.status, "{what}\n{}", nothing.text);
    assert_eq!(told(theirs), told(nothing), "{what}");
    for secret in victim.secrets() {
        let repeated = place.status == 400 && victim.ids.values().any(|id| *id == secret);
        assert!(
            repeated || !theirs.text.contains(&secret),
            "{secret} of another tenant in {what}"
        );
    }
    if refuses(place, theirs) {
        return true;
    }
    let body = theirs.json();
    let shut = body["code"].as_str().is_some_and(|code| SHUT.contains(&code));
    let shut_on_graph = body["error"]["code"]
        .as_u64()
        .is_some_and(|code| SHUT_ON_GRAPH.contains(&code));
    assert!(shut || shut_on_graph, "{what}");
    false
}

/// Whether this is how the document says that another's thing is refused at the place.
fn refuses(place: &Place, answer: &Answer) -> bool {
    let body = answer.json();
    let code = if place.code.is_number() {
        &body["error"]["code"]
    } else {
        &body["code"]
    };
    let said = match place.status {
        200 => place.code == "nothing_found" && body["data"] == json!([]),
        _ => *code == place.code,
    };
    let fields = body["errors"].as_array();
    let elsewhere = fields.is_some_and(|errors| {
        let field = |error: &serde_json::Value| error["field"].as_str().unwrap_or_default().to_owned();
        errors.iter().any(|error| !field(error).starts_with(place.name()))
    });
    answer.status == place.status && said && !elsewhere
}
