//! What visitors read, in the forms of feed readers.

use super::photos::PhotosParameters;
use crate::{
    app::App,
    http::{
        auth::{Allowed, ReadPhotos},
        extract::{Id, Query},
        problem::Problem,
    },
    public::serve_feed,
};
use actix_web::{HttpRequest, HttpResponse, web::Data};
use vitrine_entity::FeedId;
use vitrine_feeds::FeedFormat;

/// One page of a feed as JSON Feed 1.1, with its pictures and videos as attachments.
///
/// Links to further pages carry the key if this address does.
#[utoipa::path(
    get,
    path = "/v1/feeds/{feed_id}/feed.json",
    tag = "feeds",
    security(("key_in_query" = []), ("api_key" = []), ("bearer" = [])),
    params(("feed_id" = Uuid, Path, description = "The feed's id"), PhotosParameters),
    responses(
        (status = 200, body = Object, content_type = "application/feed+json", description = "The feed"),
        (status = 304, description = "The client already has this response"),
    )
)]
pub(crate) async fn read_json_feed(
    caller: Allowed<ReadPhotos>,
    Id(id): Id<FeedId>,
    Query(asked): Query<PhotosParameters>,
    request: HttpRequest,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let feed_query = asked.feed_query(FeedFormat::JsonFeed, &request);
    serve_feed(&request, &app, &caller, id, feed_query).await
}

/// One page of a feed as RSS 2.0, with its pictures and videos as enclosures and as Media RSS.
///
/// Links to further pages carry the key if this address does.
#[utoipa::path(
    get,
    path = "/v1/feeds/{feed_id}/feed.rss",
    tag = "feeds",
    security(("key_in_query" = []), ("api_key" = []), ("bearer" = [])),
    params(("feed_id" = Uuid, Path, description = "The feed's id"), PhotosParameters),
    responses(
        (status = 200, body = String, content_type = "application/rss+xml", description = "The feed"),
        (status = 304, description = "The client already has this response"),
    )
)]
pub(crate) async fn read_rss(
    caller: Allowed<ReadPhotos>,
    Id(id): Id<FeedId>,
    Query(asked): Query<PhotosParameters>,
    request: HttpRequest,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let feed_query = asked.feed_query(FeedFormat::Rss, &request);
    serve_feed(&request, &app, &caller, id, feed_query).await
}

/// One page of a feed as Atom 1.0, with its pictures and videos as enclosures.
///
/// Links to further pages carry the key if this address does.
#[utoipa::path(
    get,
    path = "/v1/feeds/{feed_id}/feed.atom",
    tag = "feeds",
    security(("key_in_query" = []), ("api_key" = []), ("bearer" = [])),
    params(("feed_id" = Uuid, Path, description = "The feed's id"), PhotosParameters),
    responses(
        (status = 200, body = String, content_type = "application/atom+xml", description = "The feed"),
        (status = 304, description = "The client already has this response"),
    )
)]
pub(crate) async fn read_atom(
    caller: Allowed<ReadPhotos>,
    Id(id): Id<FeedId>,
    Query(asked): Query<PhotosParameters>,
    request: HttpRequest,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let feed_query = asked.feed_query(FeedFormat::Atom, &request);
    serve_feed(&request, &app, &caller, id, feed_query).await
}
