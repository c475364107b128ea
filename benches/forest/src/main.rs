//! Answers what `benches/forest/measure.py` asks, line by line: a command in, the CPU seconds that its work took out.
//!
//! ```text
//! open FILE COLUMNS     32-bit floats, row after row, are the rows from now on         (answers 0)
//! fit                   fits a forest of 100 trees of 256 samples to them
//! extended              fits one whose splits are planes of two features
//! tuned                 fits one of the preset `tuned`
//! write FILE            writes the last forest as ONNX                                 (answers 0)
//! load FILE TIMES       loads a model, so many times; answers the mean
//! batch                 scores all rows at once
//! one TIMES             scores so many rows one by one; answers the mean
//! explain TIMES         takes apart so many rows at once; answers the mean
//! reasons TIMES         the three first reasons of so many rows, one by one; answers the mean
//! ```

use cpu_time::ProcessTime;
use std::error::Error;
use std::hint::black_box;
use std::io::{BufRead, Write};
use tamis::forest::{Explainer, Forest, Matrix, Params, fit};
use tamis::onnx::{Metadata, Training, export};
use tamis::score::Model;

type Answer<T> = Result<T, Box<dyn Error>>;

#[derive(Default)]
struct Bench {
    rows: Matrix,
    forest: Option<(Forest, Params)>,
    model: Option<Model>,
    explainer: Option<Explainer>,
}

impl Bench {
    fn answer(&mut self, line: &str) -> Answer<f64> {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["open", file, columns] => self.open(file, columns.parse()?),
            ["fit"] => self.fit(Params::default()),
            ["extended"] => self.fit(Params { extension: Some(1), ..Params::default() }),
            ["tuned"] => self.fit(Params::tuned()),
            ["write", file] => self.write(file),
            ["load", file, times] => self.load(file, times.parse()?),
            ["batch"] => self.batch(),
            ["one", times] => self.one(times.parse()?),
            ["explain", times] => self.explain(times.parse()?),
            ["reasons", times] => self.reasons(times.parse()?),
            _ => Err(format!("no such command: {line}").into()),
        }
    }

    fn open(&mut self, file: &str, columns: usize) -> Answer<f64> {
        let bytes = std::fs::read(file)?;
        let values = bytes.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
        self.rows = Matrix::from_vec(columns, values)?;
        Ok(0.0)
    }

    fn fit(&mut self, params: Params) -> Answer<f64> {
        let params = Params { seed: 1, ..params };
        let checked = params.check()?;
        let start = ProcessTime::now();
        let forest = fit(&self.rows, &checked)?;
        let seconds = start.elapsed().as_secs_f64();
        self.forest = Some((forest, params));
        Ok(seconds)
    }

    fn write(&mut self, file: &str) -> Answer<f64> {
        let (forest, params) = self.forest.as_ref().ok_or("nothing was fitted")?;
        let metadata = Metadata {
            version: "0.0.0".to_owned(),
            features: (0..forest.columns()).map(|column| format!("feature_{column}")).collect(),
            training: Some(Training::of(forest, params, self.rows.rows())),
            ..Metadata::default()
        };
        std::fs::write(file, export(forest, &metadata)?)?;
        Ok(0.0)
    }

    fn load(&mut self, file: &str, times: usize) -> Answer<f64> {
        let bytes = std::fs::read(file)?;
        let (seconds, model) = mean(times, || Model::from_onnx(black_box(&bytes)));
        let model = model.ok_or("not once")??;
        self.explainer = model.forest().map(Explainer::new);
        self.model = Some(model);
        Ok(seconds)
    }

    fn model(&self) -> Answer<&Model> {
        Ok(self.model.as_ref().ok_or("nothing was loaded")?)
    }

    fn batch(&self) -> Answer<f64> {
        let model = self.model()?;
        let (seconds, scores) = mean(1, || model.score_batch(&self.rows));
        black_box(scores.ok_or("not once")??);
        Ok(seconds)
    }

    fn one(&self, times: usize) -> Answer<f64> {
        let model = self.model()?;
        let mut rows = (0..self.rows.rows()).cycle();
        let (seconds, _) = mean(times, || black_box(model.score(self.rows.row(rows.next().unwrap_or(0)))));
        Ok(seconds)
    }

    fn explain(&self, times: usize) -> Answer<f64> {
        let (forest, explainer) = self.explained()?;
        let columns = self.rows.columns();
        let some = self.rows.values().iter().copied().take(times * columns).collect();
        let some = Matrix::from_vec(columns, some)?;
        let (seconds, _) = mean(1, || black_box(explainer.contributions_batch(forest, &some)));
        Ok(seconds / some.rows() as f64)
    }

    fn reasons(&self, times: usize) -> Answer<f64> {
        let (forest, explainer) = self.explained()?;
        let mut rows = (0..self.rows.rows()).cycle();
        let mut next = || self.rows.row(rows.next().unwrap_or(0));
        let (seconds, _) = mean(times, || black_box(explainer.reasons(forest, next(), 3)));
        Ok(seconds)
    }

    fn explained(&self) -> Answer<(&Forest, &Explainer)> {
        let forest = self.model()?.forest().ok_or("the model is no forest")?;
        let explainer = self.explainer.as_ref().ok_or("the model is no forest")?;
        // The first row pays for the preparation.
        black_box(explainer.contributions(forest, self.rows.row(0)));
        Ok((forest, explainer))
    }
}

/// The mean CPU seconds of some work, and what it gave last.
fn mean<T>(times: usize, mut work: impl FnMut() -> T) -> (f64, Option<T>) {
    let mut last = None;
    let start = ProcessTime::now();
    for _ in 0..times {
        last = Some(work());
    }
    (start.elapsed().as_secs_f64() / times.max(1) as f64, last)
}

fn main() -> Answer<()> {
    let mut bench = Bench::default();
    for line in std::io::stdin().lock().lines() {
        let seconds = bench.answer(&line?)?;
        println!("{seconds:e}");
        std::io::stdout().flush()?;
    }
    Ok(())
}
