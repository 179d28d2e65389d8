//! What a caller needs, as types: a parameter cannot be forgotten.

use super::{
    Caller,
    identify::{Identified, identify_again},
};
use crate::http::{
    allow_origin::origin,
    problem::{Problem, code},
};
use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload};
use std::{
    future::{Ready, ready},
    marker::PhantomData,
    sync::Arc,
};
use vitrine_entity::{TenantId, membership::Role};
use vitrine_feeds::keys::{KeyCaller, KeyNeed, Readers, Scope};

/// What is needed for a route.
pub(crate) trait Permission {
    /// The lowest role of a person.
    const ROLE: Role;
    /// The least that a key has to be.
    const KEY: KeyNeed;
}

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident: $role:ident, $key:expr;)+) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub(crate) enum $name {}

        impl Permission for $name {
            const ROLE: Role = Role::$role;
            const KEY: KeyNeed = $key;
        }
    )+};
}

permissions! {
    /// Read accounts and their posts.
    ReadAccounts: Viewer, KeyNeed::SecretKey(Scope::AccountsRead);
    /// Connect, change and disconnect accounts, and drive their jobs.
    WriteAccounts: Admin, KeyNeed::SecretKey(Scope::AccountsWrite);
    /// Read the history of jobs.
    ReadJobs: Viewer, KeyNeed::SecretKey(Scope::JobsRead);
    /// Read feeds' settings.
    ReadFeeds: Viewer, KeyNeed::SecretKey(Scope::FeedsRead);
    /// Make, change and delete feeds, and decide about their posts.
    WriteFeeds: Admin, KeyNeed::SecretKey(Scope::FeedsWrite);
    /// Read what feeds show.
    ReadPhotos: Viewer, KeyNeed::READ_FEED;
    /// Read about oneself and the tenant.
    ReadTenant: Viewer, KeyNeed::NoKey;
    /// Change the tenant.
    ManageTenant: Admin, KeyNeed::NoKey;
    /// Read who did what.
    ReadAudit: Admin, KeyNeed::NoKey;
    /// Export and delete the whole tenant.
    OwnTenant: Owner, KeyNeed::NoKey;
    /// Change who belongs to the tenant.
    ManageMembers: Admin, KeyNeed::NoKey;
    /// See, make and revoke keys.
    ManageKeys: Admin, KeyNeed::NoKey;
}

/// A caller who may do `P`.
///
/// Put it first: it needs no waiting, so a stranger is refused before the body is looked at.
#[derive(Debug)]
pub(crate) struct Allowed<P> {
    /// Whose data may be touched.
    pub(crate) tenant: TenantId,
    /// Who asks.
    pub(crate) caller: Caller,
    /// Which pages may read the answer, as far as the caller decides that.
    pub(crate) readers: Readers,
    permission: PhantomData<P>,
}

impl<P: Permission> FromRequest for Allowed<P> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        request.extensions_mut().insert(Needed(admit::<P>));
        ready(caller(request).and_then(|caller| {
            Ok(Self {
                tenant: caller.tenant(),
                readers: admit::<P>(&caller, origin(request.headers()))?,
                caller,
                permission: PhantomData,
            })
        }))
    }
}

/// The holder of any key, whatever it opens.
#[derive(Debug)]
pub(crate) struct KeyHolder(pub(crate) Arc<KeyCaller>);

impl FromRequest for KeyHolder {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(caller(request).and_then(|caller| match caller {
            Caller::Key(key) => {
                key.readers(origin(request.headers()))?;
                Ok(Self(key))
            }
            Caller::Person(_) => Err(Problem::new(&code::KEY_REQUIRED)),
        }))
    }
}

/// What the handler of a request needs, for whoever has to be asked again.
#[derive(Clone, Copy)]
struct Needed(fn(&Caller, Option<&str>) -> Result<Readers, Problem>);

/// Asks again whether the caller may go on, after something that may have taken its time. Nothing on routes that
/// need nobody.
///
/// # Errors
/// What a new request would be refused with; also `insufficient_role` when the role became a lower one that would
/// do, since what was settled by the old one is settled already.
pub(crate) async fn still_allowed(request: &HttpRequest) -> Result<(), Problem> {
    let Some(before) = identify_again(request).await else {
        return Ok(());
    };
    let needed = request.extensions().get::<Needed>().copied();
    let Some(Needed(admit)) = needed else {
        return Ok(());
    };
    let now = caller(request)?;
    admit(&now, origin(request.headers()))?;
    match (before, now) {
        (Caller::Person(before), Caller::Person(now)) if now.role < before.role => {
            Err(Problem::new(&code::INSUFFICIENT_ROLE))
        }
        _ => Ok(()),
    }
}

/// Whoever asks.
fn caller(request: &HttpRequest) -> Result<Caller, Problem> {
    let identified = request.extensions().get::<Identified>().cloned();
    let identified = identified.ok_or_else(|| Problem::new(&code::UNAUTHENTICATED))?;
    identified.who
}

/// Which pages may read what this caller may ask for. A key that names origins is refused on pages of others.
fn admit<P: Permission>(caller: &Caller, origin: Option<&str>) -> Result<Readers, Problem> {
    match caller {
        Caller::Person(person) => check_role::<P>(person.role).map(|()| Readers::AnyPage),
        Caller::Key(key) => Ok(key.admit(P::KEY, origin)?),
    }
}

fn check_role<P: Permission>(role: Role) -> Result<(), Problem> {
    if role >= P::ROLE {
        Ok(())
    } else {
        Err(Problem::new(&code::INSUFFICIENT_ROLE))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitrine_entity::api_key::KeyKind;

    fn check_key<P: Permission>(kind: KeyKind, scopes: &[Scope]) -> Result<(), Problem> {
        Ok(P::KEY.check(kind, scopes)?)
    }

    #[test]
    fn roles_include_the_lower_ones() {
        assert!(check_role::<ReadAccounts>(Role::Viewer).is_ok());
        assert!(check_role::<WriteAccounts>(Role::Admin).is_ok());
        assert!(check_role::<ManageKeys>(Role::Owner).is_ok());
        assert_eq!(
            check_role::<WriteAccounts>(Role::Viewer).unwrap_err().code(),
            &code::INSUFFICIENT_ROLE
        );
    }

    #[test]
    fn a_secret_key_opens_its_scopes_only() {
        let read = [Scope::AccountsRead];

        assert!(check_key::<ReadAccounts>(KeyKind::Secret, &read).is_ok());
        assert_eq!(
            check_key::<WriteAccounts>(KeyKind::Secret, &read)
                .unwrap_err()
                .code(),
            &code::INSUFFICIENT_SCOPE
        );
    }

    #[test]
    fn a_publishable_key_reads_photos_and_nothing_else() {
        assert!(check_key::<ReadPhotos>(KeyKind::Publishable, &[Scope::FeedsRead]).is_ok());
        assert!(check_key::<ReadFeeds>(KeyKind::Publishable, &Scope::ALL).is_err());
        assert!(check_key::<WriteAccounts>(KeyKind::Publishable, &Scope::ALL).is_err());
    }

    #[test]
    fn no_key_manages_people_or_keys() {
        for kind in [KeyKind::Secret, KeyKind::Publishable] {
            assert!(check_key::<ManageKeys>(kind, &Scope::ALL).is_err());
            assert!(check_key::<ManageTenant>(kind, &Scope::ALL).is_err());
            assert!(check_key::<ReadTenant>(kind, &Scope::ALL).is_err());
        }
    }
}
