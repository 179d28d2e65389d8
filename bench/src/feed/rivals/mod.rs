//! Whom the product is compared with: those that are there, and only where they answer what it answers.

pub(crate) mod bare;
pub(super) mod nginx;
mod node;

use super::{
    FeedArguments,
    child::Server,
    installation::{Installation, loopback},
    load::{answers::Answer, spread::Spread},
};
use crate::report::Report;
use anyhow::ensure;
use node::Node;
use std::{fs, path::Path};

/// The servers, and the load that is spread over all feeds.
pub(super) struct Rivals {
    pub(super) bare: Server,
    /// The bare handler with bytes of its own for each feed.
    pub(super) bare_each: Server,
    pub(super) nginx: Option<Server>,
    pub(super) node: Option<Server>,
    pub(super) spread: Spread,
    pub(super) packed: Packed,
}

/// The same with the bytes that a browser asks for: packed with Brotli.
pub(super) struct Packed {
    pub(super) bare: Server,
    pub(super) bare_each: Server,
    pub(super) nginx: Option<Server>,
}

impl Rivals {
    /// Starts them, and looks at what they answer.
    pub(super) async fn start(
        directory: &Path,
        installation: &Installation,
        (page, packed): (&Answer, &Answer),
        arguments: &FeedArguments,
        workers: usize,
        report: &mut Report,
    ) -> anyhow::Result<Self> {
        let path = installation.sites[0].path();
        let node = match Node::install(&arguments.peers, workers).await {
            Ok(node) => {
                let url = &installation.database_url;
                let fastest = node.fastest(directory, url, &path, &arguments.load, report);
                Some(fastest.await?)
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
        let apart = directory.join("packed");
        fs::create_dir_all(&apart)?;
        let spread = Spread::write(directory, &installation.sites)?;
        let bare = async |directory, page, each| {
            let bare = Bare {
                page,
                path: &path,
                each,
            };
            bare.start(directory, workers).await
        };
        Ok(Self {
            packed: Packed {
                bare: bare(&apart, packed, None).await?,
                bare_each: bare(&apart, packed, Some(spread.paths())).await?,
                nginx: nginx(&apart, packed, workers, report).await?,
            },
            bare: bare(directory, page, None).await?,
            bare_each: bare(directory, page, Some(spread.paths())).await?,
            nginx: nginx(directory, page, workers, report).await?,
            node,
            spread,
        })
    }
}

/// A bare handler to be started.
struct Bare<'a> {
    page: &'a Answer,
    /// What it is tried with.
    path: &'a str,
    /// The addresses of feeds, where each gets bytes of its own.
    each: Option<&'a Path>,
}

impl Bare<'_> {
    async fn start(&self, directory: &Path, workers: usize) -> anyhow::Result<Server> {
        let (file, address) = (directory.join("page"), loopback()?);
        fs::write(&file, &self.page.body)?;
        let (workers, file) = (workers.to_string(), file.display().to_string());
        let each = self.each.map(|paths| format!("--each-of={}", paths.display()));
        let arguments = ["bare", &address, &workers, &file];
        let arguments: Vec<&str> = arguments.into_iter().chain(each.as_deref()).collect();
        let program = std::env::current_exe()?;
        let mut server = Server::start("bare", directory, address.clone(), &program, &arguments, &[])?;
        server.answers(self.path).await?;
        let theirs = Answer::read(&server.at(self.path), &[]).await?;
        self.page.is_same_as(&theirs, "the bare handler")?;
        Ok(server)
    }
}

async fn nginx(
    directory: &Path,
    page: &Answer,
    workers: usize,
    report: &mut Report,
) -> anyhow::Result<Option<Server>> {
    let Some(program) = nginx::program() else {
        report.note("nginx_left_out", "nginx is left out: it is not installed");
        return Ok(None);
    };
    let server = nginx::start(&program, directory, &page.body, workers).await?;
    page.is_same_as(&Answer::read(&server.at(nginx::PATH), &[]).await?, "nginx")?;
    Ok(Some(server))
}
