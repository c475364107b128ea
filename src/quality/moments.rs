//! Count, extremes, mean and deviation, of sums that hardly round: whatever the order, the same result.

/// A sum in two doubles, which is as good as 106 bits (Dekker 1971).
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    high: f64,
    low: f64,
}

impl Sum {
    fn add(&mut self, high: f64, low: f64) {
        let sum = self.high + high;
        let back = sum - self.high;
        let lost = (self.high - (sum - back)) + (high - back) + self.low + low;
        self.high = sum + lost;
        self.low = lost - (self.high - sum);
    }
}

/// A product in two doubles (Veltkamp and Dekker).
fn product(left: f64, right: f64) -> (f64, f64) {
    let halves = |value: f64| {
        let wide = value * 134_217_729.0;
        let high = wide - (wide - value);
        (high, value - high)
    };
    let high = left * right;
    let ((a, b), (c, d)) = (halves(left), halves(right));
    (high, ((a * c - high) + a * d + b * c) + b * d)
}

#[derive(Clone, Debug, Default)]
pub(super) struct Moments {
    pub(super) count: u64,
    pub(super) min: f64,
    pub(super) max: f64,
    sum: Sum,
    squares: Sum,
}

impl Moments {
    #[allow(clippy::cast_precision_loss, reason = "a count of records stays far below 2^53")]
    pub(super) fn add(&mut self, value: f64, times: u64) {
        self.bound(value, value);
        self.count += times;
        let times = times as f64;
        let (high, low) = product(value, times);
        self.sum.add(high, low);
        let (high, low) = product(value, value);
        let (most, least) = product(high, times);
        self.squares.add(most, least + low * times);
    }

    fn bound(&mut self, min: f64, max: f64) {
        let first = self.count == 0;
        self.min = if first { min } else { self.min.min(min) };
        self.max = if first { max } else { self.max.max(max) };
    }

    pub(super) fn merge(&mut self, other: &Self) {
        if other.count > 0 {
            self.bound(other.min, other.max);
            self.count += other.count;
            self.sum.add(other.sum.high, other.sum.low);
            self.squares.add(other.squares.high, other.squares.low);
        }
    }

    #[allow(clippy::cast_precision_loss, reason = "a count of records stays far below 2^53")]
    pub(super) fn mean(&self) -> f64 {
        if self.sum.high.is_finite() && self.sum.low.is_finite() {
            self.sum.high / self.count as f64 + self.sum.low / self.count as f64
        } else {
            f64::NAN
        }
    }

    /// The standard deviation with n − 1 below.
    #[allow(clippy::cast_precision_loss, reason = "a count of records stays far below 2^53")]
    pub(super) fn deviation(&self) -> f64 {
        if self.count < 2 {
            return 0.0;
        }
        // The sum of the squares less n times that of the mean, in two doubles because the two may be nearly equal.
        let (high, low) = product(self.sum.high, self.sum.high);
        let low = low + 2.0 * self.sum.high * self.sum.low;
        let n = self.count as f64;
        let whole = high / n;
        let (back, rest) = product(whole, n);
        let mut apart = self.squares;
        apart.add(-whole, -((high - back - rest + low) / n));
        let variance = (apart.high + apart.low) / (n - 1.0);
        if variance.is_nan() { f64::NAN } else { libm::sqrt(variance.max(0.0)) }
    }
}

/// The standard deviation of values that are all at hand.
#[allow(clippy::cast_precision_loss, reason = "a count of records stays far below 2^53")]
pub(super) fn deviation(values: &[(f64, u64)], mean: f64, count: u64) -> f64 {
    if count < 2 {
        return 0.0;
    }
    let mut squares = Sum::default();
    for (value, times) in values {
        let apart = value - mean;
        squares.add(apart * apart * *times as f64, 0.0);
    }
    libm::sqrt(squares.high / (count as f64 - 1.0))
}
