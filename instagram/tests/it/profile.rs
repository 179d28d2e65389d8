//! Every shape of a profile.

use vitrine_instagram::{AccountType, FailureKind, Profile};

use crate::server::{Server, answer, token};

async fn profile(body: &str) -> Profile {
    let server = Server::start([answer(200, body)]).await;
    server.client().me(&token()).await.unwrap().value
}

#[tokio::test]
async fn a_profile_is_read_flat_or_enveloped_with_exact_ids() {
    let flat = r#"{"user_id":17841479677897649,"id":"24902668946090754","username":"bakery","name":"B\u00e4ckerei",
        "account_type":"BUSINESS","profile_picture_url":"https:\/\/scontent.cdninstagram.com\/p.jpg?oh=\u00251",
        "followers_count":12,"follows_count":3,"media_count":40,"biography":"Bread.","website":"http://b.example"}"#;
    for body in [flat.to_owned(), format!(r#"{{"data":[{flat}]}}"#)] {
        let profile = profile(&body).await;
        assert_eq!(profile.user_id.as_deref(), Some("17841479677897649"));
        assert_eq!(profile.id, "24902668946090754");
        assert_eq!(profile.name.as_deref(), Some("Bäckerei"));
        assert_eq!(
            profile.profile_picture_url.as_deref(),
            Some("https://scontent.cdninstagram.com/p.jpg?oh=%1")
        );
        assert_eq!(
            (
                profile.followers_count,
                profile.follows_count,
                profile.media_count
            ),
            (Some(12), Some(3), Some(40))
        );
        assert_eq!(profile.biography.as_deref(), Some("Bread."));
        assert_eq!(profile.website.as_deref(), Some("http://b.example"));
    }
}

#[tokio::test]
async fn a_private_account_may_show_its_id_alone() {
    let profile = profile(r#"{"id":"17841405793187218"}"#).await;

    assert_eq!(profile.id, "17841405793187218");
    assert_eq!(
        (profile.user_id, profile.username, profile.account_type),
        (None, None, None)
    );
}

#[tokio::test]
async fn account_types_are_read_without_regard_to_case() {
    for (told, kind, written) in [
        ("BUSINESS", AccountType::Business, "BUSINESS"),
        ("Business", AccountType::Business, "BUSINESS"),
        ("Media_Creator", AccountType::MediaCreator, "MEDIA_CREATOR"),
        ("MEDIA_CREATOR", AccountType::MediaCreator, "MEDIA_CREATOR"),
        ("PERSONAL", AccountType::Personal, "PERSONAL"),
        ("Robot", AccountType::Other("Robot".into()), "Robot"),
    ] {
        let profile = profile(&format!(r#"{{"id":"1","account_type":"{told}"}}"#)).await;
        assert_eq!(profile.account_type.as_ref().unwrap().as_str(), written);
        assert_eq!(profile.account_type, Some(kind));
    }
}

#[tokio::test]
async fn a_profile_without_any_id_is_none() {
    for body in ["{}", r#"{"data":[]}"#, "[]", "null", r#"{"username":"bakery"}"#] {
        let server = Server::start([answer(200, body)]).await;
        assert_eq!(
            server.client().me(&token()).await.unwrap_err().kind,
            FailureKind::Retry,
            "{body}"
        );
        assert_eq!(
            server.client().confirm_alive(&token()).await.unwrap_err().kind,
            FailureKind::Retry,
            "{body}"
        );
    }
}

#[tokio::test]
async fn life_is_confirmed_by_an_id() {
    for body in [r#"{"id":"1"}"#, r#"{"data":[{"id":1}]}"#] {
        let server = Server::start([answer(200, body)]).await;
        server.client().confirm_alive(&token()).await.unwrap();
    }
}
