//! What the demo prints for whoever started it.

use std::fmt::{self, Display, Formatter};
use std::net::SocketAddr;

use url::Url;
use vitrine_entity::FeedId;

/// What a person needs to try the demo.
pub(crate) struct Demo {
    pub(super) public_url: Url,
    pub(super) instagram: String,
    pub(super) email: String,
    /// None when somebody has chosen another one.
    pub(super) password: Option<String>,
    pub(super) key: String,
    /// None when somebody has deleted it.
    pub(super) feed: Option<FeedId>,
    /// The address that was wanted and is taken.
    pub(super) moved_from: Option<SocketAddr>,
}

impl Demo {
    /// The same demo, which is not at the address that was wanted.
    pub(crate) fn moved_from(self, wanted: Option<SocketAddr>) -> Self {
        Self {
            moved_from: wanted,
            ..self
        }
    }
}

impl Display for Demo {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let base = self.public_url.as_str().trim_end_matches('/');
        writeln!(formatter, "\nVitrine runs at {base}/\n")?;
        if let Some(wanted) = self.moved_from {
            writeln!(
                formatter,
                "  {wanted} is taken by another program, so the demo uses the next free port;"
            )?;
            writeln!(formatter, "  --listen chooses another one.\n")?;
        }
        writeln!(
            formatter,
            "  THIS IS A DEMO. No Instagram app is configured, so a simulated Instagram"
        )?;
        writeln!(
            formatter,
            "  runs at {}; nothing here comes from the real one.\n",
            self.instagram
        )?;
        let password = self.password.as_deref();
        writeln!(formatter, "  Log in     {}", self.email)?;
        writeln!(
            formatter,
            "  Password   {}",
            password.unwrap_or("(changed since the demo was created)")
        )?;
        match self.feed {
            Some(feed) => writeln!(
                formatter,
                "  Photos     curl -s '{base}/v1/feeds/{feed}/photos?key={}'\n",
                self.key
            ),
            None => writeln!(
                formatter,
                "  Photos     (the feed was deleted; POST /v1/feeds makes another)\n"
            ),
        }
    }
}
