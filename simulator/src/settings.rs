//! What a simulator is started with.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use crate::accounts::{NewAccount, demo_accounts};
use crate::media::files::LinkLifetimes;
use crate::wire::{Dialect, Modes};

/// Everything a simulator is started with. The default listens on a free loopback port, speaks the live
/// dialect, accepts any redirect URI and keeps its state in memory.
#[derive(Clone)]
pub struct SimulatorSettings {
    /// Address to bind; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Base of every URL given out, without a trailing slash; `http://<bound address>` when unset.
    pub public_url: Option<String>,
    /// The only app id that is known here.
    pub client_id: String,
    /// The secret of that app. Never shown by `Debug`.
    pub client_secret: String,
    /// Which of the two dialects is spoken at the start.
    pub dialect: Dialect,
    /// Redirect URIs registered at the first start, compared byte for byte; an empty list accepts any absolute
    /// http(s) URL. Ignored when a state file already holds a list.
    pub redirect_uris: Vec<String>,
    /// Decides ids, media, pictures and signing keys: the same seed gives the same platform.
    pub seed: u64,
    /// Where to keep what must survive a restart; nothing is kept when unset.
    pub state_file: Option<PathBuf>,
    /// Which of the shapes seen in the wild are answered at the start.
    pub modes: Modes,
    /// How long signed links to files live.
    pub links: LinkLifetimes,
    /// How many calls are allowed before throttling.
    pub usage: UsageLimits,
    /// Accounts present at the first start; ignored when a state file already holds accounts.
    pub accounts: Vec<NewAccount>,
}

impl Default for SimulatorSettings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            public_url: None,
            client_id: "990602627938098".to_owned(),
            client_secret: "simulator-app-secret-0123456789ab".to_owned(),
            dialect: Dialect::InstagramLogin,
            redirect_uris: Vec::new(),
            seed: 1,
            state_file: None,
            modes: Modes::default(),
            links: LinkLifetimes::default(),
            usage: UsageLimits::default(),
            accounts: demo_accounts(),
        }
    }
}

impl fmt::Debug for SimulatorSettings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SimulatorSettings")
            .field("listen", &self.listen)
            .field("public_url", &self.public_url)
            .field("client_id", &self.client_id)
            .field("dialect", &self.dialect)
            .field("seed", &self.seed)
            .field("state_file", &self.state_file)
            .finish_non_exhaustive()
    }
}

/// How many Graph calls are allowed before throttling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsageLimits {
    /// Calls one account allows per rolling window; when unset, 4800 × the account's impressions.
    pub calls_per_account: Option<u64>,
    /// The rolling window of an account.
    pub account_window: Duration,
    /// Calls the whole app may make per rolling hour; unlimited when unset.
    pub calls_per_app: Option<u64>,
    /// Usage headers are left out below this percentage, as the platform does.
    pub headers_from_percent: u64,
}

impl Default for UsageLimits {
    fn default() -> Self {
        Self {
            calls_per_account: None,
            account_window: Duration::from_secs(86_400),
            calls_per_app: None,
            headers_from_percent: 0,
        }
    }
}
