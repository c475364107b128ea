//! An audit for people.

use super::super::progress::shown;
use crate::audit::Report;
use std::fmt::Write;
use std::path::PathBuf;

/// Most findings that are written out.
const MOST: usize = 40;

/// The outputs' names.
pub(super) fn names(files: &[PathBuf]) -> Vec<String> {
    files.iter().map(|file| file.display().to_string()).collect()
}

/// One line: what was found, or that nothing was.
pub(super) fn line(report: &Report, files: usize) -> String {
    let plural = if files == 1 { "" } else { "s" };
    let Report { values, findings, .. } = report;
    let what = if findings.is_empty() {
        format!("no trace of {values} removed values in {files} file{plural}")
    } else {
        let count: u64 = findings.iter().map(|finding| finding.count).sum();
        let traces = if count == 1 { "trace" } else { "traces" };
        format!("{count} {traces} of removed values in {files} file{plural}")
    };
    format!("{:<8} {what}", "audit")
}

/// The findings, each with its places and never with what stands there.
pub(super) fn findings(report: &Report, files: &[String], input: &str) -> String {
    let mut out = String::new();
    for finding in report.findings.iter().take(MOST) {
        let file = files.get(finding.file).map_or("", String::as_str);
        let path = if finding.path.is_empty() { "the record" } else { &finding.path };
        // Writing to a String cannot fail.
        let _ =
            writeln!(out, "    {}: {} as {}, {} times", shown(file), shown(path), finding.form.name(), finding.count);
        for place in &finding.listed {
            let raw = finding.source.as_deref().unwrap_or(input);
            let _ = writeln!(
                out,
                "        line {}, byte {}; removed from line {} of {}",
                place.line,
                place.offset,
                place.raw_line,
                shown(raw)
            );
        }
        let more = finding.count - finding.listed.len() as u64;
        if more > 0 {
            let _ = writeln!(out, "        and {more} more");
        }
    }
    if let Some(more) = report.findings.len().checked_sub(MOST).filter(|more| *more > 0) {
        let _ = writeln!(out, "    and {more} more findings, all in --json");
    }
    out
}
