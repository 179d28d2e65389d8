//! How many accounts there are in each state, and how long their tokens last, over all tenants.

use super::Schedule;
use sea_orm::{ActiveEnum, ConnectionTrait, DbErr, FromQueryResult, Statement, Value};
use std::time::Duration;
use vitrine_base::clock::later;
use vitrine_entity::account::AccountStatus;

/// Bounds between groups of tokens, in days; the words for the groups are those of [`TOKEN_GROUPS`].
const DAYS: [u64; 5] = [1, 3, 7, 14, 30];

/// Groups of tokens, by the time until they run out.
pub const TOKEN_GROUPS: [&str; 7] = [
    "expired",
    "under_1",
    "under_3",
    "under_7",
    "under_14",
    "under_30",
    "30_or_more",
];

/// What there is at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountCounts {
    /// Accounts by their status; a status that nobody has is left out, and so is one that this version does not know.
    pub accounts: Vec<(AccountStatus, u64)>,
    /// Tokens of each of [`TOKEN_GROUPS`].
    pub tokens: [u64; 7],
}

#[derive(FromQueryResult)]
struct Group {
    name: String,
    rows: i64,
}

impl Schedule {
    /// Counts accounts and tokens. Reads both tables as a whole: ask every few minutes at the most.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn account_counts(&self) -> Result<AccountCounts, DbErr> {
        let accounts = self
            .groups(
                "select status as name, count(*) as rows from account group by status",
                vec![],
            )
            .await?;
        let mut account_counts = AccountCounts {
            accounts: accounts
                .into_iter()
                .filter_map(|group| {
                    let status = AccountStatus::try_from_value(&group.name).ok()?;
                    Some((status, count(group.rows)))
                })
                .collect(),
            ..AccountCounts::default()
        };
        for group in self.groups(&by_time_left(), self.bounds()).await? {
            let place = TOKEN_GROUPS.iter().position(|name| *name == group.name);
            if let Some(place) = place {
                account_counts.tokens[place] = count(group.rows);
            }
        }
        Ok(account_counts)
    }

    fn bounds(&self) -> Vec<Value> {
        let (now, day) = (self.clock.now(), Duration::from_hours(24));
        let ends = DAYS.map(|days| later(now, day * u32::try_from(days).unwrap_or(u32::MAX)));
        std::iter::once(now).chain(ends).map(Value::from).collect()
    }

    async fn groups(&self, sql: &str, values: Vec<Value>) -> Result<Vec<Group>, DbErr> {
        let connection = self.database.connection();
        let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
        Group::find_by_statement(statement).all(connection).await
    }
}

fn by_time_left() -> String {
    let cases: String = TOKEN_GROUPS
        .iter()
        .zip(1..=DAYS.len() + 1)
        .map(|(name, bound)| format!(" when expires_at < ${bound} then '{name}'"))
        .collect();
    let most = TOKEN_GROUPS[TOKEN_GROUPS.len() - 1];
    format!(
        "select name, count(*) as rows from (
            select case{cases} else '{most}' end as name from account_token
        ) as tokens group by name"
    )
}

fn count(rows: i64) -> u64 {
    u64::try_from(rows).unwrap_or_default()
}
