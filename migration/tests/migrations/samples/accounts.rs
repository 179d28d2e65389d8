use super::{Owner, moment, word};
use vitrine_entity::{ConnectAttemptId, LeaseId, account, account_token, connect_attempt, media};

pub(crate) fn account(owner: &Owner) -> account::Model {
    account::Model {
        id: owner.account,
        tenant_id: owner.tenant,
        platform_user_id: word(),
        app_scoped_id: None,
        exchange_user_id: None,
        username: None,
        name: None,
        account_type: None,
        profile_picture_url: None,
        biography: None,
        website: None,
        media_count: None,
        followers_count: None,
        follows_count: None,
        status: account::AccountStatus::Active,
        status_reason: None,
        sync_every_seconds: None,
        next_sync_at: None,
        synced_at: None,
        listed_at: None,
        sync_error: None,
        sync_failures: 0,
        sync_lease_id: None,
        sync_lease_until: None,
        media_digest: None,
        links_expire_at: None,
        blocked_until: None,
        calls_counted: None,
        calls_counted_at: None,
        created_at: moment(),
        updated_at: moment(),
    }
}

pub(crate) fn full_account(owner: &Owner) -> account::Model {
    account::Model {
        app_scoped_id: Some(word()),
        exchange_user_id: Some(word()),
        username: Some(word()),
        name: Some(word()),
        account_type: Some(word()),
        profile_picture_url: Some(word()),
        biography: Some(word()),
        website: Some(word()),
        media_count: Some(i64::MAX),
        followers_count: Some(i64::MAX),
        follows_count: Some(i64::MAX),
        status_reason: Some(word()),
        sync_every_seconds: Some(i64::MAX),
        next_sync_at: Some(moment()),
        synced_at: Some(moment()),
        listed_at: Some(moment()),
        sync_error: Some(word()),
        sync_failures: i32::MAX,
        sync_lease_id: Some(LeaseId::generate()),
        sync_lease_until: Some(moment()),
        media_digest: Some(word()),
        links_expire_at: Some(moment()),
        blocked_until: Some(moment()),
        calls_counted: Some(i32::MAX),
        calls_counted_at: Some(moment()),
        ..account(owner)
    }
}

pub(crate) fn account_token(owner: &Owner) -> account_token::Model {
    account_token::Model {
        account_id: owner.account,
        tenant_id: owner.tenant,
        ciphertext: vec![0, 255, 128],
        key_id: word(),
        issued_at: moment(),
        expires_at: moment(),
        expiry_assumed: true,
        app_proved: Some(false),
        refreshed_at: None,
        next_refresh_at: None,
        refresh_lease_id: None,
        refresh_lease_until: None,
        failures: 0,
        last_error: None,
    }
}

pub(crate) fn full_account_token(owner: &Owner) -> account_token::Model {
    account_token::Model {
        refreshed_at: Some(moment()),
        next_refresh_at: Some(moment()),
        refresh_lease_id: Some(LeaseId::generate()),
        refresh_lease_until: Some(moment()),
        last_error: Some(word()),
        ..account_token(owner)
    }
}

pub(crate) fn connect_attempt(owner: &Owner) -> connect_attempt::Model {
    connect_attempt::Model {
        id: ConnectAttemptId::generate(),
        tenant_id: owner.tenant,
        user_id: None,
        state_hash: word(),
        redirect_uri: word(),
        return_to: None,
        account_id: None,
        created_at: moment(),
        expires_at: moment(),
        used_at: None,
        connected_account_id: None,
        error: None,
    }
}

pub(crate) fn full_connect_attempt(owner: &Owner) -> connect_attempt::Model {
    connect_attempt::Model {
        user_id: Some(owner.user),
        return_to: Some(word()),
        account_id: Some(owner.account),
        used_at: Some(moment()),
        connected_account_id: Some(owner.account),
        error: Some(word()),
        ..connect_attempt(owner)
    }
}

pub(crate) fn media(owner: &Owner) -> media::Model {
    media::Model {
        id: owner.media,
        tenant_id: owner.tenant,
        account_id: owner.account,
        platform_media_id: word(),
        media_type: "IMAGE".to_owned(),
        product_type: None,
        caption: None,
        media_url: None,
        thumbnail_url: None,
        permalink: None,
        posted_at: moment(),
        username: None,
        like_count: None,
        comments_count: None,
        is_shared_to_feed: None,
        alt_text: None,
        children: media::Children::default(),
        digest: word(),
        missed_at: None,
        hidden_upstream_at: None,
        created_at: moment(),
        updated_at: moment(),
    }
}

pub(crate) fn full_media(owner: &Owner) -> media::Model {
    media::Model {
        product_type: Some("FEED".to_owned()),
        caption: Some("Zürich, früh 🌅".to_owned()),
        media_url: Some(word()),
        thumbnail_url: Some(word()),
        permalink: Some(word()),
        username: Some(word()),
        like_count: Some(i64::MAX),
        comments_count: Some(i64::MAX),
        is_shared_to_feed: Some(false),
        alt_text: Some(word()),
        children: media::Children(vec![child()]),
        missed_at: Some(moment()),
        hidden_upstream_at: Some(moment()),
        ..media(owner)
    }
}

fn child() -> media::Child {
    media::Child {
        platform_media_id: word(),
        media_type: "VIDEO".to_owned(),
        media_url: None,
        thumbnail_url: Some(word()),
        permalink: Some(word()),
        alt_text: None,
    }
}
