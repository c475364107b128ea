//! `tamis privacy`: how well masked records hide who they are about.

mod enforce;
mod table;

use super::args::PrivacyArgs;
use super::batch::{Block, Reading};
use super::{End, batch, key, output, progress, setup};
use crate::mask::KeyRing;
use crate::pipeline::{Desk, Examined, Sieve};
use crate::privacy::{Counted, Form, Part, Plan, Survey, Trust, replaces};
use crate::record::Frame;
use crate::verdict::Status;
use anyhow::{Result, bail};
use enforce::{Enforced, Spool};
use std::sync::atomic::{AtomicBool, Ordering};

/// Records at the beginning of an input by which masked ones are told from raw ones.
const LOOKED_AT: usize = 1000;

/// What one share of the records gives.
#[derive(Default)]
struct Made {
    part: Part,
    spooled: Vec<u8>,
}

pub(super) fn privacy(args: &PrivacyArgs) -> Result<End> {
    let enforce = args.enforce_k.zip(args.out.as_deref());
    if enforce.is_some_and(|(_, out)| out.as_os_str() == "-") {
        bail!("--out needs a file: stdout has the figures");
    }
    let key = match key::lasting(args.records.key_file.as_deref())? {
        Some(key) => key,
        // For counting any key will do; only what is written must be told apart from other runs.
        None if enforce.is_none() => KeyRing::from(&key::fresh()?),
        None => key::find(None)?,
    };
    let (sieve, pool) = setup::sieve_under(&args.records, Some(&key))?;
    let plan = Plan::new(sieve.contract(), &args.sensitive)?;
    let mut spool = enforce.map(|(_, out)| Spool::new(out)).transpose()?;
    let survey = measure(args, &sieve, &pool, &plan, spool.as_mut())?;
    nothing_measured(survey.counted(), args.masked)?;
    warn(survey.counted());
    let enforced = match (enforce, spool) {
        (Some((least, out)), Some(spool)) => Some(enforce::enforce(spool, &survey, &sieve, &plan, least, out)?),
        _ => None,
    };
    let report = survey.report(&plan, sieve.contract(), args.k);
    if args.records.json {
        let mut json = report.json();
        if let Some(members) = json.as_object_mut() {
            members.insert("enforced".to_owned(), enforced.as_ref().map(Enforced::json).into());
        }
        output::print(&format!("{json:#}\n"))?;
    } else {
        let text = table::table(&report, enforced.as_ref());
        output::print(&progress::shown(&text))?;
    }
    Ok(match args.min_k {
        Some(least) if report.figures.k < least => {
            progress::say(&format!("tamis: k is {}, below the {least} asked for", report.figures.k));
            End::Refused
        }
        _ => End::Done,
    })
}

fn measure(
    args: &PrivacyArgs,
    sieve: &Sieve,
    pool: &rayon::ThreadPool,
    plan: &Plan,
    mut spool: Option<&mut Spool>,
) -> Result<Survey> {
    let masked = AtomicBool::new(args.masked);
    let told = args.masked;
    let mut begin = |name: &str, block: &Block| {
        if !told {
            let is_masked = looks_masked(sieve, block);
            masked.store(is_masked, Ordering::Relaxed);
            if is_masked {
                progress::say(&format!("tamis: {name} is masked already: its records are taken as they are"));
            }
        }
    };
    let examine = |frame: Frame<'_>, desk: &mut Desk| {
        if masked.load(Ordering::Relaxed) { sieve.adopt(frame, desk, told) } else { sieve.examine(frame, desk) }
    };
    let adopted = || masked.load(Ordering::Relaxed).then_some(if told { Trust::Told } else { Trust::Looks });
    let spooling = spool.is_some();
    let mut survey = Survey::default();
    batch::run_reading(
        &args.records,
        sieve,
        pool,
        "measuring",
        Reading { begin: &mut begin, examine: &examine },
        |examined: &Examined, source, _, part: &mut batch::Part<Made>| {
            let made = &mut part.made;
            let digest = made.part.see(plan, sieve, examined, source, adopted());
            if let Some(digest) = digest.filter(|_| spooling) {
                enforce::spool(digest, examined, &mut made.spooled);
            }
        },
        |made| {
            if let Some(spool) = &mut spool {
                spool.push(&made.spooled)?;
            }
            Ok(survey.merge(made.part)?)
        },
    )?;
    Ok(survey)
}

/// Whether an input was masked before. Tokens where the contract has them say so; where none stand and nothing looks raw,
/// it is masked if the contract would accept none of its records as they are.
fn looks_masked(sieve: &Sieve, block: &Block) -> bool {
    let mut desk = Desk::default();
    let (mut masked, mut raw, mut open, mut accepted) = (0_usize, 0_usize, 0_usize, 0_usize);
    for frame in block.frames().take(LOOKED_AT) {
        match sieve.form(frame) {
            Some(Form::Masked) => masked += 1,
            Some(Form::Raw) => raw += 1,
            Some(Form::Open) => {
                open += 1;
                let examined = sieve.examine(frame, &mut desk);
                accepted += usize::from(examined.status() == Status::Accepted);
                desk.recycle(examined);
            }
            None => {}
        }
    }
    if masked > 0 { masked > raw } else { raw == 0 && open > 0 && accepted == 0 && replaces(sieve.contract()) }
}

/// A figure over no records would look like an answer.
fn nothing_measured(counted: Counted, told: bool) -> Result<()> {
    if counted.measured > 0 {
        return Ok(());
    }
    if counted.read == 0 {
        bail!("there are no records, so there is nothing to measure");
    }
    let hint = if told {
        "they are no JSON objects"
    } else {
        "`tamis validate` says why; if they were masked before, --masked takes them as they are, and if another contract \
         masked them, --contract names it"
    };
    bail!("none of the {} records can be measured under this contract: {hint}", counted.read)
}

/// What was not measured, and what may have been measured wrongly.
fn warn(counted: Counted) {
    if counted.unmasked > 0 {
        progress::say(&format!(
            "tamis: {} of {} records stand in a masked file but do not look masked; they are left out",
            counted.unmasked, counted.read
        ));
    }
    if counted.doubtful > 0 {
        progress::say(&format!(
            "tamis: {} of {} records do not look as the masks of this contract leave them; they are measured as they \
             are, because --masked says so",
            counted.doubtful, counted.read
        ));
    }
}
