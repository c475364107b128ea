//! Tables.

use super::markup::Markup;

/// A column: its head, and what its cells hold.
#[derive(Clone, Copy)]
pub(crate) enum Column {
    Words(&'static str),
    Number(&'static str),
    Record(&'static str),
}

/// A table that is built row by row.
pub(crate) struct Table {
    caption: String,
    columns: &'static [Column],
    rows: Vec<Markup>,
}

/// Rows that are shown at once where a table folds, and how many more there must be for folding to be worth it.
const OPEN: usize = 20;
const FEW: usize = 5;

impl Table {
    pub(crate) fn new(caption: impl Into<String>, columns: &'static [Column]) -> Self {
        Self { caption: caption.into(), columns, rows: Vec::new() }
    }

    /// Adds a row: one cell for each column, the first of which names it.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = Markup>) {
        let cells = cells.into_iter().zip(self.columns).enumerate();
        let row = cells.map(|(index, (cell, column))| match (index, column) {
            (0, Column::Number(_)) => Markup::element("th scope=\"row\" class=\"number\"", cell),
            (0, _) => Markup::element("th scope=\"row\"", cell),
            (_, Column::Words(_)) => Markup::element("td", cell),
            (_, Column::Number(_)) => Markup::element("td class=\"number\"", cell),
            (_, Column::Record(_)) => Markup::element("td class=\"record\"", cell),
        });
        self.rows.push(Markup::element("tr", row.collect::<Markup>()));
    }

    /// The table, or `otherwise` where it has no rows.
    pub(crate) fn or(self, otherwise: &'static str) -> Markup {
        if self.rows.is_empty() {
            return Markup::element("p class=\"none\"", otherwise);
        }
        self.whole(self.rows.iter().cloned().collect())
    }

    /// The same, with the later rows of a long table folded away.
    pub(crate) fn folded_or(self, otherwise: &'static str) -> Markup {
        if self.rows.len() <= OPEN + FEW {
            return self.or(otherwise);
        }
        let (open, folded) = self.rows.split_at(OPEN);
        let summary = Markup::element("summary", format!("{} more", folded.len()));
        let rest = Markup::element("details", summary.then(self.whole(folded.iter().cloned().collect())));
        self.whole(open.iter().cloned().collect()).then(rest)
    }

    fn whole(&self, rows: Markup) -> Markup {
        let heads = self.columns.iter().map(|column| match *column {
            Column::Words(head) | Column::Record(head) => Markup::element("th scope=\"col\"", head),
            Column::Number(head) => Markup::element("th scope=\"col\" class=\"number\"", head),
        });
        let table = Markup::element("caption", self.caption.as_str())
            .then(Markup::element("thead", Markup::element("tr", heads.collect::<Markup>())))
            .then(Markup::element("tbody", rows));
        // A wide table scrolls in a region of its own, which the keyboard must be able to reach.
        Markup::labelled(
            "div class=\"wide\" role=\"group\" tabindex=\"0\"",
            &self.caption,
            Markup::element("table", table),
        )
    }
}

/// A name out of the contract or a value out of the feed; the record itself has an empty path.
pub(crate) fn name(text: &str) -> Markup {
    Markup::element("code", Markup::element("bdi", if text.is_empty() { "(record)" } else { text }))
}
