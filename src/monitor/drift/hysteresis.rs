//! From the verdicts of one window after the other to something to be done.

use super::rules::Verdict;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// When drift fires: where at least `drifted` of the last `of` windows drifted; then it is silent for `cooldown`
/// windows and begins anew.
///
/// One window may be odd, a holiday or a campaign; what is worth a new model lasts. If a share `a` of undrifted windows
/// is called drift and windows are independent, two of the last three are in about 3 a² of all windows: three in ten
/// thousand at the default level. A window that is too small for a verdict is passed over and changes nothing.
///
/// # Example
/// ```
/// use tamis::monitor::drift::{Hysteresis, Verdict};
/// let mut hysteresis = Hysteresis::default();
/// let fired = [Verdict::Drift, Verdict::Stable, Verdict::Drift, Verdict::Drift].map(|verdict| hysteresis.see(verdict));
/// assert_eq!(fired, [false, false, true, false]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Hysteresis {
    /// Windows that must have drifted, at least 1.
    pub drifted: usize,
    /// Windows that are looked back on, the present one among them.
    pub of: usize,
    /// Windows that are passed over after it fired.
    pub cooldown: usize,
    recent: VecDeque<bool>,
    silent: usize,
}

impl Default for Hysteresis {
    fn default() -> Self {
        Self::new(2, 3, 3)
    }
}

impl Hysteresis {
    /// Fires where `drifted` of the last `of` windows drifted, and then is silent for `cooldown`. With more windows
    /// wanted than are looked back on, all of those are wanted.
    #[must_use]
    pub fn new(drifted: usize, of: usize, cooldown: usize) -> Self {
        Self { drifted, of, cooldown, recent: VecDeque::new(), silent: 0 }
    }

    /// Takes the verdict on the next window; answers whether it fires.
    pub fn see(&mut self, verdict: Verdict) -> bool {
        if verdict == Verdict::TooFew {
            return false;
        }
        if self.silent > 0 {
            self.silent -= 1;
            return false;
        }
        let of = self.of.max(1);
        self.recent.push_back(verdict == Verdict::Drift);
        while self.recent.len() > of {
            self.recent.pop_front();
        }
        let fires = self.recent.iter().filter(|drifted| **drifted).count() >= self.drifted.clamp(1, of);
        if fires {
            self.recent.clear();
            self.silent = self.cooldown;
        }
        fires
    }

    /// Forgets what was seen, as when a new model brings a new reference.
    pub fn reset(&mut self) {
        self.recent.clear();
        self.silent = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::{Hysteresis, Verdict};

    /// D drift, s slight, . stable, - too few.
    fn fired(mut hysteresis: Hysteresis, windows: &str) -> Vec<usize> {
        let verdict = |letter| match letter {
            'D' => Verdict::Drift,
            's' => Verdict::Slight,
            '-' => Verdict::TooFew,
            _ => Verdict::Stable,
        };
        windows.chars().enumerate().filter(|(_, letter)| hysteresis.see(verdict(*letter))).map(|(at, _)| at).collect()
    }

    #[test]
    fn fires_on_what_lasts() {
        for (rule, windows, wanted) in [
            ((2, 3, 3), "D..D..D..", &[][..]),
            ((2, 3, 3), "D.D", &[2]),
            ((2, 3, 3), "D--s-D", &[5]),
            ((2, 3, 3), "DDDDDDDD", &[1, 6]),
            ((1, 1, 0), "D.DD", &[0, 2, 3]),
            ((3, 2, 0), "DDDD", &[1, 3]),
            ((0, 0, 1), ".DD.D", &[1, 4]),
        ] {
            assert_eq!(fired(Hysteresis::new(rule.0, rule.1, rule.2), windows), wanted, "{rule:?} {windows}");
        }
    }

    #[test]
    fn its_state_is_kept_as_json() {
        let mut hysteresis = Hysteresis::new(2, 3, 1);
        hysteresis.see(Verdict::Drift);
        let json = serde_json::to_string(&hysteresis).unwrap();
        let mut read: Hysteresis = serde_json::from_str(&json).unwrap();
        assert_eq!(read, hysteresis);
        assert!(read.see(Verdict::Drift));
        read.reset();
        assert!(!read.see(Verdict::Drift));
    }
}
