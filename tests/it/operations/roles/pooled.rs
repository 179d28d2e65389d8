//! An installation behind PgBouncer in its transaction mode.

use vitrine_test_support::{PgBouncer, database};

use super::running::{KEY, command, refusal, with_app};
use crate::support::{Engines, Installation, Plan};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_works_behind_a_pooler_that_gives_each_transaction_another_server() {
    let pooler = PgBouncer::before(&database().await.unwrap()).await.unwrap();
    let plan = Plan::on(Engines::Distributed)
        .with("VITRINE_DATABASE__URL", pooler.url())
        .with("VITRINE_DATABASE__POOLER", "transaction");
    let mut vitrine = Installation::start_as(plan).await;
    let owner = vitrine.owner("ada").await;

    let key = owner.makes_key("secret", &["accounts:read"]).await;
    let accounts = (0..8).map(|_| {
        vitrine
            .http
            .get(format!("{}/v1/accounts", vitrine.address))
            .bearer_auth(&key)
            .send()
    });
    for answer in futures::future::join_all(accounts).await {
        assert_eq!(answer.unwrap().status(), 200);
    }

    vitrine.is_ready().await;
    let log = vitrine.log();
    assert!(!log.contains("prepared statement"), "{log}");
}

#[tokio::test]
async fn a_start_behind_such_a_pooler_names_the_setting_that_is_missing() {
    let pooler = PgBouncer::before(&database().await.unwrap()).await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let mut variables = with_app(Some(KEY));
    variables.push(("VITRINE_DATABASE__URL", pooler.url().to_owned()));
    // Leaves its statements with the servers, where it does not fail itself.
    let _first = command(directory.path(), &["migrate"], &variables).output();

    let said = refusal(directory.path(), "migrate", &variables);

    assert!(said.contains("set database.pooler = "), "{said}");
}
