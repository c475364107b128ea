//! Tables, with bars in their cells where a number is a share.

use super::markup::Markup;
use super::number::{count, grouped, percent, share};
use serde_json::Value as Json;

/// A table that is built row by row; without rows it says so instead.
pub(super) struct Table {
    caption: &'static str,
    heads: &'static [&'static str],
    rows: Markup,
}

impl Table {
    pub(super) fn new(caption: &'static str, heads: &'static [&'static str]) -> Self {
        Self { caption, heads, rows: Markup::default() }
    }

    /// Adds a row; the first cell names it.
    pub(super) fn row(&mut self, name: impl Into<Markup>, cells: impl IntoIterator<Item = Markup>) {
        let name = Markup::element("th scope=\"row\"", name);
        let row = Markup::element("tr", name.then(cells.into_iter().collect::<Markup>()));
        self.rows = std::mem::take(&mut self.rows).then(row);
    }

    /// The table, or `otherwise` where it has no rows.
    pub(super) fn or(self, otherwise: &'static str) -> Markup {
        if self.rows.is_empty() {
            return Markup::element("p class=\"none\"", otherwise);
        }
        let heads: Markup = self.heads.iter().map(|head| Markup::element("th scope=\"col\"", *head)).collect();
        let table = Markup::element("caption", self.caption)
            .then(Markup::element("thead", Markup::element("tr", heads)))
            .then(Markup::element("tbody", self.rows));
        // A wide table scrolls in a region of its own, which the keyboard must be able to reach.
        Markup::element("div class=\"wide\" role=\"group\" tabindex=\"0\"", Markup::element("table", table))
    }
}

/// A cell with a text.
pub(super) fn words(text: impl Into<Markup>) -> Markup {
    Markup::element("td", text)
}

/// A cell with a name out of the contract or a value out of the feed.
pub(super) fn code(text: &str) -> Markup {
    Markup::element("td", name(text))
}

/// A name out of the contract or a value out of the feed; the record itself has an empty path.
pub(super) fn name(text: &str) -> Markup {
    Markup::element("code", Markup::element("bdi", if text.is_empty() { "(record)" } else { text }))
}

/// A cell with a number.
pub(super) fn number(text: impl Into<Markup>) -> Markup {
    Markup::element("td class=\"number\"", text)
}

/// A cell with a count out of a summary.
pub(super) fn counted(json: &Json) -> Markup {
    number(grouped(count(json)))
}

/// A cell with a share in per cent and a bar of that length.
pub(super) fn bar(part: u64, whole: u64, kind: Kind) -> Markup {
    let length = 100.0 * share(part, whole).unwrap_or(0.0);
    let fill = Markup::measured(kind.rect(), &[("width", length)], "");
    let back = Markup::html("<rect class=\"track\" width=\"100\" height=\"10\"></rect>");
    // The number beside it says the same, so a screen reader may pass the picture over.
    let opening = "svg class=\"bar\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\"";
    let picture = Markup::element(opening, back.then(fill));
    Markup::element("td class=\"share\"", picture.then(Markup::element("span", percent(part, whole))))
}

/// What a bar counts; the colours are told apart by colour-blind readers too.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Good,
    Fixed,
    Bad,
}

impl Kind {
    fn rect(self) -> &'static str {
        match self {
            Self::Good => "rect class=\"good\" height=\"10\"",
            Self::Fixed => "rect class=\"fixed\" height=\"10\"",
            Self::Bad => "rect class=\"bad\" height=\"10\"",
        }
    }
}
