//! Reads what a feed shows, within a transaction that sees one moment.

use crate::{
    FeedError, Item, Pin, Position,
    content::{
        feed_content::{ContentKey, FeedContent},
        select::{newest, not_before},
        sequence::Sequence,
    },
    curation::{Rule, may_fit},
    moderation::decisions::Moderation,
};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, QueryFilter, QueryOrder, QuerySelect};
use std::collections::HashMap;
use tokio::task::yield_now;
use vitrine_base::paging::LARGEST_PAGE;
use vitrine_entity::{FeedId, MediaId, TenantId, TenantOwned, account, feed, feed_account, media};

/// Entries held beyond the limit, for visitors who page on while posts arrive.
const SPARE: usize = 25;
/// Entries read at once behind all that, where more arrived: the largest page, and one that tells whether another follows.
const READ_ON: usize = LARGEST_PAGE as usize + 1;
/// A caption of so many bytes takes a while to be understood.
const LONG_CAPTION: usize = 4 * 1024;
/// Posts looked at in one go where filters let few of them in.
const LOOKED_AT: usize = 500;

/// What a feed shows, read within a transaction that sees one moment.
pub(crate) async fn read_content(
    connection: &impl ConnectionTrait,
    key: &ContentKey,
) -> Result<FeedContent, FeedError> {
    let feed = find_feed(connection, key.tenant, key.feed).await?;
    let accounts = accounts_of(connection, &feed).await?;
    let moderation = Moderation::of(connection, &feed).await?;
    let reading = FeedLoad {
        rule: Rule::of(&feed, key.media_type),
        media_type: key.media_type,
        accounts: &accounts,
        moderation: &moderation,
        feed: &feed,
        from: key.older.map(|older| older.than.0),
    };
    let (chronological, more) = reading.chronological(connection).await?;
    let pinned = reading.pinned(connection).await?;
    let limit = u32::try_from(feed.item_limit).unwrap_or(0);
    Ok(FeedContent::new(
        feed,
        accounts,
        Sequence::new(chronological, pinned, limit).with_more(more),
    ))
}

/// One feed being read.
struct FeedLoad<'a> {
    feed: &'a feed::Model,
    media_type: Option<&'static str>,
    rule: Rule,
    accounts: &'a [account::Model],
    moderation: &'a Moderation,
    /// The newest post that is of interest; none where the newest of all is.
    from: Option<Position>,
}

impl FeedLoad<'_> {
    /// How many entries in order of time are read.
    fn wanted(&self) -> usize {
        match self.from {
            None => usize::try_from(self.feed.item_limit).unwrap_or(0) + SPARE,
            // The rest of an album may come before.
            Some(_) => READ_ON + SPARE,
        }
    }

    /// Entries in order of time, and whether there may be more behind them: the library is looked
    /// through until they are found.
    async fn chronological(&self, connection: &impl ConnectionTrait) -> Result<(Vec<Item>, bool), DbErr> {
        let wanted = self.wanted();
        let (mut items, mut behind, mut batch, mut more) = (Vec::new(), None, wanted, true);
        while more && items.len() < wanted {
            let select = media::Entity::of(self.feed.tenant_id)
                .filter(self.candidates())
                .filter(Condition::all().add_option(self.from.map(not_before)));
            let posts = newest(select, behind, batch as u64).all(connection).await?;
            behind = posts.last().map(Position::of);
            more = posts.len() == batch;
            for post in posts {
                let is_long = post
                    .caption
                    .as_ref()
                    .is_some_and(|text| text.len() >= LONG_CAPTION);
                items.extend(self.entries(post, None));
                if is_long {
                    // Others are answered on the same thread.
                    yield_now().await;
                }
            }
            batch = LOOKED_AT;
        }
        more |= items.len() > wanted;
        items.truncate(wanted);
        Ok((items, more))
    }

    /// Pinned posts that the rule lets in.
    async fn pinned(&self, connection: &impl ConnectionTrait) -> Result<Vec<Item>, DbErr> {
        let pins = &self.moderation.pins;
        if pins.is_empty() {
            return Ok(vec![]);
        }
        let posts = media::Entity::of(self.feed.tenant_id)
            .filter(self.candidates())
            .filter(media::Column::Id.is_in(pins.iter().map(Pin::post)))
            .all(connection)
            .await?;
        let mut posts: HashMap<MediaId, media::Model> =
            posts.into_iter().map(|post| (post.id, post)).collect();
        let mut pinned = Vec::new();
        for pin in pins {
            if let Some(post) = posts.remove(&pin.post()) {
                pinned.extend(self.entries(post, Some(*pin)));
            }
        }
        Ok(pinned)
    }

    fn candidates(&self) -> Condition {
        let accounts = self.accounts.iter().map(|account| account.id);
        may_fit(self.feed, self.media_type).add(media::Column::AccountId.is_in(accounts))
    }

    /// A post as its account is called now: under an older handle nobody is found any more.
    fn under_the_name_of_today(&self, post: media::Model) -> media::Model {
        let mut accounts = self.accounts.iter();
        let account = accounts.find(|account| account.id == post.account_id);
        let username = account.and_then(|account| account.username.clone());
        media::Model {
            username: username.or(post.username),
            ..post
        }
    }

    /// The entries that a post makes: none, one, or one for each picture of an album.
    fn entries(&self, post: media::Model, pin: Option<Pin>) -> Vec<Item> {
        let out = self.moderation.hides(post.id)
            || (pin.is_none() && self.moderation.pins(post.id))
            || !self.rule.reasons(&post).is_empty();
        if out {
            return vec![];
        }
        let pictures = self.rule.shown_children(&post);
        let whole = Item {
            own_alt_text: self.moderation.alt_text(post.id),
            pin,
            ..Item::of(self.under_the_name_of_today(post))
        };
        match pictures {
            None => vec![whole],
            Some(places) => places
                .into_iter()
                .map(|place| Item {
                    child: u16::try_from(place).ok(),
                    ..whole.clone()
                })
                .collect(),
        }
    }
}

/// A tenant's feed.
pub(crate) async fn find_feed(
    connection: &impl ConnectionTrait,
    tenant: TenantId,
    feed: FeedId,
) -> Result<feed::Model, FeedError> {
    let feed = feed::Entity::of(tenant)
        .filter(feed::Column::Id.eq(feed))
        .one(connection)
        .await?;
    feed.ok_or(FeedError::NotFound)
}

/// The accounts of a feed, the first connected first.
pub(crate) async fn accounts_of(
    connection: &impl ConnectionTrait,
    feed: &feed::Model,
) -> Result<Vec<account::Model>, DbErr> {
    let members = feed_account::Entity::of(feed.tenant_id)
        .select_only()
        .column(feed_account::Column::AccountId)
        .filter(feed_account::Column::FeedId.eq(feed.id));
    account::Entity::of(feed.tenant_id)
        .filter(account::Column::Id.in_subquery(sea_orm::QueryTrait::into_query(members)))
        .order_by_asc(account::Column::Id)
        .all(connection)
        .await
}
