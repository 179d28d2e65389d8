//! Behind nginx, configured as the README shows it.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use reqwest::StatusCode;
use serde_json::json;
use vitrine_test_support::{free_port, wait_until};

use super::running::{PATIENCE, Running, client, with_app};

const HOST: &str = "feeds.example.com";

/// The README's configuration of nginx, with a certificate and ports of this test.
fn configuration(directory: &Path, tls: SocketAddr, vitrine: SocketAddr) -> String {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(readme).unwrap();
    let (_, server) = readme.split_once("```nginx\n").unwrap();
    let (server, _) = server.split_once("```").unwrap();
    let server = server
        .replace("listen 443 ssl", &format!("listen {tls} ssl"))
        .replace(
            "/etc/letsencrypt/live/feeds.example.com",
            &directory.to_string_lossy(),
        )
        .replace("127.0.0.1:8080", &vitrine.to_string());
    let place = directory.display();
    format!(
        "daemon off; master_process off; pid {place}/nginx.pid; error_log {place}/nginx.log;\nevents {{}}\n\
         http {{\naccess_log off; client_body_temp_path {place}/body; proxy_temp_path {place}/proxy;\n\
         fastcgi_temp_path {place}/fastcgi; uwsgi_temp_path {place}/uwsgi; scgi_temp_path {place}/scgi;\n{server}}}\n"
    )
}

fn make_certificate(directory: &Path) {
    let made = Command::new("openssl")
        .args([
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
        ])
        .arg(format!("/CN={HOST}"))
        .args(["-keyout", "privkey.pem", "-out", "fullchain.pem"])
        .current_dir(directory)
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

/// A running nginx, ended when dropped.
struct Nginx(Child);

impl Nginx {
    fn start(directory: &Path, tls: SocketAddr, vitrine: SocketAddr) -> Self {
        make_certificate(directory);
        let file = directory.join("nginx.conf");
        std::fs::write(&file, configuration(directory, tls, vitrine)).unwrap();
        let program = ["/usr/sbin/nginx", "nginx"]
            .into_iter()
            .find(|program| Path::new(program).exists());
        let mut command = Command::new(program.unwrap_or("nginx"));
        command.arg("-c").arg(file).arg("-p").arg(directory);
        Self(command.stderr(Stdio::null()).spawn().unwrap())
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A browser on another machine, as far as loopback has any.
fn browser(address: &str, tls: SocketAddr) -> reqwest::Client {
    let _ = client();
    reqwest::Client::builder()
        .no_proxy()
        .local_address(address.parse::<IpAddr>().unwrap())
        .resolve(HOST, tls)
        .danger_accept_invalid_certs(true)
        .build()
        .unwrap()
}

#[tokio::test]
async fn people_are_told_apart_behind_nginx_and_cannot_pretend() {
    let directory = tempfile::tempdir().unwrap();
    let at = |port: u16| SocketAddr::from(([127, 0, 0, 1], port));
    let (tls, vitrine) = (at(free_port().unwrap()), at(free_port().unwrap()));
    let base = format!("https://{HOST}:{}", tls.port());
    let mut variables = with_app(None);
    variables.retain(|(name, _)| *name != "VITRINE_SERVER__LISTEN");
    variables.extend([
        ("VITRINE_SERVER__LISTEN", vitrine.to_string()),
        ("VITRINE_SERVER__PUBLIC_URL", base.clone()),
        ("VITRINE_SERVER__TRUSTED_PROXIES", r#"["127.0.0.1"]"#.to_owned()),
        ("VITRINE_SIGNUP__PER_NETWORK_PER_HOUR", "1".to_owned()),
    ]);
    let running = Running::start_up(directory.path(), &variables);
    let _nginx = Nginx::start(directory.path(), tls, vitrine);
    let (ada, bob) = (browser("127.0.0.2", tls), browser("127.0.0.3", tls));
    let healthy = async || {
        let answer = ada.get(format!("{base}/healthz")).send().await;
        answer.is_ok_and(|answer| answer.status() == StatusCode::OK)
    };
    wait_until(PATIENCE, healthy).await.unwrap();

    let register = async |browser: &reqwest::Client, name: &str| {
        let email = format!("{name}@example.com");
        let body =
            json!({"email": email, "password": "an own and longer password", "name": "x", "site_name": "y"});
        let request = browser.post(format!("{base}/v1/auth/register"));
        let request = request.header("X-Forwarded-For", format!("203.0.113.{}", name.len()));
        request.json(&body).send().await.unwrap().status().as_u16()
    };

    assert_eq!(register(&ada, "ada").await, 201);
    assert_eq!(register(&ada, "another").await, 429, "a forged address counts");
    assert_eq!(register(&bob, "bob").await, 201, "everybody looks like the proxy");
    assert!(running.terminate().success());
}
