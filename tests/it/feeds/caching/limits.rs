//! How many requests a key has, and what is left of them.

use super::shown;
use crate::support::{Engines, Installation, Plan, connected, on_both_pairs};

on_both_pairs!(what_is_refused_tells_what_is_left, a_key_beyond_its_limit_waits,);

async fn what_is_refused_tells_what_is_left(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (path, key) = shown(&vitrine).await;
    let program = vitrine.program(Some(&key));
    let limit = "\"minute\";q=60000;w=60";

    let gone = "/v1/feeds/01890000-0000-7000-8000-000000000000/photos";
    for (path, status) in [
        (format!("{path}&limit=many"), 422),
        (format!("{path}&cursor=forged"), 400),
        (gone.to_owned(), 404),
    ] {
        let refused = program.get(&path).await;
        assert_eq!(refused.status, status, "{path}: {refused:?}");
        assert_eq!(refused.header("ratelimit-policy"), limit, "{path}");
        assert!(refused.header("ratelimit").starts_with("\"minute\";r="), "{path}");
    }
    let unknown = vitrine.program(None).get(&path).await;
    assert_eq!((unknown.status.as_u16(), unknown.header("ratelimit")), (401, ""));
}

async fn a_key_beyond_its_limit_waits(engines: Engines) {
    let plan = Plan::on(engines).with("VITRINE_FEEDS__REQUESTS_PER_MINUTE", "40");
    let vitrine = Installation::start_as(plan).await;
    let (owner, _, feed, _) = connected(&vitrine).await;
    let (busy, calm) = (
        owner.makes_key("publishable", &[]).await,
        owner.makes_key("publishable", &[]).await,
    );
    let path = format!("/v1/feeds/{feed}/photos");
    let page = vitrine.program(Some(&busy));

    let mut refused = None;
    for _ in 0..121 {
        let answer = page.get(&path).await;
        if answer.status == 429 {
            refused = Some(answer);
            break;
        }
    }

    let refused = refused.expect("121 requests in two minutes at most were all answered");
    assert_eq!(refused.problem(429), "rate_limited");
    assert!((1..=61).contains(&refused.header("retry-after").parse::<u32>().unwrap()));
    assert!(
        refused.header("ratelimit").starts_with("\"minute\";r=0;t="),
        "{refused:?}"
    );
    assert_eq!(refused.header("access-control-allow-origin"), "*");
    vitrine.program(Some(&calm)).get(&path).await.expect(200);
}
