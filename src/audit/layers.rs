//! What an output hides behind escapes, base64 and hexadecimal digits.

use super::fold::in_word;
use super::form::{Form, Kind};
use super::repeats::OF_DIGITS;
use super::scan::{Hit, Search, View};
use super::unescape::{stretches, unescape};
use super::{digest, encoded};
use std::ops::Range;

/// Most escapes around escapes that are taken back.
const DEPTH: usize = 2;
/// Longest stretch that is decoded as a whole; a longer one is decoded piece by piece, each with what a needle may need.
const STRETCH: usize = 3 << 12;

impl Search {
    /// Looks at what escapes hide.
    pub(super) fn escapes(&self, bytes: &[u8], range: Range<usize>, hits: &mut Vec<Hit>) {
        for stretch in stretches(bytes).into_iter().flat_map(pieces) {
            if stretch.end <= range.start || stretch.start >= range.end {
                continue;
            }
            let mut places: Vec<Box<dyn Fn(usize) -> usize>> = Vec::new();
            let mut text = bytes.get(stretch.clone()).unwrap_or_default().to_vec();
            for _ in 0..DEPTH {
                let Some(plain) = unescape(&text) else { break };
                text.clone_from(&plain.bytes);
                places.push(Box::new(move |at| plain.place(at)));
                let place = |at: usize| stretch.start + places.iter().rev().fold(at, |at, place| place(at));
                let mut found = Vec::new();
                self.text(&text, View::Escaped, &mut found);
                for hit in found {
                    let (start, end) = (place(hit.at), place(hit.at + hit.length));
                    let original = bytes.get(start..end).unwrap_or_default();
                    let apart =
                        start == 0 || !bytes.get(start - 1).is_some_and(|byte| in_word(byte.to_ascii_lowercase()));
                    if original.len() == hit.length && apart || hit.at == 0 && !apart {
                        // It stands there without escapes, and was found; or the stretch begins within a word.
                        continue;
                    }
                    let form = match original.iter().find(|byte| matches!(byte, b'\\' | b'&' | b'%')) {
                        Some(b'\\') => Form::JsonEscaped,
                        Some(b'&') => Form::HtmlEscaped,
                        Some(_) => Form::UrlEncoded,
                        None => hit.form,
                    };
                    hits.push(Hit { at: start, length: end - start, form, ..hit });
                }
            }
        }
    }

    /// Looks into what may be base64.
    pub(super) fn encodings(&self, bytes: &[u8], hits: &mut Vec<Hit>) {
        let mut at = 0;
        let mut decoded = Vec::new();
        let mut folded = Vec::new();
        let mut found = Vec::new();
        while let Some((start, end)) = encoded::base64_run(bytes, at) {
            at = end + 1;
            let run = bytes.get(start..end).unwrap_or_default();
            if !encoded::may_be_base64(run) {
                continue;
            }
            if self.index.has_digests && digest::LENGTHS.contains(&(run.len() * 3 / 4)) && run.len() % 4 != 1 {
                encoded::base64(run, &mut decoded);
                self.digest(&decoded, start, run.len(), hits);
            }
            if self.index.cuts & OF_DIGITS == 0 && run.iter().all(u8::is_ascii_digit) {
                // A number of many digits, such as a score, and no text.
                continue;
            }
            for shift in 0..4 {
                encoded::base64(run.get(shift..).unwrap_or_default(), &mut decoded);
                found.clear();
                self.decoded(&decoded, View::Base64, &mut folded, &mut found);
                for hit in found.drain(..) {
                    let place = |at| start + shift + encoded::base64_place(at);
                    let (from, to) = (place(hit.at), place(hit.at + hit.length));
                    hits.push(Hit { at: from, length: to - from, form: Form::Base64, ..hit });
                }
            }
        }
    }

    /// Looks into what may be hexadecimal digits.
    pub(super) fn hex(&self, bytes: &[u8], start: usize, end: usize, hits: &mut Vec<Hit>) {
        let word = bytes.get(start..end).unwrap_or_default();
        let (start, word) = match word.strip_prefix(b"0x") {
            Some(rest) => (start + 2, rest),
            None => (start, word),
        };
        if !word.iter().all(|byte| encoded::is_hex(*byte)) {
            return;
        }
        let mut decoded = Vec::new();
        let mut folded = Vec::new();
        let mut found = Vec::new();
        for shift in 0..2 {
            encoded::hex(word.get(shift..).unwrap_or_default(), &mut decoded);
            if shift == 0 && self.index.has_digests && digest::LENGTHS.contains(&decoded.len()) && word.len() % 2 == 0 {
                self.digest(&decoded, start, word.len(), hits);
            }
            found.clear();
            self.decoded(&decoded, View::Hex, &mut folded, &mut found);
            for hit in found.drain(..) {
                hits.push(Hit { at: start + shift + 2 * hit.at, length: 2 * hit.length, form: Form::Hex, ..hit });
            }
        }
    }

    pub(super) fn digest(&self, bytes: &[u8], at: usize, length: usize, hits: &mut Vec<Hit>) {
        let print = self.printer.of(bytes);
        let Some(found) = self.index.find(print) else { return };
        let form = match found.traits.kind {
            Kind::Md5 => Form::Md5,
            Kind::Sha1 => Form::Sha1,
            Kind::Sha256 => Form::Sha256,
            _ => return,
        };
        hits.push(Hit { at, length, print, form, found, covered: false });
    }
}

/// Cuts a long stretch where it may be, so that hostile escapes cost no more than others.
fn pieces(stretch: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let step = STRETCH - 1024;
    let count = stretch.len().saturating_sub(1024).div_ceil(step).max(1);
    (0..count).map(move |index| {
        let start = stretch.start + index * step;
        start..stretch.end.min(start + STRETCH)
    })
}
