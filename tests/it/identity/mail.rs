//! Letters leave, once, whatever dies on the way.

use crate::support::{Engines, Installation, Plan, on_both_pairs};
use serde_json::json;
use std::time::Duration;
use vitrine_test_support::{MailServer, Manner, wait_until};

on_both_pairs!(
    a_letter_outlives_the_process_that_was_sending_it,
    letters_wait_for_their_server
);

async fn installation(engines: Engines, server: &MailServer) -> Installation {
    let plan = Plan::on(engines)
        .with("VITRINE_MAIL__URL", server.url.as_str())
        .with("VITRINE_MAIL__FROM", "Vitrine <photos@example.com>");
    Installation::start_as(plan).await
}

async fn until(vitrine: &Installation, what: &str, mut holds: impl FnMut() -> bool) {
    let held = wait_until(Duration::from_secs(20), async || holds()).await;
    assert!(held.is_ok(), "{what}:\n{}", vitrine.log());
}

async fn a_letter_outlives_the_process_that_was_sending_it(engines: Engines) {
    let server = MailServer::start().await.unwrap();
    server.will(&[Manner::Waits]);
    let mut vitrine = installation(engines, &server).await;
    vitrine.owner("ada").await;
    until(&vitrine, "no letter was begun", || server.conversations() == 1).await;

    vitrine.crash().await;
    vitrine.advance(Duration::from_mins(4)).await;

    // Whether the mark was made before the process died decides: without it the letter is sent, with it nobody
    // knows, and it is not. It is never sent twice.
    vitrine.owner("bob").await;
    let to = |name: &str| {
        let wanted = format!("To: {name}@example.com");
        server
            .letters()
            .iter()
            .filter(|letter| letter.contains(&wanted))
            .count()
    };
    until(&vitrine, "bob's letter was not sent", || to("bob") == 1).await;
    until(&vitrine, "ada's letter was forgotten", || {
        to("ada") == 1 || vitrine.log().contains("an email was given up")
    })
    .await;
    vitrine.advance(Duration::from_hours(2)).await;
    vitrine.owner("eve").await;
    until(&vitrine, "eve's letter was not sent", || to("eve") == 1).await;
    assert!(to("ada") <= 1 && to("bob") == 1);
}

async fn letters_wait_for_their_server(engines: Engines) {
    let server = MailServer::start().await.unwrap();
    server.will(&[Manner::RefusesRecipient(450), Manner::RefusesLetter(452)]);
    let vitrine = installation(engines, &server).await;
    vitrine.owner("ada").await;

    until(&vitrine, "the letter did not come", || {
        server.letters().len() == 1
    })
    .await;

    assert_eq!(server.conversations(), 3);
    // The server has the letter before the worker has its answer.
    until(&vitrine, "it was not logged", || {
        vitrine.log().contains("an email was sent")
    })
    .await;
    let log = vitrine.log();
    assert!(
        !log.contains("ada@example.com") && !log.contains("vt_ev_"),
        "{log}"
    );
}

#[tokio::test]
async fn an_api_process_sends_nothing() {
    let server = MailServer::start().await.unwrap();
    let mut plan = Plan::on(Engines::Distributed)
        .with("VITRINE_MAIL__URL", server.url.as_str())
        .with("VITRINE_MAIL__FROM", "photos@example.com");
    plan.workers = 0;
    let mut vitrine = Installation::start_as(plan).await;
    let owner = vitrine.owner("ada").await;
    owner
        .post("/v1/me/email/verification", &json!({}))
        .await
        .expect(202);
    drop(owner);
    assert_eq!(server.conversations(), 0);

    vitrine.start_workers(1).await;

    until(&vitrine, "the worker did not send", || {
        server.letters().len() == 2
    })
    .await;
}
