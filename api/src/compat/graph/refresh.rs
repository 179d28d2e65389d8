//! Scripts refresh their token now and then: here a key stands in its place, and lasts.

use crate::{
    app::App,
    http::{
        allow_origin::allow_origin,
        auth::{Allowed, ReadPhotos, token_in_address},
        extract::QueryReader,
        problem::{InvalidField, Problem, code},
    },
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL},
    web::Data,
};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use vitrine_base::clock::until;
use vitrine_entity::Time;

/// Sixty days, which a refreshed token of Instagram's lives for.
const LIFE_SECONDS: u64 = 60 * 24 * 60 * 60;
const GRANT: &str = "ig_refresh_token";

/// What the address takes besides the key.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct RefreshParameters {
    /// `ig_refresh_token`.
    #[param(example = "ig_refresh_token")]
    grant_type: String,
}

impl RefreshParameters {
    fn read(query: &QueryReader<'_>) -> Self {
        let grant_type = query.first("grant_type").unwrap_or_default();
        Self { grant_type }
    }
}

/// A token that was refreshed, in Instagram's shape.
#[derive(Serialize, ToSchema)]
pub(crate) struct RefreshedView<'a> {
    /// The key, as it was sent.
    access_token: &'a str,
    /// Always `bearer`.
    token_type: &'a str,
    /// Sixty days, or as long as the key lasts where that is shorter.
    expires_in: u64,
}

/// Returns the key of the address, as Instagram returns a refreshed token. Keys last, so nothing
/// changes.
#[utoipa::path(
    get,
    path = "/graph/refresh_access_token",
    tag = "graph",
    security(("key_as_token" = [])),
    params(RefreshParameters),
    responses((status = 200, body = RefreshedView))
)]
pub(crate) async fn refresh_access_token(
    caller: Allowed<ReadPhotos>,
    request: HttpRequest,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let asked = RefreshParameters::read(&QueryReader::new(request.query_string()));
    if asked.grant_type != GRANT {
        return Err(refused(
            "grant_type",
            "(#100) grant_type must be ig_refresh_token",
        ));
    }
    let key = token_in_address(&request).filter(|_| caller.caller.person().is_err());
    let key =
        key.ok_or_else(|| refused("access_token", "(#100) access_token must hold a publishable key"))?;
    let view = RefreshedView {
        access_token: &key,
        token_type: "bearer",
        expires_in: left(caller.caller.ends_at(), app.clock.now()),
    };
    let mut answer = HttpResponse::Ok();
    answer.insert_header((CACHE_CONTROL, "private, no-store"));
    if let Some(origin) = allow_origin(request.headers(), caller.readers) {
        answer.insert_header((ACCESS_CONTROL_ALLOW_ORIGIN, origin));
    }
    Ok(answer.json(view))
}

fn left(end: Option<Time>, now: Time) -> u64 {
    end.map_or(LIFE_SECONDS, |end| until(now, end).as_secs().min(LIFE_SECONDS))
}

fn refused(field: &str, message: &str) -> Problem {
    let error = InvalidField::new(field, "invalid_value", message);
    Problem::new(&code::INVALID_QUERY).with_errors(vec![error])
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn a_key_that_ends_sooner_says_so() {
        let now: Time = "2026-03-01T12:00:00Z".parse().unwrap();

        assert_eq!(left(None, now), 5_184_000);
        assert_eq!(left(Some(now + TimeDelta::days(400)), now), 5_184_000);
        assert_eq!(left(Some(now + TimeDelta::seconds(90)), now), 90);
    }
}
