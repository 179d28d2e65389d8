//! What core's errors mean to a client. No match has a catch-all arm: a new error does not compile
//! until somebody gives it a status.

use super::{InvalidField, Problem, code};
use vitrine_accounts::{AccountError, callbacks::CallbackError, jobs::JobError};
use vitrine_base::{database::is_unavailable, validation::FieldError};
use vitrine_feeds::{
    FeedError,
    keys::{AccessRefusal, KeyError},
};
use vitrine_limits::{plans::LimitReached, usage::UsageError};
use vitrine_people::{
    audit::AuditError,
    identity::{AccessLost, AttemptLimit, IdentityError},
    teams::TeamError,
};
use vitrine_tenancy::{idempotency::IdempotencyError, tenants::TaskError};

/// How long to wait when nobody knows how long.
pub(super) const A_MOMENT_SECONDS: u64 = 30;

impl From<FieldError> for InvalidField {
    fn from(error: FieldError) -> Self {
        Self {
            field: error.field,
            code: error.code,
            message: error.message,
        }
    }
}

pub(super) fn invalid(errors: Vec<FieldError>) -> Problem {
    Problem::invalid_fields(errors.into_iter().map(Into::into).collect())
}

/// Something that is needed is away and will be back.
pub(super) fn unavailable(cause: impl std::error::Error + Send + Sync + 'static) -> Problem {
    Problem::new(&code::UNAVAILABLE)
        .retry_after_seconds(A_MOMENT_SECONDS)
        .caused_by(cause)
}

pub(super) fn plan_limit(reached: LimitReached) -> Problem {
    let LimitReached { limit, most } = reached;
    let detail = format!("The plan allows at most {most} ({}).", limit.as_str());
    let field = InvalidField::new(limit.as_str(), "plan_limit", format!("at most {most}"));
    Problem::new(&code::PLAN_LIMIT_REACHED)
        .with_detail(detail)
        .with_errors(vec![field])
}

fn too_many_registrations(bound: &AttemptLimit) -> String {
    let (most, until) = (bound.most, bound.until.format("%H:%M"));
    format!(
        "This server takes {most} registrations from one network in an hour, and yours has used them up. Try again \
         after {until} UTC, or from another network."
    )
}

impl From<UsageError> for Problem {
    fn from(error: UsageError) -> Self {
        match error {
            UsageError::Invalid(errors) => invalid(errors).about_query(),
            UsageError::Database(ref cause) if is_unavailable(cause) => unavailable(error),
            UsageError::Database(_) => Self::internal(error),
        }
    }
}

impl From<TeamError> for Problem {
    fn from(error: TeamError) -> Self {
        match error {
            TeamError::Invalid(errors) => invalid(errors),
            TeamError::NotFound => Self::not_found(),
            TeamError::BadCursor => Self::new(&code::INVALID_CURSOR),
            TeamError::RoleTooLow => Self::new(&code::INSUFFICIENT_ROLE).with_detail(error.to_string()),
            TeamError::EmailUnconfirmed => Self::new(&code::EMAIL_UNCONFIRMED),
            TeamError::LastOwner => Self::new(&code::LAST_OWNER),
            TeamError::AlreadyMember => Self::new(&code::ALREADY_MEMBER),
            TeamError::AlreadyInvited => Self::new(&code::ALREADY_INVITED),
            TeamError::InvitationInvalid => Self::new(&code::INVITATION_INVALID),
            TeamError::InvitationOfAnother => Self::new(&code::INVITATION_OF_ANOTHER),
            TeamError::SignInFirst => Self::new(&code::UNAUTHENTICATED).with_detail(error.to_string()),
            TeamError::AccessLost(gone) => gone.into(),
            TeamError::PlanLimit(reached) => plan_limit(reached),
            TeamError::Identity(error) => error.into(),
            TeamError::Database(ref cause) if is_unavailable(cause) => unavailable(error),
            TeamError::Database(_) => Self::internal(error),
        }
    }
}

impl From<AccessLost> for Problem {
    fn from(gone: AccessLost) -> Self {
        match gone {
            AccessLost::SignedOut => Self::new(&code::SESSION_REVOKED),
            AccessLost::RoleLowered => Self::new(&code::INSUFFICIENT_ROLE).with_detail(gone.to_string()),
        }
    }
}

impl From<IdentityError> for Problem {
    fn from(error: IdentityError) -> Self {
        match error {
            IdentityError::Invalid(errors) => invalid(errors),
            IdentityError::EmailTaken => Self::new(&code::EMAIL_TAKEN),
            IdentityError::SignupClosed => Self::new(&code::SIGNUP_CLOSED),
            IdentityError::InvalidCredentials => Self::new(&code::INVALID_CREDENTIALS),
            IdentityError::InvalidToken => Self::new(&code::INVALID_TOKEN),
            IdentityError::ExpiredToken => Self::new(&code::EXPIRED_TOKEN),
            IdentityError::SessionRevoked => Self::new(&code::SESSION_REVOKED),
            IdentityError::UserGone | IdentityError::TenantGone | IdentityError::SessionNotFound => {
                Self::not_found()
            }
            IdentityError::WrongPassword => Self::invalid_fields(vec![InvalidField::new(
                "current_password",
                "wrong_password",
                "is not the current password",
            )]),
            IdentityError::TooManyTries(bound) => Self::new(&code::TOO_MANY_TRIES).bounded(bound),
            IdentityError::TooManyRegistrations(bound) => Self::new(&code::TOO_MANY_TRIES)
                .with_detail(too_many_registrations(&bound))
                .bounded(bound),
            IdentityError::SecondFactorRequired => Self::new(&code::SECOND_FACTOR_REQUIRED),
            IdentityError::InvalidCode => Self::new(&code::INVALID_CODE),
            IdentityError::SecondFactorOn => Self::new(&code::SECOND_FACTOR_ON),
            IdentityError::SecondFactorOff => Self::new(&code::SECOND_FACTOR_OFF),
            IdentityError::LinkUnknown => Self::new(&code::INVALID_LINK),
            IdentityError::LinkUsed => Self::new(&code::USED_LINK),
            IdentityError::LinkExpired => Self::new(&code::EXPIRED_LINK),
            IdentityError::Busy => Self::new(&code::BUSY).retry_after_seconds(1),
            IdentityError::Database(ref cause) if is_unavailable(cause) => unavailable(error),
            IdentityError::Database(_)
            | IdentityError::Hashing(_)
            | IdentityError::SecondFactorUnreadable
            | IdentityError::Signing(_) => Self::internal(error),
        }
    }
}

impl From<AuditError> for Problem {
    fn from(error: AuditError) -> Self {
        match error {
            AuditError::BadCursor => Self::new(&code::INVALID_CURSOR),
            AuditError::PlanLimit(reached) => plan_limit(reached),
            AuditError::Database(ref cause) if is_unavailable(cause) => unavailable(error),
            AuditError::Database(_) => Self::internal(error),
        }
    }
}

impl From<IdempotencyError> for Problem {
    fn from(error: IdempotencyError) -> Self {
        match error {
            IdempotencyError::Database(ref cause) if is_unavailable(cause) => unavailable(error),
            IdempotencyError::Database(_)
            | IdempotencyError::Sealing(_)
            | IdempotencyError::Unreadable(_) => Self::internal(error),
        }
    }
}

impl From<TaskError> for Problem {
    fn from(error: TaskError) -> Self {
        match error {
            TaskError::NotFound | TaskError::NoDocument => Self::not_found(),
            TaskError::NothingToCancel => Self::new(&code::NO_DELETION),
            TaskError::PlanLimit(reached) => plan_limit(reached),
            TaskError::Busy => Self::new(&code::BUSY).retry_after_seconds(A_MOMENT_SECONDS),
            TaskError::Database(ref cause) if is_unavailable(cause) => unavailable(error),
            TaskError::Database(_)
            | TaskError::LeaseLost
            | TaskError::ReaderGone
            | TaskError::Unwritable
            | TaskError::Sealing(_) => Self::internal(error),
        }
    }
}

impl From<KeyError> for Problem {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Invalid(errors) => invalid(errors),
            KeyError::Malformed | KeyError::Unknown => Self::new(&code::INVALID_KEY),
            KeyError::Revoked => Self::new(&code::KEY_REVOKED),
            KeyError::Expired => Self::new(&code::KEY_EXPIRED),
            KeyError::Rotated => Self::new(&code::KEY_ROTATED),
            KeyError::Ended => Self::new(&code::KEY_ENDED),
            KeyError::AlreadyRotated => Self::new(&code::KEY_ALREADY_ROTATED),
            KeyError::AccessLost(gone) => gone.into(),
            KeyError::PlanLimit(reached) => plan_limit(reached),
            KeyError::NotFound => Self::not_found(),
            KeyError::BadCursor => Self::new(&code::INVALID_CURSOR),
            KeyError::Database(ref cause) if is_unavailable(cause) => unavailable(error),
            KeyError::Database(_) => Self::internal(error),
        }
    }
}

impl From<AccessRefusal> for Problem {
    fn from(refusal: AccessRefusal) -> Self {
        let detail = match refusal {
            AccessRefusal::OriginNotAllowed => return Self::new(&code::ORIGIN_NOT_ALLOWED),
            AccessRefusal::FeedOfAnother => return Self::not_found(),
            AccessRefusal::PeopleOnly => "This is for signed-in people; no API key opens it.".to_owned(),
            AccessRefusal::SecretKeyOnly => {
                "A publishable key only reads what feeds show; this needs a secret key.".to_owned()
            }
            AccessRefusal::ScopeMissing(scope) => format!("This needs a key with the scope {scope}."),
        };
        Self::new(&code::INSUFFICIENT_SCOPE).with_detail(detail)
    }
}

impl From<AccountError> for Problem {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::PlanLimit(reached) => plan_limit(reached),
            AccountError::NotFound => Self::not_found(),
            AccountError::Invalid(errors) => invalid(errors),
            AccountError::BadCursor => Self::new(&code::INVALID_CURSOR),
            AccountError::NeedsReconnect => Self::new(&code::NEEDS_RECONNECT),
            AccountError::Paused => Self::new(&code::ACCOUNT_PAUSED),
            AccountError::SchedulePaused => Self::new(&code::SCHEDULE_PAUSED),
            AccountError::Database(ref cause) if is_unavailable(cause) => unavailable(error),
            AccountError::Database(_) => Self::internal(error),
        }
    }
}

impl From<JobError> for Problem {
    fn from(error: JobError) -> Self {
        match error {
            JobError::NotFound => Self::not_found(),
            JobError::NotDead => Self::new(&code::JOB_NOT_DEAD),
            JobError::SchedulePaused => Self::new(&code::SCHEDULE_PAUSED),
            JobError::AlreadyWaiting => Self::new(&code::JOB_ALREADY_WAITING),
            JobError::BadCursor => Self::new(&code::INVALID_CURSOR),
            JobError::Database(ref cause) if is_unavailable(cause) => unavailable(error),
            JobError::Database(_) | JobError::Queue(_) => Self::internal(error),
        }
    }
}

impl From<FeedError> for Problem {
    fn from(error: FeedError) -> Self {
        match error {
            FeedError::PlanLimit(reached) => plan_limit(reached),
            FeedError::NotFound => Self::not_found(),
            FeedError::Invalid(errors) => invalid(errors),
            FeedError::BadCursor => Self::new(&code::INVALID_CURSOR),
            FeedError::Unavailable(_) => unavailable(error),
            FeedError::Unwritable(_) => Self::internal(error),
        }
    }
}

impl From<CallbackError> for Problem {
    fn from(error: CallbackError) -> Self {
        match error {
            CallbackError::NotGenuine(_) => Self::new(&code::INVALID_SIGNED_REQUEST),
            CallbackError::Unreadable => Self::new(&code::INVALID_JSON),
            CallbackError::Misshapen => Self::new(&code::WRONG_SHAPE),
            CallbackError::UnknownCode => Self::not_found(),
            CallbackError::Database(ref cause) if is_unavailable(cause) => unavailable(error),
            CallbackError::Database(_) => Self::internal(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitrine_accounts::connections::ConnectError;

    #[test]
    fn a_database_that_is_away_is_no_failure_of_ours() {
        let away = || sea_orm::DbErr::ConnectionAcquire(sea_orm::ConnAcquireErr::Timeout);
        for problem in [
            IdentityError::Database(away()).into(),
            KeyError::Database(std::sync::Arc::new(away())).into(),
            AccountError::Database(away()).into(),
            JobError::Database(away()).into(),
            Problem::from(ConnectError::Database(away())),
        ] {
            assert_eq!(problem.code(), &code::UNAVAILABLE);
            assert!(problem.0.retry.is_some() && problem.cause_chain().is_some());
        }
        let ours = sea_orm::DbErr::Custom("a mistake".to_owned());
        assert_eq!(
            Problem::from(AccountError::Database(ours)).code(),
            &code::INTERNAL
        );
    }

    #[test]
    fn what_another_tenant_owns_does_not_exist() {
        for problem in [
            AccountError::NotFound.into(),
            Problem::from(JobError::NotFound),
            FeedError::NotFound.into(),
            AccessRefusal::FeedOfAnother.into(),
        ] {
            assert_eq!(problem.code(), &code::NOT_FOUND);
            assert!(problem.cause_chain().is_none());
        }
    }
}
