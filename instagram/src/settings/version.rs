//! The Graph API version that is put into paths.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A Graph API version such as `v25.0`.
///
/// Always pinned, because an unversioned path is answered by the app's own default version. The default
/// here is `v25.0`, the one Instagram's pages print; Meta keeps it until 2028-07-29.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ApiVersion(String);

/// The text is not of the form `v25.0`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("an API version looks like \"v25.0\"")]
pub struct InvalidApiVersion;

impl ApiVersion {
    /// The version as it stands in a path, with its `v`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for ApiVersion {
    fn default() -> Self {
        Self("v25.0".to_owned())
    }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for ApiVersion {
    type Err = InvalidApiVersion;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::try_from(text.to_owned())
    }
}

impl TryFrom<String> for ApiVersion {
    type Error = InvalidApiVersion;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let (major, minor) = text
            .strip_prefix('v')
            .and_then(|rest| rest.split_once('.'))
            .ok_or(InvalidApiVersion)?;
        if is_short_number(major) && is_short_number(minor) {
            Ok(Self(text))
        } else {
            Err(InvalidApiVersion)
        }
    }
}

impl From<ApiVersion> for String {
    fn from(version: ApiVersion) -> Self {
        version.0
    }
}

fn is_short_number(text: &str) -> bool {
    (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_a_v_and_two_numbers() {
        for good in ["v25.0", "v26.0", "v9.0"] {
            assert_eq!(good.parse::<ApiVersion>().unwrap().to_string(), good);
        }
        for bad in [
            "", "25.0", "v25", "v25.", "v.0", "v25.0/me", "v25.0.1", "V25.0", "v25.x", "v2500.0",
        ] {
            assert_eq!(bad.parse::<ApiVersion>(), Err(InvalidApiVersion), "{bad}");
        }
    }

    #[test]
    fn a_version_is_checked_when_it_is_deserialized() {
        assert_eq!(
            serde_json::from_str::<ApiVersion>("\"v26.0\"").unwrap().as_str(),
            "v26.0"
        );
        assert!(serde_json::from_str::<ApiVersion>("\"../me\"").is_err());
    }
}
