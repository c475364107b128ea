//! What only people can say about a model.

use serde::{Deserialize, Serialize};

/// What people state for a card; what they leave out is called "not stated" there.
///
/// A file of statements has these names, in TOML or JSON. A name that is not among them does not load: a statement with a
/// typing error must not vanish.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Statements {
    /// Who answers for the model, and how they are reached: an organisation or a function.
    pub provider: Option<String>,
    /// What the model is for.
    pub intended_use: Option<String>,
    /// Who uses it, where, and who is affected by what it says.
    pub deployment: Option<String>,
    /// What it must not be used for, beyond what the card says by itself.
    pub not_for: Option<String>,
    /// What is known to limit it, beyond what the card says by itself.
    pub limits: Option<String>,
    /// Where the training records come from and how they were chosen.
    pub data_source: Option<String>,
    /// How the records were examined for gaps and for bias, and what was done about them.
    pub data_governance: Option<String>,
    /// The ground on which the records are processed (Article 6 of the GDPR), and the assessment of it.
    pub legal_basis: Option<String>,
    /// How long the records, the model and the verdicts are kept.
    pub retention: Option<String>,
    /// What can go wrong for people, and what is done about it.
    pub risks: Option<String>,
    /// Who watches over the verdicts, and how they overrule one.
    pub oversight: Option<String>,
    /// Where verdicts are logged, and who reads them.
    pub logging: Option<String>,
    /// What is different from the version before.
    pub changes: Option<String>,
}

/// One of the statements: how it is called in a file, and where it stands.
pub struct Statement {
    /// Its name in a file of statements.
    pub name: &'static str,
    /// The flag that states it, where there is one.
    pub flag: Option<&'static str>,
    /// What it says, if it is stated.
    pub of: fn(&Statements) -> Option<&str>,
}

/// Every statement that there is, in the order of the card.
pub const STATEMENTS: [Statement; 13] = [
    Statement { name: "provider", flag: Some("--provider"), of: |all| stated(all.provider.as_deref()) },
    Statement { name: "intended_use", flag: Some("--intended-use"), of: |all| stated(all.intended_use.as_deref()) },
    Statement { name: "deployment", flag: None, of: |all| stated(all.deployment.as_deref()) },
    Statement { name: "not_for", flag: None, of: |all| stated(all.not_for.as_deref()) },
    Statement { name: "limits", flag: None, of: |all| stated(all.limits.as_deref()) },
    Statement { name: "data_source", flag: None, of: |all| stated(all.data_source.as_deref()) },
    Statement { name: "data_governance", flag: None, of: |all| stated(all.data_governance.as_deref()) },
    Statement { name: "legal_basis", flag: None, of: |all| stated(all.legal_basis.as_deref()) },
    Statement { name: "retention", flag: None, of: |all| stated(all.retention.as_deref()) },
    Statement { name: "risks", flag: None, of: |all| stated(all.risks.as_deref()) },
    Statement { name: "oversight", flag: None, of: |all| stated(all.oversight.as_deref()) },
    Statement { name: "logging", flag: None, of: |all| stated(all.logging.as_deref()) },
    Statement { name: "changes", flag: None, of: |all| stated(all.changes.as_deref()) },
];

impl Statements {
    /// The names of what is not stated.
    pub fn missing(&self) -> impl Iterator<Item = &'static str> {
        STATEMENTS.iter().filter(|statement| (statement.of)(self).is_none()).map(|statement| statement.name)
    }
}

/// A statement that says something.
fn stated(statement: Option<&str>) -> Option<&str> {
    statement.map(str::trim).filter(|text| !text.is_empty())
}
