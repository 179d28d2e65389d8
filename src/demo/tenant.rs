//! The demo's person, tenant and key.

use secrecy::{ExposeSecret, SecretString};
use vitrine_core::identity::{Credentials, IdentityError, NewRegistration, SignedIn, Visit};
use vitrine_core::keys::{NewApiKey, Scope};
use vitrine_entity::TenantId;
use vitrine_entity::api_key::KeyKind;

use super::kept::Kept;
use super::step;
use crate::config::Settings;
use crate::failure::Failure;
use crate::wiring::Services;

/// Registers the demo's person, or signs in whoever registered before. The password is kept first, so that it
/// is known whatever happens next.
pub(super) async fn sign_in(
    settings: &Settings,
    services: &Services,
    kept: &mut Kept,
) -> Result<TenantId, Failure> {
    kept.write(settings)?;
    let identity = services.identity(settings);
    let shown = Credentials {
        email: kept.email.clone(),
        password: SecretString::from(kept.password.clone()),
        code: None,
        tenant: None,
    };
    let SignedIn {
        tenant,
        refresh_token,
        ..
    } = match identity
        .register_unasked(registration(kept), Visit::default())
        .await
    {
        Err(IdentityError::EmailTaken) => identity.login(&shown, Visit::default()).await,
        registered => registered,
    }
    .map_err(refused)?;
    identity.logout(&refresh_token).await.map_err(step)?;
    Ok(tenant.id)
}

fn registration(kept: &Kept) -> NewRegistration {
    NewRegistration {
        email: kept.email.clone(),
        password: kept.password.clone().into(),
        name: "Demo".to_owned(),
        site_name: "Demo site".to_owned(),
    }
}

fn refused(error: IdentityError) -> Failure {
    match error {
        IdentityError::InvalidCredentials => Failure::start(
            "the demo's password was changed or its file demo.json is lost; put it back, or start with an empty data directory",
        ),
        other => step(other),
    }
}

/// The kept key while it opens the feed, or a new one.
pub(super) async fn key(
    settings: &Settings,
    services: &Services,
    tenant: TenantId,
    kept: &mut Kept,
) -> Result<String, Failure> {
    let keys = services.keys();
    if let Some(key) = &kept.key
        && keys
            .authenticate(key)
            .await
            .is_ok_and(|caller| caller.tenant == tenant)
    {
        return Ok(key.clone());
    }
    let wanted = NewApiKey {
        name: "Demo site".to_owned(),
        kind: KeyKind::Publishable,
        scopes: vec![Scope::FeedsRead],
        allowed_origins: Vec::new(),
        expires_at: None,
    };
    let made = keys.create(tenant, None, wanted).await.map_err(step)?;
    let key = made.key.expose_secret().to_owned();
    kept.key = Some(key.clone());
    kept.write(settings)?;
    Ok(key)
}
