//! Moderation: single posts of a feed.

use crate::{
    app::App,
    http::{
        auth::{Allowed, ReadFeeds, WriteFeeds},
        extract::{FromQuery, Id, Ids, Json, Query, QueryReader, nullable, nullable_whole},
        listing::{ListView, page_request, read_limit},
        problem::Problem,
    },
    openapi::schemas,
    v1::accounts::media::MediaView,
};
use actix_web::{HttpResponse, delete, get, patch, put, web::Data};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use vitrine_entity::{FeedId, MediaId};
use vitrine_feeds::{FeedItem, ItemChange, Reason};

/// A post as its owner sees it in one feed.
#[derive(Serialize, ToSchema)]
pub(crate) struct FeedItemView {
    /// The post's id.
    #[schema(value_type = Uuid)]
    media_id: MediaId,
    /// Whether the feed shows it.
    included: bool,
    /// Whether its owner has hidden it.
    hidden: bool,
    /// Its place, from 1, in a feed that shows pinned posts first.
    pinned_position: Option<u32>,
    /// The owner's own description of the picture.
    alt_text: Option<String>,
    /// Decisions that have no effect with the feed's settings.
    warnings: Vec<ReasonView>,
    /// Why the feed shows it or does not; only with `explain=1`.
    #[serde(skip_serializing_if = "Option::is_none")]
    reasons: Option<Vec<ReasonView>>,
    /// The post.
    media: MediaView,
}

/// One reason why a feed shows a post or does not, or why a decision has no effect.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReasonView {
    /// Machine word.
    #[schema(value_type = String)]
    code: &'static str,
    /// The same in words.
    message: String,
}

impl From<&Reason> for ReasonView {
    fn from(reason: &Reason) -> Self {
        Self {
            code: reason.code(),
            message: reason.sentence(),
        }
    }
}

fn reasons(item: &FeedItem) -> Vec<ReasonView> {
    if item.reasons.is_empty() {
        return vec![ReasonView {
            code: "fits",
            message: "It fits everything that the feed asks for.".to_owned(),
        }];
    }
    item.reasons.iter().map(Into::into).collect()
}

fn warnings(item: &FeedItem) -> Vec<ReasonView> {
    let idle = item.is_pin_idle.then(|| ReasonView {
        code: "pin_without_effect",
        message: "This pin has no effect, because the feed's order is `newest`. Set the order to `pinned` to use pins.".to_owned(),
    });
    idle.into_iter().collect()
}

impl FeedItemView {
    fn new(item: FeedItem, explain: bool) -> Self {
        let reasons = explain.then(|| reasons(&item));
        Self {
            media_id: item.post.id,
            included: item.reasons.is_empty(),
            hidden: item.decision.hidden,
            pinned_position: item.decision.pinned_position,
            warnings: warnings(&item),
            alt_text: item.decision.alt_text,
            reasons,
            media: item.post.into(),
        }
    }
}

/// Which page of a feed's posts, and whether with reasons.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ItemsQuery {
    /// Most entries of the page.
    #[param(minimum = 1, maximum = 100, default = 25)]
    limit: Option<u64>,
    /// `page.next_cursor` of the page before.
    cursor: Option<String>,
    /// `1` to learn why a post is in or out.
    #[param(schema_with = schemas::switch)]
    explain: bool,
}

impl FromQuery for ItemsQuery {
    fn from_query(query: &mut QueryReader<'_>) -> Self {
        Self {
            limit: read_limit(query),
            cursor: query.text("cursor"),
            explain: query.switch("explain"),
        }
    }
}

/// What to change about a post; what is absent stays, and null removes a decision.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"hidden": false, "alt_text": "A heron at low tide"}))]
pub(crate) struct ItemDecisionRequest {
    /// Whether it is hidden; null means `false`.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<bool>)]
    hidden: Option<Option<bool>>,
    /// Its place, from 1; it has an effect while the feed's order is `pinned`.
    #[serde(default, deserialize_with = "nullable_whole")]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 1_000)]
    pinned_position: Option<Option<u32>>,
    /// The owner's own description of the picture.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, max_length = 1_000)]
    alt_text: Option<Option<String>>,
}

impl From<ItemDecisionRequest> for ItemChange {
    fn from(request: ItemDecisionRequest) -> Self {
        Self {
            hidden: request.hidden.map(Option::unwrap_or_default),
            pinned_position: request.pinned_position,
            alt_text: request.alt_text,
        }
    }
}

/// Lists the posts of a feed's accounts, newest first, including those that it does not show.
#[utoipa::path(
    tag = "feeds",
    security(("bearer" = []), ("api_key" = [])),
    params(("feed_id" = Uuid, Path, description = "The feed's id"), ItemsQuery),
    responses((status = 200, body = ListView<FeedItemView>))
)]
#[get("/v1/feeds/{feed_id}/items")]
pub(crate) async fn list_feed_items(
    caller: Allowed<ReadFeeds>,
    Id(id): Id<FeedId>,
    Query(query): Query<ItemsQuery>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let page = page_request(query.limit, query.cursor);
    let items = app.feeds.items(caller.tenant, id, page).await?;
    let views = items.map(|item| FeedItemView::new(item, query.explain));
    Ok(HttpResponse::Ok().json(ListView::<FeedItemView>::of(views)))
}

/// Hides, pins or describes a post in one feed; what is not named stays.
#[utoipa::path(
    tag = "feeds",
    security(("bearer" = []), ("api_key" = [])),
    params(
        ("feed_id" = Uuid, Path, description = "The feed's id"),
        ("media_id" = Uuid, Path, description = "The post's id"),
    ),
    responses((status = 200, body = FeedItemView))
)]
#[patch("/v1/feeds/{feed_id}/items/{media_id}")]
pub(crate) async fn change_feed_item(
    caller: Allowed<WriteFeeds>,
    ids: Ids<FeedId, MediaId>,
    body: Json<ItemDecisionRequest>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    decide(&caller, ids, body, &app).await
}

async fn decide(
    caller: &Allowed<WriteFeeds>,
    Ids(feed, post): Ids<FeedId, MediaId>,
    Json(body): Json<ItemDecisionRequest>,
    app: &App,
) -> Result<HttpResponse, Problem> {
    let item = app.feeds.moderate(caller.tenant, feed, post, body.into()).await?;
    Ok(HttpResponse::Ok().json(FeedItemView::new(item, true)))
}

/// Hides, pins or describes a post in one feed; here too, what is not named stays.
///
/// The same as `PATCH`.
#[utoipa::path(
    tag = "feeds",
    security(("bearer" = []), ("api_key" = [])),
    params(
        ("feed_id" = Uuid, Path, description = "The feed's id"),
        ("media_id" = Uuid, Path, description = "The post's id"),
    ),
    responses((status = 200, body = FeedItemView))
)]
#[put("/v1/feeds/{feed_id}/items/{media_id}")]
pub(crate) async fn decide_feed_item(
    caller: Allowed<WriteFeeds>,
    ids: Ids<FeedId, MediaId>,
    body: Json<ItemDecisionRequest>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    decide(&caller, ids, body, &app).await
}

/// Removes all decisions about a post. Removing them again is a success.
#[utoipa::path(
    tag = "feeds",
    security(("bearer" = []), ("api_key" = [])),
    params(
        ("feed_id" = Uuid, Path, description = "The feed's id"),
        ("media_id" = Uuid, Path, description = "The post's id"),
    ),
    responses((status = 204, description = "All decisions are removed"))
)]
#[delete("/v1/feeds/{feed_id}/items/{media_id}")]
pub(crate) async fn undecide_feed_item(
    caller: Allowed<WriteFeeds>,
    Ids(feed, post): Ids<FeedId, MediaId>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    app.feeds.clear_moderation(caller.tenant, feed, post).await?;
    Ok(HttpResponse::NoContent().finish())
}
