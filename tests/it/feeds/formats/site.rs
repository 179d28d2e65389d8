//! A site whose feed holds everything that can be posted.

use crate::support::{Installation, Owner, connected};
use serde_json::{Value, json};
use vitrine_simulator::{MediaEdit, NewPost, PostKind};

/// A caption to break pages and documents with.
const MARKUP: &str = "<script>alert('1')</script> ]]> &amp; 東京 Ünï🎉\u{202e}turned\u{8}\n#Straße #東京";

/// A feed of everything that an account can post, and a key for it.
pub(super) struct Site {
    pub(super) feed: String,
    pub(super) key: String,
    /// Its posts as our own JSON has them.
    pub(super) photos: Vec<Value>,
}

impl Site {
    pub(super) async fn of(vitrine: &Installation) -> Self {
        let (owner, account, _, key) = connected(vitrine).await;
        for post in [
            NewPost::captioned(MARKUP),
            NewPost::captioned("🎉".repeat(2_200)),
            NewPost::default(),
            of_kind(PostKind::Video),
            of_kind(PostKind::Reel),
            of_kind(PostKind::Carousel),
        ] {
            vitrine.simulator.post_media("vitrine.demo", post).unwrap();
        }
        // Of a flagged video the still is left; a flagged picture stays out of feeds.
        let flagged = NewPost {
            caption: Some("nothing to play".into()),
            ..of_kind(PostKind::Video)
        };
        let flagged = vitrine.simulator.post_media("vitrine.demo", flagged).unwrap();
        let hidden = MediaEdit {
            hide_media_url: Some(true),
            ..MediaEdit::default()
        };
        vitrine
            .simulator
            .edit_media("vitrine.demo", &flagged.id, &hidden)
            .unwrap();
        owner.syncs(&account).await;
        let feed = new_feed(&owner, &json!([])).await;
        let photos = owner
            .photos_that(&feed, &key, |feed| {
                feed["data"].as_array().unwrap().len() == 24
                    && feed["data"].to_string().contains("nothing to play")
            })
            .await;
        Self {
            feed,
            key,
            photos: photos["data"].as_array().unwrap().clone(),
        }
    }

    pub(super) fn address(&self, vitrine: &Installation, file: &str) -> String {
        format!(
            "{}/v1/feeds/{}/{file}?key={}",
            vitrine.address, self.feed, self.key
        )
    }
}

fn of_kind(kind: PostKind) -> NewPost {
    NewPost {
        kind,
        caption: Some("moving".into()),
        ..NewPost::default()
    }
}

/// Makes a feed of everything, or of what has one of these hashtags, and gives its id.
pub(super) async fn new_feed(owner: &Owner<'_>, hashtags: &Value) -> String {
    let body = json!({
        "name": "Everything", "limit": 24, "media_types": ["IMAGE", "VIDEO", "CAROUSEL_ALBUM"],
        "hashtags": {"include": hashtags},
    });
    let feed = owner.post("/v1/feeds", &body).await.expect(201);
    feed["id"].as_str().unwrap().to_owned()
}
