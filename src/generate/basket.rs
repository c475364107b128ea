//! What is bought: how many of what price, by class of product, and the baskets that are odd.

use super::order::Order;
use super::random::Random;

/// A class of products. Prices are log-normal between a floor and a ceiling, quantities fall off exponentially.
struct Goods {
    /// Orders of a hundred that are of the class.
    weight: u64,
    /// In hundredths, as every price here.
    median: f64,
    /// Standard deviation of the logarithm.
    spread: f64,
    floor: f64,
    ceiling: f64,
    /// Mean of the pieces beyond the first, before the limit.
    more: f64,
    most: u64,
}

const GOODS: [Goods; 5] = [
    // Stationery and sweets.
    Goods { weight: 20, median: 350.0, spread: 0.45, floor: 80.0, ceiling: 1500.0, more: 3.0, most: 20 },
    // Books and household.
    Goods { weight: 30, median: 1400.0, spread: 0.4, floor: 400.0, ceiling: 6000.0, more: 0.9, most: 10 },
    // Clothes.
    Goods { weight: 26, median: 3800.0, spread: 0.45, floor: 800.0, ceiling: 20_000.0, more: 0.5, most: 6 },
    // Small electronics.
    Goods { weight: 17, median: 9500.0, spread: 0.5, floor: 2000.0, ceiling: 50_000.0, more: 0.2, most: 4 },
    // Furniture and appliances.
    Goods { weight: 7, median: 42_000.0, spread: 0.5, floor: 12_000.0, ceiling: 240_000.0, more: 0.1, most: 2 },
];

/// Fills in quantity and price as most orders have them.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "both are bounded by the class")]
pub(super) fn usual(order: &mut Order, random: &mut Random) {
    let Some(goods) = random.weighted(&GOODS, |goods| goods.weight) else {
        return;
    };
    let price = goods.median * libm::exp(goods.spread * random.normal());
    let mut cents = libm::round(price.clamp(goods.floor, goods.ceiling)) as u64;
    // Shops like prices that end in 99, 95 or 00.
    match random.below(10) {
        0..=3 => cents = cents / 100 * 100 + 99,
        4..=5 => cents = cents / 100 * 100 + 95,
        6 => cents = cents / 100 * 100 + 100,
        7 => cents = cents / 10 * 10 + 10,
        _ => {}
    }
    let more = -libm::log(1.0 - random.unit()) * goods.more;
    order.cents = cents;
    order.quantity = (1 + libm::round(more) as u64).min(goods.most);
}

/// Makes the order one that breaks no rule and yet is not like the others.
pub(super) fn odd(order: &mut Order, random: &mut Random) {
    match random.below(5) {
        // Just under the largest total that the rule `order_total` lets pass.
        0 => {
            order.cents = random.between(30_000, 250_000);
            order.quantity = random.between(6_000_000, 9_990_000) / order.cents;
        }
        // A pallet of a cheap thing.
        1 => {
            order.cents = random.between(100, 600);
            order.quantity = random.between(800, 8000);
        }
        // One thing that costs as much as a car.
        2 => {
            order.cents = random.between(1_500_000, 9_500_000);
            order.quantity = 1;
        }
        // A price that somebody forgot to fill in.
        3 => {
            order.cents = 1;
            order.quantity = random.between(500, 20_000);
        }
        // Everything at once that is seldom alone: a large gift, with a coupon, paid back.
        _ => {
            order.cents = random.between(60_000, 240_000);
            order.quantity = random.between(4, 9);
            order.gift = true;
            order.status = "refunded";
            order.coupon.clear();
            order.coupon.push_str("VIP50");
            order.tags.clear();
            order.tags.extend(["vip".into(), "returning".into()]);
        }
    }
}
