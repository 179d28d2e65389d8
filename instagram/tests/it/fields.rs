//! Making do with fewer fields.

use vitrine_instagram::{Client, Dialect, Failure, FailureKind, Field, MediaPage, Profile};

use crate::refusals::graph;
use crate::server::{Scripted, Seen, Server, answer, client, newest, token};

const PAGE: &str = r#"{"data":[{"id":"1"}]}"#;
const PROFILE: &str = r#"{"id":"1","username":"bakery"}"#;

fn refused(field: &str) -> Scripted {
    let message = format!("(#100) Tried accessing nonexisting field ({field}) on node type (IGMedia)");
    answer(400, graph("IGApiException", 100, 0, &message))
}

/// Reads media as a caller does, with fewer fields whenever one is refused.
async fn media(client: &Client) -> Result<MediaPage, Failure> {
    let mut client = client.clone();
    loop {
        match client.media_page(&token(), &newest()).await {
            Ok(answer) => return Ok(answer.value),
            Err(failure) => match failure.kind {
                FailureKind::FieldRefused(refused) => client = client.without(refused),
                _ => return Err(failure),
            },
        }
    }
}

/// The same for the profile.
async fn profile(client: &Client) -> Profile {
    let mut client = client.clone();
    loop {
        match client.me(&token()).await {
            Ok(answer) => return answer.value,
            Err(failure) => match failure.kind {
                FailureKind::FieldRefused(refused) => client = client.without(refused),
                kind => panic!("{kind:?}"),
            },
        }
    }
}

#[tokio::test]
async fn a_refused_field_is_told_and_costs_one_request() {
    let server = Server::start([refused("alt_text")]).await;

    let failure = server.client().media_page(&token(), &newest()).await.unwrap_err();

    assert!(
        matches!(failure.kind, FailureKind::FieldRefused(_)),
        "{failure:?}"
    );
    assert_eq!(server.seen().len(), 1);
}

fn fields(seen: &Seen) -> Vec<&str> {
    seen.parameter("fields").unwrap().split(',').collect()
}

#[tokio::test]
async fn a_refused_field_is_left_out_of_one_question_and_of_no_other() {
    let server = Server::start([refused("alt_text"), answer(200, PAGE)]).await;
    let client = server.client();

    let page = media(&client).await.unwrap();
    client.media_page(&token(), &newest()).await.unwrap();

    assert!(page.unasked.contains(Field::AltText) && !page.unasked.contains(Field::Caption));
    let [first, second, third] = server.seen().try_into().unwrap();
    assert!(fields(&first).contains(&"alt_text"));
    assert!(!fields(&second).contains(&"alt_text"));
    assert!(fields(&second).contains(&"caption"));
    assert_eq!(first.query, third.query);
}

#[tokio::test]
async fn every_optional_field_can_be_refused_alone() {
    for named in ["caption", "thumbnail_url", "children", "username", "like_count"] {
        let server = Server::start([refused(named), answer(200, PAGE)]).await;
        media(&server.client()).await.unwrap();

        let seen = server.seen();
        let asked = seen[1].parameter("fields").unwrap();
        assert!(!asked.contains(named), "{named}: {asked}");
        let left = ["caption", "children{", "username", "like_count", "alt_text"];
        assert!(
            left.iter().filter(|other| asked.contains(**other)).count() >= 4,
            "{named}: {asked}"
        );
        assert_eq!(seen[1].parameter("limit"), Some("25"));
    }
}

#[tokio::test]
async fn a_field_we_do_not_know_is_looked_for_step_by_step() {
    let server = Server::start([refused("mystery"), refused("mystery"), refused("mystery")]).await;

    let failure = media(&server.client()).await.unwrap_err();

    assert_eq!((failure.kind, failure.code), (FailureKind::OurBug, Some(100)));
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn a_refused_mandatory_field_is_not_asked_for_again() {
    let server = Server::start([refused("media_url")]).await;

    let failure = server.client().media_page(&token(), &newest()).await.unwrap_err();

    assert_eq!(failure.kind, FailureKind::OurBug);
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn other_refusals_are_not_taken_for_a_refused_field() {
    for (code, subcode, message) in [
        (100, 0, "Invalid parameter"),
        (100, 0, "Param id must be a valid name"),
        (100, 33, "Tried accessing nonexisting field (alt_text)"),
        (190, 0, "Tried accessing nonexisting field (alt_text)"),
        (2500, 0, "Unknown path components: /media_field"),
    ] {
        let server = Server::start([answer(400, graph("IGApiException", code, subcode, message))]).await;
        server.client().media_page(&token(), &newest()).await.unwrap_err();
        assert_eq!(server.seen().len(), 1, "{message}");
    }
}

#[tokio::test]
async fn a_profile_without_its_professional_id_is_asked_for_it_again_next_time() {
    let server = Server::start([refused("user_id"), answer(200, PROFILE)]).await;
    let client = server.client();

    let found = profile(&client).await;
    client.me(&token()).await.unwrap();

    assert_eq!(
        (found.id.as_str(), found.username.as_deref()),
        ("1", Some("bakery"))
    );
    let [first, second, third] = server.seen().try_into().unwrap();
    assert!(fields(&first).contains(&"user_id"));
    assert!(!fields(&second).contains(&"user_id") && fields(&second).contains(&"biography"));
    assert!(found.unasked.contains(Field::UserId));
    assert!(fields(&third).contains(&"user_id"));
}

#[tokio::test]
async fn a_profile_keeps_its_ids_when_only_the_biography_is_refused() {
    let server = Server::start([refused("biography"), answer(200, PROFILE)]).await;

    profile(&server.client()).await;

    let seen = server.seen();
    assert!(fields(&seen[1]).contains(&"user_id"));
    assert!(!fields(&seen[1]).contains(&"biography"));
}

#[tokio::test]
async fn basic_display_is_asked_only_for_what_it_knows() {
    let server = Server::start([answer(200, PROFILE), answer(200, PAGE)]).await;
    let client = client(server.settings(Dialect::BasicDisplay));

    client.me(&token()).await.unwrap();
    client.media_page(&token(), &newest()).await.unwrap();

    let [me, media] = server.seen().try_into().unwrap();
    assert_eq!(fields(&me), ["id", "username", "account_type", "media_count"]);
    for unknown in [
        "like_count",
        "alt_text",
        "shortcode",
        "media_product_type",
        "comments_count",
    ] {
        assert!(!fields(&media).contains(&unknown), "{unknown}");
    }
    assert_eq!(client.required_scope(), "user_profile");
}
