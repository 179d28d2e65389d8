//! The shapes of answers seen in the wild, one switch each.

use serde::{Deserialize, Serialize};

/// One switch for each point on which the platform has been seen to answer in more than one way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Modes {
    /// Around the answer of the code exchange.
    pub envelope: Envelope,
    /// How the code exchange writes `user_id`.
    pub user_id: UserIdType,
    /// Which id the code exchange gives as `user_id`; Basic Display always gives the professional one.
    pub exchange_id: ExchangeId,
    /// How the code exchange writes `permissions`; Basic Display never writes it.
    pub permissions: PermissionsShape,
    /// Refuses an urlencoded exchange with the misleading text about the redirect URI.
    pub multipart_only: bool,
    /// Adds `error_subcode` to code 190 bodies; the live host leaves it out.
    pub subcodes: bool,
    /// What a refresh gives back.
    pub refresh: RefreshedToken,
    /// What a refresh under 24 hours of age gives.
    pub early_refresh: EarlyRefresh,
    /// Where an account without the tester role is refused.
    pub missing_role: MissingRole,
    /// Writes `/` as `\/`, non-ASCII as `\uXXXX` and `%` in links as `\u0025`.
    pub escape_json: bool,
    /// Sends `Cross-Origin-Resource-Policy: same-origin` with files.
    pub corp_header: bool,
    /// Lists reels that live in the Reels tab only. Off, they still count in `media_count`.
    pub list_unshared_reels: bool,
    /// Characters of an access token; about 184 is usual, over 255 has been seen.
    pub token_length: usize,
}

impl Default for Modes {
    fn default() -> Self {
        Self {
            envelope: Envelope::Flat,
            user_id: UserIdType::Number,
            exchange_id: ExchangeId::AppScoped,
            permissions: PermissionsShape::Array,
            multipart_only: false,
            subcodes: false,
            refresh: RefreshedToken::New,
            early_refresh: EarlyRefresh::Refuse,
            missing_role: MissingRole::AtConsent,
            escape_json: true,
            corp_header: false,
            list_unshared_reels: false,
            token_length: 184,
        }
    }
}

/// What stands around the answer of the code exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Envelope {
    /// The object itself.
    Flat,
    /// `{"data":[{…}]}`, as documented.
    Data,
}

/// How a user id is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserIdType {
    /// An unquoted integer above 2^53.
    Number,
    /// A string.
    String,
}

/// Which id the code exchange gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExchangeId {
    /// A scoped id that is neither `/me.id` nor `/me.user_id`.
    AppScoped,
    /// The professional id, equal to `/me.user_id`.
    Professional,
}

/// How granted permissions are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PermissionsShape {
    /// A list of strings.
    Array,
    /// One comma-separated string.
    String,
    /// Left out.
    Absent,
}

/// What a refresh gives back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefreshedToken {
    /// A new string; the old one lives on until its own end.
    New,
    /// The same string with a later end.
    Same,
}

/// What a refresh of a token younger than 24 hours gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EarlyRefresh {
    /// An error of code 100; its text is invented, none is documented.
    Refuse,
    /// The same token with what is left of its life.
    Unchanged,
}

/// Where an account without the tester role is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MissingRole {
    /// On the consent page, with `Insufficient developer role`.
    AtConsent,
    /// Consent and exchange work, then every Graph call is refused.
    AtGraph,
}
