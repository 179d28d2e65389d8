//! A whole [`App`] over an SQLite database in memory, for the tests of this crate.

use crate::{
    app::{App, Settings},
    probe::{Probe, ProbeError},
    public::FastPath,
    routes::configure,
    transport::{InFlight, Stop, Unsent},
};
use actix_service::apply;
use actix_web::{
    App as Application, Error,
    body::BoxBody,
    dev::{AppConfig, Response, Service, ServiceFactory},
    test::TestRequest,
    web::Data,
};
use async_trait::async_trait;
use serde_json::Value;
use std::{num::NonZeroU32, sync::Arc, time::Duration};
use url::Url;
use vitrine_accounts::{
    Accounts, Breaker, Cadence, Calls,
    callbacks::{CallbackSettings, Callbacks},
    connections::{ConnectionSettings, Connections},
    jobs::{JobQueue, JobRequests, Jobs, QueueUnavailable, QueuedJob},
};
use vitrine_base::{
    clock::TestClock,
    database::{Database, DatabaseSettings},
    security::{KeyRing, MasterKey},
};
use vitrine_feeds::{ChangeEvents, FeedReader, Feeds, ReaderSettings, keys::ApiKeys};
use vitrine_instagram::{Client, ClientSettings, Dialect};
use vitrine_limits::{
    budget::{Budget, BudgetLimits, MemoryBudget},
    plans::Plans,
    traffic::{SharedCounter, Traffic, TrafficLimits},
    usage::UsageReports,
};
use vitrine_people::{
    audit::AuditLog,
    identity::{AttemptCounter, Identity, IdentitySettings},
    mail::Outbox,
    teams::Teams,
};
use vitrine_tenancy::{idempotency::Idempotency, tenants::TenantTasks};

const PUBLIC_URL: &str = "https://vitrine.example/";

/// Takes every job and does nothing.
struct Nowhere;

#[async_trait]
impl JobQueue for Nowhere {
    async fn push(&self, jobs: &[QueuedJob]) -> Result<usize, QueueUnavailable> {
        Ok(jobs.len())
    }

    async fn ping(&self) -> Result<(), QueueUnavailable> {
        Ok(())
    }
}

/// The running application, with hands on its database and its clock.
pub(crate) struct TestApp {
    pub(crate) database: Database,
    pub(crate) clock: TestClock,
    pub(crate) app: Data<App>,
}

impl TestApp {
    pub(crate) async fn start() -> Self {
        Self::start_at(PUBLIC_URL).await
    }

    /// An application that is reached at this address.
    pub(crate) async fn start_at(public_url: &str) -> Self {
        let settings = DatabaseSettings {
            url: "sqlite::memory:".into(),
            max_connections: 1,
            pooler: vitrine_base::database::Pooler::None,
        };
        let database = Database::connect(&settings).await.unwrap();
        vitrine_migration::migrate(database.driver()).await.unwrap();
        let clock = TestClock::new();
        let app = Data::new(app(database.clone(), clock.clone(), public_url.parse().unwrap()));
        Self { database, clock, app }
    }

    /// Sends one request through every layer; also answers that a failing layer makes.
    pub(crate) async fn send(&self, request: TestRequest) -> Answer {
        let application = Application::new().configure(configure(self.app.clone()));
        let factory = apply(FastPath::new(self.app.clone()), application);
        let service = factory.new_service(AppConfig::default()).await.unwrap();
        Answer::of(&service, request.to_request()).await
    }

    /// A new tenant's answer to its registration.
    pub(crate) async fn register(&self, email: &str) -> Value {
        let body = serde_json::json!({
            "email": email, "password": "correct horse", "name": "Ada", "site_name": "Ada's shop",
        });
        let answer = self
            .send(TestRequest::post().uri("/v1/auth/register").set_json(body))
            .await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json()
    }
}

/// An answer, read to its end.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: actix_web::http::header::HeaderMap,
    pub(crate) body: actix_web::web::Bytes,
}

impl Answer {
    pub(crate) async fn of<R>(
        service: &impl Service<R, Response: Into<Response<BoxBody>>, Error = Error>,
        request: R,
    ) -> Self {
        let response: Response<BoxBody> = match service.call(request).await {
            Ok(response) => response.into(),
            Err(error) => error.error_response().into(),
        };
        Self {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: actix_web::body::to_bytes(response.into_body()).await.unwrap(),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The machine word of a problem, whose form is checked on the way.
    pub(crate) fn problem(&self) -> String {
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json"),
            "{}",
            self.text()
        );
        let view = self.json();
        assert_eq!(view["status"], self.status);
        assert_eq!(view["instance"], self.header("x-request-id").unwrap());
        view["code"].as_str().unwrap().to_owned()
    }
}

fn app(database: Database, clock: TestClock, public_url: Url) -> App {
    let (master, clock) = (MasterKey::from_bytes([7; 32]), Arc::new(clock));
    let ring = KeyRing::from_master_key(&master, clock.clone());
    let calls_per_hour = NonZeroU32::new(200).unwrap();
    let limits = BudgetLimits {
        token_calls_per_hour: calls_per_hour,
        app_calls_per_hour: None,
    };
    let budget: Arc<dyn Budget> = Arc::new(MemoryBudget::new(clock.clone(), limits));
    let day = Duration::from_hours(24);
    let cadence = Cadence {
        sync_every: day,
        refresh_every: day * 7,
        refresh_min_age: day,
    };
    let requests = JobRequests::new(clock.clone(), Arc::new(Nowhere));
    let changes = ChangeEvents::in_process();
    let accounts = Arc::new(Accounts::new(
        database.clone(),
        clock.clone(),
        &master,
        requests.clone(),
        budget.clone(),
        cadence,
        calls_per_hour,
        changes.clone(),
    ));
    let connections = Connections::new(
        database.clone(),
        clock.clone(),
        &ring,
        Calls::new(
            client(),
            budget,
            Breaker::new(database.clone(), clock.clone()),
            clock.clone(),
            Duration::ZERO,
        ),
        requests.clone(),
        accounts.clone(),
        changes.clone(),
        cadence,
        ConnectionSettings {
            public_url: public_url.clone(),
            redirect_uris: Vec::new(),
        },
    );
    let callbacks = CallbackSettings {
        secrets: vec!["app secret".into()],
        verify_token: Some("agreed".into()),
    };
    let identity = IdentitySettings {
        issuer: PUBLIC_URL.to_owned(),
        signup_enabled: true,
        registrations_per_hour: NonZeroU32::MAX,
    };
    let identity = Arc::new(Identity::new(
        database.clone(),
        clock.clone(),
        &ring,
        AttemptCounter::alone(),
        identity,
    ));
    let limits = TrafficLimits {
        requests_per_minute: NonZeroU32::new(1_000).unwrap(),
        requests_per_day: None,
    };
    let (api_keys, following) = ApiKeys::new(database.clone(), clock.clone(), &master, changes.clone());
    tokio::spawn(following);
    let reader = ReaderSettings {
        public_url: public_url.clone(),
        cache_bytes: 128 * 1024 * 1024,
    };
    let (feed_reader, following) =
        FeedReader::new(database.clone(), clock.clone(), &master, &changes, reader);
    tokio::spawn(following);
    App {
        in_flight: InFlight::default(),
        unsent: Unsent::default(),
        stop: Stop::default(),
        traffic: Traffic::new(database.clone(), clock.clone(), SharedCounter::Alone, limits),
        teams: Arc::new(Teams::new(
            database.clone(),
            clock.clone(),
            &master,
            identity.clone(),
            Outbox::new(&vitrine_base::security::Vault::new(&ring)),
            public_url.clone(),
        )),
        identity,
        plans: Plans::new(database.clone(), clock.clone()),
        usage: UsageReports::new(database.clone(), clock.clone()),
        audit_log: Arc::new(AuditLog::new(database.clone(), clock.clone(), &master)),
        idempotency: Arc::new(Idempotency::new(database.clone(), clock.clone(), &ring)),
        tenant_tasks: Arc::new(TenantTasks::new(database.clone(), clock.clone(), &ring, day * 7)),
        api_keys: Arc::new(api_keys),
        accounts,
        callbacks: Arc::new(Callbacks::new(database.clone(), clock.clone(), callbacks)),
        connections: Arc::new(connections),
        jobs: Arc::new(Jobs::new(database.clone(), clock.clone(), &master, requests)),
        feeds: Arc::new(Feeds::new(
            database.clone(),
            clock.clone(),
            &master,
            changes.clone(),
        )),
        feed_reader,
        clock,
        settings: Settings {
            public_url,
            signup_enabled: true,
            trusted_proxies: crate::transport::TrustedProxies::default(),
            cached_responses: 8,
        },
        probes: vec![Probe::new("database", || async { Ok::<_, ProbeError>(()) })],
    }
}

fn client() -> Client {
    // Another test of this process may have installed it before.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::new(ClientSettings::for_dialect(
        Dialect::InstagramLogin,
        "1",
        "secret",
    ))
    .unwrap()
}
