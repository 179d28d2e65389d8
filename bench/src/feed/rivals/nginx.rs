//! nginx, set up to be quick: the answer is a file that it keeps open.

use crate::feed::child::Server;
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};
use vitrine_test_support::free_port;

/// Where Debian has it, which is in nobody's path but root's.
const PLACES: [&str; 3] = ["/usr/sbin", "/usr/local/sbin", "/usr/bin"];

/// The path of the answer.
pub(crate) const PATH: &str = "/photos.json";

/// The program, where it is installed.
pub(crate) fn program() -> Option<PathBuf> {
    let places = PLACES.iter().map(|place| Path::new(place).join("nginx"));
    places.into_iter().find(|program| program.is_file())
}

/// Serves these bytes.
pub(crate) async fn start(
    program: &Path,
    directory: &Path,
    body: &[u8],
    workers: usize,
) -> anyhow::Result<Server> {
    let prefix = directory.join("nginx");
    fs::create_dir_all(prefix.join("files"))?;
    fs::write(prefix.join("files").join(&PATH[1..]), body)?;
    // Started by root, its workers are somebody else.
    for open in [directory, &prefix] {
        fs::set_permissions(open, fs::Permissions::from_mode(0o755))?;
    }
    let address = format!("127.0.0.1:{}", free_port()?);
    let settings = prefix.join("nginx.conf");
    fs::write(&settings, configuration(&address, workers))?;
    let arguments = [
        "-p",
        &prefix.display().to_string(),
        "-c",
        &settings.display().to_string(),
        "-e",
        "stderr",
    ];
    let mut server = Server::start("nginx", directory, address, program, &arguments, &[])?;
    server.answers(PATH).await?;
    Ok(server)
}

fn configuration(address: &str, workers: usize) -> String {
    format!(
        "daemon off;
pid nginx.pid;
error_log stderr error;
worker_processes {workers};
events {{ worker_connections 4096; }}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 1000000000;
    keepalive_timeout 75s;
    open_file_cache max=16 inactive=10m;
    open_file_cache_valid 10m;
    default_type application/json;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    server {{
        listen {address} backlog=4096 reuseport;
        root files;
    }}
}}
"
    )
}
