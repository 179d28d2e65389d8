//! Whoever asks.

use crate::http::problem::{Problem, code};
use std::sync::Arc;
use vitrine_entity::{ApiKeyId, TenantId, Time, UserId, membership::Role};
use vitrine_feeds::keys::KeyCaller;
use vitrine_limits::traffic::Payer;
use vitrine_people::{audit::Actor, identity::Person};

/// Whoever asks, once they proved who they are.
#[derive(Clone, Debug)]
pub(crate) enum Caller {
    /// A signed-in person.
    Person(Person),
    /// The holder of an API key.
    Key(Arc<KeyCaller>),
}

impl Caller {
    /// Whose data is asked for.
    pub(crate) fn tenant(&self) -> TenantId {
        match self {
            Self::Person(person) => person.tenant,
            Self::Key(key) => key.tenant,
        }
    }

    /// The person, where it is one.
    pub(crate) fn user(&self) -> Option<UserId> {
        match self {
            Self::Person(person) => Some(person.user),
            Self::Key(_) => None,
        }
    }

    /// The key, where it is one.
    pub(crate) fn key(&self) -> Option<ApiKeyId> {
        match self {
            Self::Person(_) => None,
            Self::Key(key) => Some(key.id),
        }
    }

    /// What the person may do, where it is one.
    pub(crate) fn role(&self) -> Option<Role> {
        match self {
            Self::Person(person) => Some(person.role),
            Self::Key(_) => None,
        }
    }

    /// Who acts, as the audit log says it.
    pub(crate) fn actor(&self) -> Actor {
        match self {
            Self::Person(person) => Actor::Person(person.user),
            Self::Key(key) => Actor::Key(key.id),
        }
    }

    /// Who pays for a visit.
    pub(crate) fn payer(&self) -> Payer {
        match self {
            Self::Person(person) => Payer::Person(person.user),
            Self::Key(key) => Payer::Key(key.id),
        }
    }

    /// The person; keys are refused.
    pub(crate) fn person(&self) -> Result<&Person, Problem> {
        match self {
            Self::Person(person) => Ok(person),
            Self::Key(_) => Err(Problem::new(&code::INSUFFICIENT_SCOPE)),
        }
    }

    /// When the credential ends by itself, where it is a key that does.
    pub(crate) fn ends_at(&self) -> Option<Time> {
        match self {
            Self::Person(_) => None,
            Self::Key(key) => key.expires_at,
        }
    }
}
