//! All measurements in turn, again and again, so that whatever else the machine does hits them alike.

use super::{
    FeedArguments,
    child::Server,
    cold::{self, Cold},
    installation::Installation,
    load::{Load, answers::Answer},
    rivals::{Rivals, nginx},
};
use crate::report::say;
use anyhow::ensure;
use reqwest::StatusCode;
use std::collections::BTreeMap;

/// What a browser asks for, among others.
pub(super) const BROTLI: &str = "Accept-Encoding: br";

/// One line of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Row {
    Bare,
    Nginx,
    Warm,
    Unchanged,
    BarePacked,
    NginxPacked,
    WarmPacked,
    BareSpread,
    BareEach,
    Spread,
    BareSpreadPacked,
    BareEachPacked,
    SpreadPacked,
    Node,
}

/// What was measured, round by round.
#[derive(Default)]
pub(super) struct Measured {
    pub(super) loads: BTreeMap<Row, Vec<Load>>,
    pub(super) cold: Vec<Cold>,
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
    for round in 0..arguments.rounds {
        say(&format!("  round {} of {}", round + 1, arguments.rounds));
        for (row, load) in round_of(installation, rivals, &known, arguments).await? {
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
            installation.database.driver(),
        );
        measured.cold.push(cold.await?);
    }
    Ok(measured)
}

async fn round_of(
    installation: &Installation,
    rivals: &Rivals,
    known: &str,
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
    let packed = &rivals.packed;
    loads.push((Row::BarePacked, load.on(&packed.bare.at(&path), &[BROTLI]).await?));
    loads.push((Row::WarmPacked, load.on(&ours, &[BROTLI]).await?));
    if let Some(nginx) = &packed.nginx {
        loads.push((
            Row::NginxPacked,
            load.on(&nginx.at(nginx::PATH), &[BROTLI]).await?,
        ));
    }
    let spread = async |server: &Server, headers| rivals.spread.over(server, load, headers).await;
    loads.push((Row::BareSpread, spread(&rivals.bare, &[]).await?));
    loads.push((Row::Spread, spread(api, &[]).await?));
    loads.push((Row::BareEach, spread(&rivals.bare_each, &[]).await?));
    loads.push((Row::BareSpreadPacked, spread(&packed.bare, &[BROTLI]).await?));
    loads.push((Row::SpreadPacked, spread(api, &[BROTLI]).await?));
    loads.push((Row::BareEachPacked, spread(&packed.bare_each, &[BROTLI]).await?));
    if let Some(node) = &rivals.node {
        loads.push((Row::Node, load.on(&node.at(&path), &[]).await?));
    }
    Ok(loads)
}
