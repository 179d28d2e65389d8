//! Statements over a list of rows that both engines understand.

use sea_orm::{DatabaseBackend, Statement, Value};

/// Writes rows of values, with their types where the engine asks for them, into the statement that `sql`
/// makes of them.
pub fn statement_over<const N: usize>(
    backend: DatabaseBackend,
    types: [&str; N],
    rows: impl Iterator<Item = [Value; N]>,
    sql: impl FnOnce(String) -> String,
) -> Statement {
    let (mut text, mut values) = (String::new(), Vec::new());
    for row in rows {
        text.push_str(if text.is_empty() { "(" } else { ", (" });
        for (index, value) in row.into_iter().enumerate() {
            values.push(value);
            let comma = if index == 0 { "" } else { ", " };
            match backend {
                DatabaseBackend::Postgres => {
                    text.push_str(&format!("{comma}${}::{}", values.len(), types[index]));
                }
                _ => text.push_str(&format!("{comma}${}", values.len())),
            }
        }
        text.push(')');
    }
    Statement::from_sql_and_values(backend, sql(text), values)
}

/// The same values, the last one repeated until there are as many as a power of two: statements over lists
/// of any length then have a few shapes only, which the engines keep prepared. An empty list stays empty.
pub fn padded<T: Clone>(mut values: Vec<T>) -> Vec<T> {
    if let Some(last) = values.last().cloned() {
        values.resize(values.len().next_power_of_two(), last);
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_padded_to_powers_of_two() {
        assert_eq!(padded(vec![1, 2, 3]), [1, 2, 3, 3]);
        assert_eq!(padded(vec![1, 2]), [1, 2]);
        assert!(padded(Vec::<u8>::new()).is_empty());
    }
}
