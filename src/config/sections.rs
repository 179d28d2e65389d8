//! One struct per section. A setting that is not here does not exist, and a section refuses unknown keys.

use std::net::{Ipv4Addr, SocketAddr};
use std::num::{NonZeroU32, NonZeroU64, NonZeroUsize};
use std::path::PathBuf;
use std::thread::available_parallelism;
use std::time::Duration;

use ipnet::IpNet;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use url::Url;
use vitrine_base::database::Pooler;
use vitrine_base::security::MasterKey;
use vitrine_instagram::{ApiVersion, ClientSettings, Dialect, ExchangeEncoding};

use super::{SecretUrl, durations, lists, parsers, secrets};

const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);

/// Everything that can be configured.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    /// Addresses and files of this process.
    pub(crate) server: ServerSection,
    /// Where everything is kept.
    pub(crate) database: DatabaseSection,
    /// What several processes share besides the database.
    pub(crate) redis: RedisSection,
    /// The key to everything that is sealed or signed.
    pub(crate) security: SecuritySection,
    /// The app that is registered with Meta.
    pub(crate) instagram: InstagramSection,
    /// When accounts are looked at.
    pub(crate) schedule: ScheduleSection,
    /// How jobs are run.
    pub(crate) worker: WorkerSection,
    /// How feeds are served.
    pub(crate) feeds: FeedsSection,
    /// What is remembered of jobs.
    pub(crate) history: HistorySection,
    /// The audit log.
    pub(crate) audit: AuditSection,
    /// The end of tenants.
    pub(crate) deletion: DeletionSection,
    /// Who may register.
    pub(crate) signup: SignupSection,
    /// The demo that `up` brings.
    pub(crate) demo: DemoSection,
    /// Outgoing mail.
    pub(crate) mail: MailSection,
    /// Where pictures are kept.
    pub(crate) storage: StorageSection,
    /// The local Instagram for development.
    pub(crate) simulator: SimulatorSection,
    /// What is written about the running.
    pub(crate) logging: LoggingSection,
    /// How the process ends.
    pub(crate) shutdown: ShutdownSection,
}

/// Section `[server]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ServerSection {
    /// Address and port of the API. Default `127.0.0.1:8080`.
    #[serde(deserialize_with = "parsers::listen")]
    pub(crate) listen: SocketAddr,
    /// Address at which browsers reach this server, for links and redirects. Default: the listen address.
    #[serde(deserialize_with = "parsers::web")]
    pub(crate) public_url: Option<Url>,
    /// Address and port of `/metrics` for operators. Default `127.0.0.1:9464`, given up with a
    /// warning when taken; an address that is set must be free.
    #[serde(deserialize_with = "parsers::maybe_listen")]
    pub(crate) metrics_listen: Option<SocketAddr>,
    /// Proxies whose `X-Forwarded-For` is believed, as addresses or networks. Default: none.
    #[serde(deserialize_with = "lists::networks", serialize_with = "lists::as_text")]
    pub(crate) trusted_proxies: Vec<IpNet>,
    /// Directory of all files. Default `./data`.
    pub(crate) data_dir: PathBuf,
    /// Threads that answer requests. Default: one per processor.
    pub(crate) workers: Option<NonZeroUsize>,
    /// Connections that this process holds at once. Default 20,000.
    pub(crate) max_connections: NonZeroUsize,
    /// Connections from one network (an IPv4 address, an IPv6 /64) at once; this machine and `trusted_proxies` are
    /// bounded by `max_connections` alone. Default 1,000.
    pub(crate) connections_per_network: NonZeroUsize,
}

impl Default for ServerSection {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            public_url: None,
            metrics_listen: None,
            trusted_proxies: Vec::new(),
            data_dir: PathBuf::from("./data"),
            workers: None,
            max_connections: count(20_000),
            connections_per_network: count(1_000),
        }
    }
}

impl ServerSection {
    /// Threads that answer requests.
    pub(crate) fn threads(&self) -> usize {
        let threads = self.workers.or_else(|| available_parallelism().ok());
        threads.map_or(1, NonZeroUsize::get)
    }
}

/// Section `[database]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct DatabaseSection {
    /// `postgres://…` or `sqlite://…`. Default: the file `vitrine.db` in the data directory.
    #[serde(deserialize_with = "secrets::database_url")]
    pub(crate) url: Option<SecretUrl>,
    /// Connections this process may hold open. Default 10.
    pub(crate) max_connections: NonZeroU32,
    /// What stands between this process and Postgres: `none`, or `transaction` for PgBouncer in its transaction mode.
    pub(crate) pooler: PoolerKind,
}

/// What stands between a process and Postgres.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PoolerKind {
    /// Nothing, or a pooler that keeps one server for each connection.
    #[default]
    None,
    /// A pooler that gives every transaction another server.
    Transaction,
}

impl From<PoolerKind> for Pooler {
    fn from(kind: PoolerKind) -> Self {
        match kind {
            PoolerKind::None => Self::None,
            PoolerKind::Transaction => Self::Transaction,
        }
    }
}

impl Default for DatabaseSection {
    fn default() -> Self {
        Self {
            url: None,
            max_connections: number(10),
            pooler: PoolerKind::default(),
        }
    }
}

/// Section `[redis]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct RedisSection {
    /// `redis://…` or `rediss://…`; for a cluster `redis+cluster://…` or `rediss+cluster://…`, with further nodes as
    /// `?node=host:port`. Without it the queue and the budgets live in this process alone.
    #[serde(
        deserialize_with = "secrets::redis_url",
        serialize_with = "secrets::address_or_unset"
    )]
    pub(crate) url: Option<SecretUrl>,
    /// What every key begins with, so that several installations can share one Redis. Default `vitrine`.
    #[serde(deserialize_with = "lists::key_prefix")]
    pub(crate) prefix: String,
}

impl Default for RedisSection {
    fn default() -> Self {
        Self {
            url: None,
            prefix: "vitrine".to_owned(),
        }
    }
}

/// Section `[security]`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SecuritySection {
    /// 32 random bytes in base64, from which every other key is derived. `up` makes one in the data directory.
    #[serde(
        deserialize_with = "secrets::master_key",
        serialize_with = "secrets::presence"
    )]
    pub(crate) master_key: Option<MasterKey>,
    /// Master keys before it, each as good as the new one until `vitrine admin rotate-master-key` is done. Default: none.
    #[serde(
        deserialize_with = "secrets::master_keys",
        serialize_with = "secrets::how_many"
    )]
    pub(crate) previous_master_keys: Vec<MasterKey>,
}

/// Section `[instagram]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct InstagramSection {
    /// The Instagram App ID from Meta's dashboard.
    pub(crate) client_id: Option<String>,
    /// The Instagram app secret that goes with it.
    #[serde(serialize_with = "secrets::presence")]
    pub(crate) client_secret: Option<SecretString>,
    /// The secret of the Meta app around it, which may sign callbacks as well. Default: none.
    #[serde(serialize_with = "secrets::presence")]
    pub(crate) meta_app_secret: Option<SecretString>,
    /// What Meta says when it asks whether the webhook's address is ours; entered in Meta's dashboard as well.
    /// Default: none, and no webhook.
    #[serde(serialize_with = "secrets::presence")]
    pub(crate) webhook_verify_token: Option<SecretString>,
    /// `instagram_login` or `basic_display`. Default `instagram_login`.
    #[serde(deserialize_with = "parsers::choice")]
    pub(crate) dialect: Dialect,
    /// Where account owners log in. Default: Instagram's page for the dialect.
    #[serde(deserialize_with = "parsers::web")]
    pub(crate) authorize_url: Option<Url>,
    /// Where codes are exchanged, the whole address `…/oauth/access_token`. Default: Instagram's.
    #[serde(deserialize_with = "parsers::web")]
    pub(crate) token_url: Option<Url>,
    /// Root of the Graph API, without a version. Default: Instagram's.
    #[serde(deserialize_with = "parsers::web")]
    pub(crate) graph_url: Option<Url>,
    /// Version of the Graph API. Default `v25.0`.
    pub(crate) api_version: ApiVersion,
    /// Calls per account in a rolling hour. Default 200.
    pub(crate) calls_per_hour: NonZeroU32,
    /// Calls of the whole app in a rolling hour, over all accounts. Default: no limit but the platform's.
    pub(crate) app_calls_per_hour: Option<NonZeroU32>,
    /// Addresses registered with Meta to which a login may return, besides the built-in callback. Default: any
    /// https address, since Instagram itself refuses the others.
    #[serde(deserialize_with = "lists::addresses")]
    pub(crate) redirect_uris: Vec<String>,
    /// Encoding of the code exchange: `multipart` or `form`. Default `multipart`.
    #[serde(deserialize_with = "parsers::choice")]
    pub(crate) exchange_encoding: ExchangeEncoding,
    /// Hosts from which pictures may be fetched, with everything below them. Default: Instagram's two networks.
    #[serde(deserialize_with = "lists::hosts")]
    pub(crate) media_hosts: Vec<String>,
}

impl Default for InstagramSection {
    fn default() -> Self {
        Self {
            client_id: None,
            client_secret: None,
            meta_app_secret: None,
            webhook_verify_token: None,
            dialect: Dialect::default(),
            authorize_url: None,
            token_url: None,
            graph_url: None,
            api_version: ApiVersion::default(),
            calls_per_hour: number(200),
            app_calls_per_hour: None,
            redirect_uris: Vec::new(),
            exchange_encoding: ExchangeEncoding::default(),
            media_hosts: vec!["cdninstagram.com".to_owned(), "fbcdn.net".to_owned()],
        }
    }
}

impl InstagramSection {
    /// The client's settings for an app, with what is set here over the dialect's own addresses.
    pub(crate) fn client(&self, client_id: String, client_secret: SecretString) -> ClientSettings {
        let known = ClientSettings::for_dialect(self.dialect, client_id, client_secret);
        ClientSettings {
            authorize_url: self.authorize_url.clone().unwrap_or(known.authorize_url),
            token_url: self.token_url.clone().unwrap_or(known.token_url),
            graph_url: self.graph_url.clone().unwrap_or(known.graph_url),
            api_version: self.api_version.clone(),
            exchange_encoding: self.exchange_encoding,
            ..known
        }
    }
}

/// Section `[schedule]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ScheduleSection {
    /// How often an account's media are read. Default 3h.
    #[serde(with = "durations")]
    pub(crate) sync_every: Duration,
    /// Age at which a token is refreshed. Default 7d.
    #[serde(with = "durations")]
    pub(crate) refresh_every: Duration,
    /// Age under which a token is never refreshed; Instagram refuses it under 24 hours. Default 25h.
    #[serde(with = "durations")]
    pub(crate) refresh_min_age: Duration,
    /// How often each worker looks for what is due. Default 1s.
    #[serde(with = "durations")]
    pub(crate) tick: Duration,
    /// Syncs that each worker hands out in a second at most, so that a catch-up is no stampede. Default 2000.
    pub(crate) syncs_per_second: NonZeroU32,
}

impl Default for ScheduleSection {
    fn default() -> Self {
        Self {
            sync_every: HOUR * 3,
            refresh_every: DAY * 7,
            refresh_min_age: HOUR * 25,
            tick: Duration::from_secs(1),
            syncs_per_second: number(2_000),
        }
    }
}

/// Section `[worker]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct WorkerSection {
    /// Jobs of one class that this process runs at the same time. Default 8.
    pub(crate) concurrency: NonZeroUsize,
    /// A job whose process died is delivered again after this time; 1s at least. Default 30s.
    #[serde(with = "durations")]
    pub(crate) lease: Duration,
    /// Wait before the second try of a job that met trouble; doubles with each try. Default 2s.
    #[serde(with = "durations")]
    pub(crate) first_retry: Duration,
    /// Wait before Instagram is asked once more whether a token is really dead. Default 3s.
    #[serde(with = "durations")]
    pub(crate) confirm_after: Duration,
}

impl Default for WorkerSection {
    fn default() -> Self {
        Self {
            concurrency: NonZeroUsize::MIN.saturating_add(7),
            lease: Duration::from_secs(30),
            first_retry: Duration::from_secs(2),
            confirm_after: Duration::from_secs(3),
        }
    }
}

/// Section `[feeds]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct FeedsSection {
    /// Feed requests that one key may make in a minute, over all processes. Default 60,000.
    pub(crate) requests_per_minute: NonZeroU32,
    /// Feed requests a day that a tenant's plan includes; those beyond are answered all the same, but browsers and
    /// caches are told to keep them longer. Default: no end.
    pub(crate) requests_per_day: Option<NonZeroU32>,
    /// Memory of this process for feeds and the bytes made of them. Default 256 MiB.
    pub(crate) cache_bytes: NonZeroU64,
}

impl Default for FeedsSection {
    fn default() -> Self {
        Self {
            requests_per_minute: number(60_000),
            requests_per_day: None,
            cache_bytes: NonZeroU64::new(256 * 1024 * 1024).unwrap_or(NonZeroU64::MIN),
        }
    }
}

/// Section `[history]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct HistorySection {
    /// How long ended jobs are kept. Default 30d.
    #[serde(with = "durations")]
    pub(crate) keep: Duration,
}

impl Default for HistorySection {
    fn default() -> Self {
        Self { keep: DAY * 30 }
    }
}

/// Section `[audit]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct AuditSection {
    /// How long entries of the audit log are kept. Default 365d.
    #[serde(with = "durations")]
    pub(crate) keep: Duration,
}

impl Default for AuditSection {
    fn default() -> Self {
        Self { keep: DAY * 365 }
    }
}

/// Section `[deletion]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct DeletionSection {
    /// How long the deletion of a tenant can be taken back. Default 7d.
    #[serde(with = "durations")]
    pub(crate) grace: Duration,
}

impl Default for DeletionSection {
    fn default() -> Self {
        Self { grace: DAY * 7 }
    }
}

/// Section `[signup]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SignupSection {
    /// Whether anybody may register. Default true.
    pub(crate) enabled: bool,
    /// Registrations from one network (an IPv4 address, an IPv6 /64) in an hour. Default 20.
    pub(crate) per_network_per_hour: NonZeroU32,
}

impl Default for SignupSection {
    fn default() -> Self {
        Self {
            enabled: true,
            per_network_per_hour: number(20),
        }
    }
}

/// Section `[demo]`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct DemoSection {
    /// Whether `up` starts the simulator and makes a demo tenant. Default: when no Instagram app is configured.
    pub(crate) enabled: Option<bool>,
}

/// Section `[mail]`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct MailSection {
    /// `smtps://…`, `smtp://…` (with STARTTLS), or `smtp://…?tls=none`. Default: emails become files in `outbox`.
    #[serde(
        deserialize_with = "secrets::mail_url",
        serialize_with = "secrets::address_or_unset"
    )]
    pub(crate) url: Option<SecretUrl>,
    /// Sender of every email, `Name <address>` or an address. Needed with `url`.
    #[serde(deserialize_with = "parsers::mailbox")]
    pub(crate) from: Option<String>,
    /// Directory of emails where no `url` is set. Default: `outbox` in the data directory.
    pub(crate) outbox: Option<PathBuf>,
}

/// Section `[storage]`. No pictures are kept yet.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct StorageSection {
    /// `file://…` or `s3://…`. Default: none.
    #[serde(
        deserialize_with = "secrets::storage_url",
        serialize_with = "secrets::address_or_unset"
    )]
    pub(crate) url: Option<SecretUrl>,
}

/// Section `[simulator]`, for development.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SimulatorSection {
    /// Address and port of the simulator that this process runs. Default `127.0.0.1:8081`.
    #[serde(deserialize_with = "parsers::listen")]
    pub(crate) listen: SocketAddr,
    /// A simulator running elsewhere whose clock this process follows. Default: none.
    #[serde(deserialize_with = "parsers::web")]
    pub(crate) url: Option<Url>,
}

impl Default for SimulatorSection {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8081)),
            url: None,
        }
    }
}

/// Section `[logging]`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct LoggingSection {
    /// `text` or `json`. Default: text on a terminal, JSON otherwise.
    #[serde(deserialize_with = "parsers::maybe_choice")]
    pub(crate) format: Option<LogFormat>,
}

/// How a log line is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object per line.
    Json,
}

/// Section `[shutdown]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ShutdownSection {
    /// How long requests are still taken after SIGTERM, while `/readyz` answers 503 and proxies turn elsewhere; before
    /// `grace` begins. Default 5s for `api`, none for `up`.
    #[serde(with = "durations::or_none")]
    pub(crate) drain: Option<Duration>,
    /// How long running requests and jobs may take to finish after that. Default 20s.
    #[serde(with = "durations")]
    pub(crate) grace: Duration,
}

impl Default for ShutdownSection {
    fn default() -> Self {
        Self {
            drain: None,
            grace: Duration::from_secs(20),
        }
    }
}

fn count(value: usize) -> NonZeroUsize {
    NonZeroUsize::new(value).unwrap_or(NonZeroUsize::MIN)
}

fn number(value: u32) -> NonZeroU32 {
    NonZeroU32::new(value).unwrap_or(NonZeroU32::MIN)
}
