//! Telephone and fax numbers.
//!
//! * International: `+` or `00`, then 7 to 15 digits (ITU-T E.164), whether or not a national plan issues the number.
//! * National, by a form that nothing else has: `(NNN) NNN-NNNN` and the like, or a trunk `0` with groups.
//! * National in any form, six digits at least, where a word beside it says that it is a telephone's.
//!
//! Dates, amounts of money and numbers that a word beside them calls an order's or an invoice's are none.

use super::context::{self, ByLetter, is_listed, is_listed_by_letter};
use super::date;
use super::hit::Hit;
use super::kind::{Confidence, Kind};
use super::number::{Region, only_gap};
use super::text::{Text, is_alnum, is_letter};

/// Say of the number after them that it is a telephone's.
#[rustfmt::skip]
const WORDS: ByLetter = [
    "anruf* answer* anzurufen appel*",
    "bel bellen",
    "call* contact* cell cellphone* cellular* cellulare* celular* chiam*",
    "dial* durchwahl dzwon*",
    "",
    "fax* festnetz fon fono",
    "gsm gsmnr",
    "handy* helpline hotline*",
    "",
    "",
    "komork* kontakt*",
    "landline ligar ligue llam*",
    "mob mobil* movil*",
    "",
    "",
    "pager ph phone* portable",
    "",
    "reach ring ruf rufen rufnummer*",
    "sms",
    "tel tele telef* telefax* teleph* telnr text texted tfn tfno tlf tlfno tlph",
    "",
    "viber voicemail",
    "whatsapp*",
    "",
    "",
    "zadzwon*",
];
/// Say so only where they stand at the number itself, before or after it.
const LABELS: &str = "office home work direct desk main private privat business cell mobile fax phone tel mob handy \
    dienstlich geschaeftlich buero bureau domicile casa switchboard reception o h w m f t p c";
/// Say that the number after them is another thing's.
#[rustfmt::skip]
const OTHERS: ByLetter = [
    "account* amount* artikel* auftrag*",
    "batch beleg* bestell*",
    "card* case chf commande* commit cost*",
    "doi dollar*",
    "ean epoch eur euro euros",
    "factura* facture* faktur* fattura*",
    "gbp grant gtin",
    "hash",
    "iban id ids invoice* isbn issn item",
    "",
    "konto* kunden* kundennr",
    "licen* lieferschein* lot",
    "model",
    "",
    "order* ordine*",
    "parcel* part passport patent pedido* permit plz policy population postcode price* product",
    "qty quantity",
    "receipt* rechnung* ref reference* revenue",
    "salary serial* shipment* sku sum",
    "ticket* timestamp total* tracking",
    "uid unix upc usd uuid",
    "version*",
    "",
    "",
    "",
    "zamowieni* zip",
];
/// May stand between such a word and the number.
#[rustfmt::skip]
const FILLERS: ByLetter = [
    "a again al an and are at au auf",
    "back by",
    "",
    "",
    "e el es est",
    "",
    "",
    "her him",
    "il in is ist",
    "",
    "",
    "lautet",
    "me my",
    "n no nr num number numbers numero nummer",
    "o on or ou our over",
    "please",
    "",
    "",
    "",
    "the them to",
    "und under unter up us",
    "via",
    "was",
    "",
    "y your",
    "",
];

/// The number that begins with a group, and the last of its groups.
pub(super) fn find(text: Text<'_>, region: &Region, first: usize) -> Option<(Hit, usize)> {
    let lead = Lead::read(text, region.group(first).start);
    let digits = region.digits(first..=first);
    if is_letter(lead.before) || lead.before.is_ascii_digit() || date::at(text, region, first) {
        return None;
    }
    let number = Number { text, region, first, lead };
    if number.lead.plus {
        return if digits.first() == Some(&0) { None } else { number.international() };
    }
    number.dialled().or_else(|| number.shaped()).or_else(|| number.named())
}

/// What stands before the first digit and belongs to the number.
#[derive(Clone, Copy)]
struct Lead {
    start: usize,
    plus: bool,
    open: bool,
    /// The byte before all that.
    before: u8,
}

impl Lead {
    fn read(text: Text<'_>, digit: usize) -> Self {
        let mut start = digit;
        let open = text.before(start) == b'(';
        start -= usize::from(open);
        // In `5 + 1234567` the plus adds.
        let spaced = !open && start > 1 && text.slice(start - 2, start) == b"+ " && {
            let before = text.skip_back(start - 2, start.saturating_sub(3), |byte| byte == b' ');
            !text.before(before).is_ascii_digit()
        };
        let plus = text.before(start) == b'+' || spaced;
        start -= usize::from(plus) + usize::from(spaced);
        // (+49 …): the bracket is the number's too.
        let wrapped = plus && !open && text.before(start) == b'(';
        start -= usize::from(wrapped);
        Self { start, plus, open: open || wrapped, before: text.before(start) }
    }
}

struct Number<'r> {
    text: Text<'r>,
    region: &'r Region,
    first: usize,
    lead: Lead,
}

impl Number<'_> {
    fn international(&self) -> Option<(Hit, usize)> {
        let last = self.last(15)?;
        let width = self.width(last);
        let money = self.is_money(last);
        (width >= 7 && !money).then(|| self.hit(last, Confidence::High))
    }

    /// With the international prefix 00, which no country code that begins with 0 follows. Digits that stand together may
    /// be a padded number instead: of those it takes more.
    fn dialled(&self) -> Option<(Hit, usize)> {
        let last = self.last(17)?;
        let digits = self.region.digits(self.first..=last);
        let prefixed = matches!(digits, [0, 0, 1..=9, ..]) && self.region.group(self.first).len() > 1;
        let fewest = if last == self.first { 12 } else { 10 };
        let width = digits.len();
        let good = prefixed && (fewest..=17).contains(&width) && !self.is_part() && !self.is_other();
        good.then(|| self.hit(last, Confidence::Medium))
    }

    /// By a form that nothing else has.
    fn shaped(&self) -> Option<(Hit, usize)> {
        let clear = self.american().or_else(|| self.bracketed());
        let last = clear.or_else(|| self.trunk())?;
        let good = !self.is_part() && !self.is_other() && !self.is_money(last);
        good.then(|| {
            let named = self.word().is_some() || self.is_labelled(last);
            let form = if clear.is_some() { Confidence::Medium } else { Confidence::Low };
            self.hit(last, if named { Confidence::High } else { form })
        })
    }

    /// `555-123-4567`, `(555) 123-4567`, `1-800-555-0199`; with spaces alone only in the ranges that are issued.
    fn american(&self) -> Option<usize> {
        let one = usize::from(self.region.digits(self.first..=self.first) == [1]);
        let [area, exchange, last] = [0, 1, 2].map(|group| self.first + one + group);
        if last >= self.region.len() || self.region.shape(area..=last) != 334 || !self.is_free_after(last) {
            return None;
        }
        let gap = |group| self.region.gap(self.text, group);
        let bracket = gap(exchange).first() == Some(&b')') && self.text.before(self.region.group(area).start) == b'(';
        let marks = |gap: &[u8]| matches!(gap, b"-" | b"." | b" ");
        let tail = marks(gap(last)) && (one == 0 || bracket || marks(gap(area)));
        if bracket {
            return (tail && matches!(gap(exchange), b")" | b") " | b")-")).then_some(last);
        }
        let same = only_gap(self.text, self.region, area, last)?;
        let leading = |group| self.region.digits(group..=group).first().copied().unwrap_or(0);
        let issued = leading(area) > 1 && leading(exchange) > 1;
        (tail && !self.lead.open && (same == b'-' || same == b'.' || same == b' ' && issued)).then_some(last)
    }

    /// `(88) 684-334`, `(022) 0793-176`.
    fn bracketed(&self) -> Option<usize> {
        let code = self.region.group(self.first);
        let next = self.first + 1;
        let bracket = self.lead.open && self.text.at(code.end) == b')' && next < self.region.len();
        let year = code.len() == 4 && matches!(self.region.digits(self.first..=self.first), [1, 9, ..] | [2, 0, ..]);
        if !bracket || year || !(2..=5).contains(&code.len()) || self.lead.before == b'.' {
            return None;
        }
        let last = self.last(12)?;
        let zero = self.region.digits(self.first..=self.first).first() == Some(&0);
        let groups = last - self.first + 1;
        (self.width(last) >= 8 && (groups >= 3 || zero || self.region.group(next).len() >= 6)).then_some(last)
    }

    /// `030 1234567`, `06-104 46 90 44`, `02.27.96.63.08`: a trunk 0 and an area, then two groups or one long one.
    fn trunk(&self) -> Option<usize> {
        let area = self.region.group(self.first).len();
        let digits = self.region.digits(self.first..=self.first);
        if !matches!(digits, [0, 1..=9, ..]) || !(2..=6).contains(&area) {
            return None;
        }
        let last = self.last(12)?;
        let groups = last - self.first;
        let small = (self.first + 1..=last).any(|group| self.region.group(group).len() < 2);
        let long = self.region.group(last).len() >= 5;
        (self.width(last) >= 9 && groups >= 1 && !small && (groups >= 2 || long)).then_some(last)
    }

    /// In any form, by a word beside it.
    fn named(&self) -> Option<(Hit, usize)> {
        let last = self.last(15)?;
        let width = self.width(last);
        let part = self.is_part() && !(self.lead.before == b'#' && self.word() == Some(true));
        if width < 6 || part || self.is_money(last) || self.is_count(last) || self.is_time(last) {
            return None;
        }
        // A number that short belongs to the word only if nothing else stands between.
        let named = self.word().is_some_and(|close| close || width >= 7) || self.is_labelled(last);
        (named && !self.is_other()).then(|| self.hit(last, Confidence::High))
    }

    /// Whether a word before names a telephone, and if so whether only fillers stand between.
    fn word(&self) -> Option<bool> {
        let mut close = true;
        for word in context::before(self.text, self.lead.start) {
            if is_listed_by_letter(word, &WORDS) {
                return Some(close);
            }
            close &= is_listed_by_letter(word, &FILLERS);
        }
        None
    }

    /// Whether the nearest word that says anything says that the number is of something else.
    fn is_other(&self) -> bool {
        let telling = context::before(self.text, self.lead.start).find_map(|word| {
            if is_listed_by_letter(word, &OTHERS) {
                Some(true)
            } else {
                is_listed_by_letter(word, &WORDS).then_some(false)
            }
        });
        telling == Some(true)
    }

    /// Whether a label stands at the number: `06-10446904-Office`, `(mobile) 555 1234`, `555 1234 fax`.
    fn is_labelled(&self, last: usize) -> bool {
        let end = self.end(last);
        let label = self.text.skip_up_to(end, 3, |byte| matches!(byte, b' ' | b'-' | b'(' | b',' | b';' | b':'));
        let word = self.text.slice(label, self.text.skip_up_to(label, 16, is_letter));
        let after = label > end && word.len() > 1 && is_listed(word, LABELS);
        let before = self.text.skip_back(self.lead.start, self.lead.start.saturating_sub(3), |byte| !is_letter(byte));
        let named = self.text.slice(before, self.lead.start).iter().any(|byte| matches!(byte, b':' | b')' | b'-'));
        // A single letter is a label only before a colon: (c) 2005-2010 is none.
        let colon = self.text.slice(before, self.lead.start).contains(&b':');
        let labels = |word: &[u8]| (colon || word.len() > 1) && is_listed(word, LABELS);
        after || named && context::before(self.text, self.lead.start).next().is_some_and(labels)
    }

    /// The last group, with no more digits than `most`, and nothing after it that makes it another thing's.
    fn last(&self, most: usize) -> Option<usize> {
        let mut best = None;
        let mut marked = false;
        for group in self.first..self.region.len() {
            let width = self.width(group);
            if group > self.first {
                let gap = self.region.gap(self.text, group);
                let spaces = gap.iter().all(|byte| *byte == b' ');
                let before = width - self.region.group(group).len();
                // After marks, or after many digits together, a space begins something else.
                let ended = spaces && before >= 9 && (marked || group == self.first + 1);
                let loose = group == self.first + 1 || self.lead.plus && before < 7;
                let dated = gap.contains(&b' ') && before >= 7 && date::at(self.text, self.region, group);
                if ended || dated || !joins(gap, loose) {
                    break;
                }
                marked |= !spaces && !gap.contains(&b')');
            }
            if width > most + usize::from(self.has_trunk_in_brackets()) {
                break;
            }
            if self.is_free_after(group) {
                best = Some(group);
            }
        }
        best
    }

    /// `+49 (0)30 …`: the 0 is not dialled with the country's code.
    fn has_trunk_in_brackets(&self) -> bool {
        let second = self.first + 1;
        second < self.region.len() && self.region.digits(second..=second) == [0]
    }

    fn width(&self, last: usize) -> usize {
        self.region.width(self.first..=last)
    }

    /// Nothing may follow the digits that makes them part of a word, of a time, of a fraction or of an address.
    fn is_free_after(&self, last: usize) -> bool {
        let end = self.region.group(last).end;
        let next = self.text.at(end);
        let goes_on = matches!(next, b':' | b',') && self.text.at(end + 1).is_ascii_digit();
        !goes_on && !matches!(next, b'@' | b'%' | b'$') && (!is_alnum(next) || extension(self.text, end).is_some())
    }

    /// Whether a mark before binds the digits to something: `INV-0301234567`, `#12345678`, `$1234567`.
    fn is_part(&self) -> bool {
        let start = self.lead.start;
        match self.lead.before {
            // 09:15:00.123456 is a time.
            b':' => self.text.before(start - 1).is_ascii_digit(),
            b'#' | b'$' | b'%' | b'&' | b'=' | b'_' | b'\\' | b'+' | b'*' => true,
            b'-' | b'/' | b'.' | b',' => {
                let bound = self.text.before(start - 1);
                bound.is_ascii_digit()
                    || is_letter(bound) && self.lead.before != b'.' && {
                        let word = self.text.skip_back(start - 1, start.saturating_sub(17), is_letter);
                        let word = self.text.slice(word, start - 1);
                        !is_listed_by_letter(word, &WORDS) && !is_listed(word, LABELS)
                    }
            }
            _ => false,
        }
    }

    /// Whether a currency stands right before or after.
    fn is_money(&self, last: usize) -> bool {
        const CURRENCIES: &str =
            "eur euro euros usd gbp chf jpy cny inr pln czk sek nok dkk huf ron try brl cad aud dollar dollars vnd krw";
        let end = self.region.group(last).end;
        let after = self.text.skip_up_to(end, 2, |byte| byte == b' ');
        let sign = matches!(self.text.at(after), b'$' | b'%');
        let word = self.text.slice(after, self.text.skip_up_to(after, 9, is_letter));
        let before = context::before(self.text, self.lead.start).next();
        let paid = before.is_some_and(|word| is_listed(word, CURRENCIES));
        let space = usize::from(self.lead.before == b' ');
        sign || is_listed(word, CURRENCIES) || paid || self.text.before(self.lead.start - space) == b'$'
    }

    /// `1 250 000`: a large number, its thousands apart.
    fn is_count(&self, last: usize) -> bool {
        let groups = last - self.first;
        let thousands = groups > 0 && (self.first + 1..=last).all(|group| self.region.group(group).len() == 3);
        let round = self.region.digits(last..=last) == [0, 0, 0];
        thousands && self.region.group(self.first).len() <= 3 && (round || self.width(last) < 8)
    }

    /// `20250110`, or `2005-2010`.
    fn is_time(&self, last: usize) -> bool {
        let years = |groups: &[u8]| {
            matches!(groups, [1, 9, _, _, 1, 9, _, _] | [1, 9, _, _, 2, 0, _, _] | [2, 0, _, _, 2, 0, _, _])
        };
        let digits = self.region.digits(self.first..=last);
        match last - self.first {
            0 => {
                matches!(digits, [1, 9, _, _, m, n, d, e] | [2, 0, _, _, m, n, d, e]
                if (1..=12).contains(&(m * 10 + n)) && (1..=31).contains(&(d * 10 + e)))
            }
            1 => self.region.shape(self.first..=last) == 44 && years(digits),
            _ => false,
        }
    }

    fn end(&self, last: usize) -> usize {
        let end = self.region.group(last).end;
        extension(self.text, end).unwrap_or(end)
    }

    fn hit(&self, last: usize, confidence: Confidence) -> (Hit, usize) {
        let end = self.end(last);
        // A bracket that is opened within and closed within, or neither.
        let closed = self.text.slice(self.lead.start, end).contains(&b')');
        let start = if self.lead.open && !closed { self.lead.start + 1 } else { self.lead.start };
        (Hit::new(start, end, Kind::Phone, confidence), last)
    }
}

/// Whether groups of one telephone number may have this between them; the wider marks only where the number has just
/// begun, because two numbers may stand so too.
fn joins(gap: &[u8], loose: bool) -> bool {
    match gap {
        b" " | b"-" | b"." | b"/" | b")" | b"(" | b") " | b" (" | b")-" | b"-(" | b")/" | b"  " | b"\t" => true,
        b" - " | b" / " | b" /" | b"/ " | b")  " => loose,
        _ => false,
    }
}

/// The end of the extension that follows: `x123`, `ext. 123`, `#123`.
fn extension(text: Text<'_>, end: usize) -> Option<usize> {
    let word = text.skip_up_to(end, 2, |byte| byte == b' ' || byte == b',');
    let marks = [&b"extension"[..], b"ext.", b"ext", b"x.", b"x", b"#", b"durchwahl", b"poste", b"dw"];
    let mark = marks.into_iter().find(|mark| text.has(word, mark))?;
    let digits = text.skip_up_to(word + mark.len(), 2, |byte| byte == b' ' || byte == b':');
    let last = text.skip_up_to(digits, 7, |byte| byte.is_ascii_digit());
    ((1..=6).contains(&(last - digits)) && !is_alnum(text.at(last))).then_some(last)
}
