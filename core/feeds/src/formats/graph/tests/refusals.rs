//! What is not there, and what cannot be asked.

use super::*;

#[test]
fn what_the_feed_does_not_show_does_not_exist() {
    let site = Site::of(3, 2, |_| {});
    let object = |id: &str| site.feed_query(GraphObject::Object(id.into()), "id");

    assert!(object("17900000000000002").is_ok());
    for id in ["17900000000000003", "17900000000000009", "", "me", "id"] {
        assert!(matches!(object(id), Err(FeedError::NotFound)), "{id}");
    }
    for hidden in [
        GraphObject::MediaOf("17841400000000002".into()),
        GraphObject::ChildrenOf("17900000000000003".into()),
        GraphObject::ChildrenOf("17900000000000001".into()),
    ] {
        let answer = site.feed_query(hidden.clone(), "");
        assert!(matches!(answer, Err(FeedError::NotFound)), "{hidden:?}");
    }
}

#[test]
fn questions_that_cannot_be_answered_are_refused() {
    let site = Site::of(1, 10, |_| {});

    for (object, fields) in [
        (GraphObject::MyMedia, "id,nonsense"),
        (GraphObject::Me, "caption"),
        (GraphObject::Object("17900000000000001".into()), "followers_count"),
    ] {
        let refused = site.feed_query(object, fields).unwrap_err();
        assert!(matches!(refused, FeedError::Invalid(_)), "{fields}");
    }
    for cursor in ["", "x", "AAAA"] {
        let forged = FeedQuery {
            before: Some(cursor.into()),
            ..asked(GraphObject::MyMedia, "")
        };
        assert!(
            matches!(site.answer(forged), Err(FeedError::BadCursor)),
            "{cursor}"
        );
    }
    let both = FeedQuery {
        cursor: Some("a".into()),
        before: Some("b".into()),
        ..asked(GraphObject::MyMedia, "")
    };
    assert!(matches!(site.answer(both), Err(FeedError::Invalid(_))));
}
