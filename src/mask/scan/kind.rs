//! What can be found, what it is called, and how sure a finding is.

use std::fmt;

/// A kind of personal data that has a form of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Kind {
    /// An e-mail address.
    Email,
    /// A telephone or fax number.
    Phone,
    /// The number of a payment card (ISO/IEC 7812).
    Card,
    /// An international bank account number (ISO 13616).
    Iban,
    /// An IPv4 or IPv6 address.
    Ip,
    /// The address of a network card (EUI-48, EUI-64).
    Mac,
    /// A URL with a user or a password in it.
    Url,
    /// United States: social security number.
    UsSsn,
    /// United Kingdom: national insurance number.
    UkNino,
    /// United Kingdom: NHS number.
    UkNhs,
    /// Germany: steuerliche Identifikationsnummer.
    DeSteuerId,
    /// France: numéro d'inscription au répertoire (social security).
    FrNir,
    /// Spain: documento nacional de identidad.
    EsDni,
    /// Spain: número de identidad de extranjero.
    EsNie,
    /// Italy: codice fiscale.
    ItCodiceFiscale,
    /// Portugal: número de identificação fiscal.
    PtNif,
    /// Netherlands: burgerservicenummer.
    NlBsn,
    /// Poland: PESEL.
    PlPesel,
    /// Czechia and Slovakia: rodné číslo.
    CzRodneCislo,
    /// Austria: Sozialversicherungsnummer.
    AtSvnr,
    /// Switzerland: AHV number.
    ChAhv,
    /// Belgium: national register number.
    BeNrn,
    /// An address of Bitcoin (or of its kin) or of Ethereum.
    Crypto,
    /// A key or token of a service, or a private key.
    Secret,
    /// A JSON web token (RFC 7519).
    Jwt,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 25] = [
        Self::Email,
        Self::Phone,
        Self::Card,
        Self::Iban,
        Self::Ip,
        Self::Mac,
        Self::Url,
        Self::UsSsn,
        Self::UkNino,
        Self::UkNhs,
        Self::DeSteuerId,
        Self::FrNir,
        Self::EsDni,
        Self::EsNie,
        Self::ItCodiceFiscale,
        Self::PtNif,
        Self::NlBsn,
        Self::PlPesel,
        Self::CzRodneCislo,
        Self::AtSvnr,
        Self::ChAhv,
        Self::BeNrn,
        Self::Crypto,
        Self::Secret,
        Self::Jwt,
    ];

    /// Its name, which stays the same from version to version: a contract asks for it, and a masked text shows it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Card => "card",
            Self::Iban => "iban",
            Self::Ip => "ip",
            Self::Mac => "mac",
            Self::Url => "url",
            Self::UsSsn => "us_ssn",
            Self::UkNino => "uk_nino",
            Self::UkNhs => "uk_nhs",
            Self::DeSteuerId => "de_steuer_id",
            Self::FrNir => "fr_nir",
            Self::EsDni => "es_dni",
            Self::EsNie => "es_nie",
            Self::ItCodiceFiscale => "it_codice_fiscale",
            Self::PtNif => "pt_nif",
            Self::NlBsn => "nl_bsn",
            Self::PlPesel => "pl_pesel",
            Self::CzRodneCislo => "cz_rodne_cislo",
            Self::AtSvnr => "at_svnr",
            Self::ChAhv => "ch_ahv",
            Self::BeNrn => "be_nrn",
            Self::Crypto => "crypto",
            Self::Secret => "secret",
            Self::Jwt => "jwt",
        }
    }

    fn bit(self) -> u32 {
        1 << self as u32
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How sure a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Confidence {
    /// Its form alone speaks for it.
    Low,
    /// A form that little else has, or a checksum that one number in ten passes.
    Medium,
    /// A checksum that next to nothing passes by chance, a form that nothing else has, or a word beside it that names it.
    High,
}

impl Confidence {
    /// One step surer: a word that names the kind stands beside it.
    pub(super) fn raised(self) -> Self {
        match self {
            Self::Low => Self::Medium,
            Self::Medium | Self::High => Self::High,
        }
    }
}

/// A set of kinds.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Kinds(u32);

impl Kinds {
    /// Every kind.
    pub const ALL: Self = Self((1 << Kind::ALL.len()) - 1);
    /// None.
    pub const NONE: Self = Self(0);
    /// What `national_id` stands for in [`Kinds::parse`].
    const NATIONAL: [Kind; 15] = [
        Kind::UsSsn,
        Kind::UkNino,
        Kind::UkNhs,
        Kind::DeSteuerId,
        Kind::FrNir,
        Kind::EsDni,
        Kind::EsNie,
        Kind::ItCodiceFiscale,
        Kind::PtNif,
        Kind::NlBsn,
        Kind::PlPesel,
        Kind::CzRodneCislo,
        Kind::AtSvnr,
        Kind::ChAhv,
        Kind::BeNrn,
    ];

    /// The set with one kind more.
    #[must_use]
    pub fn with(self, kind: Kind) -> Self {
        Self(self.0 | kind.bit())
    }

    /// Whether a kind is in the set.
    #[must_use]
    pub fn has(self, kind: Kind) -> bool {
        self.0 & kind.bit() != 0
    }

    /// The set of the kinds of these names; `national_id` stands for the ids of all countries.
    ///
    /// # Errors
    /// The first name that is none.
    pub fn parse<'n>(names: impl IntoIterator<Item = &'n str>) -> Result<Self, &'n str> {
        names.into_iter().try_fold(Self::NONE, |set, name| match name {
            "national_id" => Ok(Self::NATIONAL.into_iter().fold(set, Self::with)),
            _ => Kind::ALL.into_iter().find(|kind| kind.name() == name).map(|kind| set.with(kind)).ok_or(name),
        })
    }
}

impl fmt::Debug for Kinds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(Kind::ALL.into_iter().filter(|kind| self.has(*kind)).map(Kind::name)).finish()
    }
}
