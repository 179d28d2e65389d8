//! Tenants that have one of everything.

use super::document::Ids;
use crate::support::{Answer, Installation, Owner, connected, shows};
use reqwest::Method;
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;
use vitrine_simulator::{NewAccount, NewPost, PostKind};
use vitrine_test_support::wait_until;

/// Somebody's tenant, and what belongs to it.
pub(super) struct Tenant<'i> {
    pub(super) owner: Owner<'i>,
    pub(super) tenant: Uuid,
    /// One thing of every kind.
    pub(super) ids: Ids,
}

impl<'i> Tenant<'i> {
    /// Somebody who has one of everything.
    pub(super) async fn with_everything(vitrine: &'i Installation) -> Self {
        let (owner, account, feed, key) = connected(vitrine).await;
        Self::of(owner, (account, feed, key), "invited@example.com").await
    }

    /// Somebody else who has one of everything, from another account on Instagram.
    pub(super) async fn another(vitrine: &'i Installation) -> Self {
        let shop = NewAccount::named("another.shop").with_media(3);
        vitrine.simulator.add_account(shop).unwrap();
        let owner = vitrine.owner("stranger").await;
        let shown = shows(&owner, "another.shop").await;
        Self::of(owner, shown, "welcome@example.com").await
    }

    async fn of(owner: Owner<'i>, (account, feed, key): (String, String, String), guest: &str) -> Self {
        owner.confirms_address().await;
        let tenant = id(&owner, "/v1/tenant", "/id").await;
        let media = id(&owner, &format!("/v1/accounts/{account}/media"), "/data/0/id").await;
        let by_instagram = id(&owner, &format!("/v1/accounts/{account}"), "/platform_user_id").await;
        let job = owner.syncs(&account).await["id"].as_str().unwrap().to_owned();
        let on_instagram = album(&owner, &account, &feed, &key).await;
        let another_key = json!({"name": "k", "kind": "secret", "scopes": ["feeds:read"]});
        let invitation = json!({"email": guest, "role": "viewer"});
        let me = id(&owner, "/v1/me", "/id").await;
        let ids = Ids::from([
            ("account_id", account),
            ("feed_id", feed.clone()),
            ("feed", feed),
            ("media_id", media),
            ("platform_media_id", on_instagram),
            ("platform_user_id", by_instagram),
            ("job_id", job),
            ("api_key_id", made(&owner, "/v1/api-keys", &another_key).await),
            (
                "invitation_id",
                made(&owner, "/v1/invitations", &invitation).await,
            ),
            ("member_id", id(&owner, "/v1/members", "/data/0/id").await),
            ("session_id", id(&owner, "/v1/me/sessions", "/data/0/id").await),
            ("task_id", export_of(&owner).await),
            ("actor_id", me.clone()),
            ("user_id", me),
            ("target_id", tenant.clone()),
            ("tenant_id", tenant.clone()),
        ]);
        Self {
            owner,
            tenant: tenant.parse().unwrap(),
            ids,
        }
    }

    /// What no stranger may ever read.
    pub(super) fn secrets(&self) -> Vec<String> {
        let mut secrets: Vec<String> = self.ids.values().cloned().collect();
        secrets.extend([self.owner.email.clone(), "ada's site".to_owned()]);
        secrets
    }

    /// Ids of the same kinds that never were anybody's.
    pub(super) fn nobodys(&self) -> Ids {
        self.ids
            .keys()
            .map(|name| (*name, Uuid::now_v7().to_string()))
            .collect()
    }
}

/// An id in an answer.
async fn id(owner: &Owner<'_>, path: &str, pointer: &str) -> String {
    let answer = owner.get(path).await.expect(200);
    answer.pointer(pointer).unwrap().as_str().unwrap().to_owned()
}

/// Makes an album that a feed shows, and gives its id on Instagram: it can be asked for all that any post can.
async fn album(owner: &Owner<'_>, account: &str, feed: &str, key: &str) -> String {
    let albums = json!({"media_types": ["IMAGE", "CAROUSEL_ALBUM"]});
    owner
        .patch(&format!("/v1/feeds/{feed}"), &albums)
        .await
        .expect(200);
    let username = owner.account(account).await["username"]
        .as_str()
        .unwrap()
        .to_owned();
    let post = NewPost {
        kind: PostKind::Carousel,
        ..NewPost::captioned("an album")
    };
    let album = owner
        .installation
        .simulator
        .post_media(&username, post)
        .unwrap()
        .id;
    owner.syncs(account).await;
    owner
        .photos_that(feed, key, |feed| feed["data"][0]["type"] == "CAROUSEL_ALBUM")
        .await;
    album
}

async fn made(owner: &Owner<'_>, path: &str, body: &serde_json::Value) -> String {
    owner.post(path, body).await.expect(201)["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

async fn export_of(owner: &Owner<'_>) -> String {
    let asked = owner
        .request(Method::POST, "/v1/tenant/exports")
        .send()
        .await
        .unwrap();
    let id = Answer::of(asked).await.expect(202)["job"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    // What goes on by itself afterwards would look like somebody's deed.
    let written = wait_until(Duration::from_secs(20), async || {
        let task = owner.get(&format!("/v1/tenant/exports/{id}")).await.expect(200);
        task["status"] == "succeeded"
    });
    written.await.unwrap();
    id
}
