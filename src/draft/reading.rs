//! What the values of a field are, by majority.

use super::field::Place;
use super::values::share;

/// What most values of a field are, or can be read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// There never was a value.
    Nothing,
    Truth,
    Number,
    Moment,
    Text,
    List,
    Object,
    /// No reading holds for nearly all.
    Mixed,
}

/// Thousandths of the values that a reading must hold for.
const NEARLY_ALL: u64 = 900;
/// The same, where the field's name says that it is the right one: then the rest is dirt.
const AS_NAMED: u64 = 600;

pub(super) fn reading(place: &Place<'_>) -> Reading {
    let seen = place.seen;
    let all = seen.present();
    let name = &place.name;
    let most = |count: u64, as_named: bool| share(count, all, if as_named { AS_NAMED } else { NEARLY_ALL });
    if all == 0 {
        Reading::Nothing
    } else if share(seen.lists, all, 500) && most(seen.lists + seen.texts.count, false) {
        Reading::List
    } else if most(seen.objects, false) {
        Reading::Object
    } else if is_truth(place, &most) {
        Reading::Truth
    } else if is_moment(place, &most) {
        Reading::Moment
    } else if is_number(place, &most) {
        Reading::Number
    } else if most(seen.texts.count + seen.numbers.count, place.is_personal() || name.is_closed())
        && seen.texts.count > 0
    {
        Reading::Text
    } else {
        Reading::Mixed
    }
}

fn is_truth(place: &Place<'_>, most: &dyn Fn(u64, bool) -> bool) -> bool {
    let seen = place.seen;
    let digits: u64 = seen.numbers.small.iter().take(2).sum();
    let words = seen.truths + seen.texts.truth_words;
    let both = seen.truths > 0 || (seen.texts.yes > 0 && seen.texts.no > 0);
    both && share(words, seen.present(), 500)
        && most(seen.truths + seen.texts.yes + seen.texts.no + digits, place.name.is_truth())
}

/// Days without a time of day are left to be texts: a moment would claim to know more.
fn is_moment(place: &Place<'_>, most: &dyn Fn(u64, bool) -> bool) -> bool {
    let seen = place.seen;
    let named = place.name.is_moment();
    let epochs = if named { seen.numbers.count } else { 0 };
    share(seen.texts.moments, seen.present(), 500)
        && !share(seen.texts.dates, seen.texts.moments, 900)
        && most(seen.texts.moments + epochs, named)
}

fn is_number(place: &Place<'_>, most: &dyn Fn(u64, bool) -> bool) -> bool {
    let seen = place.seen;
    let name = &place.name;
    let postal = place.class.is_some_and(|class| class.name == "postal_code");
    if most(seen.numbers.count, false) {
        return !postal;
    }
    // A number that names a thing keeps its leading zeros, and the letters that it may have one day.
    let texts = &seen.texts;
    let names_a_thing =
        name.is_identifier() || place.is_personal() || share(texts.leading_zeros * 10, texts.numbers.count.max(1), 100);
    let named = name.is_measure() || name.is_count() || name.is_never_negative() || name.is_scale();
    !names_a_thing && most(seen.numbers.count + texts.numbers.count, named)
}
