//! The server that a site owner would write by hand, on the fastest of the frameworks and drivers that there are.

use crate::{
    feed::{child::Server, load::LoadSizes},
    npm,
    report::{Report, Target},
};
use std::path::{Path, PathBuf};
use vitrine_test_support::free_port;

const FRAMEWORKS: [&str; 3] = ["http", "fastify", "uws"];
const DRIVERS: [&str; 2] = ["pg", "postgres"];
/// What each of them has to show what it can, twice: the first time is to get warm.
const TRIAL_SECONDS: u64 = 2;

/// The program, installed on the first run; an error says why it is left out.
pub(crate) struct Node {
    script: PathBuf,
    workers: usize,
}

impl Node {
    pub(crate) async fn install(peers: &Path, workers: usize) -> anyhow::Result<Self> {
        let directory = peers.join("photos-node");
        npm::install(&directory, "what the Node server is built on").await?;
        Ok(Self {
            script: directory.join("server.mjs").canonicalize()?,
            workers,
        })
    }

    /// Starts the fastest pair of framework and driver, after trying them all.
    pub(crate) async fn fastest(
        &self,
        directory: &Path,
        database: &str,
        path: &str,
        sizes: &LoadSizes,
        report: &mut Report,
    ) -> anyhow::Result<Server> {
        let trial = sizes.lasting(TRIAL_SECONDS);
        let mut best = (0.0, FRAMEWORKS[0], DRIVERS[0]);
        for (framework, driver) in pairs() {
            let server = self.start(directory, database, path, (framework, driver)).await?;
            trial.on(&server.at(path), &[]).await?;
            let rate = trial.on(&server.at(path), &[]).await?.per_second;
            let label = format!("Node with {framework} and {driver}, in a trial");
            report.figure(
                &format!("node_{framework}_{driver}_per_second"),
                &label,
                rate,
                "req/s",
                Target::None,
            );
            if rate > best.0 {
                best = (rate, framework, driver);
            }
        }
        report.note("node", &format!("Node goes on with {} and {}", best.1, best.2));
        self.start(directory, database, path, (best.1, best.2)).await
    }

    async fn start(
        &self,
        directory: &Path,
        database: &str,
        path: &str,
        (framework, driver): (&str, &str),
    ) -> anyhow::Result<Server> {
        let port = free_port()?;
        let script = self.script.display().to_string();
        let (port_text, workers) = (port.to_string(), self.workers.to_string());
        let arguments = [&script, framework, driver, &port_text, &workers, database];
        let environment = [("NODE_ENV".to_owned(), "production".to_owned())];
        let address = format!("127.0.0.1:{port}");
        let mut server = Server::start(
            "node",
            directory,
            address,
            Path::new("node"),
            &arguments,
            &environment,
        )?;
        server.answers(path).await?;
        Ok(server)
    }
}

fn pairs() -> impl Iterator<Item = (&'static str, &'static str)> {
    FRAMEWORKS
        .into_iter()
        .flat_map(|framework| DRIVERS.map(|driver| (framework, driver)))
}
