//! Feeds, for their owner's eyes.

use super::schemas;
use crate::{
    app::App,
    auth::{Allowed, ReadFeeds},
    extract::{Id, Query},
    listing::{ListQuery, ListView},
    problem::Problem,
};
use actix_web::{HttpResponse, get, web::Data};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use vitrine_core::feeds::FeedDetail;
use vitrine_entity::{
    AccountId, FeedId,
    feed::{self, FeedLayout, FeedOrder, WordFilter},
};

/// A feed's settings.
#[derive(Serialize, ToSchema)]
pub(crate) struct FeedView {
    /// Its id.
    #[schema(value_type = Uuid)]
    id: FeedId,
    /// What the owner calls it.
    name: String,
    /// Whether new accounts join it by themselves.
    is_default: bool,
    /// Accounts that it shows.
    #[schema(value_type = Vec<Uuid>)]
    account_ids: Vec<AccountId>,
    /// Media types that it shows.
    media_types: Vec<String>,
    /// Whether an album's pictures are shown too.
    include_children: bool,
    /// Hashtags in and out.
    hashtags: WordFilterView,
    /// Caption text in and out.
    caption: WordFilterView,
    /// Most posts that it shows.
    limit: i32,
    /// Which post comes first.
    #[schema(schema_with = schemas::feed_order)]
    order: FeedOrder,
    /// How the embed shows it.
    #[schema(schema_with = schemas::feed_layout)]
    layout: FeedLayout,
    /// Origins it may be read from; empty means any.
    allowed_origins: Vec<String>,
    /// How long a browser may keep it.
    cache_seconds: i32,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When its settings last changed.
    updated_at: DateTime<Utc>,
}

/// Words that let posts in or keep them out.
#[derive(Serialize, ToSchema)]
pub(crate) struct WordFilterView {
    /// A post needs one of these, when there are any.
    include: Vec<String>,
    /// A post with one of these stays out.
    exclude: Vec<String>,
}

impl From<WordFilter> for WordFilterView {
    fn from(filter: WordFilter) -> Self {
        Self {
            include: filter.include,
            exclude: filter.exclude,
        }
    }
}

impl From<FeedDetail> for FeedView {
    fn from(detail: FeedDetail) -> Self {
        Self::new(detail.feed, detail.account_ids)
    }
}

impl FeedView {
    fn new(feed: feed::Model, account_ids: Vec<AccountId>) -> Self {
        Self {
            id: feed.id,
            name: feed.name,
            is_default: feed.is_default,
            account_ids,
            media_types: feed.media_types.0,
            include_children: feed.include_children,
            hashtags: feed.hashtags.into(),
            caption: feed.caption.into(),
            limit: feed.item_limit,
            order: feed.item_order,
            layout: feed.layout,
            allowed_origins: feed.allowed_origins.0,
            cache_seconds: feed.cache_seconds,
            created_at: feed.created_at,
            updated_at: feed.updated_at,
        }
    }
}

/// Lists the tenant's feeds, newest first.
#[utoipa::path(
    tag = "feeds",
    security(("bearer" = []), ("api_key" = [])),
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
