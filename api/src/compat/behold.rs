//! Behold's feeds, for sites that read those so far.

use crate::{
    app::App,
    http::{
        auth::{Allowed, ReadPhotos},
        extract::{FromQuery, Id, Query, QueryReader},
        listing::read_limit,
        problem::Problem,
    },
    public::serve_feed,
};
use actix_web::{HttpRequest, HttpResponse, web::Data};
use utoipa::IntoParams;
use vitrine_entity::FeedId;
use vitrine_feeds::{FeedFormat, FeedQuery};

/// Which posts to return. Behold knows no pages, so up to 100 come at once.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct BeholdParameters {
    /// Most posts.
    #[param(minimum = 1, maximum = 100, default = 100)]
    limit: Option<u32>,
    /// Only this media type.
    #[param(schema_with = crate::openapi::schemas::media_type)]
    r#type: Option<String>,
}

impl FromQuery for BeholdParameters {
    fn from_query(query: &mut QueryReader<'_>) -> Self {
        Self {
            limit: read_limit(query),
            r#type: query.text("type"),
        }
    }
}

/// A feed in Behold's JSON.
///
/// It has the shapes of `@behold/types`. Errors are as everywhere here, because Behold describes none.
#[utoipa::path(
    get,
    path = "/compat/behold/{feed_id}",
    tag = "compat",
    security(("key_in_query" = []), ("api_key" = []), ("bearer" = [])),
    params(("feed_id" = Uuid, Path, description = "The feed's id"), BeholdParameters),
    responses(
        (status = 200, body = Object, description = "The profile, and its posts in `posts`"),
        (status = 304, description = "The client already has this response"),
    )
)]
pub(crate) async fn read_behold_feed(
    caller: Allowed<ReadPhotos>,
    Id(id): Id<FeedId>,
    Query(asked): Query<BeholdParameters>,
    request: HttpRequest,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let feed_query = FeedQuery {
        limit: asked.limit,
        media_type: asked.r#type,
        ..FeedQuery::of(FeedFormat::Behold)
    };
    serve_feed(&request, &app, &caller, id, feed_query).await
}
