//! Goes through a text from anchor to anchor and asks the matchers of each kind.

use super::hit::{Hit, settle};
use super::kind::{Kind, Kinds};
use super::number::Region;
use super::text::{Text, is_alnum, is_seen};
use super::view::View;
use super::{Finding, anchor, card, crypto, date, email, iban, ids, ip, mac, phone, secret, url};
use memchr::memmem;

/// How often a text is gone through at most. What is found may end what stands before it, or free it from what follows:
/// so a text is gone through again, without what was found, until nothing more is.
const ROUNDS: usize = 6;
/// No key of a service and no web token is shorter.
const SHORTEST_SECRET: usize = 18;

pub(super) fn find(text: &str, kinds: Kinds) -> Vec<Finding> {
    if !anchor::any(text) {
        return Vec::new();
    }
    let mut view = View::new(text);
    let mut all = Vec::new();
    for _ in 0..ROUNDS {
        let mut hits = Walk::new(Text(&view.bytes), kinds).hits();
        if hits.is_empty() {
            break;
        }
        settle(&mut hits);
        take_out(view.bytes.to_mut(), &hits);
        all.append(&mut hits);
    }
    settle(&mut all);
    let finding =
        |hit: Hit| Finding { range: view.range(hit.start, hit.end), kind: hit.kind, confidence: hit.confidence };
    all.into_iter().map(finding).collect()
}

/// Puts brackets where something was found, as the masked text has them.
fn take_out(bytes: &mut [u8], hits: &[Hit]) {
    for hit in hits {
        if let Some((first, rest)) = bytes.get_mut(hit.start..hit.end).and_then(<[u8]>::split_first_mut) {
            *first = b'[';
            rest.fill(b']');
        }
    }
}

struct Walk<'t> {
    text: Text<'t>,
    kinds: Kinds,
    hits: Vec<Hit>,
    /// The groups of digits around the last digit that was looked at.
    region: Region,
}

impl<'t> Walk<'t> {
    fn new(text: Text<'t>, kinds: Kinds) -> Self {
        Self { text, kinds, hits: Vec::new(), region: Region::default() }
    }

    fn hits(mut self) -> Vec<Hit> {
        let mut at = 0;
        while let Some(anchor) = anchor::next(self.text.0, at) {
            let start = self.text.skip_back(anchor, at, is_seen);
            let end = self.text.skip(anchor, is_seen);
            at = self.run(start, end).max(end);
        }
        self.hits
    }

    /// Keeps what was found, and answers where it ends.
    fn keep(&mut self, hit: Option<Hit>) -> Option<usize> {
        let hit = hit?;
        self.hits.push(hit);
        Some(hit.end)
    }

    /// A matcher of one kind, if that is asked for.
    fn ask(&mut self, kind: Kind, matcher: impl FnOnce(Text<'t>) -> Option<Hit>) -> Option<usize> {
        let hit = if self.kinds.has(kind) { matcher(self.text) } else { None };
        self.keep(hit)
    }

    /// Goes through what stands together without white space; answers where it goes on.
    fn run(&mut self, start: usize, end: usize) -> usize {
        let known = self.hits.len();
        self.signs(start, end);
        let mut addresses = known..self.hits.len();
        let mut at = self.private_key(start, end).unwrap_or(start);
        while at < end {
            if let Some(hit) = addresses.clone().next().and_then(|hit| self.hits.get(hit)).filter(|hit| hit.start <= at)
            {
                at = at.max(hit.end);
                addresses.next();
            } else if is_alnum(self.text.at(at)) {
                let word_end = self.text.skip(at, is_alnum);
                at = self.word(at, word_end, end);
            } else {
                at += 1;
            }
        }
        at
    }

    /// What stands around each `@`.
    fn signs(&mut self, start: usize, end: usize) {
        let mut done = self.hits.last().map_or(0, |hit| hit.end);
        for sign in memchr::memchr_iter(b'@', self.text.slice(start, end)).map(|sign| start + sign) {
            if sign >= done {
                let url = self.ask(Kind::Url, |text| url::find(text, sign, done));
                let found = url.or_else(|| self.ask(Kind::Email, |text| email::find(text, sign, done)));
                done = found.unwrap_or(sign + 1);
            }
        }
    }

    /// A private key in PEM, which a long word tells: its first line may hold no anchor.
    fn private_key(&mut self, start: usize, end: usize) -> Option<usize> {
        if end - start < 16 || !self.kinds.has(Kind::Secret) {
            return None;
        }
        let floor = start.saturating_sub(64).max(self.hits.last().map_or(0, |hit| hit.end));
        let around = self.text.slice(floor, start + 64);
        let head = memmem::find(around, b"PRIVATE KEY")?;
        let begin = memmem::rfind(around.get(..head)?, b"-----BEGIN ")?;
        self.ask(Kind::Secret, |text| secret::pem(text, floor + begin))
    }

    /// A word of letters and digits; answers where it goes on.
    fn word(&mut self, start: usize, end: usize, run_end: usize) -> usize {
        if run_end - start >= SHORTEST_SECRET {
            let jwt = self.ask(Kind::Jwt, |text| secret::jwt(text, start));
            if let Some(end) = jwt.or_else(|| self.ask(Kind::Secret, |text| secret::key(text, start))) {
                return end;
            }
        }
        if let Some(end) = self.hexadecimal(start, end) {
            return end;
        }
        if end - start == 16
            && let Some(end) = self.ask(Kind::ItCodiceFiscale, |text| ids::codice_fiscale_at(text, start))
        {
            return end;
        }
        let mut at = self.text.skip_up_to(start, end - start, |byte| !byte.is_ascii_digit());
        if at < end
            && let Some(end) = self.token(start, end)
        {
            return end;
        }
        while at < end {
            at = self.digits(at);
            at = if at < end { self.text.skip_up_to(at, end - at, |byte| !byte.is_ascii_digit()) } else { at };
        }
        at
    }

    /// What begins with a word of hexadecimal digits and goes on after a mark.
    fn hexadecimal(&mut self, start: usize, end: usize) -> Option<usize> {
        let text = self.text;
        let size = end - start;
        let mark = text.at(end);
        let hidden = text.before(start) == b':';
        let marked = matches!(mark, b':' | b'-' | b'.');
        if size > 8 || !(hidden || marked) || !text.slice(start, end).iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        if size == 8 {
            return uuid_end(text, start);
        }
        let mac =
            if marked && matches!(size, 2 | 4) { self.ask(Kind::Mac, |text| mac::find(text, start)) } else { None };
        let v6 = size <= 4 && (hidden || mark == b':');
        mac.or_else(|| if v6 { self.ask(Kind::Ip, |text| ip::v6(text, start)) } else { None })
    }

    /// A long word with digits in it: an address, or a digest, in which nothing else is looked for.
    fn token(&mut self, start: usize, end: usize) -> Option<usize> {
        let size = end - start;
        if size < 14 {
            return None;
        }
        let address = self.kinds.has(Kind::Crypto) || self.kinds.has(Kind::Secret);
        let hit =
            if address { crypto::find(self.text, start, end).filter(|hit| self.kinds.has(hit.kind)) } else { None };
        let word = self.text.slice(start, end);
        let digest = size >= 32 && word.iter().all(u8::is_ascii_hexdigit);
        self.keep(hit).or(digest.then_some(end))
    }

    /// What may begin with the first of some digits; answers where it goes on.
    fn digits(&mut self, at: usize) -> usize {
        let text = self.text;
        if at >= self.region.end() {
            self.region.read(text, at);
        }
        let Some(group) = self.region.index(at) else {
            return text.skip(at, |byte| byte.is_ascii_digit());
        };
        // Most numbers of a text have few digits and no letters before them.
        if let Some(end) = self.lettered(at, self.region.count()) {
            return end;
        }
        let found = self.number(group);
        self.keep(found).unwrap_or_else(|| {
            let last = if date::at(text, &self.region, group) { group + 2 } else { group };
            self.region.group(last).end
        })
    }

    /// What has letters or marks before its first digit or after its last.
    fn lettered(&mut self, at: usize, count: usize) -> Option<usize> {
        let text = self.text;
        if text.before(at) == b'%' {
            let floor = self.hits.last().map_or(0, |hit| hit.end).max(at.saturating_sub(64));
            return self.ask(Kind::Email, |text| email::find_encoded(text, at, floor));
        }
        let iban = self.ask(Kind::Iban, |text| iban::find(text, at));
        let bot = iban.or_else(|| if count >= 8 { self.ask(Kind::Secret, |text| secret::bot(text, at)) } else { None });
        bot.or_else(|| {
            let id = ids::mixed(text, at, count, self.kinds);
            self.keep(id)
        })
    }

    /// The number that begins with a group of digits.
    fn number(&self, group: usize) -> Option<Hit> {
        let (text, region) = (self.text, &self.region);
        let count = region.count();
        // The shortest is an IPv4 address.
        if count < 4 {
            return None;
        }
        let asked = |kind| self.kinds.has(kind).then_some(());
        // A number that begins with a plus is a telephone's, whatever else its digits might pass for.
        let found = asked(Kind::Phone).filter(|()| text.before(region.group(group).start) == b'+');
        found
            .and_then(|()| phone::find(text, region, group))
            .or_else(|| asked(Kind::Card).filter(|()| count >= 12).and_then(|()| card::find(text, region, group)))
            .or_else(|| if count >= 9 { ids::numeric(text, region, group, self.kinds) } else { None })
            .or_else(|| asked(Kind::Ip).and_then(|()| ip::v4(text, region, group)))
            .or_else(|| asked(Kind::Phone).filter(|()| count >= 6).and_then(|()| phone::find(text, region, group)))
            .map(|(hit, _)| hit)
    }
}

/// The end of the UUID that begins at a place: its groups of digits are no numbers of anything else.
fn uuid_end(text: Text<'_>, start: usize) -> Option<usize> {
    let mut at = start;
    for size in [8, 4, 4, 4, 12] {
        let end = at + size;
        let group = text.slice(at, end);
        if group.len() != size || !group.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        let next = text.at(end);
        match size {
            12 => return (!is_alnum(next)).then_some(end),
            _ if next != b'-' => return None,
            _ => at = end + 1,
        }
    }
    None
}
