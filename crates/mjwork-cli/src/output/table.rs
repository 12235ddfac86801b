//! Tables: one line a row, without rules between. On a terminal they fit its width, and what is too long is cut there.

use super::Paint;
use comfy_table::presets::NOTHING;
use comfy_table::{
    Attribute, CellAlignment, Color, ColumnConstraint, ContentArrangement, Row, Table as Inner, Width,
};

/// A cell: its text and its colour.
pub struct Cell {
    text: String,
    paint: Paint,
}

impl Cell {
    /// A cell in a colour.
    pub fn new(text: impl Into<String>, paint: Paint) -> Self {
        Self { text: text.into(), paint }
    }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::new(text, Paint::Plain)
    }
}

/// A table with a heading.
pub struct Table {
    inner: Inner,
    columns: usize,
}

/// Nothing is narrower than that for the sake of the others.
const NARROWEST: u16 = 8;

impl Table {
    /// A table with these columns.
    pub fn new(head: &[&str]) -> Self {
        let mut inner = Inner::new();
        inner.load_style(NOTHING).set_truncation_indicator("…");
        inner.set_header(head.iter().map(|name| comfy_table::Cell::new(name).add_attribute(Attribute::Bold)));
        Self { inner, columns: head.len() }
    }

    /// Sets a column of numbers to the right.
    pub fn right(mut self, column: usize) -> Self {
        if let Some(column) = self.inner.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        self
    }

    /// Adds a row.
    pub fn row<const N: usize>(&mut self, cells: [Cell; N]) {
        let mut row = Row::new();
        row.max_height(1);
        for cell in cells {
            row.add_cell(painted(cell));
        }
        self.inner.add_row(row);
    }

    /// The table as text, with its colours: for a terminal as wide as that.
    pub fn render(mut self, is_terminal: bool) -> String {
        self.inner.enforce_styling();
        let width = self.inner.width().filter(|_| is_terminal);
        for index in 0..self.columns {
            if let Some(column) = self.inner.column_mut(index) {
                // Two blanks between columns, none before the first.
                column.set_padding((0, if index + 1 == self.columns { 0 } else { 2 }));
            }
        }
        if let Some(width) = width {
            self.inner.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
            self.keep_short_columns();
        } else {
            self.inner.set_content_arrangement(ContentArrangement::Disabled);
        }
        let lines: Vec<String> = self.inner.lines().map(|line| line.trim_end().to_owned()).collect();
        lines.join("\n")
    }

    /// Columns of short words are never cut; what gives way are the long ones.
    fn keep_short_columns(&mut self) {
        const SHORT: u16 = 14;
        for (index, width) in self.inner.column_max_content_widths().into_iter().enumerate() {
            if let Some(column) = self.inner.column_mut(index) {
                column.set_constraint(if width <= SHORT {
                    ColumnConstraint::ContentWidth
                } else {
                    ColumnConstraint::LowerBoundary(Width::Fixed(NARROWEST))
                });
            }
        }
    }
}

fn painted(cell: Cell) -> comfy_table::Cell {
    let Cell { text, paint } = cell;
    let cell = comfy_table::Cell::new_owned(text);
    match paint {
        Paint::Plain => cell,
        Paint::Bold => cell.add_attribute(Attribute::Bold),
        Paint::Dim => cell.add_attribute(Attribute::Dim),
        Paint::Green => cell.fg(Color::DarkGreen),
        Paint::Red => cell.fg(Color::DarkRed),
        Paint::Yellow => cell.fg(Color::DarkYellow),
        Paint::Cyan => cell.fg(Color::DarkCyan),
        Paint::Blue => cell.fg(Color::DarkBlue),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    #[test]
    fn without_a_terminal_nothing_is_cut() {
        let mut table = Table::new(&["ID", "N", "TITLE"]).right(1);
        let long = "x".repeat(300);
        table.row(["a".into(), "12".into(), Cell::new(long.clone(), Paint::Red)]);
        table.row(["wide".into(), "3".into(), "ü".into()]);
        let text = plain(&table.render(false));
        let lines: Vec<_> = text.lines().map(str::trim_end).collect();
        assert_eq!(lines[0], "ID     N  TITLE");
        assert_eq!(lines[1], format!("a     12  {long}"));
        assert_eq!(lines[2], "wide   3  ü");
    }

    #[test]
    fn a_row_is_one_line_however_narrow_the_terminal() {
        let mut table = Table::new(&["ID", "STATUS", "TITLE"]);
        for n in 0..3 {
            table.row([
                format!("task-{n}").into(),
                "in progress".into(),
                "a long title of many words".into(),
            ]);
        }
        table.inner.set_width(36);
        let text = plain(&table.render(true));
        assert_eq!(text.lines().count(), 4, "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 36), "{text}");
        assert!(text.contains('…') && text.contains("in progress"), "{text}");
    }
}
