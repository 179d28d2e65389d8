//! The load of many visitors of many sites.

use super::{Load, LoadSizes};
use crate::feed::{child::Server, installation::fill::Site};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// How long a server is asked for all feeds before it is measured.
const WARMING_SECONDS: u64 = 4;
const SCRIPT: &str = include_str!("spread.lua");

/// What the load generator reads: a script, and the paths of all feeds with their keys.
pub(crate) struct Spread {
    script: PathBuf,
    paths: PathBuf,
}

impl Spread {
    /// Writes both.
    pub(crate) fn write(directory: &Path, sites: &[Site]) -> anyhow::Result<Self> {
        Self::write_paths(directory, sites.iter().map(Site::path))
    }

    fn write_paths(directory: &Path, paths: impl Iterator<Item = String>) -> anyhow::Result<Self> {
        let spread = Self {
            script: directory.join("spread.lua"),
            paths: directory.join("paths.txt"),
        };
        fs::write(&spread.script, SCRIPT)?;
        fs::write(&spread.paths, paths.collect::<Vec<_>>().join("\n"))?;
        Ok(spread)
    }

    /// A file with the addresses, one a line.
    pub(crate) fn paths(&self) -> &Path {
        &self.paths
    }

    /// Asks a server for all feeds, in random order, after it was asked so for a few seconds.
    pub(crate) async fn over(
        &self,
        server: &Server,
        sizes: &LoadSizes,
        headers: &[&str],
    ) -> anyhow::Result<Load> {
        let server = server.at("");
        // What stood in memory unread for half a minute is looked at first, which is not what many visitors make.
        self.on(&server, &sizes.lasting(WARMING_SECONDS), headers).await?;
        self.on(&server, sizes, headers).await
    }

    async fn on(&self, server: &str, sizes: &LoadSizes, headers: &[&str]) -> anyhow::Result<Load> {
        sizes.spread(&self.script, &self.paths, server, headers).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        collections::BTreeSet,
        sync::{Arc, Mutex},
    };
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
        let expected: BTreeSet<String> = (0..20).map(|number| format!("/{number}?key=k")).collect();
        let spread = Spread::write_paths(directory.path(), expected.iter().cloned()).unwrap();

        let load = spread.on(&server, &LoadSizes::small(), &[]).await.unwrap();

        assert!(load.per_second > 0.0);
        assert_eq!(*seen.lock().unwrap(), expected);
    }
}
