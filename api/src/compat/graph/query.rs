//! What a Graph-compatible address asks for.

use super::period::read_moment;
use crate::{
    app::App,
    http::{
        auth::token_in_address,
        extract::QueryReader,
        problem::{InvalidField, Problem, code},
    },
};
use actix_web::HttpRequest;
use std::sync::Arc;
use utoipa::IntoParams;
use vitrine_entity::{FeedId, TenantId, Time};
use vitrine_feeds::{FeedError, FeedFormat, FeedQuery, Fields, GraphObject, GraphQuery, Period};

/// More entries than this are cut to this, as on the platform.
const LARGEST_PAGE: u32 = 100;
/// Most objects that are answered at once, as on the platform.
const MOST_IDS: usize = 50;

/// What every address takes.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct GraphParameters {
    /// Fields, also nested: `id,caption,children{id,media_url}`. Default: only `id`.
    fields: Option<String>,
    /// Which feed to read. Default: the tenant's default feed.
    #[param(schema_with = crate::openapi::schemas::feed_id)]
    feed: Option<String>,
    /// `html` for texts and links that are safe in pages that insert them as HTML. With `none`, or by default, they are
    /// as they are.
    #[param(schema_with = crate::openapi::schemas::escape)]
    escape: Option<String>,
}

impl GraphParameters {
    fn read(query: &QueryReader<'_>) -> Self {
        Self {
            fields: query.first("fields"),
            feed: query.first("feed"),
            escape: query.first("escape"),
        }
    }
}

/// What the address of an album's pictures takes too.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ChildrenParameters {
    /// Most pictures; an album has 20 at most.
    #[param(schema_with = crate::openapi::schemas::generous_limit)]
    limit: Option<String>,
}

impl ChildrenParameters {
    fn read(query: &QueryReader<'_>) -> Self {
        let limit = query.first("limit");
        Self { limit }
    }
}

/// What addresses of lists take too.
#[derive(Default, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ListParameters {
    /// Most entries, up to 100. Default: 25.
    #[param(schema_with = crate::openapi::schemas::generous_limit)]
    limit: Option<String>,
    /// `paging.cursors.after` of the page before.
    after: Option<String>,
    /// `paging.cursors.before` of the page after.
    before: Option<String>,
    /// Only posts from then on: a Unix timestamp, or a date with or without a time.
    since: Option<String>,
    /// Only posts until then, in the same format.
    until: Option<String>,
}

impl ListParameters {
    fn read(query: &QueryReader<'_>) -> Self {
        Self {
            limit: query.first("limit"),
            after: query.first("after"),
            before: query.first("before"),
            since: query.first("since"),
            until: query.first("until"),
        }
    }

    /// Those that the address of an object takes.
    fn of(object: &GraphObject, query: &QueryReader<'_>) -> Self {
        match object {
            GraphObject::MyMedia | GraphObject::MediaOf(_) => Self::read(query),
            GraphObject::ChildrenOf(_) => Self {
                limit: ChildrenParameters::read(query).limit,
                ..Self::default()
            },
            GraphObject::Me | GraphObject::Object(_) | GraphObject::Objects(_) => Self::default(),
        }
    }

    fn period(&self) -> Result<Period, Problem> {
        let end = |name, text: &Option<String>| text.as_deref().map(|text| moment(name, text)).transpose();
        Ok(Period {
            since: end("since", &self.since)?,
            until: end("until", &self.until)?,
        })
    }
}

/// What the address of several objects takes.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct IdsParameters {
    /// Ids on Instagram, separated by commas, or `me`; at most 50.
    #[param(example = "me")]
    ids: String,
}

impl IdsParameters {
    fn read(query: &QueryReader<'_>) -> Self {
        let ids = query.first("ids").unwrap_or_default();
        Self { ids }
    }
}

/// The ids of several objects.
pub(super) fn ids(request: &HttpRequest) -> Result<Vec<String>, Problem> {
    let named = IdsParameters::read(&QueryReader::new(request.query_string()));
    let ids: Vec<String> = named.ids.split(',').map(|id| id.trim().to_owned()).collect();
    if ids.len() > MOST_IDS {
        return Err(refused(
            "ids",
            "too_many",
            "(#100) ids may name at most 50 objects",
        ));
    }
    if ids.iter().any(String::is_empty) {
        return Err(refused(
            "ids",
            "required",
            "(#100) ids must name objects, with commas between them",
        ));
    }
    Ok(ids)
}

/// A question, and of which feed it is asked.
pub(super) struct GraphRequest {
    pub(super) feed_query: FeedQuery,
    feed: Option<String>,
}

impl GraphRequest {
    /// The question of an address about an object. What stands there twice counts once, and what is not
    /// known is let be, as on the platform.
    pub(super) fn of(request: &HttpRequest, object: GraphObject) -> Result<Self, Problem> {
        let query = QueryReader::new(request.query_string());
        let (asked, list) = (GraphParameters::read(&query), ListParameters::of(&object, &query));
        let fields = Fields::parse(&asked.fields.unwrap_or_default());
        let fields = fields.map_err(|error| Problem::from(FeedError::from(error)).about_query())?;
        let version = request.match_info().get("version").map(str::to_owned);
        let graph_query = GraphQuery {
            period: list.period()?,
            escape: escape(asked.escape.as_deref())?,
            version,
            object,
            fields,
        };
        let feed_query = FeedQuery {
            limit: list.limit.as_deref().map(read_limit).transpose()?,
            cursor: list.after,
            before: list.before,
            key_in_links: token_in_address(request),
            ..FeedQuery::of(FeedFormat::Graph(Arc::new(graph_query)))
        };
        Ok(Self {
            feed_query,
            feed: asked.feed,
        })
    }

    /// The feed that is named, else the tenant's main one.
    pub(super) async fn feed(&self, app: &App, tenant: TenantId) -> Result<FeedId, Problem> {
        match &self.feed {
            Some(feed) => feed.parse().map_err(|_| no_such_object(feed)),
            None => Ok(app.feed_reader.main_feed(tenant).await?),
        }
    }

    /// What a problem is about that says no more than that something does not exist.
    pub(super) fn explain(&self, problem: Problem, object: &str) -> Problem {
        if problem.is(&code::NOT_FOUND) && problem.detail().is_none() {
            let feed = self.feed.as_deref().filter(|_| object == "me");
            no_such_object(feed.unwrap_or(object))
        } else {
            problem
        }
    }
}

fn no_such_object(id: &str) -> Problem {
    Problem::not_found().with_detail(format!(
        "Unsupported get request. Object with ID '{id}' does not exist, cannot be loaded due to missing \
         permissions, or does not support this operation"
    ))
}

fn read_limit(text: &str) -> Result<u32, Problem> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    // What is too long for a number is too large for a page.
    let limit = if is_number {
        text.parse().unwrap_or(u32::MAX)
    } else {
        0
    };
    if limit == 0 {
        Err(refused(
            "limit",
            "out_of_range",
            "(#100) limit must be a number above 0",
        ))
    } else {
        Ok(limit.min(LARGEST_PAGE))
    }
}

fn moment(name: &str, text: &str) -> Result<Time, Problem> {
    read_moment(text).ok_or_else(|| {
        let message = format!("(#100) {name} must be a Unix timestamp or a date");
        refused(name, "invalid_value", &message)
    })
}

fn escape(text: Option<&str>) -> Result<bool, Problem> {
    match text {
        Some("html") => Ok(true),
        None | Some("none") => Ok(false),
        Some(_) => Err(refused(
            "escape",
            "unknown_word",
            "(#100) escape must be html or none",
        )),
    }
}

fn refused(field: &str, word: &'static str, message: &str) -> Problem {
    let error = InvalidField::new(field, word, message);
    Problem::new(&code::INVALID_QUERY).with_errors(vec![error])
}
