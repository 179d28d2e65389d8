//! Lists in pages, as the client asks for them and sees them.

use crate::http::extract::{FromQuery, QueryReader};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use vitrine_base::paging::{DEFAULT_PAGE, LARGEST_PAGE, Page, PageRequest, PageView};

/// Which page of a list is asked for.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    /// Most entries of the page.
    #[param(minimum = 1, maximum = 100, default = 25)]
    limit: Option<u64>,
    /// `page.next_cursor` of the page before.
    cursor: Option<String>,
}

impl FromQuery for ListQuery {
    fn from_query(query: &mut QueryReader<'_>) -> Self {
        Self {
            limit: read_limit(query),
            cursor: query.text("cursor"),
        }
    }
}

/// The parameter `limit`; refused unless it is a number from 1 to 100.
pub(crate) fn read_limit<N: std::str::FromStr + Copy + Into<u64>>(query: &mut QueryReader<'_>) -> Option<N> {
    let limit: Option<N> = query.parsed("limit", "a number between 1 and 100");
    if limit.is_some_and(|limit| !(1..=LARGEST_PAGE.into()).contains(&limit.into())) {
        let message = format!("must be between 1 and {LARGEST_PAGE}");
        query.refuse("limit", "out_of_range", message);
    }
    limit
}

impl From<ListQuery> for PageRequest {
    fn from(query: ListQuery) -> Self {
        page_request(query.limit, query.cursor)
    }
}

/// The page that these parameters ask for.
pub(crate) fn page_request(limit: Option<u64>, cursor: Option<String>) -> PageRequest {
    PageRequest {
        limit: limit.unwrap_or(DEFAULT_PAGE.into()),
        cursor,
    }
}

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ListView<T> {
    /// The entries.
    data: Vec<T>,
    /// Where the list goes on.
    page: PageView,
}

impl<T> ListView<T> {
    /// The page as the client sees it.
    pub(crate) fn of<M>(page: Page<M>) -> Self
    where
        T: From<M>,
    {
        Self {
            data: page.data.into_iter().map(T::from).collect(),
            page: PageView {
                next_cursor: page.next_cursor,
                limit: page.limit,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::extract::Query;
    use actix_web::{FromRequest, test::TestRequest};

    async fn asked(query: &str) -> Result<PageRequest, serde_json::Value> {
        let (request, mut payload) = TestRequest::with_uri(&format!("/?{query}")).to_http_parts();
        let asked = Query::<ListQuery>::from_request(&request, &mut payload).await;
        asked
            .map(|Query(query)| query.into())
            .map_err(|problem| serde_json::from_slice(&problem.render_for_tests()).unwrap())
    }

    #[actix_web::test]
    async fn a_page_holds_25_entries_unless_another_number_is_named() {
        assert_eq!(asked("").await.unwrap().limit, 25);
        assert_eq!(asked("limit=100&cursor=abc").await.unwrap().limit, 100);
        assert_eq!(asked("limit=1").await.unwrap().limit, 1);
    }

    #[actix_web::test]
    async fn absurd_limits_are_refused_by_name() {
        for limit in ["0", "101", "-1", "ten", "", "1e2", "99999999999999999999999"] {
            let problem = asked(&format!("limit={limit}")).await.unwrap_err();

            assert_eq!(problem["status"], 422, "{limit}");
            assert_eq!(problem["code"], "invalid_query", "{limit}");
            assert_eq!(problem["errors"][0]["field"], "limit", "{limit}");
        }
    }
}
