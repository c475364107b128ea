// Orders for the tests.

export const KEY = "0f".repeat(32);
export const OPEN = { TAMIS_KEY: KEY, TAMIS_OPEN: "1" };
export const JSON_TYPE = "application/json";
export const LINES = "application/x-ndjson";

/** An order that is accepted, unless `change` says otherwise. */
export function order(number, change = {}) {
  return {
    order_id: `ORD-${String(number).padStart(4, "0")}`,
    customer_email: `customer${number % 7}@example.org`,
    quantity: 1 + (number % 5),
    unit_price: 19.9 + (number % 11),
    is_gift: number % 3 === 0,
    status: "paid",
    created_at: "2025-03-01T10:00:00Z",
    shipping: { country_code: "DE", city: "Berlin", postal_code: "10115", street: "Unter den Linden 1" },
    tags: ["new"],
    referrer_url: "https://example.org/a?b=c",
    coupon_code: null,
    priority: 3,
    ...change,
  };
}

/** What makes an order odd. */
export const ODD = {
  quantity: 50000,
  unit_price: 1.99,
  coupon_code: "X",
  tags: null,
  is_gift: true,
  status: "refunded",
};

/** So many orders; every fourth is rejected. */
export function orders(count) {
  return Array.from({ length: count }, (_, index) => order(index + 1, index % 4 === 3 ? { quantity: 0 } : {}));
}

export const ndjson = (records) => records.map((record) => `${JSON.stringify(record)}\n`).join("");
export const parsed = (text) => {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
};
