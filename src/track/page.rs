//! Runs as one HTML file with pictures: how their figures went, and what differs between some.

use super::compare::{Comparison, FIRST, delta, figure, metric_names, shorter, signed, started};
use super::run::RunLog;
use super::trend::trend;
use crate::quality::report::charts::{Kind, Row, bars};
use crate::quality::report::markup::Markup;
use crate::quality::report::page;

/// How the figures went from run to run, an experiment after the other.
pub(crate) fn chart(runs: &[&RunLog]) -> String {
    let mut experiments: Vec<&str> = Vec::new();
    for run in runs {
        if !experiments.contains(&run.experiment.as_str()) {
            experiments.push(&run.experiment);
        }
    }
    let sections = experiments.into_iter().map(|experiment| {
        let of_it: Vec<_> = runs.iter().copied().filter(|run| run.experiment == experiment).collect();
        section(experiment, &of_it)
    });
    let body = heading("Runs").then(sections.collect::<Markup>());
    page("Tamis runs", "", Markup::element("main", body))
}

/// What differs between runs.
pub(crate) fn comparison(comparison: &Comparison<'_>) -> String {
    let heads = || comparison.runs.iter().map(|run| Markup::text(&run.name));
    let row = |name: &str, of: &dyn Fn(&RunLog) -> String| {
        (name.to_owned(), comparison.runs.iter().map(|run| Markup::text(&of(run))).collect::<Vec<_>>())
    };
    let mut origins = vec![row("id", &|run| run.id.clone()), row("started (UTC)", &|run| started(run))];
    origins.extend(comparison.params.iter().map(|(name, values)| {
        let cell = |value: &Option<String>| Markup::text(value.as_deref().map_or("–", shorter));
        (name.clone(), values.iter().map(cell).collect())
    }));
    let figures = comparison.metrics.iter().map(|(name, values)| {
        let cell = |place: usize| {
            let value = Markup::from(values.get(place).copied().flatten().map_or_else(|| "–".to_owned(), figure));
            match delta(values, place).filter(|delta| place > 0 && *delta != 0.0) {
                Some(delta) => value.then(Markup::element("small", format!(" {}", signed(delta)))),
                None => value,
            }
        };
        (name.clone(), (0..values.len()).map(cell).collect())
    });
    let pictures = comparison.metrics.iter().filter(|(name, _)| FIRST.contains(&name.as_str()));
    let pictures = pictures.map(|(name, values)| {
        let rows = comparison.runs.iter().zip(values).filter_map(|(run, value)| {
            let value = (*value)?.max(0.0);
            Some(Row { label: run.name.clone(), parts: vec![(Kind::Good, value)], note: figure(value) })
        });
        bars(name, &rows.collect::<Vec<_>>(), None)
    });
    let body = heading("Runs compared")
        .then(part("What differs", table("Origins and parameters", heads().collect(), origins)))
        .then(part("Figures", table("In small: the change from the first run", heads().collect(), figures)))
        .then(part("Pictures", Markup::element("div class=\"beside\"", pictures.collect::<Markup>())));
    page("Tamis runs compared", "", Markup::element("main", body))
}

fn heading(title: &'static str) -> Markup {
    Markup::element("header", Markup::element("p class=\"brand\"", "Tamis").then(Markup::element("h1", title)))
}

fn part(title: &str, content: Markup) -> Markup {
    Markup::element("section", Markup::element("h2", title).then(content))
}

fn section(experiment: &str, runs: &[&RunLog]) -> Markup {
    let names: Vec<_> = metric_names(runs).into_iter().filter(|name| FIRST.contains(name)).collect();
    let pictures = names.iter().map(|name| {
        let points = (1_u32..).zip(runs).filter_map(|(number, run)| Some((number, *run.metrics.get(*name)?)));
        trend(name, &points.collect::<Vec<_>>())
    });
    let cell =
        |run: &RunLog, name: &str| Markup::text(&run.metrics.get(name).copied().map_or_else(|| "–".to_owned(), figure));
    let rows = (1..).zip(runs).map(|(number, run): (usize, _)| {
        let first = [run.name.as_str(), run.command.as_str(), started(run).as_str(), run.id.as_str()].map(Markup::text);
        (number.to_string(), first.into_iter().chain(names.iter().map(|name| cell(run, name))).collect())
    });
    let heads = ["run", "command", "started (UTC)", "id"].into_iter().chain(names.iter().copied());
    let table = table("The runs by their number", heads.map(Markup::text).collect(), rows);
    let pictures = Markup::element("div class=\"beside\"", pictures.collect::<Markup>());
    part(experiment, pictures.then(table))
}

/// A table of which the number of columns is not known before.
fn table(caption: &str, heads: Vec<Markup>, rows: impl IntoIterator<Item = (String, Vec<Markup>)>) -> Markup {
    let heads = std::iter::once(Markup::default()).chain(heads);
    let head = Markup::element("tr", heads.map(|head| Markup::element("th scope=\"col\"", head)).collect::<Markup>());
    let rows = rows.into_iter().map(|(name, cells)| {
        let cells = cells.into_iter().map(|cell| Markup::element("td", cell));
        Markup::element("tr", Markup::element("th scope=\"row\"", name).then(cells.collect::<Markup>()))
    });
    let body = Markup::element("thead", head).then(Markup::element("tbody", rows.collect::<Markup>()));
    let table = Markup::element("table", Markup::element("caption", caption).then(body));
    Markup::labelled("div class=\"wide\" role=\"group\" tabindex=\"0\"", caption, table)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_show_every_run_and_no_markup_of_a_name() {
        let run = |at: u64, experiment: &str| {
            let mut run = RunLog::new("train", experiment, at, [2; 10]);
            run.name = format!("<b>{at}");
            run.param("seed", at);
            #[allow(clippy::cast_precision_loss, reason = "small")]
            run.metric("acceptance_rate", 1.0 / (at + 1) as f64);
            run
        };
        let (one, two, other) = (run(1, "a"), run(2, "a"), run(3, "<i>"));
        let html = chart(&[&one, &two, &other]);
        assert!(html.contains("<svg") && html.contains(&two.id) && html.contains("&lt;i&gt;"), "{html}");
        let compared = comparison(&Comparison::of(vec![&one, &two]));
        assert!(compared.contains("−0.1667") && compared.contains("<svg"), "{compared}");
        for html in [html, compared] {
            assert!(!html.contains("<b>") && !html.contains("<script") && html.ends_with("</html>\n"));
        }
        assert!(chart(&[]).contains("<h1>"));
    }
}
