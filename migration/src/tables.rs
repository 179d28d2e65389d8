//! Shapes that recur in the tables.
//!
//! Migrations that were released are built from these, so what a function here makes never changes: a new
//! shape is a new function.

use sea_orm_migration::{prelude::*, schema::*};

/// The primary key: a UUID made by the application.
pub(crate) fn id() -> ColumnDef {
    uuid("id").primary_key().take()
}

/// The owner of the row.
pub(crate) fn tenant_id() -> ColumnDef {
    uuid("tenant_id")
}

/// A moment: `timestamptz` on Postgres, RFC 3339 text in UTC on SQLite.
pub(crate) fn time(name: &'static str) -> ColumnDef {
    timestamp_with_time_zone(name)
}

/// A moment, or none.
pub(crate) fn time_null(name: &'static str) -> ColumnDef {
    timestamp_with_time_zone_null(name)
}

/// When the row was made.
pub(crate) fn created_at() -> ColumnDef {
    time("created_at")
}

/// When the row last changed.
pub(crate) fn updated_at() -> ColumnDef {
    time("updated_at")
}

/// A primary key of several columns.
pub(crate) fn key(columns: &[&'static str]) -> IndexCreateStatement {
    columns
        .iter()
        .fold(Index::create().primary(), |key, column| key.col(*column))
        .take()
}

/// A table of rows that belong to a tenant and go with it.
pub(crate) fn tenant_table(table: &'static str) -> TableCreateStatement {
    Table::create()
        .table(table)
        .foreign_key(&mut reference(table, "tenant_id", "tenant"))
        .take()
}

/// `column` names a row of `parent`; the row goes with it.
pub(crate) fn reference(
    table: &'static str,
    column: &'static str,
    parent: &'static str,
) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("fk_{table}__{column}"))
        .from(table, column)
        .to(parent, "id")
        .on_delete(ForeignKeyAction::Cascade)
        .take()
}

/// `column` names a row of `parent` that belongs to the same tenant; the row goes with it.
///
/// The parent needs a unique index over `tenant_id` and `id`.
pub(crate) fn reference_in_tenant(
    table: &'static str,
    column: &'static str,
    parent: &'static str,
) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("fk_{table}__tenant_id_{column}"))
        .from(table, ("tenant_id", column))
        .to(parent, ("tenant_id", "id"))
        .on_delete(ForeignKeyAction::Cascade)
        .take()
}

/// `column` names a row of `parent`, or nothing once that is gone.
pub(crate) fn reference_or_null(
    table: &'static str,
    column: &'static str,
    parent: &'static str,
) -> ForeignKeyCreateStatement {
    reference(table, column, parent)
        .on_delete(ForeignKeyAction::SetNull)
        .take()
}

/// `column` holds one of these words.
///
/// Only for lists that are complete: SQLite cannot change a check without building the table anew.
pub(crate) fn one_of(table: &'static str, column: &'static str, words: &[&'static str]) -> Check {
    Check::named(
        format!("ck_{table}__{column}"),
        Expr::col(column).is_in(words.iter().copied()),
    )
}

/// An index for look-ups by these columns, and for reading in their order.
pub(crate) fn index(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    named("ix", table, columns)
}

/// No two rows agree in all these columns.
pub(crate) fn unique(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    named("uq", table, columns).unique().take()
}

/// An index over the rows that have a value in `column`: what is due, or done, among many that are not.
pub(crate) fn index_present(table: &'static str, column: &'static str) -> IndexCreateStatement {
    index(table, &[column])
        .and_where(Expr::col(column).is_not_null())
        .take()
}

fn named(prefix: &str, table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let name = format!("{prefix}_{table}__{}", columns.join("_"));
    columns
        .iter()
        .fold(Index::create().name(name).table(table), |index, column| {
            index.col(*column)
        })
        .take()
}

/// Makes a table and its indexes.
pub(crate) async fn create<const N: usize>(
    manager: &SchemaManager<'_>,
    table: TableCreateStatement,
    indexes: [IndexCreateStatement; N],
) -> Result<(), DbErr> {
    manager.create_table(table).await?;
    for index in indexes {
        manager.create_index(index).await?;
    }
    Ok(())
}

/// Drops tables in this order: children before parents.
pub(crate) async fn drop_all(manager: &SchemaManager<'_>, tables: &[&'static str]) -> Result<(), DbErr> {
    for table in tables {
        manager.drop_table(Table::drop().table(*table).take()).await?;
    }
    Ok(())
}
