use super::{Owner, moment, word, words};
use vitrine_entity::{StringList, feed, feed_account, feed_item};

pub(crate) fn feed(owner: &Owner) -> feed::Model {
    feed::Model {
        id: owner.feed,
        tenant_id: owner.tenant,
        name: word(),
        is_default: false,
        media_types: StringList::default(),
        include_children: false,
        reels: feed::Reels::Include,
        hashtags: feed::WordFilter::default(),
        caption: feed::WordFilter::default(),
        item_limit: 25,
        page_size: None,
        item_order: feed::FeedOrder::Newest,
        layout: feed::FeedLayout::Grid,
        allowed_origins: StringList::default(),
        cache_seconds: 60,
        version: i64::MAX,
        content_changed_at: moment(),
        created_at: moment(),
        updated_at: moment(),
    }
}

pub(crate) fn full_feed(owner: &Owner) -> feed::Model {
    let filter = feed::WordFilter {
        include: words().0,
        exclude: words().0,
    };
    feed::Model {
        is_default: true,
        media_types: words(),
        include_children: true,
        reels: feed::Reels::OnGrid,
        hashtags: filter.clone(),
        caption: filter,
        allowed_origins: words(),
        ..feed(owner)
    }
}

pub(crate) fn feed_account(owner: &Owner) -> feed_account::Model {
    feed_account::Model {
        feed_id: owner.feed,
        account_id: owner.account,
        tenant_id: owner.tenant,
    }
}

pub(crate) fn feed_item(owner: &Owner) -> feed_item::Model {
    feed_item::Model {
        feed_id: owner.feed,
        media_id: owner.media,
        tenant_id: owner.tenant,
        hidden: true,
        pinned_position: None,
        alt_text: None,
        updated_at: moment(),
    }
}

pub(crate) fn full_feed_item(owner: &Owner) -> feed_item::Model {
    feed_item::Model {
        pinned_position: Some(1),
        alt_text: Some(word()),
        ..feed_item(owner)
    }
}
