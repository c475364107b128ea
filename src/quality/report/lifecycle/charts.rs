//! The pictures of a lifecycle.

use super::super::charts::{Area, Axis, Drawn, Kind, LABEL, LETTERS, LINE, picture_of, ruled};
use super::super::markup::Markup;
use super::Rate;
use plotters::prelude::*;

/// As wide as a desk's screen allows; a phone scrolls.
const WIDTH: u32 = 960;
const HEIGHT: u32 = 260;
/// Room for the words at the left.
const LEFT: u32 = 64;

fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// A control chart: a dot a batch, its limits as steps, alarms in another colour and shape.
pub(super) fn control(caption: &str, days: &[String], rates: &[Rate]) -> Markup {
    if rates.is_empty() {
        return Markup::default();
    }
    let all =
        || rates.iter().flat_map(|rate| [Some(rate.value), rate.low, rate.high.filter(|high| *high < 1.0)]).flatten();
    let (least, most) = (all().fold(1.0, f64::min), all().fold(0.0, f64::max));
    let room = (most - least).max(0.005) * 0.08;
    let range = (least - room).max(0.0)..(most + room).min(1.0);
    picture_of(caption, (WIDTH, HEIGHT), |area| draw_control(area, days, rates, range))
}

fn draw_control(area: &Area<'_>, days: &[String], rates: &[Rate], range: std::ops::Range<f64>) -> Drawn {
    let day = |place: &f64| day(days, *place);
    let across = Axis { range: -0.5..number(rates.len()) - 0.5, labels: 8, written: &day };
    let up = Axis { range, labels: 5, written: &|rate| format!("{:.1} %", 100.0 * rate) };
    let mut chart = ruled(area, LEFT, across, up)?;
    for side in [|rate: &Rate| rate.low, |rate: &Rate| rate.high.filter(|high| *high < 1.0)] {
        for (place, rate) in rates.iter().enumerate() {
            if let Some(limit) = side(rate) {
                let (from, to) = (number(place) - 0.5, number(place) + 0.5);
                chart.draw_series([PathElement::new(
                    [(from, limit), (to, limit)],
                    Kind::Fixed.colour().stroke_width(2),
                )])?;
            }
        }
    }
    let line = rates.iter().enumerate().map(|(place, rate)| (number(place), rate.value));
    chart.draw_series(LineSeries::new(line.clone(), LINE))?;
    let dots = line.zip(rates);
    let (bad, good) = (Kind::Bad.colour(), Kind::Good.colour());
    chart.draw_series(dots.clone().filter(|(_, rate)| !rate.alarm).map(|(at, _)| Circle::new(at, 3, good.filled())))?;
    chart.draw_series(dots.filter(|(_, rate)| rate.alarm).map(|(at, _)| TriangleMarker::new(at, 8, bad.filled())))?;
    Ok(())
}

/// The day of a place, where a batch stands there.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place of a batch")]
fn day(days: &[String], place: f64) -> String {
    let near = place.round();
    if (place - near).abs() > 0.25 || near < 0.0 {
        return String::new();
    }
    days.get(near as usize).cloned().unwrap_or_default()
}

/// Bars that show from which batch on each champion reigned.
pub(super) fn timeline(caption: &str, days: &[String], marks: &[(usize, String)]) -> Markup {
    if days.is_empty() || marks.is_empty() {
        return Markup::default();
    }
    let height = 40 + 26 * u32::try_from(marks.len()).unwrap_or(0).min(40);
    picture_of(caption, (WIDTH / 2, height), |area| draw_timeline(area, days, marks))
}

fn draw_timeline(area: &Area<'_>, days: &[String], marks: &[(usize, String)]) -> Drawn {
    let mut builder = ChartBuilder::on(area);
    builder.margin(8).margin_left(16).margin_right(24).x_label_area_size(28);
    let rows = number(marks.len());
    let mut chart = builder.build_cartesian_2d(-0.5..number(days.len()) - 0.5, 0.0..rows)?;
    chart
        .configure_mesh()
        .disable_mesh()
        .axis_style(LINE)
        .x_labels(4)
        .label_style(("sans-serif", LETTERS).into_font().color(&LABEL))
        .x_label_formatter(&|place| day(days, *place))
        .draw()?;
    for (index, (from, model)) in marks.iter().enumerate() {
        let to = marks.get(index + 1).map_or(days.len(), |next| next.0);
        let (top, left) = (rows - number(index), number(*from) - 0.5);
        let mut bar = Rectangle::new([(left, top - 1.0), (number(to) - 0.5, top)], Kind::Good.colour().filled());
        bar.set_margin(5, 5, 0, 0);
        chart.draw_series([bar])?;
        let style = ("sans-serif", LETTERS).into_font().color(&LABEL);
        let word = EmptyElement::at((left, top - 0.5)) + Text::new(model.clone(), (4, -22), style);
        if marks.len() <= 1 {
            chart.draw_series([word])?;
        }
    }
    Ok(())
}
