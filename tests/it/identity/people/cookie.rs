//! The dashboard's refresh token.

use crate::support::{Answer, Engines, Installation, PASSWORD, Plan, on_both_pairs};
use serde_json::{Value, json};

on_both_pairs!(
    the_dashboard_keeps_its_token_where_no_script_reads_it,
    other_sites_and_programs_get_nothing_from_the_cookie,
    over_https_the_cookie_is_of_this_host_alone,
);

async fn send(vitrine: &Installation, path: &str, body: &Value, headers: &[(&str, &str)]) -> Answer {
    let mut request = vitrine.http.post(format!("{}{path}", vitrine.address)).json(body);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    Answer::of(request.send().await.unwrap()).await
}

const DASHBOARD: (&str, &str) = ("X-Vitrine-Client", "dashboard");

async fn signs_in(vitrine: &Installation) -> Answer {
    let body = json!({"email": "ada@example.com", "password": PASSWORD});
    send(vitrine, "/v1/auth/login", &body, &[DASHBOARD]).await
}

fn cookie(answer: &Answer) -> String {
    answer.header("set-cookie").split(';').next().unwrap().to_owned()
}

async fn the_dashboard_keeps_its_token_where_no_script_reads_it(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    vitrine.owner("ada").await;

    let signed_in = signs_in(&vitrine).await;
    assert_eq!(signed_in.json()["refresh_token"], json!(null));
    let set = signed_in.header("set-cookie");
    for part in [
        "vitrine_refresh=vt_rt_",
        "; HttpOnly",
        "; SameSite=Strict",
        "; Path=/",
        "; Max-Age=2592000",
    ] {
        assert!(set.contains(part), "{set}");
    }
    assert!(!set.contains("Secure"), "{set}");
    let first = cookie(&signed_in);
    let refreshed = send(
        &vitrine,
        "/v1/auth/refresh",
        &json!({}),
        &[DASHBOARD, ("Cookie", &first)],
    )
    .await;
    refreshed.expect(200);
    let second = cookie(&refreshed);
    assert_ne!(first, second);
    let out = send(
        &vitrine,
        "/v1/auth/logout",
        &json!({}),
        &[DASHBOARD, ("Cookie", &second)],
    )
    .await;
    assert_eq!(out.status, 204);
    assert!(
        out.header("set-cookie").contains("vitrine_refresh=;"),
        "{}",
        out.header("set-cookie")
    );
    let late = send(
        &vitrine,
        "/v1/auth/refresh",
        &json!({}),
        &[DASHBOARD, ("Cookie", &second)],
    )
    .await;
    assert_eq!(late.problem(401), "session_revoked");
}

async fn other_sites_and_programs_get_nothing_from_the_cookie(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    vitrine.owner("ada").await;
    let cookie = cookie(&signs_in(&vitrine).await);
    let refresh =
        async |headers: &[(&str, &str)]| send(&vitrine, "/v1/auth/refresh", &json!({}), headers).await;

    assert_eq!(
        refresh(&[("Cookie", &cookie)]).await.problem(422),
        "validation_failed"
    );
    for other in [
        ("Origin", "https://evil.example"),
        ("Origin", "null"),
        ("Sec-Fetch-Site", "cross-site"),
    ] {
        assert_eq!(
            refresh(&[DASHBOARD, ("Cookie", &cookie), other])
                .await
                .problem(403),
            "cross_site"
        );
    }
    let preflight = vitrine
        .http
        .request(
            reqwest::Method::OPTIONS,
            format!("{}/v1/auth/refresh", vitrine.address),
        )
        .header("Origin", "https://evil.example")
        .header("Access-Control-Request-Method", "POST")
        .header("Access-Control-Request-Headers", "x-vitrine-client");
    let preflight = preflight.send().await.unwrap();
    assert!(preflight.headers().get("access-control-allow-origin").is_none());
    // Nothing of this used the cookie up.
    let ours = vitrine.address.clone();
    refresh(&[
        DASHBOARD,
        ("Cookie", &cookie),
        ("Origin", &ours),
        ("Sec-Fetch-Site", "same-origin"),
    ])
    .await
    .expect(200);
}

async fn over_https_the_cookie_is_of_this_host_alone(engines: Engines) {
    let plan = Plan::on(engines).with("VITRINE_SERVER__PUBLIC_URL", "https://vitrine.example");
    let vitrine = Installation::start_as(plan).await;
    vitrine.owner("ada").await;

    let set = signs_in(&vitrine).await;
    let set = set.header("set-cookie");

    assert!(
        set.starts_with("__Host-vitrine_refresh=vt_rt_") && set.contains("; Secure"),
        "{set}"
    );
    assert!(set.contains("; Path=/") && !set.contains("Domain"), "{set}");
}
