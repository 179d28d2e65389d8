//! A copy of a Postgres database, put back as docs/OPERATIONS.md tells.

use std::process::Command;

use vitrine_test_support::database;

use super::running::refusal;
use crate::support::{Engines, Installation, Plan};

/// Runs a program of Postgres, and gives what it wrote.
fn postgres(program: &str, arguments: &[&str]) {
    let output = vitrine_test_support::postgres_program(program)
        .map(|path| Command::new(path).args(arguments).output().unwrap())
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program}: {said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_with_its_master_key_is_the_whole_installation() {
    let (first, second) = (database().await.unwrap(), database().await.unwrap());
    let before =
        Installation::start_as(Plan::on(Engines::Distributed).with("VITRINE_DATABASE__URL", &first)).await;
    let owner = before.owner("ada").await;
    let key = owner.makes_key("secret", &["accounts:read"]).await;
    let copy = before.directory.path().join("vitrine.dump");
    let copy = copy.to_str().unwrap();

    postgres(
        "pg_dump",
        &[
            "--format=custom",
            "--no-owner",
            "--file",
            copy,
            "--dbname",
            &first,
        ],
    );
    postgres(
        "pg_restore",
        &["--no-owner", "--exit-on-error", "--dbname", &second, copy],
    );

    let plan = Plan::on(Engines::Distributed).with("VITRINE_DATABASE__URL", &second);
    let after = Installation::start_as(plan).await;
    let login = serde_json::json!({"email": owner.email, "password": crate::support::PASSWORD});
    let people = after
        .http
        .post(format!("{}/v1/auth/login", after.address))
        .json(&login);
    assert_eq!(people.send().await.unwrap().status(), 200);
    let programs = after
        .http
        .get(format!("{}/v1/accounts", after.address))
        .bearer_auth(&key);
    assert_eq!(programs.send().await.unwrap().status(), 200);

    let mut other = super::running::with_app(Some("BBECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="));
    other.push(("VITRINE_DATABASE__URL", second));
    let said = refusal(after.directory.path(), "api", &other);
    assert!(said.contains("the master key is not the one"), "{said}");
}
