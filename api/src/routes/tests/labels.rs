//! Routes as metrics and the log name them.

use super::*;
use crate::{http::middleware::plain, routes::configure};
use actix_web::dev::Service;
use std::collections::BTreeSet;

/// Every pattern that something is registered at: a resource map shows them for debugging alone.
async fn patterns(app: &TestApp) -> BTreeSet<String> {
    let service = init_service(Application::new().configure(configure(app.app.clone()))).await;
    let answer = service.call(ask("GET", "/healthz").to_request()).await.unwrap();
    let shown = format!("{:?}", answer.request().resource_map());
    let lists = shown.split(" patterns: ").skip(1);
    let lists = lists.map(|rest| rest.split(", is_prefix").next().unwrap());
    lists
        .flat_map(|list| list.split('"').skip(1).step_by(2))
        .map(str::to_owned)
        .collect()
}

/// The names in braces.
fn parameters(route: &str) -> impl Iterator<Item = &str> {
    let inside = route.split('{').skip(1);
    inside.map(|rest| rest.split_once('}').unwrap().0)
}

#[actix_web::test]
async fn a_route_has_nothing_but_parameters_in_braces() {
    let app = TestApp::start().await;
    let document = app.send(ask("GET", "/openapi.json")).await.json();
    let paths = document["paths"].as_object().unwrap().keys();
    let known: HashSet<_> = paths
        .flat_map(|path| parameters(path))
        .chain(["version"])
        .collect();

    let patterns = patterns(&app).await;

    assert!(
        patterns.iter().any(|pattern| pattern.contains("{slash")),
        "{patterns:?}"
    );
    assert!(patterns.len() > known.len(), "{patterns:?}");
    for pattern in &patterns {
        let route = plain(pattern);
        assert!(
            parameters(&route).all(|name| known.contains(name)),
            "{pattern}: {route}"
        );
        assert!(!route.contains([':', '*', '?', '[', '\\']), "{pattern}: {route}");
    }
}
