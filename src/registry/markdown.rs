//! A card in sentences.
//!
//! The headings are those of Annex IV of the AI Act, as far as a model can fill them. A sentence states what is known, or
//! that it is not stated and how to state it; there is nothing in between.

use super::card::Card;
use super::metric::{Metric, four};
use super::statements::STATEMENTS;
use crate::onnx::ThresholdRule;
use std::fmt::Write as _;

/// A forest that was fitted on fewer records flags others with another seed.
const FEW: usize = 1000;

pub(super) fn text(card: &Card, signers: &[String]) -> String {
    let mut page = Page { card, out: String::new() };
    page.head();
    page.purpose();
    page.version();
    page.works();
    page.data();
    page.performance();
    page.limits();
    page.oversight();
    page.logging();
    page.integrity(signers);
    page.out
}

struct Page<'c> {
    card: &'c Card,
    out: String,
}

impl Page<'_> {
    fn is_forest(&self) -> bool {
        self.card.model.threshold.is_some()
    }

    fn heading(&mut self, title: &str) {
        self.paragraph(&format!("## {title}"));
    }

    fn paragraph(&mut self, text: &str) {
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        self.out.push_str(text);
        self.out.push('\n');
    }

    /// What people stated under a name, or that they did not and how they would.
    fn statement(&mut self, title: &str, name: &str) {
        let Some(statement) = STATEMENTS.iter().find(|statement| statement.name == name) else { return };
        let text = match (statement.of)(&self.card.statements) {
            Some(text) => text.to_owned(),
            None => match statement.flag {
                Some(flag) => {
                    format!("Not stated. (`{flag}`, or `{name}` in the file that `--card` names, states it.)")
                }
                None => format!("Not stated. (`{name}` in the file that `--card` names states it.)"),
            },
        };
        self.paragraph(&format!("**{title}.** {text}"));
    }

    /// Rows of two columns; none of no rows.
    fn table(&mut self, [name, value]: [&str; 2], rows: &[(String, String)]) {
        if rows.is_empty() {
            return;
        }
        let mut table = format!("| {name} | {value} |\n| --- | --- |");
        for (name, value) in rows {
            // Writing to a String cannot fail.
            let _ = write!(table, "\n| {name} | {value} |");
        }
        self.paragraph(&table);
    }

    fn head(&mut self) {
        self.paragraph(&format!("# Model card: {}", code(&self.card.name())));
        self.paragraph(
            "This card describes one version of one model. Its headings follow the technical documentation of Article 11 and \
             Annex IV and the transparency duties of Article 13 of Regulation (EU) 2024/1689, the AI Act. It is no declaration \
             of conformity, and it does not say whether a use of the model is a high-risk one: its provider assesses that. What \
             is called “not stated” nobody told Tamis, and nothing is assumed in its place.",
        );
    }

    fn purpose(&mut self) {
        self.heading("Provider and intended purpose");
        self.statement("Provider", "provider");
        self.statement("Intended use", "intended_use");
        self.statement("Deployment and persons affected", "deployment");
        self.paragraph(if self.is_forest() {
            "**Not to be used for.** The score says how unlike the training records a record is. It does not say that a record \
             is wrong, fraudulent or harmful. It must not be the only ground of a decision that has legal or similarly \
             significant effects on a person (Article 22 of the GDPR), and it must not be used on records of another kind than \
             those that the model was trained on."
        } else {
            "**Not to be used for.** Tamis reads the model's output by its sign alone: a negative one flags the record. What the \
             output means beyond that is for the provider to say. It must not be the only ground of a decision that has legal or \
             similarly significant effects on a person (Article 22 of the GDPR)."
        });
        self.statement("Nor for", "not_for");
    }

    fn version(&mut self) {
        self.heading("Version and changes");
        let Card { model, contract, lineage, .. } = self.card;
        let mut rows = vec![
            ("Version (SHA-256 of the model)".to_owned(), code(model.sha256.as_str())),
            ("Size of the model".to_owned(), format!("{} bytes of ONNX", model.bytes)),
        ];
        let mut row = |name: &str, value: Option<String>| {
            rows.push((name.to_owned(), value.unwrap_or_else(|| "Not stated.".to_owned())));
        };
        row("Written by", model.tamis.as_ref().map(|version| format!("Tamis {}", code(version))));
        row("Made by", lineage.made_by.as_deref().map(code));
        row("Made at", lineage.trained_at.as_deref().map(code));
        row("Run", lineage.run.as_deref().map(code));
        row("Champion when it was made", lineage.parent.as_ref().map(|parent| code(parent.as_str())));
        row(
            "Contract",
            contract.as_ref().map(|contract| format!("{}, version {}", code(&contract.name), code(&contract.version))),
        );
        row("SHA-256 of the contract", contract.as_ref().map(|contract| code(&contract.sha256)));
        self.table(["Fact", "Value"], &rows);
        self.statement("Changes since the version before", "changes");
    }

    fn works(&mut self) {
        self.heading("How it works");
        let model = &self.card.model;
        let mut text = match (model.trees, model.threshold) {
            (Some(trees), Some(threshold)) => format!(
                "The model is an isolation forest of {trees} trees. Each tree parts records by one feature after another; a \
                 record that few splits suffice to set apart is an odd one. The score lies in (0, 1), higher is odder, and a record \
                 is flagged when its score is above {}.",
                four(threshold)
            ),
            _ => "The model is an ONNX graph that is no isolation forest; its own output decides, and a negative one flags the \
                  record."
                .to_owned(),
        };
        let _ = match model.features.as_slice() {
            [] => write!(text, " It takes {} numbers of each record; what they are is not stated.", model.columns),
            names => {
                let names: Vec<_> = names.iter().map(|name| code(name)).collect();
                write!(
                    text,
                    " It looks at {} features of each record and at nothing else: {}.",
                    names.len(),
                    names.join(", ")
                )
            }
        };
        if let Some(rule) = model.rule {
            text.push_str(&threshold(rule));
        }
        self.paragraph(&text);
        match model.parameters.as_ref().and_then(|parameters| serde_json::to_value(parameters).ok()) {
            Some(serde_json::Value::Object(parameters)) => {
                let value = |value: serde_json::Value| match value {
                    serde_json::Value::String(text) => code(&text),
                    other => code(&other.to_string()),
                };
                let rows: Vec<_> = parameters.into_iter().map(|(name, of)| (code(&name), value(of))).collect();
                self.table(["Parameter of the training", "Value"], &rows);
            }
            _ => self.paragraph("How it was trained is not stated: the model does not say it."),
        }
    }

    fn data(&mut self) {
        self.heading("Data and data governance");
        let Card { data, contract, model, .. } = self.card;
        let of_tamis = model.tamis.is_some();
        let rows = data.rows.map_or_else(
            || "On how many records the model was fitted is not stated.".to_owned(),
            |rows| format!("The model was fitted on {rows} records."),
        );
        let masked = match (of_tamis, contract) {
            (true, Some(_)) => {
                " Each of them had been accepted by the contract above and masked as it says: Tamis trains on \
                                nothing else."
            }
            (true, None) => " They were bare numbers without a contract, so Tamis neither checked nor masked them.",
            (false, _) => " Whether they were checked and masked is not stated.",
        };
        self.paragraph(&(rows + masked));
        let count = |what: &str, count: Option<u64>| match count {
            Some(count) => format!("{count} records were {what}. "),
            None => format!("How many records were {what} is not stated. "),
        };
        let span = data.span.as_ref().map_or_else(
            || "The time that they span is not stated.".to_owned(),
            |span| format!("They span the time from {} to {}.", code(&span.from), code(&span.to)),
        );
        self.paragraph(&(count("read", data.records) + &count("accepted", data.accepted) + &span));
        if data.inputs.is_empty() {
            self.paragraph("The inputs are not stated. (`tamis train --registry` states their hashes.)");
        }
        let inputs: Vec<_> = data.inputs.iter().map(|input| (code(&input.sha256), input.bytes.to_string())).collect();
        self.table(["Input (SHA-256)", "Bytes"], &inputs);
        self.statement("Source of the records", "data_source");
        self.statement("Examination for gaps and bias", "data_governance");
        if self.is_forest() {
            self.paragraph(
                "**Personal data in the model.** The file holds figures about all training records together: thresholds that \
                 lie between values of the features, sizes of groups of records, and in its metadata means, deviations, quantiles \
                 and counts. It holds no record. Who has the file can learn how the values of each feature are spread and about \
                 how far they reach, and an extreme value may be that of one record. Whether it can single out a person follows \
                 from the contract, which defines the features and what is masked.",
            );
        }
        self.statement("Legal basis", "legal_basis");
        self.statement("Retention", "retention");
    }

    fn performance(&mut self) {
        self.heading("Performance");
        if self.card.metrics.is_empty() {
            self.paragraph("No figure is stated: none was measured, or none was written down.");
        } else {
            let mut table = "| Figure | Value | Interval | Measured on |\n| --- | --- | --- | --- |".to_owned();
            for metric in &self.card.metrics {
                table.push_str(&measured(metric));
            }
            self.paragraph(&table);
        }
        if self.card.metrics.iter().any(|metric| metric.name == "anomaly_rate") {
            self.paragraph(
                "The anomaly rate says how often the model flags a record, not how often it is right to. Only figures against \
                 known outliers, such as `auroc` and `average_precision`, say that.",
            );
        }
    }

    fn limits(&mut self) {
        self.heading("Limits and risks");
        if self.is_forest() {
            let mut limits = "- The model compares with its training records. When ordinary records change, its score loses its \
                              meaning until it is trained anew; `tamis drift` tells when.\n\
                              - Oddities that were common among the training records are ordinary to it.\n\
                              - It cannot see what its features do not show.\n\
                              - The share of records that it flags follows from its threshold, whether or not any record is wrong."
                .to_owned();
            if let Some(parameters) = self.card.model.parameters.filter(|parameters| parameters.rows < FEW) {
                let _ = write!(
                    limits,
                    "\n- {} training records are few: with another seed it would flag others, except for the oddest.",
                    parameters.rows
                );
            }
            self.paragraph(&limits);
        }
        self.statement("Known limits", "limits");
        self.statement("Risks for people, and what is done about them", "risks");
    }

    fn oversight(&mut self) {
        self.heading("Human oversight");
        let reasons = if self.is_forest() {
            " A flagged record is shown with its score and with the features that make it odd (`reasons`), so that a person can \
             check the flag."
        } else {
            " The model gives no reasons for a flag."
        };
        self.paragraph(&format!(
            "Whether a record is accepted follows from the contract alone: Tamis marks a flagged record and does not reject \
             it.{reasons}"
        ));
        self.statement("Who watches over the verdicts and overrules one", "oversight");
    }

    fn logging(&mut self) {
        self.heading("Logging and monitoring");
        self.paragraph(&format!(
            "Every verdict names this version as {}. When it was added to its registry and when it was the champion stands in \
             `history.ndjson` there. Beyond the files that it is told to write, Tamis keeps no verdict.",
            code(&self.card.name())
        ));
        self.statement("Where verdicts are logged and who reads them", "logging");
    }

    fn integrity(&mut self, signers: &[String]) {
        self.heading("Integrity");
        let mut text =
            "The version is named by the hash of its model, which is compared whenever the registry gives the model \
                        out. Who vouches for model and card stands in `signature.json` beside them, and \
                        `tamis model verify` checks it."
                .to_owned();
        if !signers.is_empty() {
            let _ =
                write!(text, " When this was printed, the signature by {} was checked and fits.", signers.join(", "));
        }
        self.paragraph(&text);
    }
}

/// How a threshold came about.
fn threshold(rule: ThresholdRule) -> String {
    match rule {
        ThresholdRule::Score { .. } => {
            " The threshold is a score that was named when the model was trained.".to_owned()
        }
        ThresholdRule::Budget { rate, confidence, rows, flagged, .. } => format!(
            " The threshold is the lowest that flags at most a share of {} of the records, with {} % confidence, by {rows} \
             records that were held out, {flagged} of which lie above it.",
            four(rate),
            four(confidence * 100.0)
        ),
    }
}

fn measured(metric: &Metric) -> String {
    let interval = match (metric.interval, metric.confidence) {
        (Some([low, high]), Some(confidence)) => {
            format!("{} to {} ({} % confidence)", four(low), four(high), four(confidence * 100.0))
        }
        (Some([low, high]), None) => format!("{} to {} (confidence not stated)", four(low), four(high)),
        (None, _) => "Not stated.".to_owned(),
    };
    let on = match (&metric.on, metric.records) {
        (Some(on), Some(records)) => format!("{records} records: {}", cell(on)),
        (Some(on), None) => cell(on),
        (None, Some(records)) => format!("{records} records"),
        (None, None) => "Not stated.".to_owned(),
    };
    format!("\n| {} | {} | {interval} | {on} |", code(&metric.name), four(metric.value))
}

/// A name from a file as code, which it cannot leave: no mark of Markdown or HTML counts in it.
fn code(text: &str) -> String {
    let plain: String = text.chars().map(|letter| if letter == '`' { '\'' } else { letter }).collect();
    format!("`{}`", cell(&plain))
}

/// A text in one cell of a table.
fn cell(text: &str) -> String {
    let letter = |letter: char| match letter {
        '|' => "\\|".to_owned(),
        letter if letter.is_control() => " ".to_owned(),
        letter => letter.to_string(),
    };
    text.chars().map(letter).collect()
}
