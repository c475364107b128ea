//! Prometheus' text format 0.0.4, as its "exposition formats" page has it: the writer alone, without a metric.

use std::fmt::{Display, Write};

/// What kind of metric a family is.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Counter,
    Gauge,
    Histogram,
}

/// A page of metrics, one family after another. All samples of a family must follow its head.
#[derive(Default)]
pub(super) struct Page {
    text: String,
    family: &'static str,
}

type Labels<'l> = &'l [(&'l str, &'l str)];

impl Page {
    /// Begins a family; `help` is one line.
    pub(super) fn family(&mut self, name: &'static str, kind: Kind, help: &str) {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        self.family = name;
        let help = help.replace('\\', r"\\").replace('\n', r"\n");
        self.line(format_args!("# HELP {name} {help}"));
        self.line(format_args!("# TYPE {name} {kind}"));
    }

    /// A sample of the family.
    pub(super) fn sample(&mut self, labels: Labels<'_>, value: impl Display) {
        self.named("", labels, None, value);
    }

    /// A whole histogram of the family: the counts of its buckets, one more than there are bounds, and the sum of what
    /// was observed.
    pub(super) fn histogram(&mut self, labels: Labels<'_>, bounds: &[f64], counts: &[u64], sum: f64) {
        let mut total = 0;
        for (index, count) in counts.iter().enumerate() {
            total += count;
            let bound = bounds.get(index).map_or_else(|| "+Inf".to_owned(), ToString::to_string);
            self.named("_bucket", labels, Some(&bound), total);
        }
        self.named("_sum", labels, None, sum);
        self.named("_count", labels, None, total);
    }

    pub(super) fn finish(self) -> String {
        self.text
    }

    fn named(&mut self, suffix: &str, labels: Labels<'_>, bound: Option<&str>, value: impl Display) {
        let pairs = labels.iter().copied().chain(bound.map(|bound| ("le", bound)));
        let pairs: Vec<String> = pairs.map(|(name, value)| format!("{name}=\"{}\"", escape(value))).collect();
        let family = self.family;
        if pairs.is_empty() {
            self.line(format_args!("{family}{suffix} {value}"));
        } else {
            self.line(format_args!("{family}{suffix}{{{}}} {value}", pairs.join(",")));
        }
    }

    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.text, "{line}");
    }
}

fn escape(value: &str) -> String {
    value.replace('\\', r"\\").replace('"', "\\\"").replace('\n', r"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_break_a_line_is_escaped() {
        let mut page = Page::default();
        page.family("tamis_x_total", Kind::Counter, "One\\two\nthree");
        page.sample(&[("path", "/a\"b\\c\nd")], 1);
        assert_eq!(
            page.finish(),
            "# HELP tamis_x_total One\\\\two\\nthree\n# TYPE tamis_x_total counter\n\
             tamis_x_total{path=\"/a\\\"b\\\\c\\nd\"} 1\n"
        );
    }

    #[test]
    fn the_buckets_of_a_histogram_are_cumulative() {
        let mut page = Page::default();
        page.family("tamis_h", Kind::Histogram, "h");
        page.histogram(&[("route", "/")], &[0.5, 1.0], &[1, 0, 2], 7.5);
        let text = page.finish();
        let samples: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(
            samples,
            [
                "tamis_h_bucket{route=\"/\",le=\"0.5\"} 1",
                "tamis_h_bucket{route=\"/\",le=\"1\"} 1",
                "tamis_h_bucket{route=\"/\",le=\"+Inf\"} 3",
                "tamis_h_sum{route=\"/\"} 7.5",
                "tamis_h_count{route=\"/\"} 3",
            ]
        );
    }
}
