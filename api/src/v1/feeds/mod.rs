//! Feeds, for their owner's eyes and hands.

pub(crate) mod documents;
pub(crate) mod items;
pub(crate) mod photos;
mod view;

use crate::{
    app::App,
    http::{
        auth::{Allowed, ReadFeeds, WriteFeeds},
        extract::{Id, Json, Query},
        listing::{ListQuery, ListView},
        problem::Problem,
    },
};
use actix_web::{HttpResponse, delete, get, http::header::LOCATION, patch, post, web::Data};
use view::{FeedView, NewFeedRequest, UpdateFeedRequest};
use vitrine_entity::FeedId;

/// Lists the tenant's feeds, newest first.
#[utoipa::path(
    tag = "feeds",
    security(("bearer" = []), ("api_key" = [])),
    params(ListQuery),
    responses((status = 200, body = ListView<FeedView>))
)]
#[get("/v1/feeds")]
pub(crate) async fn list_feeds(
    caller: Allowed<ReadFeeds>,
    Query(query): Query<ListQuery>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let page = app.feeds.list(caller.tenant, query.into()).await?;
    Ok(HttpResponse::Ok().json(ListView::<FeedView>::of(page)))
}

/// Shows one feed's settings.
#[utoipa::path(
    tag = "feeds",
    security(("bearer" = []), ("api_key" = [])),
    params(("feed_id" = Uuid, Path, description = "The feed's id")),
    responses((status = 200, body = FeedView))
)]
#[get("/v1/feeds/{feed_id}")]
pub(crate) async fn read_feed(
    caller: Allowed<ReadFeeds>,
    Id(id): Id<FeedId>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let detail = app.feeds.get(caller.tenant, id).await?;
    Ok(HttpResponse::Ok().json(FeedView::from(detail)))
}

/// Creates a feed.
#[utoipa::path(
    tag = "feeds",
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 201, body = FeedView))
)]
#[post("/v1/feeds")]
pub(crate) async fn create_feed(
    caller: Allowed<WriteFeeds>,
    Json(body): Json<NewFeedRequest>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let detail = app.feeds.create(caller.tenant, body.into()).await?;
    let location = format!("/v1/feeds/{}", detail.feed.id);
    Ok(HttpResponse::Created()
        .insert_header((LOCATION, location))
        .json(FeedView::from(detail)))
}

/// Changes a feed's settings.
#[utoipa::path(
    tag = "feeds",
    security(("bearer" = []), ("api_key" = [])),
    params(("feed_id" = Uuid, Path, description = "The feed's id")),
    responses((status = 200, body = FeedView))
)]
#[patch("/v1/feeds/{feed_id}")]
pub(crate) async fn update_feed(
    caller: Allowed<WriteFeeds>,
    Id(id): Id<FeedId>,
    Json(body): Json<UpdateFeedRequest>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let detail = app.feeds.update(caller.tenant, id, body.into()).await?;
    Ok(HttpResponse::Ok().json(FeedView::from(detail)))
}

/// Deletes a feed; the posts stay.
#[utoipa::path(
    tag = "feeds",
    security(("bearer" = []), ("api_key" = [])),
    params(("feed_id" = Uuid, Path, description = "The feed's id")),
    responses((status = 204, description = "Deleted"))
)]
#[delete("/v1/feeds/{feed_id}")]
pub(crate) async fn delete_feed(
    caller: Allowed<WriteFeeds>,
    Id(id): Id<FeedId>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    app.feeds.delete(caller.tenant, id).await?;
    Ok(HttpResponse::NoContent().finish())
}
