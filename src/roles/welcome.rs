//! What a person reads who started everything in front of the real Instagram.

use std::fmt::{self, Display, Formatter};

use url::Url;

/// Where the server is reached, and what is next.
pub(super) struct Welcome<'a>(pub(super) &'a Url);

impl Display for Welcome<'_> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let base = self.0.as_str().trim_end_matches('/');
        writeln!(formatter, "Vitrine runs at {base}/\n")?;
        writeln!(formatter, "  What is next")?;
        writeln!(
            formatter,
            "  1. Enter these under Business login settings in Meta's app dashboard:"
        )?;
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
        )?;
        writeln!(
            formatter,
            "  2. Register a site      POST {base}/v1/auth/register"
        )?;
        writeln!(
            formatter,
            "  3. Connect an account   POST {base}/v1/accounts/connect"
        )?;
        writeln!(formatter, "  4. Make a key           POST {base}/v1/api-keys")?;
        writeln!(formatter, "  All requests can be read and tried at {base}/docs\n")
    }
}
