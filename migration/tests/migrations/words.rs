//! The words of the enums: the database takes those that the entities know, and no others where the list is
//! complete.

use crate::{
    database::{TestDatabase, on_both_engines},
    samples::{self, Owner, insert},
};
use sea_orm::{
    ActiveEnum, ColumnTrait, DatabaseConnection, DbErr, EntityTrait, Iterable, QueryFilter,
    sea_query::{Expr, SimpleExpr},
};
use vitrine_entity::{account, api_key, audit_event, feed, job, membership};

on_both_engines!(every_word_of_an_entity_is_taken, other_words_are_refused);

/// Writes a word into a column of all rows.
async fn write<E>(
    db: &DatabaseConnection,
    entity: E,
    column: E::Column,
    word: impl Into<SimpleExpr>,
) -> Result<u64, DbErr>
where
    E: EntityTrait,
{
    let _ = entity;
    let update = E::update_many().col_expr(column, word.into());
    Ok(update.filter(column.is_not_null()).exec(db).await?.rows_affected)
}

async fn one_row_each(database: &TestDatabase) {
    let db = &database.db;
    let owner = Owner::insert(db).await;
    insert(db, samples::membership(&owner)).await.unwrap();
    insert(db, samples::api_key(&owner)).await.unwrap();
    insert(db, samples::job(&owner)).await.unwrap();
    insert(db, samples::audit_event(&owner)).await.unwrap();
}

async fn every_word_of_an_entity_is_taken(database: TestDatabase) {
    let database = database.migrated().await;
    one_row_each(&database).await;
    macro_rules! take_all {
        ($($module:ident::$column:ident: $words:ident),+ $(,)?) => {$(
            for word in $module::$words::iter() {
                let (entity, column) = ($module::Entity, $module::Column::$column);
                let word = Expr::val(word.to_value());
                assert_eq!(write(&database.db, entity, column, word).await.unwrap(), 1);
            }
        )+};
    }

    take_all!(
        membership::Role: Role,
        api_key::Kind: KeyKind,
        account::Status: AccountStatus,
        feed::ItemOrder: FeedOrder,
        feed::Layout: FeedLayout,
        job::Kind: JobKind,
        job::Status: JobStatus,
        audit_event::ActorKind: ActorKind,
    );
}

async fn other_words_are_refused(database: TestDatabase) {
    let database = database.migrated().await;
    one_row_each(&database).await;
    macro_rules! refuse {
        ($($module:ident::$column:ident),+ $(,)?) => {$(
            let written = write(&database.db, $module::Entity, $module::Column::$column, "unheard of").await;
            assert!(written.unwrap_err().to_string().to_lowercase().contains("check constraint"));
        )+};
    }

    refuse!(
        membership::Role,
        api_key::Kind,
        account::Status,
        feed::ItemOrder,
        job::Status,
        audit_event::ActorKind,
    );
}
