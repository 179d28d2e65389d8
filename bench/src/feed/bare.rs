//! The yardstick: actix-web with a handler that has the answer in its hands.

use actix_web::{App, HttpResponse, HttpServer, web};
use anyhow::Context;
use bytes::Bytes;
use clap::Args;
use std::{path::PathBuf, time::Duration};

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
}

/// Answers until it is told to end.
pub(crate) async fn serve(arguments: &BareArguments) -> anyhow::Result<()> {
    let file = &arguments.file;
    let body = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let body = web::Data::new(Bytes::from(body));
    let server = HttpServer::new(move || {
        App::new()
            .app_data(body.clone())
            .route("/v1/feeds/{feed}/photos", web::get().to(photos))
    });
    let server = server
        .workers(arguments.workers)
        .keep_alive(KEEP_ALIVE)
        .bind(&arguments.address)?;
    Ok(server.run().await?)
}

async fn photos(body: web::Data<Bytes>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(body.get_ref().clone())
}
