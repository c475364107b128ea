//! The figures for people, each with what it means.

use super::enforce::Enforced;
use crate::privacy::{Figures, Report, Suggestion};
use std::fmt::Write;

pub(super) fn table(report: &Report, enforced: Option<&Enforced>) -> String {
    let mut out = String::new();
    let [name, version, _] = &report.contract;
    let (read, records) = (report.counted.read, report.figures.records);
    let _ = writeln!(out, "{records} of {read} records measured, as the masks of {name} {version} leave them");
    if report.counted.rejected > 0 {
        let _ = writeln!(
            out,
            "    {} are no records, break the contract, or repeat a key of x-unique: `tamis validate` says which",
            report.counted.rejected
        );
    }
    out.push('\n');
    marked(&mut out, report);
    risk(&mut out, report);
    sizes(&mut out, &report.figures);
    smallest(&mut out, report);
    diversity(&mut out, report);
    suggestions(&mut out, report);
    if let Some(enforced) = enforced {
        let Enforced { k, written, left_out, reached, out: path } = enforced;
        let _ = writeln!(
            out,
            "\n{} written to {path}, {left_out} in groups smaller than {k} left out",
            some(*written, "record")
        );
        let _ = match written {
            0 => writeln!(out, "    every group is smaller than {k}: the file is empty"),
            _ => writeln!(out, "    measured anew, its smallest group has {reached} records"),
        };
    }
    out.push_str(
        "\nThe figures count records, not people: somebody with five records makes a group of five alone (--sensitive with \
         the\nperson's token counts people). They say how well the marked fields hide who a record is about, and nothing of \
         the\nother fields. The data stay personal data.\n",
    );
    out
}

fn some(count: u64, name: &str) -> String {
    format!("{count} {name}{}", if count == 1 { "" } else { "s" })
}

fn percent(share: f64) -> String {
    format!("{:.2} %", share * 100.0)
}

#[allow(clippy::cast_precision_loss, reason = "counts of records, shown with two digits")]
fn part(count: u64, whole: u64) -> String {
    percent(if whole == 0 { 0.0 } else { count as f64 / whole as f64 })
}

fn marked(out: &mut String, report: &Report) {
    let _ = writeln!(out, "{:<34} {:<12} {:>9}   without it", "fields with x-quasi", "mask", "values");
    for field in &report.marked {
        let _ = writeln!(
            out,
            "  {:<32} {:<12} {:>9}   k {}, {} alone",
            field.path,
            field.mask,
            field.distinct,
            field.k_without,
            percent(field.unique_rate_without)
        );
    }
    out.push_str("    whoever knows these values of a person from elsewhere can look for that person's record\n\n");
}

fn risk(out: &mut String, report: &Report) {
    let Figures { records, groups, k, unique, below_groups, below_records, highest_risk, mean_risk, .. } =
        report.figures;
    let mut line = |name: &str, figure: String, share: String, meaning: &str| {
        let _ = writeln!(out, "{name:<20} {figure:>10} {share:>10}   {meaning}");
    };
    let none = String::new;
    line("k", k.to_string(), none(), "every record is like k - 1 others, at least, in all of these fields");
    line("groups", groups.to_string(), none(), "different combinations of their values");
    line(
        "alone",
        unique.to_string(),
        part(unique, records),
        "records like no other: whoever knows the values finds the record",
    );
    let meaning = format!("records in {} smaller than {}", some(below_groups, "group"), report.wanted);
    line(&format!("below k = {}", report.wanted), below_records.to_string(), part(below_records, records), &meaning);
    line("highest risk", none(), percent(highest_risk), "chance to find a record of the smallest group: 1 / k");
    line("mean risk", none(), percent(mean_risk), "the same over all records: groups / records");
}

fn sizes(out: &mut String, figures: &Figures) {
    let _ = writeln!(out, "\n{:<20} {:>10} {:>10}", "size of a group", "groups", "records");
    for band in &figures.sizes {
        let size = match band.to {
            Some(to) if to == band.from => band.from.to_string(),
            Some(to) => format!("{} to {to}", band.from),
            None => format!("{} and more", band.from),
        };
        let records = part(band.records, figures.records);
        let _ = writeln!(out, "{size:<20} {:>10} {:>10} {records:>10}", band.groups, band.records);
    }
}

fn smallest(out: &mut String, report: &Report) {
    if report.smallest.is_empty() {
        return;
    }
    out.push_str(
        "\nThe smallest groups, by where their first record stands (their values would single somebody out)\n",
    );
    for group in &report.smallest {
        let source = group.source.as_ref().map(|source| format!("{source} ")).unwrap_or_default();
        let _ = writeln!(out, "  {:>12}   {source}line {}", some(group.size, "record"), group.line);
    }
}

fn diversity(out: &mut String, report: &Report) {
    if report.diversity.is_empty() {
        out.push_str(
            "\nl-diversity: not measured, as no sensitive field is named (--sensitive FIELD, or x-pii \"health\" and the like)\n",
        );
        return;
    }
    let _ = writeln!(out, "\n{:<34} {:>9} {:>10} {:>12}", "l-diversity", "distinct", "entropy", "one value");
    for field in &report.diversity {
        let least = if field.bounded { " at least" } else { "" };
        let _ = writeln!(
            out,
            "  {:<32} {:>9} {:>10.2} {:>12}{least}",
            field.path, field.distinct, field.entropy, field.uniform_records
        );
    }
    out.push_str(
        "    distinct: different values in the poorest group; entropy: as many equally frequent values would be as hard to\n    \
         guess; one value: records in groups that have one value only, so that finding the group tells it\n",
    );
}

fn suggestions(out: &mut String, report: &Report) {
    let Figures { records, k, below_records, .. } = report.figures;
    let wanted = report.wanted;
    if k >= wanted {
        let _ = writeln!(out, "\nk = {wanted} is reached.");
        return;
    }
    let _ = writeln!(out, "\nWhat would reach k = {wanted}");
    if records < wanted {
        let _ = writeln!(out, "  nothing: there are only {records}");
        return;
    }
    for found in &report.suggestions {
        suggestion(out, found);
    }
    let _ = writeln!(
        out,
        "  The masks as they are, leaving out {} ({}): --enforce-k {wanted} --out FILE",
        some(below_records, "record"),
        part(below_records, records)
    );
    if report.sampled {
        out.push_str(
            "  There are so many combinations that these, and what stands beside the fields above, come from a sample: measure again.\n",
        );
    }
}

fn suggestion(out: &mut String, found: &Suggestion) {
    let left_out = match found.left_out {
        0 => "no record left out".to_owned(),
        count => format!("{} left out ({})", some(count, "record"), percent(found.left_out_rate())),
    };
    let minimal = if found.minimal { "" } else { "; perhaps not the least change" };
    let _ = writeln!(
        out,
        "  With {left_out}: k {}, {}, {} of what these fields tell is lost{minimal}",
        found.k,
        some(found.groups, "group"),
        percent(found.loss)
    );
    for (path, mask) in &found.masks {
        let _ = writeln!(out, "      {path:<32} \"x-mask\": {mask}");
    }
}
