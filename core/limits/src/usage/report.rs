//! What a tenant used, by day.

use chrono::{Datelike, Days, NaiveDate};
use sea_orm::{ColumnTrait, DbErr, QueryFilter, QueryOrder};
use vitrine_base::{
    clock::SharedClock,
    database::Database,
    validation::{Check, FieldError},
};
use vitrine_entity::{
    TenantId, TenantOwned,
    usage_day::{self, Column},
};

/// Days that one report holds at most: a leap year.
pub const LONGEST_RANGE_DAYS: u64 = 366;
/// Days of a report that names none.
const USUAL_DAYS: u64 = 30;

/// Why a report was not made.
#[derive(Debug, thiserror::Error)]
pub enum UsageError {
    /// The range was refused.
    #[error("the range is not valid")]
    Invalid(Vec<FieldError>),
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] DbErr),
}

/// Reads what tenants used.
#[derive(Clone)]
pub struct UsageReports {
    database: Database,
    clock: SharedClock,
}

impl UsageReports {
    /// The service over its parts.
    #[must_use]
    pub fn new(database: Database, clock: SharedClock) -> Self {
        Self { database, clock }
    }

    /// What a tenant used on each day from `from` to `to`, both included, in UTC; the last 30 days when
    /// neither is named. Days on which nothing was used are there with zeros.
    ///
    /// # Errors
    /// [`UsageError::Invalid`] for a range that runs backwards or holds more than [`LONGEST_RANGE_DAYS`].
    pub async fn read(
        &self,
        tenant: TenantId,
        from: Option<NaiveDate>,
        to: Option<NaiveDate>,
    ) -> Result<Vec<usage_day::Model>, UsageError> {
        let (from, to) = self.range(from, to)?;
        let known = usage_day::Entity::of(tenant)
            .filter(Column::Day.between(from, to))
            .order_by_asc(Column::Day)
            .all(self.database.connection())
            .await?;
        let mut known = known.into_iter().peekable();
        let days = from.iter_days().take_while(|day| *day <= to);
        let of_day = |day| {
            known
                .next_if(|row| row.day == day)
                .unwrap_or_else(|| nothing(tenant, day))
        };
        Ok(days.map(of_day).collect())
    }

    fn range(
        &self,
        from: Option<NaiveDate>,
        to: Option<NaiveDate>,
    ) -> Result<(NaiveDate, NaiveDate), UsageError> {
        let (today, wanted) = (self.clock.now().date_naive(), (from, to));
        let to = to.unwrap_or_else(|| from.map_or(today, |from| today.max(from)));
        let usual = || to.checked_sub_days(Days::new(USUAL_DAYS - 1)).unwrap_or(to);
        let from = from.unwrap_or_else(usual);
        let mut check = Check::default();
        for (field, day) in [("from", wanted.0), ("to", wanted.1)] {
            if day.is_some_and(|day| !(1970..=9_999).contains(&day.year())) {
                check.refuse(field, "out_of_range", "must be between the years 1970 and 9999");
            }
        }
        if from > to {
            check.refuse("from", "after_the_end", "must not be after `to`");
        } else if (to - from).num_days().unsigned_abs() >= LONGEST_RANGE_DAYS {
            let message = format!("must be at most {LONGEST_RANGE_DAYS} days before `to`");
            check.refuse("from", "too_long", message);
        }
        check.finish().map_err(UsageError::Invalid)?;
        Ok((from, to))
    }
}

fn nothing(tenant_id: TenantId, day: NaiveDate) -> usage_day::Model {
    usage_day::Model {
        tenant_id,
        day,
        feed_requests: 0,
        syncs: 0,
        graph_calls: 0,
        stored_bytes: 0,
    }
}
