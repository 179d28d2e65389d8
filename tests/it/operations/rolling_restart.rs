//! Two API processes behind nginx as Debian installs it are restarted one after the other while they are used: nobody
//! notices.

use crate::support::{Engines, Installation, Owner, Plan, Process, database};
use reqwest::Method;
use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter};
use serde_json::json;
use std::{
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::Duration,
};
use tokio::time::sleep;
use vitrine_entity::{TenantOwned, audit_event};
use vitrine_test_support::{free_port, wait_until};

const PATIENCE: Duration = Duration::from_secs(30);
/// For so long nginx leaves a server alone that refused a connection (`fail_timeout`, at its default).
const NGINX_FAIL_TIMEOUT: Duration = Duration::from_secs(10);

/// nginx; ended when dropped.
struct Proxy {
    child: Child,
    address: String,
}

impl Proxy {
    /// Everything that is not said here is as nginx has it by default.
    fn start(directory: &Path, servers: &[&str]) -> Self {
        let address = format!("127.0.0.1:{}", free_port().unwrap());
        let servers: String = servers.iter().map(|server| format!("server {server};")).collect();
        let configuration = format!(
            "daemon off; pid nginx.pid; error_log stderr error; events {{}}
             http {{
                 access_log off;
                 client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
                 uwsgi_temp_path uwsgi; scgi_temp_path scgi;
                 upstream vitrine {{ {servers} }}
                 server {{ listen {address}; location / {{ proxy_pass http://vitrine; }} }}
             }}"
        );
        std::fs::write(directory.join("nginx.conf"), configuration).unwrap();
        // Started by root, its workers are somebody else.
        std::fs::set_permissions(directory, std::fs::Permissions::from_mode(0o755)).unwrap();
        let child = Command::new("/usr/sbin/nginx")
            .args([
                "-p",
                directory.to_str().unwrap(),
                "-c",
                "nginx.conf",
                "-e",
                "stderr",
            ])
            .stderr(std::fs::File::create(directory.join("nginx.log")).unwrap())
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        Self { child, address }
    }

    async fn answers(&self, http: &reqwest::Client) {
        let url = format!("http://{}/healthz", self.address);
        let answers = wait_until(PATIENCE, async || http.get(&url).send().await.is_ok());
        answers.await.unwrap();
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _asked = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ended = self.child.wait();
    }
}

/// What the requests behind the proxy came to.
#[derive(Default)]
struct Tally {
    answered: AtomicUsize,
    changes: AtomicUsize,
    failures: std::sync::Mutex<Vec<String>>,
    enough: AtomicBool,
}

impl Tally {
    async fn note(&self, request: reqwest::RequestBuilder) -> bool {
        let answer = match request.send().await {
            Ok(answer) => (answer.status(), answer.text().await),
            Err(error) => return self.fail(format!("{error:?}")),
        };
        match answer {
            (status, Ok(_)) if status == 200 => self.answered.fetch_add(1, Ordering::Relaxed) < usize::MAX,
            (status, text) => self.fail(format!("{status} {text:?}")),
        }
    }

    fn fail(&self, what: String) -> bool {
        self.failures.lock().unwrap().push(what);
        false
    }

    fn answered(&self) -> usize {
        self.answered.load(Ordering::Relaxed)
    }
}

struct Site {
    url: String,
    feed: String,
    key: String,
    token: String,
}

impl Site {
    async fn read(&self, http: &reqwest::Client, tally: &Tally) {
        while !tally.enough.load(Ordering::Relaxed) {
            let url = format!("{}/v1/feeds/{}/photos", self.url, self.feed);
            tally.note(http.get(url).header("X-Api-Key", &self.key)).await;
        }
    }

    async fn write(&self, http: &reqwest::Client, tally: &Tally) {
        let url = format!("{}/v1/feeds/{}", self.url, self.feed);
        for number in 0.. {
            if tally.enough.load(Ordering::Relaxed) {
                return;
            }
            let change = json!({"name": format!("number {number}")});
            let request = http
                .request(Method::PATCH, &url)
                .bearer_auth(&self.token)
                .json(&change);
            if tally.note(request).await {
                tally.changes.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

async fn connected_site(owner: &Owner<'_>, proxy: &Proxy) -> Site {
    owner.connects("vitrine.demo").await;
    let (feed, key) = (
        owner.default_feed().await,
        owner.makes_key("publishable", &[]).await,
    );
    Site {
        url: format!("http://{}", proxy.address),
        feed,
        key,
        token: owner.access_token.clone(),
    }
}

/// Whether each change that was answered stands in the audit log.
async fn all_are_recorded(vitrine: &Installation, tally: &Tally) {
    let changes = tally.changes.load(Ordering::Relaxed);
    let database = database(vitrine).await;
    let entries = audit_event::Entity::across_tenants()
        .filter(audit_event::Column::Action.eq("update_feed"))
        .count(database.connection());
    let entries = entries.await.unwrap();
    assert!(changes > 0);
    assert_eq!(entries, changes as u64, "changes without an entry");
}

/// Lets one person change more in a day than the default plan does.
async fn change_without_end(vitrine: &Installation) {
    let set = ["plan", "set", "default", "--changes-per-day", "1000000"];
    let output = vitrine.admin(&set).await;
    assert!(output.status.success(), "{output:?}");
}

/// Restarts `stops` of two processes, with a rest between two of them, and then goes on until so many were answered.
async fn is_not_noticed(drain: &str, stops: usize, at_least: usize) {
    let plan = Plan::on(Engines::Distributed)
        .with("VITRINE_SHUTDOWN__DRAIN", drain)
        .with("VITRINE_LOG", "warn");
    let vitrine = Installation::start_as(plan).await;
    change_without_end(&vitrine).await;
    let directory = tempfile::tempdir().unwrap();
    let mut apis = [vitrine.api("one").await, vitrine.api("other").await];
    let addresses: Vec<&str> = apis.iter().map(|(address, _)| address.as_str()).collect();
    let proxy = Proxy::start(directory.path(), &addresses);
    proxy.answers(&vitrine.http).await;
    let owner = vitrine.owner("ada").await;
    let site = connected_site(&owner, &proxy).await;
    let tally = Tally::default();

    let restarting = async {
        for number in 0..stops {
            let (address, process) = &mut apis[number % 2];
            restart(&vitrine, &tally, address, process).await;
        }
        let enough = wait_until(PATIENCE * 20, async || tally.answered() >= at_least).await;
        tally.enough.store(true, Ordering::Relaxed);
        enough.unwrap();
    };
    let (http, reads) = (&vitrine.http, || site.read(&vitrine.http, &tally));
    tokio::join!(
        restarting,
        reads(),
        reads(),
        reads(),
        site.write(http, &tally),
        site.write(http, &tally)
    );

    let failures = tally.failures.lock().unwrap().clone();
    assert!(
        failures.is_empty(),
        "{} of {} failed: {:#?}\n{}",
        failures.len(),
        tally.answered(),
        &failures[..failures.len().min(5)],
        apis.iter().map(|(_, process)| process.log()).collect::<String>()
    );
    all_are_recorded(&vitrine, &tally).await;
}

async fn restart(vitrine: &Installation, tally: &Tally, address: &str, process: &mut Process) {
    let before = tally.answered();
    let used = wait_until(PATIENCE, async || tally.answered() > before + 20);
    used.await.unwrap();
    let url = format!("http://{address}/readyz");
    process.signal("TERM");
    let unready = wait_until(PATIENCE, async || match vitrine.http.get(&url).send().await {
        Ok(answer) => answer.status() == 503,
        Err(_) => true,
    });
    unready.await.unwrap();
    let ended = wait_until(PATIENCE, async || !process.is_running());
    assert!(ended.await.is_ok(), "it did not end:\n{}", process.log());
    process.start_again();
    let ready = wait_until(PATIENCE, async || {
        let answer = vitrine.http.get(&url).send().await;
        answer.is_ok_and(|answer| answer.status() == 200)
    });
    ready.await.unwrap();
    sleep(NGINX_FAIL_TIMEOUT).await;
}

/// One of both is restarted. `VITRINE_TEST_REQUESTS` asks for so many requests across four restarts instead, as the
/// figure of `docs/OPERATIONS.md` was measured.
#[tokio::test]
async fn a_restart_behind_nginx_is_not_noticed() {
    match std::env::var("VITRINE_TEST_REQUESTS") {
        Ok(requests) => is_not_noticed("5s", 4, requests.parse().unwrap()).await,
        Err(_) => is_not_noticed("500ms", 1, 100).await,
    }
}
