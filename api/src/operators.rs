//! What operators and programs ask: is it alive, is it ready, what can it do.

use crate::{app::App, openapi::Document, probe::Probe};
use actix_web::{HttpResponse, get, http::StatusCode, web::Data};
use futures::future::join_all;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// The part that is down once the process was asked to stop, and why.
const SERVER: &str = "server";
const STOPPING: &str = "stopping";

/// Whether a part works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PartState {
    /// It does.
    Up,
    /// It does not.
    Down,
}

/// Whether the process lives.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HealthView {
    /// Always `ok`.
    status: &'static str,
}

/// Whether the server can take traffic.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReadinessView {
    /// `ready` or `not_ready`.
    status: &'static str,
    /// Every part by its name.
    #[schema(value_type = std::collections::HashMap<String, PartState>)]
    parts: BTreeMap<&'static str, PartState>,
    /// Why parts are down, in one word each, such as `read_only`, `full` or `no_answer`; left out when all are up.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(required = false, value_type = std::collections::HashMap<String, String>)]
    causes: BTreeMap<&'static str, &'static str>,
}

/// Says that the process is alive, without looking at anything else.
#[utoipa::path(tag = "operators", responses((status = 200, body = HealthView)))]
#[get("/healthz")]
pub(crate) async fn read_health() -> HttpResponse {
    HttpResponse::Ok().json(HealthView { status: "ok" })
}

/// Says within about two seconds whether every part works; 503 if one does not, or if the server is stopping.
#[utoipa::path(
    tag = "operators",
    responses(
        (status = 200, body = ReadinessView, description = "Ready"),
        (status = 503, body = ReadinessView, description = "A part is down"),
    )
)]
#[get("/readyz")]
pub(crate) async fn read_readiness(app: Data<App>) -> HttpResponse {
    let (status, view) = readiness(&app.probes, app.stop.has_begun()).await;
    HttpResponse::build(status).json(view)
}

/// The same for a process without an API.
pub(crate) async fn read_readiness_of(probes: Data<Vec<Probe>>) -> HttpResponse {
    let (status, view) = readiness(&probes, false).await;
    HttpResponse::build(status).json(view)
}

async fn readiness(probes: &[Probe], stopping: bool) -> (StatusCode, ReadinessView) {
    let mut found = join_all(probes.iter().map(Probe::check)).await;
    if stopping {
        found.push((SERVER, Some(STOPPING)));
    }
    let state = |cause: Option<_>| cause.map_or(PartState::Up, |_| PartState::Down);
    let parts = found.iter().map(|(name, cause)| (*name, state(*cause))).collect();
    let causes: BTreeMap<_, _> = found
        .into_iter()
        .filter_map(|(name, cause)| Some((name, cause?)))
        .collect();
    let (code, status) = match causes.is_empty() {
        true => (StatusCode::OK, "ready"),
        false => (StatusCode::SERVICE_UNAVAILABLE, "not_ready"),
    };
    let view = ReadinessView {
        status,
        parts,
        causes,
    };
    (code, view)
}

/// Describes every route of this server as OpenAPI 3.1.
#[utoipa::path(tag = "operators", responses((status = 200, description = "OpenAPI 3.1", content_type = "application/json")))]
#[get("/openapi.json")]
pub(crate) async fn read_openapi(document: Data<Document>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .insert_header(("cache-control", "public, max-age=300"))
        .body(document.json())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::ProbeError;
    use std::{future::pending, time::Duration};
    use tokio::time::timeout;

    fn up() -> Probe {
        Probe::new("database", || async { Ok::<_, ProbeError>(()) })
    }

    #[actix_web::test]
    async fn the_server_is_ready_when_every_part_is() {
        let (status, view) = readiness(&[up()], false).await;

        assert_eq!(status, 200);
        assert_eq!(
            serde_json::to_value(view).unwrap(),
            serde_json::json!({"status": "ready", "parts": {"database": "up"}})
        );
    }

    #[actix_web::test]
    async fn a_part_that_fails_or_hangs_is_named_and_does_not_hang_the_answer() {
        let fails = Probe::new("queue", || async {
            Err::<(), _>(ProbeError::from("secret address refused"))
        });
        let hangs = Probe::new("migrations", pending::<Result<(), ProbeError>>);

        let probes = [up(), fails, hangs];
        let answer = timeout(Duration::from_secs(20), readiness(&probes, false)).await;
        let (status, view) = answer.expect("the answer hung");

        assert_eq!(status, 503);
        let view = serde_json::to_value(view).unwrap();
        assert_eq!(
            view["parts"],
            serde_json::json!({"database": "up", "queue": "down", "migrations": "down"})
        );
        assert_eq!(
            view["causes"],
            serde_json::json!({"queue": "failed", "migrations": "no_answer"})
        );
    }
}
