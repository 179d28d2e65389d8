//! Stored posts of an account, also those that no feed shows.

use crate::{
    app::App,
    http::{
        auth::{Allowed, ReadAccounts},
        extract::{Id, Query},
        listing::{ListQuery, ListView},
        problem::Problem,
    },
};
use actix_web::{HttpResponse, get, web::Data};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use vitrine_entity::{
    AccountId, MediaId,
    media::{self, Child},
};

/// A stored post.
#[derive(Serialize, ToSchema)]
pub(crate) struct MediaView {
    /// Its id.
    #[schema(value_type = Uuid)]
    id: MediaId,
    /// Whose post it is.
    #[schema(value_type = Uuid)]
    account_id: AccountId,
    /// Instagram's own id.
    platform_media_id: String,
    /// `IMAGE`, `VIDEO`, `CAROUSEL_ALBUM` or whatever Instagram says.
    r#type: String,
    /// `FEED`, `REELS` or whatever Instagram says.
    product_type: Option<String>,
    /// Text of the post.
    caption: Option<String>,
    /// Signed link to the file; expires, and is absent for flagged material.
    media_url: Option<String>,
    /// Signed link to a video's still.
    thumbnail_url: Option<String>,
    /// The post's page.
    permalink: Option<String>,
    /// When it was posted.
    timestamp: DateTime<Utc>,
    /// Handle at the time of the sync.
    username: Option<String>,
    /// Description for those who cannot see it.
    alt_text: Option<String>,
    /// An album's pictures.
    children: Vec<MediaChildView>,
    /// Likes; absent when the owner hides them.
    like_count: Option<i64>,
    /// Comments.
    comments_count: Option<i64>,
}

/// One picture or video of an album.
#[derive(Serialize, ToSchema)]
pub(crate) struct MediaChildView {
    /// Instagram's own id.
    platform_media_id: String,
    /// `IMAGE`, `VIDEO` or whatever Instagram says.
    r#type: String,
    /// Signed link to the file.
    media_url: Option<String>,
    /// Signed link to a video's still.
    thumbnail_url: Option<String>,
    /// The picture's page.
    permalink: Option<String>,
    /// Description for those who cannot see it.
    alt_text: Option<String>,
}

impl From<media::Model> for MediaView {
    fn from(media: media::Model) -> Self {
        Self {
            id: media.id,
            account_id: media.account_id,
            platform_media_id: media.platform_media_id,
            r#type: media.media_type,
            product_type: media.product_type,
            caption: media.caption,
            media_url: media.media_url,
            thumbnail_url: media.thumbnail_url,
            permalink: media.permalink,
            timestamp: media.posted_at,
            username: media.username,
            alt_text: media.alt_text,
            children: media.children.0.into_iter().map(Into::into).collect(),
            like_count: media.like_count,
            comments_count: media.comments_count,
        }
    }
}

impl From<Child> for MediaChildView {
    fn from(child: Child) -> Self {
        Self {
            platform_media_id: child.platform_media_id,
            r#type: child.media_type,
            media_url: child.media_url,
            thumbnail_url: child.thumbnail_url,
            permalink: child.permalink,
            alt_text: child.alt_text,
        }
    }
}

/// Lists an account's stored posts, newest first.
#[utoipa::path(
    tag = "accounts",
    security(("bearer" = []), ("api_key" = [])),
    params(("account_id" = Uuid, Path, description = "The account's id"), ListQuery),
    responses((status = 200, body = ListView<MediaView>))
)]
#[get("/v1/accounts/{account_id}/media")]
pub(crate) async fn list_media(
    caller: Allowed<ReadAccounts>,
    Id(id): Id<AccountId>,
    Query(query): Query<ListQuery>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let page = app.accounts.media(caller.tenant, id, query.into()).await?;
    Ok(HttpResponse::Ok().json(ListView::<MediaView>::of(page)))
}
