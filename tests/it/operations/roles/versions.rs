//! A database that a newer version of the program has changed.

use std::process::Command;

use sea_orm::ConnectionTrait;
use vitrine_base::database::{Database, DatabaseSettings, Pooler};
use vitrine_test_support::{database, wait_until};

use super::running::{KEY, PATIENCE, Running, answers, client, with_app};

/// How a role ended, and what it said.
fn ended(
    directory: &std::path::Path,
    role: &str,
    variables: &[(&'static str, String)],
) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_vitrine"))
        .env_clear()
        .current_dir(directory)
        .arg(role)
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .output()
        .unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

/// Does what a newer version's `migrate` does.
async fn migrate_as_newer(url: &str, companions_know: &str) {
    let settings = DatabaseSettings {
        url: url.into(),
        max_connections: 1,
        pooler: Pooler::None,
    };
    let database = Database::connect(&settings).await.unwrap();
    for sql in [
        "insert into seaql_migrations (version, applied_at) values ('m29991231_000001_newer', 0)
         on conflict do nothing"
            .to_owned(),
        format!("update installation set value = '{companions_know}' where name = 'companions_know'"),
    ] {
        database.connection().execute_unprepared(&sql).await.unwrap();
    }
}

#[tokio::test]
async fn an_older_version_runs_beside_a_newer_one_or_says_why_not() {
    let directory = tempfile::tempdir().unwrap();
    let (path, url) = (directory.path(), database().await.unwrap());
    let mut variables = with_app(Some(KEY));
    variables.push(("VITRINE_DATABASE__URL", url.clone()));
    assert_eq!(ended(path, "migrate", &variables).0, Some(0));

    migrate_as_newer(&url, "m20261125_000091_whose_letters").await;
    let (code, said) = ended(path, "migrate", &variables);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("a newer version migrated the database"), "{said}");
    let mut beside = Running::start(path, &["up"], &variables);
    let ready = format!("{}/readyz", beside.base());
    wait_until(PATIENCE, async || answers(&client(), &ready).await)
        .await
        .unwrap();

    migrate_as_newer(&url, "m29991231_000001_newer").await;
    wait_until(PATIENCE, async || !answers(&client(), &ready).await)
        .await
        .unwrap();
    assert!(beside.terminate().success());
    for role in ["migrate", "api", "worker", "up"] {
        let (code, said) = ended(path, role, &variables);
        assert_eq!(code, Some(3), "{role}: {said}");
        assert!(
            said.contains("a newer version has changed the database")
                && said.contains("m29991231_000001_newer"),
            "{role}: {said}"
        );
    }
}
