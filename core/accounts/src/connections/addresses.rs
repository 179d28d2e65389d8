//! Where Instagram and the built-in callback may send a browser.

use super::{ConnectError, Connections};
use url::Url;
use vitrine_base::{validation::Check, web::address::is_web_address, web::origin_pattern::is_among};
use vitrine_entity::TenantId;

const LONGEST_ADDRESS: usize = 2_000;

impl Connections {
    /// Gives the whole address to return to.
    pub(super) async fn check_addresses(
        &self,
        tenant: TenantId,
        redirect_uri: Option<&str>,
        return_to: Option<&str>,
    ) -> Result<Option<String>, ConnectError> {
        let mut check = Check::default();
        if let Some(address) = redirect_uri
            && !self.may_redirect_to(address)
        {
            check.refuse(
                "redirect_uri",
                "not_allowed",
                "must be an https address, and on the server's list if there is one",
            );
        }
        let return_to = return_to.map(|address| self.resolved(address));
        let allowed = match &return_to {
            None => true,
            Some(None) => false,
            Some(Some(url)) => self.may_return_to(tenant, url).await?,
        };
        if !allowed {
            check.refuse(
                "return_to",
                "not_allowed",
                "must be on this server or on one of the tenant's allowed_origins",
            );
        }
        check.finish().map_err(ConnectError::Invalid)?;
        Ok(return_to.flatten().map(String::from))
    }

    fn may_redirect_to(&self, address: &str) -> bool {
        let known = &self.settings.redirect_uris;
        let listed = known.is_empty() || known.iter().any(|one| one == address);
        let plain = address.len() <= LONGEST_ADDRESS && !address.chars().any(char::is_control);
        let safe = plain && Url::parse(address).is_ok_and(|url| is_web_address(&url));
        address == self.settings.callback() || (listed && safe)
    }

    async fn may_return_to(&self, tenant: TenantId, url: &Url) -> Result<bool, ConnectError> {
        // `blob:` and `filesystem:` addresses have the origin of the page that made them.
        if !matches!(url.scheme(), "http" | "https") {
            return Ok(false);
        }
        if url.origin() == self.settings.public_url.origin() {
            return Ok(url.username().is_empty() && url.password().is_none());
        }
        let tenant = self.tenant(tenant).await?;
        let origin = url.origin().ascii_serialization();
        Ok(is_web_address(url) && is_among(&tenant.allowed_origins.0, &origin))
    }

    /// The whole address of a place on this server (`/accounts`), or of a page elsewhere.
    fn resolved(&self, address: &str) -> Option<Url> {
        let public_url = &self.settings.public_url;
        let root = public_url.as_str().trim_end_matches('/');
        let is_here = address.starts_with('/') && !address.starts_with("//") && !address.contains('\\');
        let resolved = match is_here {
            true => Url::parse(&format!("{root}{address}")),
            false => public_url.join(address),
        };
        let short = address.len() <= LONGEST_ADDRESS;
        resolved.ok().filter(|_| short && !address.is_empty())
    }
}
