//! The search once more, slowly and without anything that rules places out: what it finds, the quick one must find too.

use super::fold::{fold, in_word};
use super::form::{Form, Kind};
use super::index::{Index, Needle, Traits, window};
use super::print::{LONGEST, Printer, SHORTEST, WINDOW};
use super::repeats::marks;
use super::scan::{ByRight, Hit, Search, View, uncovered};
use super::set::Set;
use super::{digest, encoded};
use data_encoding::{BASE64, HEXLOWER};
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Every length at every place where something may begin.
fn text(search: &Search, text: &[u8], view: View, hits: &mut Vec<Hit>) {
    let decoded = matches!(view, View::Base64 | View::Hex);
    let mut folded = Vec::new();
    fold(text, &mut folded);
    let is = |at: usize| folded.get(at).is_some_and(|byte| in_word(*byte));
    for start in (0..folded.len()).filter(|start| is(*start)) {
        let begins = start == 0 || !is(start - 1);
        let shortest = if begins { SHORTEST } else { WINDOW };
        if !(begins || decoded) {
            continue;
        }
        for length in shortest..=LONGEST.min(folded.len() - start) {
            let ends = is(start + length - 1) && !is(start + length);
            if length >= WINDOW || ends {
                let print = search.printer.of(&folded[start..start + length]);
                if let Some(found) = search.index.find(print)
                    && !matches!(found.traits.kind, Kind::Digits | Kind::National)
                {
                    search.compare(&folded, text, start, length, print, view, hits);
                }
            }
        }
        if begins && folded[start].is_ascii_digit() {
            search.number(text, start, view, hits);
        }
    }
}

fn in_hex(search: &Search, bytes: &[u8], hits: &mut Vec<Hit>) {
    let mut folded = Vec::new();
    fold(bytes, &mut folded);
    let is = |at: usize| folded.get(at).is_some_and(|byte| in_word(*byte));
    for start in (0..bytes.len()).filter(|start| is(*start) && (*start == 0 || !is(start - 1))) {
        let end = (start..=bytes.len()).find(|at| !is(*at)).unwrap();
        let skip = if bytes[start..end].starts_with(b"0x") { 2 } else { 0 };
        let word = &bytes[start + skip..end];
        if end - start < encoded::SHORTEST_HEX || !word.iter().all(|byte| encoded::is_hex(*byte)) {
            continue;
        }
        for shift in 0..2 {
            let mut decoded = Vec::new();
            encoded::hex(&word[shift..], &mut decoded);
            if shift == 0 && word.len().is_multiple_of(2) && digest::LENGTHS.contains(&decoded.len()) {
                search.digest(&decoded, start + skip, word.len(), hits);
            }
            let mut found = Vec::new();
            text(search, &decoded, View::Hex, &mut found);
            let at = |at: usize| start + skip + shift + 2 * at;
            hits.extend(found.iter().map(|hit| Hit {
                at: at(hit.at),
                length: 2 * hit.length,
                form: Form::Hex,
                ..*hit
            }));
        }
    }
}

fn in_base64(search: &Search, bytes: &[u8], hits: &mut Vec<Hit>) {
    let mut at = 0;
    for run in bytes.split(|byte| !encoded::is_base64(*byte)) {
        let start = at;
        at += run.len() + 1;
        if run.len() < encoded::SHORTEST_BASE64 || !encoded::may_be_base64(run) {
            continue;
        }
        let mut decoded = Vec::new();
        encoded::base64(run, &mut decoded);
        if digest::LENGTHS.contains(&decoded.len()) && run.len() % 4 != 1 {
            search.digest(&decoded, start, run.len(), hits);
        }
        for shift in 0..4 {
            encoded::base64(&run[shift..], &mut decoded);
            let mut found = Vec::new();
            text(search, &decoded, View::Base64, &mut found);
            let place = |at| start + shift + encoded::base64_place(at);
            hits.extend(found.iter().map(|hit| {
                let (from, to) = (place(hit.at), place(hit.at + hit.length));
                Hit { at: from, length: to - from, form: Form::Base64, ..*hit }
            }));
        }
    }
}

fn slowly(search: &Search, bytes: &[u8]) -> Vec<Hit> {
    let mut hits = Vec::new();
    text(search, bytes, View::Plain, &mut hits);
    search.escapes(bytes, 0..bytes.len(), &mut hits);
    in_hex(search, bytes, &mut hits);
    in_base64(search, bytes, &mut hits);
    uncovered(&mut hits);
    hits
}

/// A search for some texts, every third of them only as whole words, and for the digits and digests of others.
fn search(needles: &[String]) -> Search {
    let printer = Printer::new(0x0123_4567_89AB_CDEF);
    let mut index = Index::new(1 << 20);
    for (line, needle) in (0..).zip(needles) {
        let mut folded = Vec::new();
        fold(needle.as_bytes(), &mut folded);
        let digits: Vec<u8> = folded.iter().copied().filter(u8::is_ascii_digit).collect();
        let mut push = |print, window, length: usize, cuts, kind, bounded| {
            let traits = Traits { kind, bounded, spelling: printer.spelling(needle.as_bytes()) };
            let length = u8::try_from(length).unwrap();
            index.insert(&Needle { print, window, length, cuts, traits, field: 0, line }, 0);
        };
        if (SHORTEST..=LONGEST).contains(&folded.len()) {
            let kind = if line % 5 == 4 { Kind::Word } else { Kind::Whole };
            push(printer.of(&folded), window(printer, &folded), folded.len(), marks(&folded), kind, line % 3 == 0);
        }
        if digits.len() > 8 {
            push(printer.of_digits(&digits), 0, digits.len(), 0, Kind::Digits, true);
        }
        push(printer.of(&Sha256::digest(needle.as_bytes())), 0, 32, 0, Kind::Sha256, true);
    }
    let by_right = ByRight { allowed: Arc::new(Set::new(1)), common: 20 };
    Search::new(index, printer, by_right, 1 << 10)
}

/// Texts that begin and end with a letter or digit, many of which share their beginnings.
fn needles() -> impl Strategy<Value = Vec<String>> {
    let needle = prop_oneof![
        "[ab]{1,6}( [ab]{1,6}){0,3}",
        "a[ab .@]{2,70}b",
        "[0-9]{3,5}[ -][0-9]{5,9}",
        "(ד[4-9]){2,6}",
        "[a-zé]{4,12}",
        "12[{}\n]ab{4,9}",
    ];
    prop::collection::vec(needle, 1..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn what_is_found_slowly_is_found(
        needles in needles(),
        pieces in prop::collection::vec((any::<prop::sample::Index>(), 0..9_u8, "[ab1\n{},. \\\"%4]{0,12}"), 1..30),
    ) {
        let mut output = Vec::new();
        for (which, how, around) in pieces {
            let needle = which.get(&needles);
            output.extend_from_slice(around.as_bytes());
            match how {
                0 => output.extend(BASE64.encode(needle.as_bytes()).bytes()),
                1 => output.extend(BASE64.encode(format!("x{needle}").as_bytes()).bytes()),
                2 => output.extend(HEXLOWER.encode(needle.as_bytes()).bytes()),
                3 => output.extend(HEXLOWER.encode(&Sha256::digest(needle.as_bytes())).bytes()),
                4 => output.extend(needle.bytes().flat_map(|byte| format!("%{byte:02x}").into_bytes())),
                5 => output.extend(needle.to_uppercase().bytes()),
                6 => output.extend(b"0.3434756229180695"),
                _ => output.extend(needle.bytes()),
            }
        }
        output.push(b'\n');
        let search = search(&needles);
        let wanted = slowly(&search, &output);
        let found = search.block(&output, &(0..output.len()));
        prop_assert_eq!(&found, &wanted);
        // And again, when what held nothing is passed over.
        let again = search.block(&output, &(0..output.len()));
        prop_assert_eq!(&again, &wanted);
    }
}
