//! The pictures of a report, drawn by plotters as SVG.
//!
//! They come out as markup without a script, so that a report prints sharply and needs no engine. Every number in them
//! stands in a table or a sentence beside them too.

use super::markup::{Markup, visible};
use super::number::grouped;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters_backend::{BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingErrorKind};
use std::ops::Range;

type Failed = Box<dyn std::error::Error>;
pub(crate) type Drawn = Result<(), Failed>;
pub(crate) type Area<'s> = DrawingArea<Canvas<'s>, plotters::coord::Shift>;
pub(crate) type Chart<'c, 's> = ChartContext<'c, Canvas<'s>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// What a bar counts. The style sheet gives each colour its twin for dark screens, by the colour itself.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Good,
    Fixed,
    Bad,
}

impl Kind {
    pub(crate) fn colour(self) -> RGBColor {
        match self {
            Self::Good => RGBColor(0x1F, 0x6F, 0xB2),
            Self::Fixed => RGBColor(0xE0, 0xA5, 0x2A),
            Self::Bad => RGBColor(0xC8, 0x50, 0x1E),
        }
    }
}

pub(crate) const LABEL: RGBColor = RGBColor(0x56, 0x62, 0x73);
pub(crate) const LINE: RGBColor = RGBColor(0xD9, 0xDF, 0xE7);
/// A picture is as wide as a phone, so that its letters can be read there; wider screens show two side by side.
const WIDTH: u32 = 400;
pub(crate) const LETTERS: u32 = 15;
/// Characters of a label that are shown, and the room for them.
const MOST_LETTERS: usize = 20;
const LEFT: u32 = 150;
/// Bars of one picture; the table has them all.
pub(crate) const MOST_BARS: usize = 15;

/// A row of bars, one behind the other, and what is written at their end.
pub(crate) struct Row {
    pub(crate) label: String,
    pub(crate) parts: Vec<(Kind, f64)>,
    pub(crate) note: String,
}

/// Bars that lie, the first on top; `whole` is the length of the axis, by default a little more than the longest.
pub(crate) fn bars(caption: &str, rows: &[Row], whole: Option<f64>) -> Markup {
    let rows = rows.get(..rows.len().min(MOST_BARS)).unwrap_or_default();
    let length = |row: &Row| row.parts.iter().map(|(_, part)| part).sum::<f64>();
    let longest = rows.iter().map(length).fold(0.0, f64::max);
    let whole = whole.unwrap_or(longest);
    if rows.is_empty() || whole.partial_cmp(&0.0) != Some(std::cmp::Ordering::Greater) {
        return Markup::default();
    }
    let height = 16 + 26 * u32::try_from(rows.len()).unwrap_or(0);
    // Behind the longest bar there must be room for its note.
    let note = rows.iter().map(|row| row.note.chars().count()).max().unwrap_or(0).min(24);
    let room = 8 + 8 * u32::try_from(note).unwrap_or(0);
    let end = whole * f64::from(WIDTH - LEFT) / f64::from(WIDTH - LEFT - room);
    picture(caption, height, |area| draw_bars(area, rows, end))
}

fn draw_bars(area: &Area<'_>, rows: &[Row], end: f64) -> Drawn {
    let count = f64::from(u32::try_from(rows.len()).unwrap_or(0));
    let mut builder = ChartBuilder::on(area);
    builder.margin(8).margin_left(LEFT);
    let mut chart = builder.build_cartesian_2d(0.0..end, 0.0..count)?;
    let style = |side| ("sans-serif", LETTERS).into_font().color(&LABEL).pos(Pos::new(side, VPos::Center));
    // The axis counts from below.
    let mut top = count;
    for row in rows {
        let mut from = 0.0;
        for (kind, part) in &row.parts {
            let mut bar = Rectangle::new([(from, top - 1.0), (from + part, top)], kind.colour().filled());
            bar.set_margin(5, 5, 0, 0);
            chart.draw_series([bar])?;
            from += part;
        }
        let middle = top - 0.5;
        let label = Text::new(short(&row.label), (-8, 0), style(HPos::Right));
        let note = Text::new(visible(&row.note), (6, 0), style(HPos::Left));
        chart.draw_series([EmptyElement::at((0.0, middle)) + label])?;
        chart.draw_series([EmptyElement::at((from, middle)) + note])?;
        top -= 1.0;
    }
    chart.draw_series([PathElement::new([(0.0, 0.0), (0.0, count)], LINE)])?;
    Ok(())
}

/// Two samples side by side: for each label the share of the one, and below it that of the other.
pub(crate) fn pairs(caption: &str, rows: &[(String, f64, f64)]) -> Markup {
    let most = rows.iter().map(|(_, one, other)| one.max(*other)).fold(0.0, f64::max);
    if rows.is_empty() || most.partial_cmp(&0.0) != Some(std::cmp::Ordering::Greater) {
        return Markup::default();
    }
    let height = 16 + 34 * u32::try_from(rows.len()).unwrap_or(0);
    // Room for `100.0 %` behind the longest bar.
    let end = most * f64::from(WIDTH - LEFT) / f64::from(WIDTH - LEFT - 72);
    picture(caption, height, |area| draw_pairs(area, rows, end))
}

fn draw_pairs(area: &Area<'_>, rows: &[(String, f64, f64)], end: f64) -> Drawn {
    let count = f64::from(u32::try_from(rows.len()).unwrap_or(0));
    let mut builder = ChartBuilder::on(area);
    builder.margin(8).margin_left(LEFT);
    let mut chart = builder.build_cartesian_2d(0.0..end, 0.0..count)?;
    let style = |side| ("sans-serif", LETTERS).into_font().color(&LABEL).pos(Pos::new(side, VPos::Center));
    let small = || ("sans-serif", LETTERS - 3).into_font().color(&LABEL).pos(Pos::new(HPos::Left, VPos::Center));
    let mut top = count;
    for (label, one, other) in rows {
        for (kind, share, from) in [(Kind::Good, one, top), (Kind::Bad, other, top - 0.5)] {
            let mut bar = Rectangle::new([(0.0, from - 0.5), (*share, from)], kind.colour().filled());
            let (above, below) = if from < top { (0, 4) } else { (4, 0) };
            bar.set_margin(above, below, 0, 0);
            chart.draw_series([bar])?;
            let middle = from - if from < top { 0.25 - 0.06 } else { 0.25 + 0.06 };
            let note = Text::new(format!("{:.1} %", 100.0 * share), (6, 0), small());
            chart.draw_series([EmptyElement::at((*share, middle)) + note])?;
        }
        let label = Text::new(short(label), (-8, 0), style(HPos::Right));
        chart.draw_series([EmptyElement::at((0.0, top - 0.5)) + label])?;
        top -= 1.0;
    }
    chart.draw_series([PathElement::new([(0.0, 0.0), (0.0, count)], LINE)])?;
    Ok(())
}

/// Counts in bins of equal width from `from` to `to`, perhaps with a line and a word at one place.
pub(crate) fn histogram(caption: &str, counts: &[u64], (from, to): (f64, f64), mark: Option<(f64, &str)>) -> Markup {
    #[allow(clippy::cast_precision_loss, reason = "a picture has fewer dots than a double has bits")]
    let counts: Vec<f64> = counts.iter().map(|count| *count as f64).collect();
    let most = counts.iter().copied().fold(0.0, f64::max);
    let wide = to.partial_cmp(&from) == Some(std::cmp::Ordering::Greater) && (to - from).is_finite();
    if most <= 0.0 || !wide {
        return Markup::default();
    }
    picture(caption, 180, |area| draw_histogram(area, &counts, (from, to), most, mark))
}

fn draw_histogram(
    area: &Area<'_>,
    counts: &[f64],
    (from, to): (f64, f64),
    most: f64,
    mark: Option<(f64, &str)>,
) -> Drawn {
    let style = || ("sans-serif", LETTERS).into_font().color(&LABEL);
    let across = Axis { range: from..to, labels: 6, written: &|x| tick(*x) };
    let up = Axis { range: 0.0..most * 1.15, labels: 4, written: &|y| tick(*y) };
    let mut chart = ruled(area, 58, across, up)?;
    let bins = f64::from(u32::try_from(counts.len()).unwrap_or(1));
    let mut edge = from;
    let mut bars = Vec::new();
    for (index, count) in (1_u32..).zip(counts) {
        let next = from + (to - from) * f64::from(index) / bins;
        let mut bar = Rectangle::new([(edge, 0.0), (next, *count)], Kind::Good.colour().filled());
        bar.set_margin(0, 0, 1, 1);
        if *count > 0.0 {
            bars.push(bar);
        }
        edge = next;
    }
    chart.draw_series(bars)?;
    if let Some((at, word)) = mark.filter(|(at, _)| (from..=to).contains(at)) {
        let bad = Kind::Bad.colour();
        let line = [(at, 0.0), (at, most * 1.04)];
        chart.draw_series(DashedLineSeries::new(line, 6, 4, Color::stroke_width(&bad, 2)))?;
        // The word stands where there is more room.
        let side = if at > from + (to - from) / 2.0 { HPos::Right } else { HPos::Left };
        let style = style().pos(Pos::new(side, VPos::Bottom));
        chart.draw_series([Text::new(visible(word), (at, most * 1.05), style)])?;
    }
    Ok(())
}

/// One side of a chart: from where to where it reaches, how many labels it may have, and how a number is written there.
pub(crate) struct Axis<'f> {
    pub(crate) range: Range<f64>,
    pub(crate) labels: usize,
    pub(crate) written: &'f dyn Fn(&f64) -> String,
}

/// A chart with both its axes and level lines; `left` is the room for the labels beside it.
pub(crate) fn ruled<'c, 's>(
    area: &Area<'s>,
    left: u32,
    across: Axis<'_>,
    up: Axis<'_>,
) -> Result<Chart<'c, 's>, Failed> {
    let mut builder = ChartBuilder::on(area);
    builder.margin(10).margin_right(24).x_label_area_size(28).y_label_area_size(left);
    let mut chart = builder.build_cartesian_2d(across.range, up.range)?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .bold_line_style(LINE)
        .light_line_style(TRANSPARENT)
        .axis_style(LINE)
        .x_labels(across.labels)
        .y_labels(up.labels)
        .label_style(("sans-serif", LETTERS).into_font().color(&LABEL))
        .x_label_formatter(across.written)
        .y_label_formatter(up.written)
        .draw()?;
    Ok(chart)
}

/// A number at an axis.
pub(crate) fn tick(value: f64) -> String {
    let size = value.abs();
    if size >= 1e6 || (size > 0.0 && size < 1e-3) {
        return format!("{value:.1e}");
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole and below a million")]
    if crate::contract::is_whole(value) {
        return format!("{}{}", if value < 0.0 { "−" } else { "" }, grouped(size as u64));
    }
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A label that fits its room: of a long path the end says more.
fn short(label: &str) -> String {
    let label = visible(label);
    let count = label.chars().count();
    if count <= MOST_LETTERS {
        return label;
    }
    std::iter::once('…').chain(label.chars().skip(count + 1 - MOST_LETTERS)).collect()
}

/// A figure with its caption, which is the picture's name for a screen reader too.
pub(crate) fn picture(caption: &str, height: u32, draw: impl FnOnce(&Area<'_>) -> Drawn) -> Markup {
    picture_of(caption, (WIDTH, height), draw)
}

/// The same, of any size.
pub(super) fn picture_of(caption: &str, (width, height): (u32, u32), draw: impl FnOnce(&Area<'_>) -> Drawn) -> Markup {
    let mut svg = String::new();
    let drawn = {
        let area = Canvas(SVGBackend::with_string(&mut svg, (width, height))).into_drawing_area();
        draw(&area).and_then(|()| Ok(area.present()?))
    };
    // What cannot be drawn stands in the table.
    let Some((_, shapes)) = svg.split_once('>').filter(|_| drawn.is_ok()) else {
        return Markup::default();
    };
    let shapes = shapes.trim_end().trim_end_matches("</svg>");
    Markup::element(
        "figure",
        Markup::drawn(height, width, caption, shapes).then(Markup::element("figcaption", caption)),
    )
}

/// The SVG backend, with a text's size by a rule of thumb: the same on every target, and without a font.
pub(crate) struct Canvas<'s>(SVGBackend<'s>);

type Failure<'s> = DrawingErrorKind<<SVGBackend<'s> as DrawingBackend>::ErrorType>;

impl<'s> DrawingBackend for Canvas<'s> {
    type ErrorType = <SVGBackend<'s> as DrawingBackend>::ErrorType;

    fn get_size(&self) -> (u32, u32) {
        self.0.get_size()
    }

    fn ensure_prepared(&mut self) -> Result<(), Failure<'s>> {
        self.0.ensure_prepared()
    }

    fn present(&mut self) -> Result<(), Failure<'s>> {
        self.0.present()
    }

    fn draw_pixel(&mut self, point: BackendCoord, color: BackendColor) -> Result<(), Failure<'s>> {
        self.0.draw_pixel(point, color)
    }

    fn draw_line<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
    ) -> Result<(), Failure<'s>> {
        self.0.draw_line(from, to, style)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        upper_left: BackendCoord,
        bottom_right: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Result<(), Failure<'s>> {
        self.0.draw_rect(upper_left, bottom_right, style, fill)
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Result<(), Failure<'s>> {
        self.0.draw_path(path, style)
    }

    fn draw_text<T: BackendTextStyle>(&mut self, text: &str, style: &T, pos: BackendCoord) -> Result<(), Failure<'s>> {
        self.0.draw_text(text, style, pos)
    }

    fn estimate_text_size<T: BackendTextStyle>(&self, text: &str, style: &T) -> Result<(u32, u32), Failure<'s>> {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a font is some dots high")]
        let size = style.size() as u32;
        Ok((size * u32::try_from(text.chars().count()).unwrap_or(0) * 5 / 9, size))
    }
}
