//! What a role refuses to start with.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;

use vitrine_test_support::{database, free_port};

use super::{KEY, Shell};

#[test]
fn api_and_worker_refuse_to_start_without_key_or_credentials() {
    for role in ["api", "worker"] {
        Shell::new()
            .with_app()
            .run(&[role])
            .refuses(2, &["security.master_key", "openssl rand -base64 32"]);
        let without_app = Shell::new().set("VITRINE_SECURITY__MASTER_KEY", KEY);
        without_app.run(&[role]).refuses(2, &["instagram.client_id"]);
    }
}

#[test]
fn without_redis_a_process_warns_that_it_shares_nothing() {
    for role in ["api", "worker"] {
        let alone = Shell::new().with_app().set("VITRINE_SECURITY__MASTER_KEY", KEY);
        let said = alone.run(&[role, "--listen", "127.0.0.1:0"]).said;
        let mut warnings = said.lines().filter(|line| line.contains("WARN"));
        assert!(
            warnings.any(|line| line.contains("redis.url") && line.contains("a minute")),
            "{said}"
        );
    }
}

#[test]
fn a_database_on_another_machine_without_a_word_about_tls_is_warned_of() {
    // Nobody listens; 0.0.0.0 is this machine, and not known as such.
    let database = format!(
        "postgres://owner:hunter2@0.0.0.0:{}/vitrine",
        free_port().unwrap()
    );
    let warned = |address: String| {
        let said = Shell::new()
            .set("VITRINE_DATABASE__URL", address)
            .run(&["migrate"])
            .said;
        assert!(!said.contains("hunter2"), "{said}");
        said.lines()
            .any(|line| line.contains("WARN") && line.contains("sslmode=verify-full"))
    };

    assert!(warned(database.clone()));
    assert!(!warned(format!("{database}?sslmode=disable")));
    assert!(!warned(database.replace("0.0.0.0", "127.0.0.1")));
}

#[test]
fn everything_in_one_process_needs_an_app_or_the_demo() {
    Shell::new()
        .set("VITRINE_DEMO__ENABLED", "false")
        .run(&["up"])
        .refuses(2, &["instagram.client_id"]);
}

#[test]
fn pending_migrations_are_refused_until_they_are_applied() {
    for role in ["api", "worker"] {
        let shell = Shell::new().with_app().set("VITRINE_SECURITY__MASTER_KEY", KEY);
        shell
            .run(&[role, "--listen", "127.0.0.1:0"])
            .refuses(1, &["vitrine migrate"]);
    }
}

#[tokio::test]
async fn pending_migrations_are_refused_on_postgres_too() {
    let shell = Shell::new()
        .with_app()
        .set("VITRINE_SECURITY__MASTER_KEY", KEY)
        .set("VITRINE_DATABASE__URL", database().await.unwrap());

    shell.run(&["worker"]).refuses(1, &["vitrine migrate"]);
    let migrated = shell.run(&["migrate"]);
    let again = shell.run(&["migrate"]);

    assert_eq!(
        (migrated.code, again.code),
        (Some(0), Some(0)),
        "{}",
        migrated.said
    );
    assert!(again.said.contains("\"applied\":0"), "{}", again.said);
}

#[test]
fn what_cannot_be_reached_is_named_without_its_password() {
    let port = free_port().unwrap();
    let database = format!("postgres://owner:hunter2@127.0.0.1:{port}/vitrine");
    let ended = Shell::new()
        .set("VITRINE_DATABASE__URL", database)
        .run(&["migrate"]);
    ended.refuses(1, &["database", &format!("127.0.0.1:{port}"), "refused"]);
    assert!(!ended.said.contains("hunter2"), "{}", ended.said);
}

#[test]
fn last_words_are_written_as_the_log_is() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let shell = || Shell::new().with_app().set("VITRINE_SECURITY__MASTER_KEY", KEY);
    let arguments = ["api", "--listen", &address];

    let json = shell().run(&arguments);
    let line: serde_json::Value = serde_json::from_str(json.said.lines().last().unwrap()).unwrap();
    assert_eq!(
        (&line["level"], &line["fatal"]),
        (&"ERROR".into(), &true.into()),
        "{line}"
    );
    assert!(
        line["message"].as_str().unwrap().contains("cannot listen"),
        "{line}"
    );

    let text = shell().set("VITRINE_LOGGING__FORMAT", "text").run(&arguments);
    assert!(
        text.said
            .lines()
            .last()
            .unwrap()
            .starts_with("vitrine: cannot listen"),
        "{}",
        text.said
    );
    // The settings cannot be read, and choose the format all the same.
    let broken = shell()
        .set("VITRINE_LOGGING__FORMAT", "text")
        .set("VITRINE_SERVER__WORKERS", "many");
    let broken = broken.run(&["worker"]);
    assert!(
        broken.said.starts_with("vitrine: configuration: "),
        "{}",
        broken.said
    );
    // Whoever asks by hand is answered as a person.
    let asked = Shell::new()
        .set("VITRINE_SERVER__WORKERS", "many")
        .run(&["check-config"]);
    assert!(
        asked.said.starts_with("vitrine: configuration: "),
        "{}",
        asked.said
    );
}

#[test]
fn a_taken_port_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let shell = Shell::new().with_app().set("VITRINE_SECURITY__MASTER_KEY", KEY);

    shell
        .run(&["api", "--listen", &address])
        .refuses(1, &["cannot listen", &address, "--listen"]);
    shell
        .run(&["simulator", "--listen", &address])
        .refuses(1, &["simulator", &address, "--listen"]);
}

#[test]
fn a_simulator_says_how_to_use_it_and_keeps_a_real_secret_to_itself() {
    let simulator = |shell: Shell| {
        let shell = shell.set("VITRINE_SIMULATOR__LISTEN", "127.0.0.1:0");
        shell.greets(&["simulator"])
    };

    let alone = simulator(Shell::new());
    let beside_an_app = simulator(Shell::new().with_app());

    for words in [
        "VITRINE_INSTAGRAM__CLIENT_SECRET=simulator-app-secret",
        "/oauth/authorize",
        "VITRINE_SIMULATOR__URL=http://127.0.0.1:",
    ] {
        assert!(alone.contains(words), "{words}: {alone}");
    }
    assert!(
        beside_an_app.contains("your instagram.client_secret"),
        "{beside_an_app}"
    );
    assert!(
        !beside_an_app.contains("app-secret-of-the-test"),
        "{beside_an_app}"
    );
}

#[test]
fn a_master_key_that_others_can_read_is_refused() {
    let shell = Shell::new();
    let key = shell.path().join("data/master.key");
    fs::create_dir(shell.path().join("data")).unwrap();
    fs::write(&key, KEY).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();

    shell
        .run(&["--listen", "127.0.0.1:0"])
        .refuses(2, &["master.key", "chmod 600"]);
}

#[test]
fn the_health_check_fails_when_nobody_answers() {
    let (api, metrics) = (free_port().unwrap(), free_port().unwrap());
    let shell = Shell::new()
        .set("VITRINE_SERVER__LISTEN", format!("127.0.0.1:{api}"))
        .set("VITRINE_SERVER__METRICS_LISTEN", format!("127.0.0.1:{metrics}"));

    shell.run(&["healthcheck"]).refuses(1, &["/readyz"]);
}

#[test]
fn help_names_every_role() {
    let help = Shell::new().run(&["--help"]);

    assert_eq!(help.code, Some(0));
    for word in [
        "up",
        "api",
        "worker",
        "migrate",
        "simulator",
        "check-config",
        "healthcheck",
        "--database-url",
    ] {
        assert!(help.printed.contains(word), "{word}");
    }
    assert_eq!(Shell::new().run(&["serve"]).code, Some(2));
}
