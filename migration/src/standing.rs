//! How a database's schema stands to the program that looks at it.

use std::collections::HashSet;

use sea_orm_migration::{
    IntoSchemaManagerConnection, MigratorTrait, SchemaManager,
    sea_orm::{ConnectionTrait, DbErr, EntityTrait, Statement},
    seaql_migrations,
};

use crate::Migrator;

/// The newest migration that a program must know to work beside this one. A migration that older programs cannot work
/// with moves it; all others leave it.
pub(crate) const COMPANIONS_KNOW: &str = "m20261125_000091_whose_letters";
/// The row of `installation` that keeps it.
const ROW: &str = "companions_know";

/// What a database lacks or has more than this program knows of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Migrations that the database lacks, oldest first.
    pub pending: Vec<String>,
    /// Migrations of newer versions of the program, oldest first.
    pub newer: Vec<String>,
    /// The migration that this program would have to know; none when it may work with this database.
    pub must_know: Option<String>,
}

impl Standing {
    /// Reads it. Writes nothing, also when the database was never migrated.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn read<'c, C>(db: &'c C) -> Result<Self, DbErr>
    where
        C: ConnectionTrait,
        &'c C: IntoSchemaManagerConnection<'c>,
    {
        let known: Vec<String> = names();
        let applied = applied(db).await?;
        let mut newer: Vec<String> = applied
            .iter()
            .filter(|name| !known.contains(name))
            .cloned()
            .collect();
        newer.sort();
        let must_know = match newer.is_empty() {
            true => None,
            false => wanted(db).await?.filter(|name| !known.contains(name)),
        };
        Ok(Self {
            pending: known.into_iter().filter(|name| !applied.contains(name)).collect(),
            newer,
            must_know,
        })
    }
}

fn names() -> Vec<String> {
    Migrator::migrations()
        .iter()
        .map(|migration| migration.name().to_owned())
        .collect()
}

async fn applied<'c, C>(db: &'c C) -> Result<HashSet<String>, DbErr>
where
    C: ConnectionTrait,
    &'c C: IntoSchemaManagerConnection<'c>,
{
    let table = Migrator::migration_table_name().to_string();
    if !SchemaManager::new(db).has_table(table).await? {
        return Ok(HashSet::new());
    }
    #[expect(
        clippy::disallowed_methods,
        reason = "the list of migrations belongs to no tenant"
    )]
    let rows = seaql_migrations::Entity::find().all(db).await?;
    Ok(rows.into_iter().map(|row| row.version).collect())
}

async fn wanted(db: &impl ConnectionTrait) -> Result<Option<String>, DbErr> {
    let sql = format!("select value from installation where name = '{ROW}'");
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let row = db.query_one_raw(statement).await?;
    row.map(|row| row.try_get("", "value")).transpose()
}

/// Writes down what a program must know to work with this version's schema.
pub(crate) async fn write_down(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    let sql = format!(
        "insert into installation (name, value) values ('{ROW}', '{COMPANIONS_KNOW}')
         on conflict (name) do update set value = excluded.value"
    );
    db.execute_unprepared(&sql).await.map(drop)
}
