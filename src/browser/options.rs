//! From what the page was given to a sieve; what it was not given is built in.

use super::error::Refusal;
use crate::builtin;
use crate::contract::Contract;
use crate::mask::{Key, KeyRing};
use crate::pipeline::Sieve;
use crate::record::Format;
use crate::score::Model;
use zeroize::Zeroizing;

/// The built-in contract where none is given; its model too, unless there is another one.
pub(super) fn sieve(contract: Option<&str>, model: Option<&[u8]>, keys: &KeyRing) -> Result<Sieve, Refusal> {
    let contract = Contract::load(contract.map_or(builtin::CONTRACT, str::as_bytes)).map_err(Refusal::Contract)?;
    let built_in = contract.source() == builtin::CONTRACT;
    let model = model.or(built_in.then_some(builtin::MODEL));
    let sieve = Sieve::new(contract, keys);
    match model {
        None => Ok(sieve),
        Some(bytes) => {
            let model = Model::from_onnx(bytes).map_err(Refusal::Model)?;
            sieve.with_model(model).map_err(Refusal::Mismatch)
        }
    }
}

/// The keys that are given, or one that nobody will ever know.
pub(super) fn keys(text: Option<&str>) -> Result<KeyRing, Refusal> {
    if let Some(text) = text {
        return KeyRing::parse(text).map_err(Refusal::Key);
    }
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(bytes.as_mut()).map_err(|_| Refusal::Entropy)?;
    Ok(KeyRing::from(&Key::new(*bytes)))
}

/// The format by name; told by the content where none is given.
pub(super) fn format(name: Option<&str>) -> Result<Format, Refusal> {
    match name {
        None => Ok(Format::Auto),
        Some("ndjson") => Ok(Format::Ndjson),
        Some("json") => Ok(Format::Json),
        Some("csv") => Ok(Format::Csv),
        Some(_) => Err(Refusal::Format),
    }
}
