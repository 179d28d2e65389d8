//! Answers over a feed that is made by hand.

mod lists;
mod posts;
mod refusals;
mod user;

use super::*;
use crate::{
    FeedFormat, FeedQuery, Item, Period, Pin,
    content::{feed_content::FeedContent, samples, sequence::Sequence},
    settings::feed_settings::new_feed,
};
use serde_json::{Value, json};
use std::sync::Arc;
use url::Url;
use vitrine_base::{paging::Cursors, security::MasterKey};
use vitrine_entity::{
    AccountId, MediaId, TenantId, Time, account,
    media::{self, Child, Children},
};

const PUBLIC_URL: &str = "https://vitrine.example/sub/";

struct Site {
    content: FeedContent,
    cursors: Cursors,
    public_url: Url,
}

fn moment() -> Time {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

fn account() -> account::Model {
    account::Model {
        id: AccountId::generate(),
        tenant_id: TenantId::generate(),
        platform_user_id: "17841400000000001".into(),
        app_scoped_id: Some("900".into()),
        exchange_user_id: None,
        username: Some("shop".into()),
        name: Some("Tom & \"Co\"".into()),
        account_type: Some("BUSINESS".into()),
        profile_picture_url: Some("https://cdn.example/me.jpg".into()),
        biography: None,
        website: Some("javascript:alert(1)".into()),
        media_count: Some(3),
        followers_count: Some(7),
        follows_count: None,
        ..samples::account()
    }
}

fn post(account: &account::Model, number: u32) -> media::Model {
    media::Model {
        id: MediaId::generate(),
        tenant_id: account.tenant_id,
        account_id: account.id,
        platform_media_id: format!("1790000000000000{number}"),
        caption: Some(format!("Number {number}")),
        media_url: Some(format!("https://cdn.example/{number}.jpg?a=1&oe=6104320C")),
        permalink: Some(format!("https://www.instagram.com/p/C{number}/")),
        posted_at: moment() - chrono::Duration::minutes(number.into()),
        username: Some("shop".into()),
        like_count: Some(5),
        comments_count: Some(0),
        alt_text: None,
        ..samples::post(number)
    }
}

fn child(number: u32, media_type: &str, url: Option<&str>) -> Child {
    Child {
        platform_media_id: format!("18{number}"),
        thumbnail_url: None,
        ..samples::child(number, media_type, url)
    }
}

impl Site {
    /// A feed of so many posts, the first the newest, after a change to them.
    fn of(posts: u32, limit: u32, change: impl FnOnce(&mut Vec<media::Model>)) -> Self {
        let account = account();
        let mut posts = (1..=posts).map(|number| post(&account, number)).collect();
        change(&mut posts);
        let items = posts.into_iter().map(Item::of).collect();
        Self::showing(account, Sequence::new(items, vec![], limit))
    }

    fn showing(account: account::Model, sequence: Sequence) -> Self {
        let feed = new_feed(account.tenant_id, "default", moment());
        Self {
            content: FeedContent::new(feed, vec![account], sequence),
            cursors: Cursors::new(&MasterKey::from_bytes([7; 32])),
            public_url: PUBLIC_URL.parse().unwrap(),
        }
    }

    fn answer(&self, feed_query: FeedQuery) -> Result<Value, FeedError> {
        feed_query.checked()?;
        let wanted = feed_query.wanted(self.content.header.feed.id, &self.cursors)?;
        let context = RenderContext {
            content: &self.content,
            wanted: &wanted,
            cursors: &self.cursors,
            public_url: &self.public_url,
        };
        let written = context.write()?;
        assert_eq!(written.content_type, "application/json");
        Ok(serde_json::from_slice(&written.body).unwrap())
    }

    fn feed_query(&self, object: GraphObject, fields: &str) -> Result<Value, FeedError> {
        self.answer(asked(object, fields))
    }

    /// Follows a link as it stands in an answer.
    fn follow(&self, link: &Value) -> Value {
        let link: Url = link.as_str().unwrap().parse().unwrap();
        let query = |name: &str| {
            let mut pairs = link.query_pairs().filter(|(key, _)| key == name);
            pairs.next().map(|(_, value)| value.into_owned())
        };
        assert!(
            link.as_str()
                .starts_with("https://vitrine.example/sub/graph/v25.0/me/media?"),
            "{link}"
        );
        assert_eq!(query("feed").unwrap(), self.content.header.feed.id.to_string());
        let fields = query("fields").unwrap_or_default();
        self.answer(FeedQuery {
            limit: query("limit").map(|limit| limit.parse().unwrap()),
            cursor: query("after"),
            before: query("before"),
            key_in_links: query("access_token"),
            ..asked(GraphObject::MyMedia, &fields)
        })
        .unwrap()
    }
}

fn asked(object: GraphObject, fields: &str) -> FeedQuery {
    let graph_query = GraphQuery {
        version: Some("v25.0".into()),
        object,
        fields: Fields::parse(fields).unwrap(),
        period: Period::default(),
        escape: true,
    };
    FeedQuery {
        key_in_links: Some("vt_pk_x".into()),
        ..FeedQuery::of(FeedFormat::Graph(Arc::new(graph_query)))
    }
}

fn ids(answer: &Value) -> Vec<&str> {
    let data = answer["data"].as_array().unwrap();
    data.iter().map(|media| media["id"].as_str().unwrap()).collect()
}

const ALL: &str = "id,caption,media_type,media_product_type,media_url,thumbnail_url,permalink,shortcode,\
                   timestamp,username,owner,like_count,comments_count,is_comment_enabled,is_shared_to_feed,\
                   alt_text,children";
