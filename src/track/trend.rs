//! A figure from run to run, as a picture.

use crate::quality::report::charts::{Area, Axis, Drawn, Kind, picture, ruled, tick};
use crate::quality::report::markup::Markup;
use plotters::prelude::*;

/// A point a run, at its number, joined by a line; nothing where there is no point.
pub(super) fn trend(caption: &str, points: &[(u32, f64)]) -> Markup {
    let points: Vec<_> = points.iter().map(|(number, value)| (f64::from(*number), *value)).collect();
    let Some(&(first, _)) = points.first() else {
        return Markup::default();
    };
    let last = points.last().map_or(first, |point| point.0);
    let lowest = points.iter().map(|point| point.1).fold(f64::INFINITY, f64::min);
    let highest = points.iter().map(|point| point.1).fold(f64::NEG_INFINITY, f64::max);
    // Some room around the points; a figure that never changed lies in the middle.
    let room = if highest > lowest { (highest - lowest) * 0.15 } else { highest.abs().max(1e-6) * 0.5 };
    picture(caption, 180, |area| draw(area, &points, (first - 0.5, last + 0.5), (lowest - room, highest + room)))
}

fn draw(area: &Area<'_>, points: &[(f64, f64)], (from, to): (f64, f64), (low, high): (f64, f64)) -> Drawn {
    let whole = |x: &f64| if crate::contract::is_whole(*x) { tick(*x) } else { String::new() };
    let across = Axis { range: from..to, labels: 6, written: &whole };
    let up = Axis { range: low..high, labels: 4, written: &|y| tick(*y) };
    let mut chart = ruled(area, 58, across, up)?;
    let colour = Kind::Good.colour();
    chart.draw_series(LineSeries::new(points.iter().copied(), Color::stroke_width(&colour, 2)))?;
    chart.draw_series(points.iter().map(|point| Circle::new(*point, 3, colour.filled())))?;
    Ok(())
}
