//! What visitors read, in every form of our own.

use crate::{
    app::App,
    http::{
        auth::{Allowed, ReadPhotos, key_in_address},
        extract::{FromQuery, Id, Query, QueryReader},
        listing::read_limit,
        problem::Problem,
    },
    public::serve_feed,
};
use actix_web::{HttpRequest, HttpResponse, web::Data};
use utoipa::IntoParams;
use vitrine_entity::FeedId;
use vitrine_feeds::{FeedFormat, FeedQuery, PhotosView};

/// Which photos to return.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PhotosParameters {
    /// Most photos of the page. Default: the feed's `limit`, or 25 if its owner set none.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// `page.next_cursor` of the page before.
    cursor: Option<String>,
    /// Only this media type.
    #[param(schema_with = crate::openapi::schemas::media_type)]
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

impl PhotosParameters {
    /// Further pages are linked with the key that stood in this one's address.
    pub(crate) fn feed_query(self, form: FeedFormat, request: &HttpRequest) -> FeedQuery {
        FeedQuery {
            form,
            limit: self.limit,
            cursor: self.cursor,
            before: None,
            media_type: self.r#type,
            key_in_links: key_in_address(request),
        }
    }
}

/// One page of a feed's photos, for the site's visitors.
#[utoipa::path(
    get,
    path = "/v1/feeds/{feed_id}/photos",
    tag = "feeds",
    security(("key_in_query" = []), ("api_key" = []), ("bearer" = [])),
    params(("feed_id" = Uuid, Path, description = "The feed's id"), PhotosParameters),
    responses(
        (status = 200, body = PhotosView),
        (status = 304, description = "The client already has this response"),
    )
)]
pub(crate) async fn read_photos(
    caller: Allowed<ReadPhotos>,
    Id(id): Id<FeedId>,
    Query(asked): Query<PhotosParameters>,
    request: HttpRequest,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let feed_query = FeedQuery {
        key_in_links: None,
        ..asked.feed_query(FeedFormat::Photos, &request)
    };
    serve_feed(&request, &app, &caller, id, feed_query).await
}
