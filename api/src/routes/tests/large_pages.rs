//! Pages that take long to make.

use super::{photos::Site, *};
use actix_web::body::MessageBody;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, QuerySelect};
use std::time::{Duration, Instant};
use vitrine_entity::{AccountId, FeedId, MediaId, TenantId, TenantOwned, account, feed, feed_account, media};

/// Posts with captions of signs that take four bytes each; ten times as long as Instagram allows, so that writing them
/// takes a while.
const POSTS: usize = 100;
const SIGNS: usize = 22_000;

async fn fill(site: &Site) {
    let connection = site.app.database.connection();
    let feed: (FeedId, TenantId) = feed::Entity::across_tenants()
        .select_only()
        .columns([feed::Column::Id, feed::Column::TenantId])
        .into_tuple()
        .one(connection)
        .await
        .unwrap()
        .unwrap();
    let (now, account_id) = (site.app.app.clock.now(), AccountId::generate());
    let account = account::ActiveModel {
        id: Set(account_id),
        tenant_id: Set(feed.1),
        platform_user_id: Set("1".to_owned()),
        status: Set(account::AccountStatus::Active),
        sync_failures: Set(0),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    account.insert(connection).await.unwrap();
    let member = feed_account::ActiveModel {
        feed_id: Set(feed.0),
        account_id: Set(account_id),
        tenant_id: Set(feed.1),
    };
    member.insert(connection).await.unwrap();
    let posts = (0..POSTS).map(|number| media::ActiveModel {
        id: Set(MediaId::generate()),
        tenant_id: Set(feed.1),
        account_id: Set(account_id),
        platform_media_id: Set(number.to_string()),
        media_type: Set("IMAGE".to_owned()),
        caption: Set(Some("🦄".repeat(SIGNS))),
        media_url: Set(Some("https://scontent.cdninstagram.com/1.jpg".to_owned())),
        posted_at: Set(now),
        children: Set(media::Children::default()),
        digest: Set(String::new()),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    });
    media::Entity::insert_many(posts).exec(connection).await.unwrap();
}

/// How long this thread has computed: others that it answers wait for so long, however busy the machine is.
#[cfg(target_os = "linux")]
fn computed() -> Duration {
    let spent = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    let nanoseconds = spent.split(' ').next().unwrap().parse().unwrap();
    Duration::from_nanos(nanoseconds)
}

#[cfg(target_os = "linux")]
#[actix_web::test]
async fn others_are_answered_while_a_large_page_is_made() {
    let site = Site::start(&[], &[]).await;
    fill(&site).await;
    // The content is in memory from here on: only its pages are to be made.
    let small = format!("{}?key={}&limit=1", site.path, site.key);
    assert_eq!(site.app.send(ask("GET", &small)).await.status, 200);

    let path = format!("{}?key={}&limit=100", site.path, site.key);
    let request = ask("GET", &path).insert_header(("Accept-Encoding", "br"));
    let (begun, before) = (Instant::now(), computed());

    let answer = site.app.send(request).await;

    let (here, took) = (computed() - before, begun.elapsed());
    assert_eq!(
        (answer.status, answer.header("content-encoding")),
        (200, Some("br"))
    );
    assert!(here * 8 < took, "{here:?} of {took:?} by the thread that answers");
}

#[actix_web::test]
async fn a_page_from_memory_waits_for_room_like_any_other() {
    let site = Site::start(&[], &[]).await;
    fill(&site).await;
    let path = format!("{}?key={}&limit=5", site.path, site.key);
    let reads = async || site.app.send(ask("GET", &path)).await;
    for _ in 0..2 {
        assert_eq!(reads().await.status, 200);
    }

    let unread = vec![7_u8; 64 * 1024 * 1024].boxed();
    let unread = site.app.app.unsent.admit(unread, None);

    assert_eq!(reads().await.problem(), "busy");
    drop(unread);
    assert_eq!(reads().await.status, 200);
}
