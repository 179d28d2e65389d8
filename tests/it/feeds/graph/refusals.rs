//! Refusals in Instagram's words.

use super::refusal;
use crate::support::{Answer, Engines, Installation, connected, on_both_pairs};
use reqwest::{Method, header};

on_both_pairs!(refusals_are_instagrams);

async fn refusals_are_instagrams(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (_, _, _, key) = connected(&vitrine).await;
    let program = vitrine.program(Some(&key));
    let deep = format!("children%7B{}id", "children%7B".repeat(50));

    for (query, said) in [
        ("limit=0", "limit"),
        ("limit=-1", "limit"),
        ("limit=many", "limit"),
        ("limit=", "limit"),
        ("after=forged", "cursor"),
        ("before=forged", "cursor"),
        ("after=a&before=b", "combined"),
        ("fields=likes", "nonexisting field (likes)"),
        ("fields=id,children%7Bid", "Syntax error"),
        (&format!("fields={deep}"), "deep"),
        (&format!("fields={}", "id,".repeat(2_000)), "at most"),
        ("escape=some", "escape"),
    ] {
        let answer = program.get(&format!("/graph/me/media?{query}")).await;
        assert_eq!(refusal(&answer), (400, 100, None), "{query}");
        assert!(answer.text.contains(said), "{query}: {}", answer.text);
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    let absurd = program.get("/graph/me/media?limit=99999999999999999999999").await;
    assert!(absurd.expect(200)["data"].is_array());

    for (path, expected) in [
        ("/graph", (400, 2500, None)),
        ("/graph/me/stories", (400, 2500, None)),
        ("/graph/v25.0/me/media/x/y", (400, 2500, None)),
        ("/graph/nobody", (400, 100, Some(33))),
    ] {
        assert_eq!(refusal(&program.get(path).await), expected, "{path}");
    }
    let long = program.get(&format!("/graph/me?x={}", "x".repeat(9_000))).await;
    assert_eq!(refusal(&long), (414, 100, None));
    let wrong = program
        .request(Method::POST, "/graph/me/media")
        .send()
        .await
        .unwrap();
    let wrong = Answer::of(wrong).await;
    assert_eq!(
        (refusal(&wrong), wrong.header("allow")),
        ((405, 100, None), "GET, HEAD")
    );
    let picky = program
        .request(Method::GET, "/graph/me")
        .header(header::ACCEPT_ENCODING, "identity;q=0");
    assert_eq!(
        refusal(&Answer::of(picky.send().await.unwrap()).await),
        (406, 100, None)
    );
}
