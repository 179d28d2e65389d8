//! What a person reads who started everything in front of the real Instagram.

use std::fmt::{self, Display, Formatter};

use url::Url;

/// Where the server is reached, and what is next.
pub(super) struct Welcome<'a> {
    pub(super) public_url: &'a Url,
    /// Whether anybody may register.
    pub(super) is_open: bool,
    /// Whether somebody has registered before.
    pub(super) is_used: bool,
}

impl Display for Welcome<'_> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let base = self.public_url.as_str().trim_end_matches('/');
        writeln!(formatter, "Vitrine runs at {base}/\n")?;
        if self.is_used {
            writeln!(
                formatter,
                "  Meta's app dashboard needs these under Business login settings:"
            )?;
            addresses(formatter, base)?;
        } else {
            writeln!(formatter, "  Next steps")?;
            writeln!(
                formatter,
                "  1. Enter these under Business login settings in Meta's app dashboard:"
            )?;
            addresses(formatter, base)?;
            steps(formatter, base, self.is_open)?;
        }
        if !self.is_open {
            writeln!(formatter, "  Registration is closed (signup.enabled = false).")?;
        }
        writeln!(
            formatter,
            "  Read about all requests and try them at {base}/docs\n"
        )
    }
}

fn addresses(formatter: &mut Formatter<'_>, base: &str) -> fmt::Result {
    writeln!(
        formatter,
        "       OAuth redirect   {base}/v1/oauth/instagram/callback"
    )?;
    writeln!(
        formatter,
        "       Deauthorize      {base}/v1/instagram/deauthorize"
    )?;
    writeln!(
        formatter,
        "       Data deletion    {base}/v1/instagram/data-deletion"
    )
}

fn steps(formatter: &mut Formatter<'_>, base: &str, is_open: bool) -> fmt::Result {
    if !is_open {
        return writeln!(
            formatter,
            "  2. Nobody is registered yet: set signup.enabled = true, start again, and register."
        );
    }
    writeln!(
        formatter,
        "  2. Register a site      POST {base}/v1/auth/register"
    )?;
    writeln!(
        formatter,
        "  3. Connect an account   POST {base}/v1/accounts/connect"
    )?;
    writeln!(formatter, "  4. Create a key         POST {base}/v1/api-keys")
}
