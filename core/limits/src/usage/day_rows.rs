//! Rows of `usage_day`, to which counts are added in batches.

use chrono::NaiveDate;
use sea_orm::{
    ActiveValue::Set,
    DbErr, ExprTrait, IdenStatic,
    sea_query::{Expr, OnConflict},
};
use vitrine_base::database::is_reference_broken;
use vitrine_entity::{
    TenantId,
    usage_day::{ActiveModel, Column, Entity},
};

/// Rows of one statement: six columns each, and SQLite takes 32,766 values.
const ROWS_AT_ONCE: usize = 1_000;

/// A row in which nothing is counted yet.
pub(crate) fn empty_row(tenant: TenantId, day: NaiveDate) -> ActiveModel {
    ActiveModel {
        tenant_id: Set(tenant),
        day: Set(day),
        feed_requests: Set(0),
        syncs: Set(0),
        graph_calls: Set(0),
        stored_bytes: Set(0),
    }
}

/// Adds these columns to those of a row that is there already.
pub(crate) fn adding<const COUNT: usize>(columns: [Column; COUNT]) -> OnConflict {
    let sums = columns.map(|column| {
        let more = Expr::cust(format!("excluded.{}", column.as_str()));
        (column, Expr::col((Entity, column)).add(more))
    });
    OnConflict::columns([Column::TenantId, Column::Day])
        .values(sums)
        .to_owned()
}

/// Writes what is owed by tenant, in one statement for each thousand. What cannot be written is given to `put_back`;
/// tells whether there was none. What is owed by a tenant that is gone is dropped.
pub(crate) async fn write_in_batches<'a, T, W>(
    owed: &'a [T],
    write: impl Fn(&'a [T]) -> W,
    put_back: impl Fn(&[T], &DbErr),
) -> bool
where
    W: Future<Output = Result<(), DbErr>>,
{
    let mut all = true;
    for some in owed.chunks(ROWS_AT_ONCE) {
        match write(some).await {
            Ok(()) => {}
            Err(error) if is_reference_broken(&error) => all &= write_each(some, &write, &put_back).await,
            Err(error) => {
                put_back(some, &error);
                all = false;
            }
        }
    }
    all
}

/// A tenant that is gone spoils the batch of the others, so each goes alone then.
async fn write_each<'a, T, W>(
    owed: &'a [T],
    write: impl Fn(&'a [T]) -> W,
    put_back: impl Fn(&[T], &DbErr),
) -> bool
where
    W: Future<Output = Result<(), DbErr>>,
{
    let mut all = true;
    for one in owed.chunks(1) {
        match write(one).await {
            Err(error) if !is_reference_broken(&error) => {
                put_back(one, &error);
                all = false;
            }
            Ok(()) | Err(_) => {}
        }
    }
    all
}
