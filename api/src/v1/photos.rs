//! What visitors read.

use super::photos_view::PhotosView;
use crate::{
    app::App,
    auth::{Allowed, ReadPhotos},
    extract::{FromQuery, Id, Query, QueryReader},
    listing::read_limit,
    problem::Problem,
    public::{
        conditional::{http_date, is_fresh},
        cors::allow_origin,
    },
};
use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, AGE, CACHE_CONTROL, ETAG, HeaderValue, LAST_MODIFIED},
    web::Data,
};
use utoipa::IntoParams;
use vitrine_core::{
    clock::until,
    feeds::{PhotosQuery, RenderedFeed},
};
use vitrine_entity::{FeedId, Time};

/// How long a browser may show an old copy while it fetches a new one.
const STALE_WHILE_REVALIDATE_SECONDS: u32 = 3_600;

/// How long a cache may show an old copy while this server is away.
const STALE_IF_ERROR_SECONDS: u32 = 86_400;

/// Which photos are asked for.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PhotosParameters {
    /// Most photos of the page.
    #[param(minimum = 1, maximum = 100, default = 25)]
    limit: Option<u32>,
    /// `page.next_cursor` of the page before.
    cursor: Option<String>,
    /// Only this media type: `IMAGE`, `VIDEO` or `CAROUSEL_ALBUM`.
    r#type: Option<String>,
}

impl FromQuery for PhotosParameters {
    fn from_query(query: &mut QueryReader<'_>) -> Self {
        Self {
            limit: read_limit(query),
            cursor: query.text("cursor"),
            r#type: query.text("type"),
        }
    }
}

impl From<PhotosParameters> for PhotosQuery {
    fn from(asked: PhotosParameters) -> Self {
        Self {
            limit: asked.limit,
            cursor: asked.cursor,
            media_type: asked.r#type,
        }
    }
}

/// One page of a feed's photos, for the site's visitors.
#[utoipa::path(
    get,
    path = "/v1/feeds/{feed_id}/photos",
    tag = "feeds",
    security(("key_in_query" = []), ("api_key" = []), ("bearer" = [])),
    params(("feed_id" = Uuid, Path, description = "The feed's id")),
    responses(
        (status = 200, body = PhotosView),
        (status = 304, description = "The client has this answer already"),
    )
)]
pub(crate) async fn read_photos(
    caller: Allowed<ReadPhotos>,
    Id(id): Id<FeedId>,
    Query(asked): Query<PhotosParameters>,
    request: HttpRequest,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let by_key = caller.caller.allowed_origins();
    allow_origin(request.headers(), &[by_key])?;
    let rendered = app.feed_reader.photos(caller.tenant, id, asked.into()).await;
    let rendered = rendered.map_err(|error| Problem::from(error).about_query())?;
    let origin = allow_origin(request.headers(), &[by_key, &rendered.allowed_origins])?;
    Ok(answer(&request, &rendered, origin, app.clock.now()))
}

/// The bytes as they stand in memory, or 304 where the client has them.
fn answer(
    request: &HttpRequest,
    rendered: &RenderedFeed,
    origin: Option<HeaderValue>,
    now: Time,
) -> HttpResponse {
    if is_fresh(request, &rendered.etag, rendered.last_modified) {
        return headed(HttpResponse::NotModified(), rendered, origin, now).finish();
    }
    let mut builder = headed(HttpResponse::Ok(), rendered, origin, now);
    builder
        .content_type("application/json")
        .body(rendered.body.clone())
}

fn headed(
    mut builder: HttpResponseBuilder,
    rendered: &RenderedFeed,
    origin: Option<HeaderValue>,
    now: Time,
) -> HttpResponseBuilder {
    builder
        .insert_header((ETAG, rendered.etag.as_str()))
        .insert_header((LAST_MODIFIED, http_date(rendered.last_modified)))
        .insert_header((CACHE_CONTROL, cache_control(rendered.cache_seconds)))
        .insert_header((AGE, until(rendered.rendered_at, now).as_secs()));
    if let Some(origin) = origin {
        builder.insert_header((ACCESS_CONTROL_ALLOW_ORIGIN, origin));
    }
    builder
}

fn cache_control(max_age: u32) -> String {
    format!(
        "public, max-age={max_age}, stale-while-revalidate={STALE_WHILE_REVALIDATE_SECONDS}, \
         stale-if-error={STALE_IF_ERROR_SECONDS}"
    )
}
