//! Every role as a process of its own, from its start to its end.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::Duration;

use serde_json::Value;
use vitrine_test_support::{database, free_port, redis, wait_until};

const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const PATIENCE: Duration = Duration::from_secs(30);

/// A running `vitrine`; killed when dropped.
struct Running(Child);

impl Running {
    fn start(directory: &Path, arguments: &[&str], variables: &[(&str, String)]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vitrine"));
        command.env_clear().current_dir(directory).args(arguments);
        command.envs(variables.iter().map(|(name, value)| (name, value)));
        command.env("VITRINE_LOG", "error").stdout(Stdio::piped());
        Self(command.spawn().unwrap())
    }

    /// Asks it to end and waits until it has.
    fn terminate(mut self) -> ExitStatus {
        let killed = Command::new("kill")
            .args(["-TERM", &self.0.id().to_string()])
            .status()
            .unwrap();
        assert!(killed.success());
        self.0.wait().unwrap()
    }

    fn printed(&mut self) -> BufReader<ChildStdout> {
        BufReader::new(self.0.stdout.take().unwrap())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn client() -> reqwest::Client {
    // Fails only when a provider is there already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}

async fn answers(client: &reqwest::Client, url: &str) -> bool {
    client
        .get(url)
        .send()
        .await
        .is_ok_and(|answer| answer.status().is_success())
}

/// What the demo prints for a person.
#[derive(Debug, PartialEq, Eq)]
struct Greeting {
    base: String,
    password: String,
    feed: String,
}

/// Reads the greeting line by line, as it comes.
fn greeting(mut lines: impl BufRead) -> Greeting {
    let (mut base, mut password) = (String::new(), String::new());
    loop {
        let mut line = String::new();
        assert!(
            lines.read_line(&mut line).unwrap() > 0,
            "it ended before it said where the photos are"
        );
        if let Some(address) = line.strip_prefix("Vitrine runs at ") {
            address.trim().trim_end_matches('/').clone_into(&mut base);
        } else if let Some(secret) = line.trim().strip_prefix("Password ") {
            secret.trim().clone_into(&mut password);
        } else if let Some((_, command)) = line.split_once("curl -s '") {
            let feed = command
                .trim()
                .trim_end_matches('\'')
                .strip_prefix(&base)
                .unwrap()
                .to_owned();
            return Greeting { base, password, feed };
        }
    }
}

fn pictures(feed: &Value) -> Vec<String> {
    let photos = feed["data"].as_array().unwrap();
    photos
        .iter()
        .map(|photo| photo["image"]["src"].as_str().unwrap().to_owned())
        .collect()
}

/// The address without what is signed anew with every read.
fn place(picture: &str) -> &str {
    picture.split('?').next().unwrap()
}

#[tokio::test]
async fn the_demo_serves_photos_and_keeps_everything_over_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let variables = [
        ("VITRINE_SIMULATOR__LISTEN", "127.0.0.1:0".to_owned()),
        ("VITRINE_SERVER__METRICS_LISTEN", "127.0.0.1:0".to_owned()),
    ];
    let client = client();

    let mut first = Running::start(directory.path(), &["--listen", "127.0.0.1:0"], &variables);
    let before = greeting(first.printed());
    let feed: Value = client
        .get(format!("{}{}", before.base, before.feed))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let picture = client.get(&pictures(&feed)[0]).send().await.unwrap();
    assert!(first.terminate().success());

    let mut second = Running::start(directory.path(), &["--listen", "127.0.0.1:0"], &variables);
    let after = greeting(second.printed());
    let again: Value = client
        .get(format!("{}{}", after.base, after.feed))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let same_picture = client.get(&pictures(&again)[0]).send().await.unwrap();
    assert!(second.terminate().success());

    assert_eq!(feed["profile"]["username"], "vitrine.demo");
    assert!(picture.status().is_success() && same_picture.status().is_success());
    assert_eq!((before.password, before.feed), (after.password, after.feed));
    let places = |feed: &Value| -> Vec<String> {
        pictures(feed)
            .iter()
            .map(|picture| place(picture).to_owned())
            .collect()
    };
    assert_eq!(places(&feed), places(&again));
}

#[tokio::test]
async fn api_and_worker_share_postgres_and_redis_and_end_in_order() {
    let directory = tempfile::tempdir().unwrap();
    let ports: Vec<u16> = (0..4).map(|_| free_port().unwrap()).collect();
    let at = |port: u16, path: &str| format!("http://127.0.0.1:{port}{path}");
    let redis = redis().await.unwrap();
    let mut variables = vec![
        ("VITRINE_SECURITY__MASTER_KEY", KEY.to_owned()),
        ("VITRINE_INSTAGRAM__CLIENT_ID", "990602627938098".to_owned()),
        (
            "VITRINE_INSTAGRAM__CLIENT_SECRET",
            "app-secret-of-the-test".to_owned(),
        ),
        (
            "VITRINE_INSTAGRAM__AUTHORIZE_URL",
            at(ports[0], "/oauth/authorize"),
        ),
        (
            "VITRINE_INSTAGRAM__TOKEN_URL",
            at(ports[0], "/oauth/access_token"),
        ),
        ("VITRINE_INSTAGRAM__GRAPH_URL", at(ports[0], "/")),
        ("VITRINE_DATABASE__URL", database().await.unwrap()),
        ("VITRINE_REDIS__URL", redis.url),
        ("VITRINE_REDIS__PREFIX", redis.prefix),
        ("VITRINE_SIMULATOR__LISTEN", format!("127.0.0.1:{}", ports[0])),
        ("VITRINE_SIMULATOR__URL", at(ports[0], "/")),
        ("VITRINE_SERVER__LISTEN", format!("127.0.0.1:{}", ports[1])),
        (
            "VITRINE_SERVER__METRICS_LISTEN",
            format!("127.0.0.1:{}", ports[2]),
        ),
    ];
    let client = client();
    let path = directory.path();

    let simulator = Running::start(path, &["simulator"], &variables);
    let clock = at(ports[0], "/_simulator/clock");
    wait_until(PATIENCE, async || answers(&client, &clock).await)
        .await
        .unwrap();
    assert!(
        Running::start(path, &["migrate"], &variables)
            .0
            .wait()
            .unwrap()
            .success()
    );
    let api = Running::start(path, &["api"], &variables);
    let ready = at(ports[1], "/readyz");
    wait_until(PATIENCE, async || answers(&client, &ready).await)
        .await
        .unwrap();
    let health = Running::start(path, &["healthcheck"], &variables)
        .0
        .wait()
        .unwrap();
    assert!(health.success());
    assert!(api.terminate().success());

    variables.pop();
    variables.push((
        "VITRINE_SERVER__METRICS_LISTEN",
        format!("127.0.0.1:{}", ports[3]),
    ));
    let worker = Running::start(path, &["worker"], &variables);
    let metrics = at(ports[3], "/metrics");
    wait_until(PATIENCE, async || answers(&client, &metrics).await)
        .await
        .unwrap();
    // Nobody listens for the API any more, so the check asks the worker's metrics.
    assert!(
        Running::start(path, &["healthcheck"], &variables)
            .0
            .wait()
            .unwrap()
            .success()
    );
    assert!(worker.terminate().success());
    assert!(simulator.terminate().success());
}
