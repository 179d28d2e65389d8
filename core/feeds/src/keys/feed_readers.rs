//! Who may read a feed, with which key and on which page: the rule alone, without a request and a database.
//!
//! Whether a key is still valid was settled by [`ApiKeys`](super::ApiKeys), which hands out no other.

use super::{KeyCaller, Scope};
use vitrine_base::web::origin_pattern::is_among;
use vitrine_entity::{TenantId, api_key::KeyKind, feed};

/// What a key needs for something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyNeed {
    /// No key will do, only a person.
    NoKey,
    /// A secret key with this scope.
    SecretKey(Scope),
    /// Any key with this scope.
    AnyKey(Scope),
}

impl KeyNeed {
    /// What reading a feed takes.
    pub const READ_FEED: Self = Self::AnyKey(Scope::FeedsRead);

    /// Whether a key of this kind with these scopes is enough.
    ///
    /// # Errors
    /// The refusal, when it is not.
    pub fn check(self, kind: KeyKind, scopes: &[Scope]) -> Result<(), AccessRefusal> {
        let scope = match self {
            Self::NoKey => return Err(AccessRefusal::PeopleOnly),
            Self::SecretKey(_) if kind == KeyKind::Publishable => return Err(AccessRefusal::SecretKeyOnly),
            Self::SecretKey(scope) | Self::AnyKey(scope) => scope,
        };
        match scopes.contains(&scope) {
            true => Ok(()),
            false => Err(AccessRefusal::ScopeMissing(scope)),
        }
    }
}

/// Why a valid key does not open something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccessRefusal {
    /// No key opens it.
    #[error("no API key opens this")]
    PeopleOnly,
    /// A publishable key does not open it.
    #[error("this needs a secret key")]
    SecretKeyOnly,
    /// The key's owner did not give it this scope.
    #[error("this needs a key with the scope {0}")]
    ScopeMissing(Scope),
    /// The page that asks is of an origin that the key or the feed does not name.
    #[error("pages of this origin are not allowed")]
    OriginNotAllowed,
    /// The feed is another tenant's.
    #[error("the feed does not exist")]
    FeedOfAnother,
}

/// Which pages may read an answer that is not refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readers {
    /// All, since neither key nor feed names origins.
    AnyPage,
    /// The page that asks, since its origin is named.
    AskingPage,
    /// None, since origins are named and no page asks: whoever sends no `Origin` is a program.
    NoPage,
}

impl Readers {
    /// Which pages may read what names these origins; none named restricts nothing. `origin` is that of the page that
    /// asks, none where it is no page.
    fn of(allowed: &[String], origin: Option<&str>) -> Result<Self, AccessRefusal> {
        match origin {
            _ if allowed.is_empty() => Ok(Self::AnyPage),
            None => Ok(Self::NoPage),
            Some(origin) if is_among(allowed, origin) => Ok(Self::AskingPage),
            Some(_) => Err(AccessRefusal::OriginNotAllowed),
        }
    }

    /// Which pages may read this feed, where these may read what the caller's credential opens.
    ///
    /// # Errors
    /// [`AccessRefusal::FeedOfAnother`], [`AccessRefusal::OriginNotAllowed`].
    pub fn of_feed(
        self,
        tenant: TenantId,
        feed: &feed::Model,
        origin: Option<&str>,
    ) -> Result<Self, AccessRefusal> {
        if feed.tenant_id != tenant {
            return Err(AccessRefusal::FeedOfAnother);
        }
        match Self::of(&feed.allowed_origins.0, origin)? {
            Self::AnyPage => Ok(self),
            restricted => Ok(restricted),
        }
    }
}

impl KeyCaller {
    /// Which pages may read what this key opens, whatever that is.
    ///
    /// # Errors
    /// [`AccessRefusal::OriginNotAllowed`].
    pub fn readers(&self, origin: Option<&str>) -> Result<Readers, AccessRefusal> {
        Readers::of(&self.allowed_origins, origin)
    }

    /// The same, if the key is enough for `need`.
    ///
    /// # Errors
    /// [`AccessRefusal`], the page's before the key's.
    pub fn admit(&self, need: KeyNeed, origin: Option<&str>) -> Result<Readers, AccessRefusal> {
        let readers = self.readers(origin)?;
        need.check(self.kind, &self.scopes).map(|()| readers)
    }

    /// Whether this key may read this feed on the page that asks, and which pages may then read the answer.
    ///
    /// This is the whole rule at once, for those who have key and feed at hand. Where the feed has to be fetched first,
    /// [`KeyCaller::admit`] comes before and [`Readers::of_feed`] after.
    ///
    /// # Errors
    /// [`AccessRefusal`].
    pub fn read_feed(&self, feed: &feed::Model, origin: Option<&str>) -> Result<Readers, AccessRefusal> {
        self.admit(KeyNeed::READ_FEED, origin)?
            .of_feed(self.tenant, feed, origin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::feed_settings::new_feed;
    use chrono::{DateTime, TimeDelta};
    use vitrine_entity::{ApiKeyId, StringList, Time, api_key};

    const NOW: Time = DateTime::UNIX_EPOCH;
    const OURS: &str = "https://www.example.com";
    const SHOP: &str = "https://shop.example";
    const OTHER: &str = "https://evil.example";

    fn list(origins: &[&str]) -> Vec<String> {
        origins.iter().map(ToString::to_string).collect()
    }

    fn key_row(tenant: TenantId) -> api_key::Model {
        api_key::Model {
            id: ApiKeyId::generate(),
            tenant_id: tenant,
            name: "site".to_owned(),
            kind: KeyKind::Publishable,
            prefix: "vt_pk_1234".to_owned(),
            hash: String::new(),
            scopes: ["feeds:read"].into_iter().collect(),
            allowed_origins: StringList::default(),
            created_by: None,
            created_at: NOW,
            expires_at: None,
            last_used_at: None,
            revoked_at: None,
            rotated_at: None,
            replaced_by: None,
        }
    }

    fn key(tenant: TenantId, change: impl FnOnce(&mut api_key::Model)) -> KeyCaller {
        let mut row = key_row(tenant);
        change(&mut row);
        row.into()
    }

    fn feed(tenant: TenantId, origins: &[&str]) -> feed::Model {
        let mut feed = new_feed(tenant, "Shop", NOW);
        feed.allowed_origins = StringList(list(origins));
        feed
    }

    /// What comes of a read, validity first, as both ways to a feed have it.
    fn outcome(key: &KeyCaller, feed: &feed::Model, origin: Option<&str>) -> String {
        if let Err(ended) = key.check(NOW) {
            return format!("{ended:?}");
        }
        match key.read_feed(feed, origin) {
            Ok(readers) => format!("{readers:?}"),
            Err(refusal) => format!("{refusal:?}"),
        }
    }

    #[test]
    fn a_key_reads_the_feeds_of_its_tenant_while_it_is_valid() {
        let (ours, others) = (TenantId::generate(), TenantId::generate());
        let past = Some(NOW - TimeDelta::seconds(1));
        let fine = |_: &mut api_key::Model| {};
        let feed_of = |tenant| feed(tenant, &[]);
        for (key, feed, expected) in [
            (key(ours, fine), feed_of(ours), "AnyPage"),
            (
                key(ours, |key| key.kind = KeyKind::Secret),
                feed_of(ours),
                "AnyPage",
            ),
            (key(ours, fine), feed_of(others), "FeedOfAnother"),
            (key(others, fine), feed_of(ours), "FeedOfAnother"),
            (key(ours, |key| key.revoked_at = past), feed_of(ours), "Revoked"),
            (key(ours, |key| key.expires_at = past), feed_of(ours), "Expired"),
            (
                key(ours, |key| key.expires_at = Some(NOW)),
                feed_of(ours),
                "Expired",
            ),
            (
                key(ours, |key| (key.rotated_at, key.expires_at) = (past, past)),
                feed_of(ours),
                "Rotated",
            ),
            (
                key(ours, |key| key.scopes = StringList::default()),
                feed_of(ours),
                "ScopeMissing(FeedsRead)",
            ),
            (
                key(ours, |key| key.scopes = ["feeds:write"].into_iter().collect()),
                feed_of(ours),
                "ScopeMissing(FeedsRead)",
            ),
        ] {
            assert_eq!(outcome(&key, &feed, None), expected, "{key:?}");
        }
    }

    #[test]
    fn key_and_feed_must_both_allow_the_page() {
        let tenant = TenantId::generate();
        let (any, refused) = ("AnyPage", "OriginNotAllowed");
        let both: &[&str] = &[OURS, SHOP];
        for (of_key, of_feed, origin, expected) in [
            (&[][..], &[][..], None, any),
            (&[], &[], Some(OTHER), any),
            (&[OURS], &[], Some(OURS), "AskingPage"),
            (&[], &[OURS], Some(OURS), "AskingPage"),
            (both, &[SHOP], Some(SHOP), "AskingPage"),
            (both, &[SHOP], Some(OURS), refused),
            (&[SHOP], both, Some(OURS), refused),
            (&[OURS], &[SHOP], Some(SHOP), refused),
            (&[OURS], &[], Some(OTHER), refused),
            (&[], &[OURS], Some(OTHER), refused),
            (&[OURS], &[], Some(""), refused),
            (&[OURS], &[], None, "NoPage"),
            (&[], &[OURS], None, "NoPage"),
            (&[OURS], &[SHOP], None, "NoPage"),
        ] {
            let key = key(tenant, |key| key.allowed_origins = StringList(list(of_key)));
            let outcome = outcome(&key, &feed(tenant, of_feed), origin);
            assert_eq!(outcome, expected, "{of_key:?} {of_feed:?} {origin:?}");
        }
    }

    #[test]
    fn the_page_is_refused_before_the_key() {
        let key = key(TenantId::generate(), |key| {
            key.allowed_origins = StringList(list(&[OURS]));
            key.scopes = StringList::default();
        });

        assert_eq!(
            key.admit(KeyNeed::READ_FEED, Some(OTHER)),
            Err(AccessRefusal::OriginNotAllowed)
        );
    }

    #[test]
    fn a_named_page_is_let_in() {
        let allowed = list(&["https://shop.example", "https://*.example.com"]);

        for origin in [
            "https://shop.example",
            "https://www.example.com",
            "https://a.b.example.com",
        ] {
            assert_eq!(
                Readers::of(&allowed, Some(origin)),
                Ok(Readers::AskingPage),
                "{origin}"
            );
        }
    }

    #[test]
    fn other_pages_are_refused() {
        let allowed = list(&["https://shop.example", "https://*.example.com"]);
        let others = [
            "https://shop.example.evil",
            "http://shop.example",
            "https://shop.example:8443",
            "https://example.com",
            "https://notexample.com",
            "https://evil.test/.example.com",
            "https://evil.test:1.example.com",
            "http://www.example.com",
            "null",
            "https://.example.com",
        ];

        for origin in others {
            let refused = Readers::of(&allowed, Some(origin));
            assert_eq!(refused, Err(AccessRefusal::OriginNotAllowed), "{origin}");
        }
    }
}
