//! A clean order: what each field means, before anybody writes it down.

use super::basket;
use super::clock::Clock;
use super::people::{self, Customer};
use super::random::Random;
use std::borrow::Cow;

/// What an order says. The buffers are used for order after order.
#[derive(Default)]
pub(super) struct Order {
    /// The digits behind `ORD-`, as a number.
    pub(super) id: u64,
    pub(super) customer: Customer,
    pub(super) quantity: u64,
    /// The price of one piece in hundredths, so that it is exact.
    pub(super) cents: u64,
    pub(super) gift: bool,
    pub(super) status: &'static str,
    /// Seconds since 1970.
    pub(super) at: i64,
    pub(super) has_postal_code: bool,
    pub(super) has_street: bool,
    /// Empty where the order has none.
    pub(super) tags: Vec<Cow<'static, str>>,
    pub(super) referrer: String,
    pub(super) coupon: String,
    pub(super) priority: u64,
}

/// What all orders of one shop have in common.
pub(super) struct Shop {
    seed: u64,
    customers: u64,
    clock: Clock,
}

impl Shop {
    pub(super) fn new(seed: u64, rows: u64) -> Self {
        Self { seed, customers: (rows / 3).clamp(20, 5_000_000), clock: Clock::new() }
    }

    /// Fills in everything but the id. `progress` in [0, 1) is the share of all orders that came before.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "there are at most five million customers"
    )]
    pub(super) fn fill(&self, order: &mut Order, progress: f64, random: &mut Random) {
        // Squaring makes a few customers come often and many of them once.
        let drawn = random.unit();
        let number = (drawn * drawn * self.customers as f64) as u64;
        order.customer.become_number(self.seed, number);
        basket::usual(order, random);
        order.gift = random.chance(0.12);
        order.status = draw_status(random);
        order.at = self.clock.at(progress);
        order.has_postal_code = random.chance(0.95);
        order.has_street = random.chance(0.5);
        fill_tags(order, random);
        order.coupon.clear();
        if random.chance(0.25) {
            fill_coupon(order, random);
        }
        order.referrer.clear();
        if random.chance(0.6) {
            fill_referrer(order, random);
        }
        order.priority = random.weighted(&PRIORITIES, |(_, weight)| *weight).map_or(3, |(priority, _)| *priority);
    }
}

const PRIORITIES: [(u64, u64); 5] = [(1, 6), (2, 16), (3, 50), (4, 18), (5, 10)];

fn draw_status(random: &mut Random) -> &'static str {
    match random.below(100) {
        0..=14 => "pending",
        15..=49 => "paid",
        50..=84 => "shipped",
        85..=92 => "cancelled",
        _ => "refunded",
    }
}

const TAGS: &[&str] = &[
    "new",
    "promo",
    "vip",
    "returning",
    "newsletter",
    "clearance",
    "wholesale",
    "mobile",
    "app",
    "gift-wrap",
    "express",
    "fragile",
    "b2b",
    "loyalty",
    "pre-order",
    "student",
];

fn fill_tags(order: &mut Order, random: &mut Random) {
    order.tags.clear();
    for _ in 0..random.below(4) {
        order.tags.push(Cow::Borrowed(random.pick(TAGS)));
    }
    // A clerk wrote into the tags what belongs into no tag: work for the scan.
    if random.chance(0.03) {
        order.tags.push(Cow::Owned(note(random)));
    }
}

/// Numbers that card companies publish for tests.
const CARDS: &[&str] = &[
    "4111 1111 1111 1111",
    "4242424242424242",
    "5555-5555-5555-4444",
    "2223003122003222",
    "378282246310005",
    "6011 1111 1111 1117",
];
/// The examples of the IBAN registry (ISO 13616).
const IBANS: &[&str] = &[
    "DE89 3704 0044 0532 0130 00",
    "GB29NWBK60161331926819",
    "FR14 2004 1010 0505 0001 3M02 606",
    "NL91ABNA0417164300",
    "ES91 2100 0418 4502 0005 1332",
    "CH93 0076 2011 6238 5295 7",
];

/// A free text that names a person, a card or an account.
fn note(random: &mut Random) -> String {
    match random.below(6) {
        0 => format!("ask {} first", people::stranger(random)),
        1 => format!("invoice to {}", people::stranger(random)),
        2 => format!("paid with {}", random.pick(CARDS)),
        3 => format!("card {} declined", random.pick(CARDS)),
        4 => format!("refund to {}", random.pick(IBANS)),
        _ => format!("iban {}", random.pick(IBANS)),
    }
}

fn fill_coupon(order: &mut Order, random: &mut Random) {
    if random.chance(0.01) {
        order.coupon.push_str("FOR ");
        order.coupon.push_str(&people::stranger(random));
        return;
    }
    order.coupon.push_str(random.pick(&["WELCOME", "SPRING", "NEWYEAR", "VIP", "BLOG", "FRIEND", "SORRY"]));
    order.coupon.push_str(random.pick(&["5", "10", "15", "20", "25", "50"]));
}

/// Where the customer came from, with what such addresses carry along: campaigns, searches, and now and then a person.
fn fill_referrer(order: &mut Order, random: &mut Random) {
    let out = &mut order.referrer;
    let word =
        random.pick(&["desk-lamp", "notebook", "winter-coat", "headphones", "bookshelf", "tea", "backpack", "garden"]);
    match random.below(20) {
        0..=4 => out.extend(["https://www.google.com/search?q=", word]),
        5..=6 => out.extend(["https://www.bing.com/search?q=", word, "&form=QBLH"]),
        7..=8 => out.push_str(random.pick(&[
            "https://www.facebook.com/ad",
            "https://t.co/a1B2c3",
            "https://www.instagram.com/",
        ])),
        9..=13 => {
            let medium = random.pick(&["email", "cpc", "social", "affiliate"]);
            let campaign = random.pick(&["spring", "clearance", "welcome", "birthday"]);
            out.extend(["https://news.example.net/", word, "?utm_source=newsletter&utm_medium=", medium]);
            out.extend(["&utm_campaign=", campaign]);
        }
        14..=16 => out.extend(["https://blog.example.org/", word, "#comments"]),
        17 => out.extend(["https://shop.example.com:8443/account?email=", order.customer.email.as_str()]),
        18 => {
            out.extend(["https://", order.customer.first, ":", "secret", "@partner.example.org/feed/", word]);
        }
        _ => out.extend(["http://", "prices.example.net/compare/", word]),
    }
}
