//! All measurements in turn, again and again, so that whatever else the machine does hits them alike.

use super::{
    FeedArguments,
    answers::Answer,
    child::Server,
    cold::{self, Cold},
    installation::{Installation, loopback},
    load::Load,
    nginx,
    node::Node,
};
use crate::report::{Report, say};
use anyhow::ensure;
use reqwest::StatusCode;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

const SCRIPT: &str = include_str!("spread.lua");
const BROTLI: &str = "Accept-Encoding: br";

/// One line of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Row {
    Bare,
    Nginx,
    Warm,
    Unchanged,
    Brotli,
    BareSpread,
    Spread,
    Node,
}

/// What was measured, round by round.
#[derive(Default)]
pub(super) struct Measured {
    pub(super) loads: BTreeMap<Row, Vec<Load>>,
    pub(super) cold: Vec<Cold>,
    /// Bytes of the compressed page.
    pub(super) brotli_bytes: Option<usize>,
}

/// Whom the product is compared with.
pub(super) struct Rivals {
    bare: Server,
    nginx: Option<Server>,
    node: Option<Server>,
    script: PathBuf,
    paths: PathBuf,
}

impl Rivals {
    /// Starts those that are there, and makes sure that they answer what the product answers.
    pub(super) async fn start(
        directory: &Path,
        installation: &Installation,
        page: &Answer,
        arguments: &FeedArguments,
        workers: usize,
        report: &mut Report,
    ) -> anyhow::Result<Self> {
        let path = installation.sites[0].path();
        let bare = bare(directory, page, &path, workers).await?;
        page.is_same_as(&Answer::read(&bare.at(&path), &[]).await?, "the bare handler")?;
        let nginx = match nginx::program() {
            Some(program) => Some(nginx::start(&program, directory, &page.body, workers).await?),
            None => {
                report.note("nginx_left_out", "nginx is left out: it is not installed");
                None
            }
        };
        if let Some(nginx) = &nginx {
            page.is_same_as(&Answer::read(&nginx.at(nginx::PATH), &[]).await?, "nginx")?;
        }
        let node = match Node::install(&arguments.peers, workers).await {
            Ok(node) => {
                let url = &installation.database_url;
                Some(
                    node.fastest(directory, url, &path, &arguments.load, report)
                        .await?,
                )
            }
            Err(error) => {
                report.note("node_left_out", &format!("Node is left out: {error:#}"));
                None
            }
        };
        if let Some(node) = &node {
            let theirs = Answer::read(&node.at(&path), &[]).await?;
            ensure!(page.photos()? == theirs.photos()?, "Node answers other photos");
            report.detail("node_body_bytes", theirs.body.len().into());
        }
        let (script, paths) = (directory.join("spread.lua"), directory.join("paths.txt"));
        fs::write(&script, SCRIPT)?;
        let lines: Vec<String> = installation.sites.iter().map(|site| site.path()).collect();
        fs::write(&paths, lines.join("\n"))?;
        Ok(Self {
            bare,
            nginx,
            node,
            script,
            paths,
        })
    }
}

async fn bare(directory: &Path, page: &Answer, path: &str, workers: usize) -> anyhow::Result<Server> {
    let (file, address) = (directory.join("page"), loopback()?);
    fs::write(&file, &page.body)?;
    let arguments = [
        "bare",
        &address,
        &workers.to_string(),
        &file.display().to_string(),
    ];
    let program = std::env::current_exe()?;
    let mut server = Server::start("bare", directory, address.clone(), &program, &arguments, &[])?;
    server.answers(path).await?;
    Ok(server)
}

/// Runs every round.
pub(super) async fn run(
    installation: &Installation,
    rivals: &Rivals,
    page: &Answer,
    arguments: &FeedArguments,
) -> anyhow::Result<Measured> {
    let mut measured = Measured::default();
    let ours = installation.api.at(&installation.sites[0].path());
    let known = format!("If-None-Match: {}", page.etag);
    let unchanged = Answer::read(&ours, &[&known]).await?;
    ensure!(
        unchanged.status == StatusCode::NOT_MODIFIED,
        "answered with {}",
        unchanged.status
    );
    let compressed = Answer::read(&ours, &[BROTLI]).await?;
    measured.brotli_bytes = (compressed.encoding == "br").then_some(compressed.body.len());
    for round in 0..arguments.rounds {
        say(&format!("  round {} of {}", round + 1, arguments.rounds));
        for (row, load) in round_of(
            installation,
            rivals,
            &known,
            measured.brotli_bytes.is_some(),
            arguments,
        )
        .await?
        {
            say(&format!(
                "    {row:?}: {:.0} req/s, p99 {:.2} ms",
                load.per_second, load.p99
            ));
            measured.loads.entry(row).or_default().push(load);
        }
        let unread = installation.cold[round].path();
        let cold = cold::measure(
            &installation.api,
            &installation.metrics,
            &unread,
            arguments.readers,
            installation.database.connection(),
        );
        measured.cold.push(cold.await?);
    }
    Ok(measured)
}

async fn round_of(
    installation: &Installation,
    rivals: &Rivals,
    known: &str,
    has_brotli: bool,
    arguments: &FeedArguments,
) -> anyhow::Result<Vec<(Row, Load)>> {
    let (path, api, load) = (installation.sites[0].path(), &installation.api, &arguments.load);
    let ours = api.at(&path);
    let mut loads = vec![(Row::Bare, load.on(&rivals.bare.at(&path), &[]).await?)];
    loads.push((Row::Warm, load.on(&ours, &[]).await?));
    if let Some(nginx) = &rivals.nginx {
        loads.push((Row::Nginx, load.on(&nginx.at(nginx::PATH), &[]).await?));
    }
    loads.push((Row::Unchanged, load.on(&ours, &[known]).await?));
    if has_brotli {
        loads.push((Row::Brotli, load.on(&ours, &[BROTLI]).await?));
    }
    let spread = async |server: &Server| load.spread(&rivals.script, &rivals.paths, &server.at("")).await;
    loads.push((Row::BareSpread, spread(&rivals.bare).await?));
    loads.push((Row::Spread, spread(api).await?));
    if let Some(node) = &rivals.node {
        loads.push((Row::Node, load.on(&node.at(&path), &[]).await?));
    }
    Ok(loads)
}

#[cfg(test)]
mod tests {
    use super::super::load::LoadSizes;
    use super::*;
    use std::collections::BTreeSet;
    use std::sync::{Arc, Mutex};
    use tokio::{
        io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
        net::{TcpListener, TcpStream},
    };

    /// Answers every request with nothing, and notes its path.
    async fn note_paths(stream: TcpStream, seen: Arc<Mutex<BTreeSet<String>>>) {
        let mut lines = BufReader::new(stream).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            if let Some(path) = line.strip_prefix("GET ") {
                seen.lock()
                    .unwrap()
                    .insert(path.split(' ').next().unwrap().to_owned());
            }
            if line.is_empty() {
                let answer = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
                lines
                    .get_mut()
                    .get_mut()
                    .write_all(answer.as_bytes())
                    .await
                    .unwrap();
            }
        }
    }

    #[tokio::test]
    async fn a_spread_reaches_every_path_of_the_file() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(BTreeSet::new()));
        let noted = seen.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(note_paths(stream, noted.clone()));
            }
        });
        let directory = tempfile::tempdir().unwrap();
        let (script, paths) = (
            directory.path().join("spread.lua"),
            directory.path().join("paths"),
        );
        let expected: BTreeSet<String> = (0..20).map(|number| format!("/{number}?key=k")).collect();
        fs::write(&script, SCRIPT).unwrap();
        fs::write(&paths, expected.iter().cloned().collect::<Vec<_>>().join("\n")).unwrap();

        let load = LoadSizes::small().spread(&script, &paths, &server).await.unwrap();

        assert!(load.per_second > 0.0);
        assert_eq!(*seen.lock().unwrap(), expected);
    }
}
