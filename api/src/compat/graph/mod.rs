//! Feeds in the shapes of Instagram's Graph API, so that scripts written for it work by changing one host
//! name.

mod period;
mod problem_format;
mod query;
pub(crate) mod refresh;
mod refusal;

pub(crate) use problem_format::problem_format;
pub(crate) use refusal::RefusalView;

use crate::{
    app::App,
    http::{
        auth::{Allowed, ReadPhotos, identify_graph_visitor},
        extract::QueryReader,
        problem::{Problem, code},
    },
    public::{cors_headers::share_answers, serve_feed},
};
use actix_web::{
    HttpRequest, HttpResponse, Resource,
    dev::HttpServiceFactory,
    middleware::from_fn,
    web::{self, Data},
};
use query::{ChildrenParameters, GraphParameters, GraphRequest, IdsParameters, ListParameters};
use refresh::refresh_access_token;
use vitrine_feeds::GraphObject;

/// All routes, with or without a version before them and a slash behind.
pub(crate) fn routes() -> impl HttpServiceFactory + use<> {
    web::scope("/graph")
        .service(readable_root().route(web::get().to(read_objects)))
        .service(readable("refresh_access_token").route(web::get().to(refresh_access_token)))
        .service(readable("me").route(web::get().to(read_me)))
        .service(readable("me/media").route(web::get().to(list_my_media)))
        .service(readable("{user_id}/media").route(web::get().to(list_media_of)))
        .service(readable("{media_id}/children").route(web::get().to(list_children)))
        .service(readable("{media_id}").route(web::get().to(read_object)))
        .default_service(web::to(refuse_path))
        .wrap(from_fn(identify_graph_visitor))
        .wrap(from_fn(share_answers))
}

fn readable(path: &str) -> Resource {
    let patterns = vec![
        format!("/{path}{{slash:/?}}"),
        format!("/{{version:v[0-9]{{1,2}}\\.[0-9]}}/{path}{{slash:/?}}"),
    ];
    web::resource(patterns).default_service(web::to(refuse_method))
}

/// Where the platform's addresses name nothing but `ids`.
fn readable_root() -> Resource {
    let patterns = vec!["", "/", "/{version:v[0-9]{1,2}\\.[0-9]}/"];
    web::resource(patterns).default_service(web::to(refuse_method))
}

/// Whether an address is the root and names no objects: there is no such path then, as on the platform.
fn names_nothing(path: &str, query: &str) -> bool {
    path.trim_end_matches('/') == "/graph" && QueryReader::new(query).first("ids").is_none()
}

async fn refuse_path() -> Result<HttpResponse, Problem> {
    Err(Problem::not_found())
}

async fn refuse_method() -> Result<HttpResponse, Problem> {
    Err(Problem::new(&code::METHOD_NOT_ALLOWED).with_allow("GET, HEAD".to_owned()))
}

/// The account of a feed.
///
/// An address may begin with a version, as in `/graph/v25.0/me`.
#[utoipa::path(
    get,
    path = "/graph/me",
    operation_id = "read_graph_user",
    tag = "graph",
    security(("key_as_token" = []), ("api_key" = []), ("bearer" = [])),
    params(GraphParameters),
    responses((status = 200, description = "The user, as `/me` of Instagram's API", content_type = "application/json"))
)]
pub(crate) async fn read_me(
    caller: Allowed<ReadPhotos>,
    request: HttpRequest,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    answer(&caller, &request, &app, GraphObject::Me, "me").await
}

/// What a feed shows, newest first.
#[utoipa::path(
    get,
    path = "/graph/me/media",
    tag = "graph",
    security(("key_as_token" = []), ("api_key" = []), ("bearer" = [])),
    params(GraphParameters, ListParameters),
    responses(
        (status = 200, description = "A page, as `/me/media` of Instagram's API", content_type = "application/json"),
        (status = 304, description = "The client already has this response"),
    )
)]
pub(crate) async fn list_my_media(
    caller: Allowed<ReadPhotos>,
    request: HttpRequest,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    answer(&caller, &request, &app, GraphObject::MyMedia, "me").await
}

/// The same by the account's id on Instagram.
#[utoipa::path(
    get,
    path = "/graph/{user_id}/media",
    tag = "graph",
    security(("key_as_token" = []), ("api_key" = []), ("bearer" = [])),
    params(("user_id" = String, Path, description = "The account's id on Instagram", example = "17841400000000000"), GraphParameters, ListParameters),
    responses((status = 200, description = "A page, as of Instagram's API", content_type = "application/json"))
)]
pub(crate) async fn list_media_of(
    caller: Allowed<ReadPhotos>,
    id: web::Path<UserPath>,
    request: HttpRequest,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let id = &id.user_id;
    answer(&caller, &request, &app, GraphObject::MediaOf(id.clone()), id).await
}

/// One post that a feed shows, a picture of one, or the account.
#[utoipa::path(
    get,
    path = "/graph/{media_id}",
    tag = "graph",
    security(("key_as_token" = []), ("api_key" = []), ("bearer" = [])),
    params(("media_id" = String, Path, description = "Its id on Instagram", example = "17900000000000000"), GraphParameters),
    responses((status = 200, description = "The object, as of Instagram's API", content_type = "application/json"))
)]
pub(crate) async fn read_object(
    caller: Allowed<ReadPhotos>,
    id: web::Path<MediaPath>,
    request: HttpRequest,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let id = &id.media_id;
    answer(&caller, &request, &app, GraphObject::Object(id.clone()), id).await
}

/// Several of these at once, each under its id.
#[utoipa::path(
    get,
    path = "/graph",
    tag = "graph",
    security(("key_as_token" = []), ("api_key" = []), ("bearer" = [])),
    params(IdsParameters, GraphParameters),
    responses((status = 200, description = "The objects by their ids, as of Instagram's API", content_type = "application/json"))
)]
pub(crate) async fn read_objects(
    caller: Result<Allowed<ReadPhotos>, Problem>,
    request: HttpRequest,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    if names_nothing(request.path(), request.query_string()) {
        return Err(Problem::not_found());
    }
    let caller = caller?;
    let ids = query::ids(&request)?;
    let named = ids.join(",");
    answer(&caller, &request, &app, GraphObject::Objects(ids), &named).await
}

/// The pictures of an album that a feed shows.
#[utoipa::path(
    get,
    path = "/graph/{media_id}/children",
    tag = "graph",
    security(("key_as_token" = []), ("api_key" = []), ("bearer" = [])),
    params(("media_id" = String, Path, description = "The album's id on Instagram", example = "17900000000000000"), GraphParameters, ChildrenParameters),
    responses((status = 200, description = "The pictures, as of Instagram's API", content_type = "application/json"))
)]
pub(crate) async fn list_children(
    caller: Allowed<ReadPhotos>,
    id: web::Path<MediaPath>,
    request: HttpRequest,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let id = &id.media_id;
    answer(&caller, &request, &app, GraphObject::ChildrenOf(id.clone()), id).await
}

/// Whose media are asked for.
#[derive(serde::Deserialize)]
pub(crate) struct UserPath {
    user_id: String,
}

/// Which post is asked for.
#[derive(serde::Deserialize)]
pub(crate) struct MediaPath {
    media_id: String,
}

async fn answer(
    caller: &Allowed<ReadPhotos>,
    request: &HttpRequest,
    app: &App,
    object: GraphObject,
    id: &str,
) -> Result<HttpResponse, Problem> {
    let asked = GraphRequest::of(request, object)?;
    let read = async {
        let feed = asked.feed(app, caller.tenant).await?;
        serve_feed(request, app, caller, feed, asked.feed_query.clone()).await
    };
    read.await.map_err(|problem| asked.explain(problem, id))
}
