//! What a caller needs, as types: a parameter cannot be forgotten.

use super::{
    Caller,
    identify::{Identified, identify_again},
};
use crate::{
    problem::{Problem, code},
    public::cors::allow_origin,
};
use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload};
use std::{
    future::{Ready, ready},
    marker::PhantomData,
    sync::Arc,
};
use vitrine_entity::{TenantId, api_key::KeyKind, membership::Role};
use vitrine_feeds::keys::{KeyCaller, Scope};

/// What is needed for a route.
pub(crate) trait Permission {
    /// The lowest role of a person.
    const ROLE: Role;
    /// The scope of a secret key; none where no key will do.
    const SCOPE: Option<Scope>;
    /// Whether a publishable key will do.
    const PUBLISHABLE: bool = false;
}

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident: $role:ident, $scope:expr $(, publishable: $publishable:literal)?;)+) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub(crate) enum $name {}

        impl Permission for $name {
            const ROLE: Role = Role::$role;
            const SCOPE: Option<Scope> = $scope;
            $(const PUBLISHABLE: bool = $publishable;)?
        }
    )+};
}

permissions! {
    /// Read accounts and their posts.
    ReadAccounts: Viewer, Some(Scope::AccountsRead);
    /// Connect, change and disconnect accounts, and drive their jobs.
    WriteAccounts: Admin, Some(Scope::AccountsWrite);
    /// Read the history of jobs.
    ReadJobs: Viewer, Some(Scope::JobsRead);
    /// Read feeds' settings.
    ReadFeeds: Viewer, Some(Scope::FeedsRead);
    /// Make, change and delete feeds, and decide about their posts.
    WriteFeeds: Admin, Some(Scope::FeedsWrite);
    /// Read what feeds show.
    ReadPhotos: Viewer, Some(Scope::FeedsRead), publishable: true;
    /// Read about oneself and the tenant.
    ReadTenant: Viewer, None;
    /// Change the tenant.
    ManageTenant: Admin, None;
    /// Read who did what.
    ReadAudit: Admin, None;
    /// Export and delete the whole tenant.
    OwnTenant: Owner, None;
    /// Change who belongs to the tenant.
    ManageMembers: Admin, None;
    /// See, make and revoke keys.
    ManageKeys: Admin, None;
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
    permission: PhantomData<P>,
}

impl<P: Permission> FromRequest for Allowed<P> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        request.extensions_mut().insert(Needed(check::<P>));
        ready(caller(request).and_then(|caller| {
            check::<P>(&caller)?;
            Ok(Self {
                tenant: caller.tenant(),
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
            Caller::Key(key) => Ok(Self(key)),
            Caller::Person(_) => Err(Problem::new(&code::KEY_REQUIRED)),
        }))
    }
}

/// What the handler of a request needs, for whoever has to be asked again.
#[derive(Clone, Copy)]
struct Needed(fn(&Caller) -> Result<(), Problem>);

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
    let Some(Needed(check)) = needed else {
        return Ok(());
    };
    let now = caller(request)?;
    check(&now)?;
    match (before, now) {
        (Caller::Person(before), Caller::Person(now)) if now.role < before.role => {
            Err(Problem::new(&code::INSUFFICIENT_ROLE))
        }
        _ => Ok(()),
    }
}

/// Whoever asks. A key that names origins is refused on pages of others, whatever they ask for.
fn caller(request: &HttpRequest) -> Result<Caller, Problem> {
    let identified = request.extensions().get::<Identified>().cloned();
    let identified = identified.ok_or_else(|| Problem::new(&code::UNAUTHENTICATED))?;
    let caller = identified.who?;
    allow_origin(request.headers(), &[caller.allowed_origins()])?;
    Ok(caller)
}

fn check<P: Permission>(caller: &Caller) -> Result<(), Problem> {
    match caller {
        Caller::Person(person) => check_role::<P>(person.role),
        Caller::Key(key) => check_key::<P>(key.kind, &key.scopes),
    }
}

fn check_role<P: Permission>(role: Role) -> Result<(), Problem> {
    if role >= P::ROLE {
        Ok(())
    } else {
        Err(Problem::new(&code::INSUFFICIENT_ROLE))
    }
}

fn check_key<P: Permission>(kind: KeyKind, scopes: &[Scope]) -> Result<(), Problem> {
    let detail = match P::SCOPE {
        None => "This is for signed-in people; no API key opens it.".to_owned(),
        Some(_) if kind == KeyKind::Publishable && !P::PUBLISHABLE => {
            "A publishable key only reads what feeds show; this needs a secret key.".to_owned()
        }
        Some(scope) if !scopes.contains(&scope) => format!("This needs a key with the scope {scope}."),
        Some(_) => return Ok(()),
    };
    Err(Problem::new(&code::INSUFFICIENT_SCOPE).with_detail(detail))
}

#[cfg(test)]
mod tests {
    use super::*;

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
