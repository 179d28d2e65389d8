//! What the tenant used, by day.

use crate::{
    app::App,
    http::{
        auth::{Allowed, ReadTenant},
        extract::{FromQuery, Query, QueryReader},
        problem::{Problem, ProblemView},
    },
};
use actix_web::{HttpResponse, get, web::Data};
use chrono::NaiveDate;
use serde::Serialize;
use std::str::FromStr;
use utoipa::{IntoParams, ToSchema};
use vitrine_entity::usage_day;

/// Which days to show.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct UsageQuery {
    /// The first day, in UTC. Default: 29 days before the last.
    #[param(value_type = Option<String>, format = Date)]
    from: Option<Day>,
    /// The last day, in UTC. Default: today. At most 366 days are shown at once.
    #[param(value_type = Option<String>, format = Date)]
    to: Option<Day>,
}

/// A day, written as 2026-01-31 and no other way.
#[derive(Clone, Copy, Debug)]
struct Day(NaiveDate);

impl FromStr for Day {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let shaped = text.bytes().enumerate().all(|(place, sign)| match place {
            4 | 7 => sign == b'-',
            _ => sign.is_ascii_digit(),
        });
        let day = text.parse().ok().filter(|_| shaped && text.len() == 10);
        day.map(Self).ok_or(())
    }
}

impl FromQuery for UsageQuery {
    fn from_query(query: &mut QueryReader<'_>) -> Self {
        let wanted = "a day such as 2026-01-31";
        Self {
            from: query.parsed("from", wanted),
            to: query.parsed("to", wanted),
        }
    }
}

/// What was used on one day.
#[derive(Serialize, ToSchema)]
pub(crate) struct UsageDayView {
    /// The day, in UTC.
    #[schema(value_type = String, format = Date)]
    day: NaiveDate,
    /// Feeds read by visitors.
    feed_requests: i64,
    /// Syncs done.
    syncs: i64,
    /// Calls made to Instagram with the accounts' tokens.
    graph_calls: i64,
    /// Bytes of files that are kept. None are kept so far: pictures are linked, not copied.
    stored_bytes: i64,
}

impl From<usage_day::Model> for UsageDayView {
    fn from(row: usage_day::Model) -> Self {
        Self {
            day: row.day,
            feed_requests: row.feed_requests,
            syncs: row.syncs,
            graph_calls: row.graph_calls,
            stored_bytes: row.stored_bytes,
        }
    }
}

/// What was used on each of the days, the earliest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct UsageView {
    /// The days.
    data: Vec<UsageDayView>,
}

/// Shows what the tenant used on each day. Counts are up to ten seconds behind.
#[utoipa::path(
    tag = "tenant",
    security(("bearer" = [])),
    params(UsageQuery),
    responses(
        (status = 200, body = UsageView),
        (status = 422, description = "The range runs backwards or is too long", body = ProblemView, content_type = "application/problem+json")
    )
)]
#[get("/v1/tenant/usage")]
pub(crate) async fn read_usage(
    caller: Allowed<ReadTenant>,
    Query(query): Query<UsageQuery>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let day = |day: Option<Day>| day.map(|Day(day)| day);
    let days = app.usage.read(caller.tenant, day(query.from), day(query.to));
    let data = days.await?.into_iter().map(UsageDayView::from).collect();
    Ok(HttpResponse::Ok().json(UsageView { data }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_written_in_one_way() {
        assert!("2026-01-31".parse::<Day>().is_ok());
        for other in [
            "2026-1-31",
            "2026-02-30",
            "+262142-12-31",
            "2026-01-3x",
            " 2026-1-3 ",
            "",
            "２026-01-31",
        ] {
            assert!(other.parse::<Day>().is_err(), "{other}");
        }
    }
}
