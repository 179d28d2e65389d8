//! Rows for people, and the same rows for programs.

use serde::Serialize;
use vitrine_entity::Time;

use crate::failure::Failure;
use crate::print;

/// Columns under their names, as wide as they need to be.
pub(super) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(super) fn new<const N: usize>(names: [&str; N]) -> Self {
        Self {
            rows: vec![names.map(str::to_owned).to_vec()],
        }
    }

    pub(super) fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.map(|cell| printable(&cell)).to_vec());
    }

    fn width(&self, column: usize) -> usize {
        let cells = self.rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
    }

    fn line(&self, row: &[String]) -> String {
        let padded = row.iter().enumerate().map(|(column, cell)| {
            let width = self.width(column);
            format!("{cell:width$}")
        });
        let cells: Vec<String> = padded.collect();
        cells.join("  ").trim_end().to_owned()
    }

    /// The whole, a line for each row.
    pub(super) fn text(&self) -> String {
        self.rows.iter().map(|row| self.line(row) + "\n").collect()
    }
}

/// What was stored elsewhere may hold anything; a terminal gets no control characters from us.
fn printable(text: &str) -> String {
    text.chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect()
}

/// A moment, for people.
pub(super) fn moment(time: Option<Time>) -> String {
    time.map_or("-".to_owned(), |time| {
        time.format("%Y-%m-%d %H:%M:%SZ").to_string()
    })
}

/// Prints for a program or for a person.
pub(super) fn show(
    json: bool,
    value: &impl Serialize,
    table: impl FnOnce() -> String,
) -> Result<(), Failure> {
    if !json {
        return print(&table());
    }
    let text = serde_json::to_string_pretty(value)
        .map_err(|error| Failure::because("cannot print what was found", &error))?;
    print(&format!("{text}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_under_their_names_and_hold_no_control_characters() {
        let mut table = Table::new(["id", "reason"]);
        table.row(["long-name".to_owned(), "red \u{1b}[31m\n".to_owned()]);

        assert_eq!(table.text(), "id         reason\nlong-name  red  [31m\n");
    }
}
