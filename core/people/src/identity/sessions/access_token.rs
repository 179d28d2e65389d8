//! Short-lived JWTs with pinned algorithm, issuer, audience and key id (RFC 8725).

use crate::identity::IdentityError;
use chrono::TimeDelta;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use vitrine_base::security::KeyRing;
use vitrine_entity::{SessionId, TenantId, Time, UserId, sealing_key::KeyUse};

const ALGORITHM: Algorithm = Algorithm::HS256;
const AUDIENCE: &str = "vitrine-api";
/// Another kind of token is refused even if it were signed with the same key.
const TYPE: &str = "at+jwt";
const PURPOSE: &str = "vitrine 2026 access tokens";
/// How long tokens of a key are read on that signs no more: until its last ones ran out.
const READ_ON: Duration = Duration::from_mins(20);

/// Makes and reads access tokens.
#[derive(Clone)]
pub(in crate::identity) struct AccessTokens {
    issuer: String,
    ring: KeyRing,
}

/// What a token says; the role is looked up instead, so that a change of it counts at once.
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: UserId,
    tid: TenantId,
    sid: SessionId,
    iat: i64,
    exp: i64,
}

/// Who a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::identity) struct Bearer {
    /// The tenant.
    pub(in crate::identity) tenant: TenantId,
    /// The person.
    pub(in crate::identity) user: UserId,
    /// The sign-in.
    pub(in crate::identity) session: SessionId,
}

impl AccessTokens {
    /// How long a token opens the API.
    pub(in crate::identity) const LIFETIME: Duration = Duration::from_mins(15);

    /// Tokens of this issuer under these keys.
    pub(in crate::identity) fn new(ring: &KeyRing, issuer: String) -> Self {
        Self {
            issuer,
            ring: ring.clone(),
        }
    }

    /// A token for one session.
    ///
    /// # Errors
    /// [`IdentityError::Signing`].
    pub(in crate::identity) fn issue(
        &self,
        bearer: Bearer,
        now: Time,
    ) -> Result<SecretString, IdentityError> {
        let key = self.ring.active(KeyUse::Sign, PURPOSE);
        let mut header = Header::new(ALGORITHM);
        header.kid = Some(key.id);
        header.typ = Some(TYPE.to_owned());
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: AUDIENCE.to_owned(),
            sub: bearer.user,
            tid: bearer.tenant,
            sid: bearer.session,
            iat: now.timestamp(),
            exp: (now + TimeDelta::from_std(Self::LIFETIME).unwrap_or_default()).timestamp(),
        };
        encode(&header, &claims, &EncodingKey::from_secret(&*key.secret))
            .map(SecretString::from)
            .map_err(IdentityError::Signing)
    }

    /// Whose token this is.
    ///
    /// # Errors
    /// [`IdentityError::ExpiredToken`] for one of ours that is too old, otherwise
    /// [`IdentityError::InvalidToken`].
    pub(in crate::identity) fn read(&self, token: &str, now: Time) -> Result<Bearer, IdentityError> {
        let header = decode_header(token).map_err(|_| IdentityError::InvalidToken)?;
        let keys = self.ring.accepted(PURPOSE, READ_ON);
        let key = keys.iter().find(|key| header.kid.as_ref() == Some(&key.id));
        let Some(key) = key.filter(|_| header.typ.as_deref() == Some(TYPE)) else {
            return Err(IdentityError::InvalidToken);
        };
        let key = DecodingKey::from_secret(&*key.secret);
        let claims = decode::<Claims>(token, &key, &self.validation());
        let claims = claims.map_err(|_| IdentityError::InvalidToken)?.claims;
        if claims.exp <= now.timestamp() {
            return Err(IdentityError::ExpiredToken);
        }
        Ok(Bearer {
            tenant: claims.tid,
            user: claims.sub,
            session: claims.sid,
        })
    }

    /// Expiry is left to the caller's clock: the library knows only the machine's.
    fn validation(&self) -> Validation {
        let mut validation = Validation::new(ALGORITHM);
        validation.validate_exp = false;
        validation.set_audience(&[AUDIENCE]);
        validation.set_issuer(&[&self.issuer]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;
    use std::sync::Arc;
    use vitrine_base::{
        clock::{Clock, SystemClock, later},
        security::MasterKey,
    };

    fn tokens(byte: u8, issuer: &str) -> AccessTokens {
        let master = MasterKey::from_bytes([byte; 32]);
        AccessTokens::new(
            &KeyRing::from_master_key(&master, Arc::new(SystemClock)),
            issuer.to_owned(),
        )
    }

    fn bearer() -> Bearer {
        Bearer {
            tenant: TenantId::generate(),
            user: UserId::generate(),
            session: SessionId::generate(),
        }
    }

    #[test]
    fn a_token_lives_for_a_quarter_of_an_hour() {
        let (tokens, bearer, now) = (tokens(1, "https://a"), bearer(), SystemClock.now());
        let token = tokens.issue(bearer, now).unwrap();

        let in_time = later(now, Duration::from_secs(15 * 60 - 1));
        let too_late = later(now, Duration::from_mins(15));
        assert_eq!(tokens.read(token.expose_secret(), in_time).unwrap(), bearer);
        assert!(matches!(
            tokens.read(token.expose_secret(), too_late),
            Err(IdentityError::ExpiredToken)
        ));
    }

    #[test]
    fn tokens_of_others_are_refused() {
        let now = SystemClock.now();
        let other_key = tokens(2, "https://a").issue(bearer(), now).unwrap();
        let other_issuer = tokens(1, "https://b").issue(bearer(), now).unwrap();
        let none = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.";

        for token in [
            other_key.expose_secret(),
            other_issuer.expose_secret(),
            none,
            "",
            "a.b.c",
        ] {
            assert!(matches!(
                tokens(1, "https://a").read(token, now),
                Err(IdentityError::InvalidToken)
            ));
        }
    }

    /// A token that is signed with the right key, whatever else it says.
    fn signed(
        tokens: &AccessTokens,
        now: Time,
        change: impl Fn(&mut Header, &mut serde_json::Value),
    ) -> String {
        let key = tokens.ring.active(KeyUse::Sign, PURPOSE);
        let mut header = Header::new(ALGORITHM);
        header.kid = Some(key.id);
        header.typ = Some(TYPE.to_owned());
        let person = bearer();
        let mut claims = serde_json::json!({
            "iss": tokens.issuer, "aud": AUDIENCE, "sub": person.user, "tid": person.tenant,
            "sid": person.session, "iat": now.timestamp(), "exp": now.timestamp() + 60,
        });
        change(&mut header, &mut claims);
        encode(&header, &claims, &EncodingKey::from_secret(&*key.secret)).unwrap()
    }

    #[test]
    fn our_own_signature_is_not_enough() {
        type Change = fn(&mut Header, &mut serde_json::Value);
        let (tokens, now) = (tokens(1, "https://a"), SystemClock.now());
        let changes: [(&str, Change); 8] = [
            ("algorithm", |header, _| header.alg = Algorithm::HS512),
            ("type", |header, _| header.typ = Some("JWT".to_owned())),
            ("no type", |header, _| header.typ = None),
            ("key", |header, _| header.kid = Some("0123456789ab".to_owned())),
            ("audience", |_, claims| claims["aud"] = "others".into()),
            ("no audience", |_, claims| {
                drop(claims.as_object_mut().unwrap().remove("aud"))
            }),
            ("issuer", |_, claims| claims["iss"] = "https://b".into()),
            ("no end", |_, claims| {
                drop(claims.as_object_mut().unwrap().remove("exp"))
            }),
        ];

        let good = signed(&tokens, now, |_, _| {});
        assert!(tokens.read(&good, now).is_ok());
        for (what, change) in changes {
            let token = signed(&tokens, now, change);
            let refused = matches!(tokens.read(&token, now), Err(IdentityError::InvalidToken));
            assert!(refused, "{what}");
        }
    }
}
