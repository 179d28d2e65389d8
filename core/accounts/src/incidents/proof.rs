//! Whether a token is surely this app's. What happens to any other says nothing about the app.

use sea_orm::{
    ColumnTrait, Condition, ExprTrait, QueryFilter, QuerySelect, QueryTrait, sea_query::SimpleExpr,
};
use vitrine_entity::{TenantOwned, account, account_token};

/// What is known of the app that a token belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    /// This app's own secret made it.
    OfApp,
    /// It was pasted, and may be any app's.
    None,
}

impl Proof {
    pub(crate) fn of(token: &account_token::Model) -> Self {
        match token.app_proved {
            Some(true) => Self::OfApp,
            Some(false) | None => Self::None,
        }
    }

    /// Accounts with such a token.
    pub(crate) fn accounts(self) -> SimpleExpr {
        let proved = account_token::Column::AppProved.eq(true);
        let such = match self {
            Self::OfApp => Condition::all().add(proved),
            Self::None => Condition::any()
                .add(account_token::Column::AppProved.is_null())
                .add(proved.not()),
        };
        let tokens = account_token::Entity::across_tenants()
            .select_only()
            .column(account_token::Column::AccountId)
            .filter(such)
            .into_query();
        account::Column::Id.in_subquery(tokens)
    }
}
