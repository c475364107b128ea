//! What a matcher gives back.

use super::kind::{Confidence, Kind};

/// A piece of personal data, in places of the view.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hit {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) kind: Kind,
    pub(super) confidence: Confidence,
}

impl Hit {
    pub(super) fn new(start: usize, end: usize, kind: Kind, confidence: Confidence) -> Self {
        Self { start, end, kind, confidence }
    }
}

/// Puts hits in order and makes one of those that overlap: of the kind of the longest.
pub(super) fn settle(hits: &mut Vec<Hit>) {
    hits.sort_unstable_by_key(|hit| (hit.start, std::cmp::Reverse(hit.end), hit.kind));
    let mut kept: Vec<(Hit, usize)> = Vec::with_capacity(hits.len());
    for hit in hits.drain(..) {
        let length = hit.end - hit.start;
        match kept.last_mut() {
            Some((last, longest)) if hit.start < last.end => {
                if length > *longest {
                    (*longest, last.kind, last.confidence) = (length, hit.kind, hit.confidence);
                }
                last.end = last.end.max(hit.end);
            }
            _ => kept.push((hit, length)),
        }
    }
    hits.extend(kept.into_iter().map(|(hit, _)| hit));
}
