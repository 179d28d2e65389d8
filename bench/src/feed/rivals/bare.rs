//! The yardstick: actix-web with a handler that has the answer in its hands, or with one answer for each of many
//! feeds in a plain table.

use actix_web::{App, HttpResponse, HttpServer, web};
use anyhow::Context;
use bytes::Bytes;
use clap::Args;
use std::{collections::HashMap, fs, path::PathBuf, sync::Arc, time::Duration};

/// As the API of the product keeps idle connections.
const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// What the bare handler answers.
#[derive(Args)]
pub(crate) struct BareArguments {
    /// Where it listens.
    address: String,
    /// Threads that answer.
    workers: usize,
    /// The bytes that it answers.
    file: PathBuf,
    /// A file with an address a line: each of these feeds gets bytes of its own.
    #[arg(long)]
    each_of: Option<PathBuf>,
}

/// The answers by the ids of feeds: places of their own in memory, as those of different feeds have.
type Bodies = HashMap<String, Bytes>;

/// Answers until it is told to end.
pub(crate) async fn serve(arguments: &BareArguments) -> anyhow::Result<()> {
    let file = &arguments.file;
    let body = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let bodies = web::Data::from(Arc::new(bodies(&body, arguments)?));
    let body = web::Data::new(Bytes::from(body));
    let server = HttpServer::new(move || {
        let photos = match bodies.is_empty() {
            true => web::get().to(photos),
            false => web::get().to(photos_of),
        };
        App::new()
            .app_data(body.clone())
            .app_data(bodies.clone())
            .route("/v1/feeds/{feed}/photos", photos)
    });
    let server = server
        .workers(arguments.workers)
        .keep_alive(KEEP_ALIVE)
        .bind(&arguments.address)?;
    Ok(server.run().await?)
}

fn bodies(body: &[u8], arguments: &BareArguments) -> anyhow::Result<Bodies> {
    let Some(paths) = &arguments.each_of else {
        return Ok(Bodies::new());
    };
    let paths = fs::read_to_string(paths)?;
    let feeds = paths.lines().filter_map(|path| path.split('/').nth(3));
    Ok(feeds
        .map(|feed| (feed.to_owned(), Bytes::copy_from_slice(body)))
        .collect())
}

async fn photos(body: web::Data<Bytes>) -> HttpResponse {
    answer(body.get_ref().clone())
}

async fn photos_of(feed: web::Path<String>, bodies: web::Data<Bodies>) -> HttpResponse {
    match bodies.get(feed.as_str()) {
        Some(body) => answer(body.clone()),
        None => HttpResponse::NotFound().finish(),
    }
}

fn answer(body: Bytes) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(body)
}
