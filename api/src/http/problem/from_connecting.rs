//! What a connection that failed means to a client, and to the person who sees it in a browser.

use super::{
    Problem, code,
    from_core::{A_MOMENT_SECONDS, invalid, plan_limit, unavailable},
};
use vitrine_accounts::connections::ConnectError;
use vitrine_base::database::is_unavailable;

impl From<ConnectError> for Problem {
    fn from(error: ConnectError) -> Self {
        let detail = detail(&error);
        let problem = problem(error);
        match detail {
            Some(detail) => problem.with_detail(detail),
            None => problem,
        }
    }
}

fn problem(error: ConnectError) -> Problem {
    match error {
        ConnectError::Invalid(errors) => invalid(errors),
        ConnectError::StateUnknown => Problem::new(&code::STATE_UNKNOWN),
        ConnectError::StateExpired => Problem::new(&code::STATE_EXPIRED),
        ConnectError::StateUsed => Problem::new(&code::STATE_USED),
        ConnectError::Denied => Problem::new(&code::ACCESS_DENIED),
        ConnectError::Refused(_) => Problem::new(&code::INSTAGRAM_REFUSED),
        ConnectError::NothingCame => Problem::new(&code::CODE_MISSING),
        ConnectError::OtherAccount { .. } => Problem::new(&code::OTHER_ACCOUNT),
        ConnectError::PersonalAccount { .. } => Problem::new(&code::PERSONAL_ACCOUNT),
        ConnectError::PermissionMissing(_) => Problem::new(&code::PERMISSION_MISSING),
        ConnectError::CodeSpent => Problem::new(&code::CODE_SPENT),
        ConnectError::RedirectMismatch => Problem::new(&code::REDIRECT_MISMATCH),
        ConnectError::RoleMissing { .. } => Problem::new(&code::ROLE_MISSING),
        ConnectError::AppMisconfigured => Problem::new(&code::APP_MISCONFIGURED).caused_by(error),
        ConnectError::TokenRejected => Problem::new(&code::TOKEN_REJECTED),
        ConnectError::FacebookToken => Problem::new(&code::FACEBOOK_TOKEN),
        ConnectError::NotAllowed { .. } => Problem::new(&code::ACCOUNT_NOT_ALLOWED),
        ConnectError::InstagramUnavailable(_) => Problem::new(&code::INSTAGRAM_UNAVAILABLE)
            .retry_after_seconds(A_MOMENT_SECONDS)
            .caused_by(error),
        ConnectError::Throttled { until: Some(until) } => Problem::new(&code::THROTTLED).retry_at(until),
        ConnectError::Throttled { until: None } => {
            Problem::new(&code::THROTTLED).retry_after_seconds(A_MOMENT_SECONDS)
        }
        ConnectError::AccessLost(gone) => gone.into(),
        ConnectError::PlanLimit(reached) => plan_limit(reached),
        ConnectError::NotFound => Problem::not_found(),
        ConnectError::Account(error) => error.into(),
        ConnectError::Database(ref cause) if is_unavailable(cause) => unavailable(error),
        ConnectError::Database(_) | ConnectError::Vault(_) => Problem::internal(error),
    }
}

/// What happened this time, where the kind of problem does not say it all.
fn detail(error: &ConnectError) -> Option<String> {
    let account = match error.account() {
        Some(name) => format!("@{name}"),
        None => "the account".to_owned(),
    };
    match error {
        ConnectError::OtherAccount { .. } | ConnectError::PermissionMissing(_) | ConnectError::Refused(_) => {
            Some(error.to_string())
        }
        ConnectError::PersonalAccount { .. } => Some(sentence(&format!(
            "{account} is a personal account. Instagram only lets professional accounts (business or creator) be \
             read. Switch it in Instagram's app, which is free, and start again."
        ))),
        ConnectError::NotAllowed { .. } => Some(format!(
            "Instagram does not let this server's app read {account}. Either it is a personal account: switch it to \
             a professional one (business or creator) in Instagram's app. Or it is not an accepted Instagram Tester of an \
             app that Meta has not reviewed yet: ask the operator of this server to invite it."
        )),
        ConnectError::RoleMissing { .. } => Some(sentence(&format!(
            "{account} is not an accepted Instagram Tester of this server's app, which Meta has not reviewed yet. Ask the \
             operator of this server to invite it."
        ))),
        _ => None,
    }
}

/// With a capital email at its beginning.
fn sentence(text: &str) -> String {
    let mut signs = text.chars();
    signs
        .next()
        .map(|first| first.to_uppercase().chain(signs).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::problem::Code;
    use vitrine_people::identity::AccessLost;

    #[test]
    fn the_words_of_a_redirect_are_those_of_the_problems() {
        let errors = [
            ConnectError::Invalid(vec![]),
            ConnectError::StateUnknown,
            ConnectError::StateExpired,
            ConnectError::StateUsed,
            ConnectError::Denied,
            ConnectError::Refused("App not active".into()),
            ConnectError::NothingCame,
            ConnectError::OtherAccount {
                expected: "a".into(),
                got: "b".into(),
            },
            ConnectError::PersonalAccount { username: None },
            ConnectError::PermissionMissing("instagram_business_basic".into()),
            ConnectError::CodeSpent,
            ConnectError::RedirectMismatch,
            ConnectError::RoleMissing { username: None },
            ConnectError::AppMisconfigured,
            ConnectError::TokenRejected,
            ConnectError::FacebookToken,
            ConnectError::NotAllowed { username: None },
            ConnectError::InstagramUnavailable(None),
            ConnectError::Throttled { until: None },
            ConnectError::AccessLost(AccessLost::SignedOut),
            ConnectError::AccessLost(AccessLost::RoleLowered),
        ];

        for error in errors {
            let word = error.code();
            assert_eq!(Code::find(word), Some(Problem::from(error).code()), "{word}");
        }
    }

    #[test]
    fn an_account_that_cannot_be_read_is_named_where_it_is_known() {
        let of = |username: Option<&str>| ConnectError::PersonalAccount {
            username: username.map(str::to_owned),
        };

        assert!(
            detail(&of(Some("ada")))
                .unwrap()
                .starts_with("@ada is a personal account")
        );
        assert!(
            detail(&of(None))
                .unwrap()
                .starts_with("The account is a personal account")
        );
    }
}
