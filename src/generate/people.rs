//! Customers who do not exist: names out of two lists, addresses at the domains that RFC 2606 keeps for examples.

use super::places::{self, Country};
use super::random::Random;

/// Who orders. The same number gives the same customer, so that customers come back without being remembered.
#[derive(Default)]
pub(super) struct Customer {
    pub(super) first: &'static str,
    pub(super) last: &'static str,
    pub(super) email: String,
    pub(super) country: Country,
    pub(super) city: &'static str,
    pub(super) postal_code: String,
    pub(super) street: String,
}

impl Customer {
    /// Becomes the customer of a number.
    pub(super) fn become_number(&mut self, seed: u64, number: u64) {
        let random = &mut Random::of(seed, number);
        self.first = random.pick(FIRST);
        self.last = random.pick(LAST);
        self.email.clear();
        address(self.first, self.last, random, &mut self.email);
        self.country = Country::draw(random);
        let (city, shape) = self.country.city(random);
        self.city = city;
        self.postal_code.clear();
        places::postal_code(shape, random, &mut self.postal_code);
        self.street.clear();
        self.country.street(random, &mut self.street);
    }
}

/// Appends an e-mail address that goes with a name.
pub(super) fn address(first: &str, last: &str, random: &mut Random, out: &mut String) {
    let initial = first.get(..1).unwrap_or(first);
    let parts = match random.below(4) {
        0 => [first, "", ""],
        1 => [initial, ".", last],
        2 => [last, "_", first],
        _ => [first, ".", last],
    };
    out.extend(parts);
    if parts.concat().len() < 8 || random.chance(0.6) {
        out.push_str(&random.between(1, 9999).to_string());
    }
    if random.chance(0.05) {
        out.push_str("+shop");
    }
    out.push('@');
    out.push_str(random.pick(DOMAINS));
}

/// The address of somebody else, for text in which a person is named by chance.
pub(super) fn stranger(random: &mut Random) -> String {
    let mut out = String::new();
    let (first, last) = (random.pick(FIRST), random.pick(LAST));
    address(first, last, random, &mut out);
    out
}

/// A number of the ranges that are kept for films and examples (NANP 555-01xx, Ofcom 07700 900xxx, in Germany 030 23125).
pub(super) fn phone(random: &mut Random) -> String {
    let number = random.below(1000);
    match random.below(3) {
        0 => format!("+1 202-555-01{:02}", number % 100),
        1 => format!("07700 900{number:03}"),
        _ => format!("+49 30 23125 {number:03}"),
    }
}

const DOMAINS: &[&str] = &["example.com", "example.com", "example.com", "example.org", "example.net"];

const FIRST: &[&str] = &[
    "anna", "ben", "carla", "david", "elena", "felix", "greta", "hugo", "ines", "jakob", "katja", "liam", "marie",
    "noah", "olga", "paul", "quentin", "rosa", "samuel", "tilda", "uma", "victor", "wanda", "xenia", "yann", "zofia",
    "amelia", "bruno", "chloe", "diego", "emma", "fatima", "giulia", "henry", "isla", "joao", "kira", "lucas", "mia",
    "nils", "olivia", "pedro", "ruth", "sofia", "thomas", "ursula", "jürgen", "zoë", "andré", "lukáš",
];

const LAST: &[&str] = &[
    "smith",
    "jones",
    "brown",
    "taylor",
    "wilson",
    "evans",
    "walker",
    "murphy",
    "kelly",
    "byrne",
    "becker",
    "fischer",
    "hoffmann",
    "keller",
    "lang",
    "meyer",
    "neumann",
    "richter",
    "schmidt",
    "wagner",
    "bernard",
    "dubois",
    "durand",
    "lefevre",
    "martin",
    "moreau",
    "petit",
    "rousseau",
    "garcia",
    "lopez",
    "navarro",
    "romero",
    "torres",
    "costa",
    "pereira",
    "santos",
    "bianchi",
    "conti",
    "esposito",
    "ferrari",
    "ricci",
    "bakker",
    "dejong",
    "visser",
    "novak",
    "svoboda",
    "kowalski",
    "nowak",
    "wojcik",
    "zielinski",
    "peeters",
    "janssens",
    "gruber",
    "huber",
    "müller",
    "krüger",
    "gonçalves",
    "dvořák",
];
