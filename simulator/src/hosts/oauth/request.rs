//! What an app asks of a person, checked.

use url::Url;

use crate::platform::Platform;
use crate::wire::Form;

/// A consent request that may be shown to a person.
#[derive(Debug, Clone)]
pub(super) struct ConsentRequest {
    pub(super) redirect_uri: String,
    pub(super) scopes: Vec<&'static str>,
    pub(super) state: Option<String>,
    /// The account to preselect.
    pub(super) account: Option<String>,
}

impl ConsentRequest {
    /// Checks the parameters in the order the platform does; the error is the text of its own page.
    pub(super) fn check(platform: &Platform, form: &Form) -> Result<Self, String> {
        let client_id = form.get("client_id").or_else(|| form.get("app_id"));
        if client_id != Some(platform.settings.client_id.as_str()) {
            return Err("Invalid platform app".to_owned());
        }
        let redirect_uri = form.get("redirect_uri").unwrap_or_default();
        if !is_registered(platform, redirect_uri) {
            return Err("Invalid redirect_uri".to_owned());
        }
        if form.get("response_type") != Some("code") {
            return Err("Invalid response_type".to_owned());
        }
        Ok(Self {
            redirect_uri: redirect_uri.to_owned(),
            scopes: scopes(platform, form.get("scope").unwrap_or_default())?,
            state: form.all("state").next().map(str::to_owned),
            account: form.get("account").map(str::to_owned),
        })
    }

    /// The address to send the browser to. Instagram appends `#_` to it.
    pub(super) fn redirect(&self, pairs: &[(&str, &str)], fragment: &str) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(pairs);
        if let Some(state) = &self.state {
            query.append_pair("state", state);
        }
        let joint = if self.redirect_uri.contains('?') { '&' } else { '?' };
        format!("{}{joint}{}{fragment}", self.redirect_uri, query.finish())
    }
}

/// Whether a redirect URI is an absolute http(s) URL, and one of the registered ones, byte for byte.
pub(super) fn is_registered(platform: &Platform, redirect_uri: &str) -> bool {
    platform.switches.is_registered(redirect_uri)
        && Url::parse(redirect_uri)
            .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

fn scopes(platform: &Platform, text: &str) -> Result<Vec<&'static str>, String> {
    let dialect = platform.dialect();
    let mut wanted = Vec::new();
    for name in text.split([',', ' ', '+']).filter(|name| !name.is_empty()) {
        match dialect.scopes().iter().find(|known| **known == name) {
            Some(known) if !wanted.contains(known) => wanted.push(*known),
            Some(_) => {}
            None => return Err(format!("Invalid scope: ['{name}']")),
        }
    }
    if !wanted.contains(&dialect.required_scope()) {
        return Err("Invalid scope".to_owned());
    }
    Ok(wanted)
}
