//! What a start in front of the real Instagram tells.

use std::io::Read;
use std::path::Path;
use std::time::{Duration, Instant};

use super::running::{KEY, PATIENCE, Running, client, command, with_app};
use vitrine_test_support::{database, redis, wait_until};

/// What it prints to the end, and what it warns of.
pub(super) fn told(directory: &Path, more: &[(&'static str, &str)]) -> (String, String) {
    let log = directory.join("log");
    let mut variables = with_app(None);
    variables.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
    let mut running = Running::start_warning(directory, &variables, &log);
    let mut printed = String::new();
    let mut lines = running.printed();
    while !printed.contains("/docs") {
        let read = std::io::BufRead::read_line(&mut lines, &mut printed).unwrap();
        assert!(read > 0, "{printed}");
    }
    assert!(running.terminate().success());
    lines.read_to_string(&mut printed).unwrap();
    (printed, std::fs::read_to_string(&log).unwrap())
}

#[test]
fn what_is_next_is_told_and_what_is_missing_once_each() {
    let directory = tempfile::tempdir().unwrap();

    let (printed, warned) = told(directory.path(), &[]);

    for words in ["/v1/oauth/instagram/callback", "/v1/auth/register", "Meta"] {
        assert!(printed.contains(words), "{words}: {printed}");
    }
    for setting in [
        "set server.public_url",
        "set mail.url",
        "set signup.enabled = false",
    ] {
        assert_eq!(warned.matches(setting).count(), 1, "{setting}: {warned}");
    }
}

#[test]
fn a_start_with_everything_set_warns_of_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let everything = [
        ("VITRINE_SERVER__PUBLIC_URL", "https://feeds.example.com"),
        ("VITRINE_MAIL__URL", "smtps://user:password@mail.example.com"),
        ("VITRINE_MAIL__FROM", "Photos <photos@example.com>"),
        ("VITRINE_SIGNUP__ENABLED", "false"),
        // As many as the system lets any process have.
        ("VITRINE_SERVER__MAX_CONNECTIONS", "500"),
    ];

    let (printed, warned) = told(directory.path(), &everything);

    assert!(
        printed.contains("https://feeds.example.com/v1/oauth"),
        "{printed}"
    );
    assert_eq!(warned, "");
}

#[tokio::test]
async fn each_role_warns_of_what_it_does_itself() {
    let (directory, redis) = (tempfile::tempdir().unwrap(), redis().await.unwrap());
    let (path, log) = (directory.path(), directory.path().join("log"));
    let mut variables = with_app(Some(KEY));
    variables.extend([
        ("VITRINE_DATABASE__URL", database().await.unwrap()),
        ("VITRINE_REDIS__URL", redis.url),
        ("VITRINE_REDIS__PREFIX", redis.prefix),
        ("VITRINE_SHUTDOWN__DRAIN", "0s".to_owned()),
    ]);
    let migrated = command(path, &["migrate"], &variables).status();
    assert!(migrated.unwrap().success());
    let answering = &["set server.public_url", "set signup.enabled = false"][..];
    let sending = &["set mail.url"][..];

    for (role, own, of_others) in [("api", answering, sending), ("worker", sending, answering)] {
        let running = Running::start_logging(path, role, &variables, "vitrine=warn", &log);
        let said = || std::fs::read_to_string(&log).unwrap();
        let warned = wait_until(PATIENCE, async || own.iter().all(|words| said().contains(words)));
        assert!(warned.await.is_ok(), "{role}: {}", said());
        assert!(running.terminate().success());
        assert!(
            !of_others.iter().any(|words| said().contains(words)),
            "{role}: {}",
            said()
        );
    }
}

/// No other process would answer meanwhile.
#[test]
fn everything_in_one_process_ends_without_a_drain() {
    let directory = tempfile::tempdir().unwrap();
    let running = Running::start_up(directory.path(), &with_app(None));
    let since = Instant::now();

    assert!(running.terminate().success());

    assert!(since.elapsed() < Duration::from_secs(5), "{:?}", since.elapsed());
}

#[tokio::test]
async fn who_is_registered_is_not_told_to_register() {
    let directory = tempfile::tempdir().unwrap();
    let closed = [("VITRINE_SIGNUP__ENABLED", "false")];
    let (printed, _) = told(directory.path(), &closed);
    assert!(printed.contains("set signup.enabled = true"), "{printed}");
    assert!(!printed.contains("/v1/auth/register"), "{printed}");

    registers(directory.path()).await;
    for (more, is_closed) in [(&[][..], false), (&closed[..], true)] {
        let (printed, _) = told(directory.path(), more);
        assert!(printed.contains("/v1/oauth/instagram/callback"), "{printed}");
        for words in ["/v1/auth/register", "set signup.enabled", "/v1/accounts/connect"] {
            assert!(!printed.contains(words), "{words}: {printed}");
        }
        assert_eq!(printed.contains("Registration is closed"), is_closed, "{printed}");
    }
}

/// Somebody registers.
async fn registers(directory: &Path) {
    let mut running = Running::start(directory, &["up"], &with_app(None));
    let base = running.base();
    let body = serde_json::json!({
        "email": "ada@example.com", "password": "a long and seldom password", "name": "Ada", "site_name": "Site",
    });
    let registered = client()
        .post(format!("{base}/v1/auth/register"))
        .json(&body)
        .send();
    assert_eq!(registered.await.unwrap().status(), 201);
    assert!(running.terminate().success());
}

#[tokio::test]
async fn a_proxy_that_is_not_listed_is_told_of_once() {
    let warnings = async |trusted: &str| {
        let directory = tempfile::tempdir().unwrap();
        let log = directory.path().join("log");
        let mut variables = with_app(None);
        variables.push(("VITRINE_SERVER__TRUSTED_PROXIES", trusted.to_owned()));
        let mut running = Running::start_warning(directory.path(), &variables, &log);
        let base = running.base();
        let asked = async |path: &str| {
            let request = client().get(format!("{base}/{path}"));
            let request = request.header("X-Forwarded-For", "203.0.113.5");
            request.send().await.is_ok()
        };
        wait_until(PATIENCE, async || asked("healthz").await)
            .await
            .unwrap();
        for _ in 0..3 {
            assert!(asked("v1/me").await);
        }
        assert!(running.terminate().success());
        let said = std::fs::read_to_string(&log).unwrap();
        said.matches("set server.trusted_proxies").count()
    };

    assert_eq!(warnings("[]").await, 1);
    assert_eq!(warnings(r#"["127.0.0.1"]"#).await, 0);
}
