//! Settings that hold a secret: read without ever being repeated, shown as `[set]` or `[not set]`.

use std::fmt;
use std::path::Path;

use secrecy::{ExposeSecret, SecretString};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use url::Url;
use vitrine_base::security::MasterKey;
use vitrine_people::mail::Relay;
use vitrine_redis::Address;

/// An address that may carry a password. `Debug`, `Display` and `Serialize` show it without.
#[derive(Clone)]
pub(crate) struct SecretUrl {
    full: SecretString,
    shown: String,
}

impl SecretUrl {
    /// The address of a SQLite file.
    pub(crate) fn sqlite_file(path: &Path) -> Self {
        let escaped = path.display().to_string().replace('%', "%25").replace('?', "%3F");
        let shown = format!("sqlite://{escaped}?mode=rwc");
        Self {
            full: SecretString::from(shown.clone()),
            shown,
        }
    }

    /// The whole address, password included.
    pub(crate) fn full(&self) -> &SecretString {
        &self.full
    }

    fn parse(text: String, schemes: &[&str]) -> Result<Self, String> {
        let wanted = || format!("must be an address that begins with {}", join(schemes));
        let scheme = schemes
            .iter()
            .find(|scheme| text.starts_with(**scheme))
            .ok_or_else(wanted)?;
        let shown = if scheme.ends_with("//") {
            if has_plain_signs(&text) {
                return Err(ENCODED.to_owned());
            }
            without_password(&text).ok_or_else(wanted)?
        } else {
            text.clone()
        };
        Ok(Self {
            full: SecretString::from(text),
            shown,
        })
    }
}

/// What is asked of whoever put a password as it is into an address.
const ENCODED: &str = "has a character in its user or password with a meaning in addresses; write such characters \
     percent-encoded: # as %23, / as %2F, ? as %3F, @ as %40, : as %3A, % as %25";

/// Whether a sign of the user or the password ends the host's part too early, so that its `@` comes after it. A
/// parameter may hold an `@`.
fn has_plain_signs(address: &str) -> bool {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let (host, more) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let torn = more
        .split_once('@')
        .is_some_and(|(before, _)| !before.contains('='));
    rest.contains('#') || host.matches('@').count() > 1 || (torn && !host.contains('@'))
}

impl fmt::Debug for SecretUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.shown)
    }
}

impl fmt::Display for SecretUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.shown)
    }
}

impl Serialize for SecretUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.shown)
    }
}

/// Reads `security.master_key`.
pub(super) fn master_key<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<MasterKey>, D::Error> {
    let text = SecretString::deserialize(deserializer)?;
    MasterKey::from_base64(text.expose_secret())
        .map(Some)
        .map_err(D::Error::custom)
}

/// Reads `security.previous_master_keys`.
pub(super) fn master_keys<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<MasterKey>, D::Error> {
    // The words of the reader would repeat what it cannot read.
    let texts = super::lists::words(deserializer)
        .map_err(|_| D::Error::custom("must be a list of keys in base64, in the environment a JSON array"))?;
    let keys = texts.into_iter().map(SecretString::from);
    keys.map(|text| MasterKey::from_base64(text.expose_secret()))
        .collect::<Result<_, _>>()
        .map_err(D::Error::custom)
}

/// Shows how many secrets are there.
pub(super) fn how_many<S: Serializer, T>(secrets: &[T], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(secrets.iter().map(|_| "[set]"))
}

/// Reads `database.url`.
pub(super) fn database_url<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<SecretUrl>, D::Error> {
    let found = address(deserializer, &["postgres://", "postgresql://", "sqlite:"])?;
    match found.as_ref().and_then(unknown_parameter) {
        Some(name) => Err(D::Error::custom(format!(
            "has a parameter that is not supported in a Postgres address: {name}"
        ))),
        None => Ok(found),
    }
}

/// What may stand behind the `?` of an address of Postgres; the driver passes over everything else.
const POSTGRES_PARAMETERS: [&str; 16] = [
    "sslmode",
    "ssl-mode",
    "sslrootcert",
    "ssl-root-cert",
    "ssl-ca",
    "sslcert",
    "ssl-cert",
    "sslkey",
    "ssl-key",
    "statement-cache-capacity",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "application_name",
];

fn unknown_parameter(url: &SecretUrl) -> Option<String> {
    let url = Url::parse(url.full().expose_secret()).ok()?;
    let known = |name: &str| {
        POSTGRES_PARAMETERS.contains(&name)
            || ["password", "options"].contains(&name)
            || name.starts_with("options[")
    };
    let mut names = url.query_pairs().map(|(name, _)| name.into_owned());
    names.find(|name| url.scheme().starts_with("postgres") && !known(name))
}

/// Reads `redis.url`.
pub(super) fn redis_url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SecretUrl>, D::Error> {
    let schemes = ["redis://", "rediss://", "redis+cluster://", "rediss+cluster://"];
    let found = address(deserializer, &schemes)?;
    match &found {
        // The reason may repeat a part of the address.
        Some(url) if Address::read(url.full().expose_secret()).is_err() => Err(D::Error::custom(
            "must be redis://host:port/database, which may be written ?db=2, or redis+cluster://host:port?node=host:port",
        )),
        _ => Ok(found),
    }
}

/// Reads `mail.url`.
pub(super) fn mail_url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SecretUrl>, D::Error> {
    let found = address(deserializer, &["smtp://", "smtps://"])?;
    match &found {
        Some(url) => Relay::read(url.full().expose_secret(), String::new())
            .map(|_| found)
            .map_err(D::Error::custom),
        None => Ok(None),
    }
}

/// Reads `storage.url`.
pub(super) fn storage_url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SecretUrl>, D::Error> {
    address(deserializer, &["file://", "s3://"])
}

/// Shows whether a secret is there.
pub(super) fn presence<S: Serializer, T>(secret: &Option<T>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(if secret.is_some() { "[set]" } else { "[not set]" })
}

/// Shows an address without its password, or that there is none.
pub(super) fn address_or_unset<S: Serializer>(
    address: &Option<SecretUrl>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(address.as_ref().map_or("[not set]", |address| &address.shown))
}

fn address<'de, D: Deserializer<'de>>(
    deserializer: D,
    schemes: &[&str],
) -> Result<Option<SecretUrl>, D::Error> {
    let text = SecretString::deserialize(deserializer)?;
    SecretUrl::parse(text.expose_secret().to_owned(), schemes)
        .map(Some)
        .map_err(D::Error::custom)
}

/// A query may carry a password too, so it is left out.
fn without_password(text: &str) -> Option<String> {
    let mut url = Url::parse(text).ok()?;
    if url.password().is_some() {
        url.set_password(None).ok()?;
        let user = url.username().to_owned();
        url.set_username(&format!("{user}:[set]")).ok()?;
    }
    url.set_query(None);
    url.set_fragment(None);
    Some(
        url.as_str()
            .replacen("%3A[set]", ":[set]", 1)
            .replacen("%3A%5Bset%5D", ":[set]", 1),
    )
}

fn join(schemes: &[&str]) -> String {
    schemes.join(" or ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        SecretUrl::parse(
            text.to_owned(),
            &["postgres://", "redis://", "redis+cluster://", "sqlite:"],
        )
        .unwrap()
        .to_string()
    }

    #[test]
    fn an_address_is_shown_without_its_password() {
        assert_eq!(
            shown("postgres://me:hunter2@db:5432/vitrine"),
            "postgres://me:[set]@db:5432/vitrine"
        );
        assert_eq!(
            shown("postgres://db/vitrine?password=hunter2"),
            "postgres://db/vitrine"
        );
        assert_eq!(shown("redis://:hunter2@cache/0"), "redis://:[set]@cache/0");
        assert_eq!(
            shown("redis+cluster://me:hunter2@one:7000?node=two:7001"),
            "redis+cluster://me:[set]@one:7000"
        );
        assert_eq!(shown("sqlite:data/vitrine.db"), "sqlite:data/vitrine.db");
    }

    #[test]
    fn a_refused_address_is_not_repeated() {
        for bad in [
            "mysql://me:hunter2@db",
            "postgres://me:hunter2@db:port/x",
            "hunter2",
        ] {
            let error = SecretUrl::parse(bad.to_owned(), &["postgres://"]).unwrap_err();
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn debug_hides_the_password() {
        let url = SecretUrl::parse("redis://:hunter2@cache".to_owned(), &["redis://"]).unwrap();
        assert!(!format!("{url:?}").contains("hunter2"));
    }
}
