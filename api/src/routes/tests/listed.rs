//! Whether what is registered is also described.

use super::*;
use actix_web::{dev::Service, introspection::IntrospectionTree, test::read_body_json};
use std::collections::BTreeSet;

/// Where the test asks for the routes; itself no part of the API.
const ROUTES: &str = "/routes-of-this-test";

/// Every route that answers one method, as `GET /path/{parameter}`.
async fn registered(app: &TestApp) -> BTreeSet<String> {
    let tell = web::get().to(|tree: web::Data<IntrospectionTree>| async move {
        HttpResponse::Ok()
            .content_type("application/json")
            .body(tree.report_as_json())
    });
    let application = Application::new()
        .route(ROUTES, tell)
        .configure(super::super::configure(app.app.clone()));
    let service = init_service(application).await;
    let answer = service.call(ask("GET", ROUTES).to_request()).await.unwrap();
    let report: Vec<Value> = read_body_json(answer).await;
    let routes = report.iter().flat_map(|item| {
        let path = item["full_path"].as_str().unwrap();
        let methods = item["methods"].as_array().unwrap().iter();
        methods.map(move |method| format!("{} {path}", method.as_str().unwrap()))
    });
    routes.filter(|route| !route.ends_with(ROUTES)).collect()
}

fn described(document: &Value) -> BTreeSet<String> {
    let paths = document["paths"].as_object().unwrap().iter();
    let all = paths.flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().keys();
        methods.map(move |method| format!("{} {path}", method.to_uppercase()))
    });
    all.collect()
}

/// A path without what is only a way of writing it: a version before it, a slash behind it.
fn plain(route: &str) -> String {
    route
        .replace("/{version:v[0-9]{1,2}\\.[0-9]}", "")
        .replace("{slash:/?}", "")
        .trim_end_matches('/')
        .to_owned()
}

/// What is registered and not described would escape the document, the walk of strangers and the names in the audit
/// log.
#[actix_web::test]
async fn every_route_is_described_and_every_description_has_a_route() {
    let app = TestApp::start().await;
    let document = app.send(ask("GET", "/openapi.json")).await.json();

    let registered: BTreeSet<String> = registered(&app).await.iter().map(|route| plain(route)).collect();
    let described: BTreeSet<String> = described(&document).iter().map(|route| plain(route)).collect();

    assert!(registered.len() > 90, "{registered:?}");
    let unlisted: Vec<_> = registered.difference(&described).collect();
    let unregistered: Vec<_> = described.difference(&registered).collect();
    assert!(
        unlisted.is_empty() && unregistered.is_empty(),
        "not described: {unlisted:?}\nnot registered: {unregistered:?}"
    );
}
