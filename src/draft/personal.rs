//! Which fields look personal, by their names and by the form of their values, and the mask that fits.
//!
//! A field that is masked though it need not be costs a little use; one that is not and should be is a leak. So a name
//! that may well be a person's counts as one.

use super::words::Words;
use crate::mask::scan;
use serde_json::{Value, json};

/// A class of personal data, as `x-pii` names it, and what is done about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Class {
    pub(super) name: &'static str,
    pub(super) treatment: Treatment,
}

/// How a class is treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Treatment {
    /// Equal values keep being equal.
    Pseudonym,
    /// The first characters stay; only where the field holds text.
    Prefix(u64),
    Drop,
    /// Personal data inside the text is replaced.
    Scan,
    /// Not personal by itself, but it tells people apart together with others.
    Quasi,
}

const fn class(name: &'static str, treatment: Treatment) -> Class {
    Class { name, treatment }
}

/// Terms by class, in English, German, French, Spanish and Portuguese. The first class that a name fits is the one.
const BY_NAME: &[(Class, &str)] = &[
    (
        class("credential", Treatment::Drop),
        "password passwd passwort motdepasse contrasena senha secret apikey accesstoken refreshtoken authtoken privatekey pin cvv cvc",
    ),
    (
        class("email", Treatment::Pseudonym),
        "email emails mail correo correoelectronico courriel emailaddress mailadresse",
    ),
    (
        class("ip", Treatment::Pseudonym),
        "ip ipv4 ipv6 ipaddress ipaddr remoteaddr clientip xforwardedfor ipadresse adresseip direccionip",
    ),
    (
        class("device", Treatment::Pseudonym),
        "mac macaddress deviceid idfa gaid aaid imei imsi iccid advertisingid cookieid sessionid fingerprint useragent visitorid",
    ),
    (
        class("phone", Treatment::Pseudonym),
        "phone phones phonenumber telephone tel telno mobile mobil cell cellphone fax telefon telefonnummer handy handynummer rufnummer \
         telefono telefone celular movil telemovel portable whatsapp msisdn",
    ),
    (
        class("birth", Treatment::Prefix(4)),
        "birth dob birthday birthdate dateofbirth birthyear born geburt geburtsdatum geburtstag geburtsjahr naissance nacimiento nascimento",
    ),
    (
        class("bank_account", Treatment::Pseudonym),
        "iban bankaccount accountnumber accountno konto kontonummer accountholder bban sortcode routingnumber numerodecuenta",
    ),
    (
        class("card", Treatment::Pseudonym),
        "cardnumber cardno creditcard debitcard ccnumber ccnum ccno pan kreditkarte kartennummer cartebancaire cartedecredit \
         tarjeta cartao cardholder",
    ),
    (
        class("national_id", Treatment::Pseudonym),
        "ssn socialsecurity socialsecuritynumber nationalid passport passportnumber passportno taxid tin steuerid steuernummer \
         sozialversicherungsnummer reisepass ausweis ausweisnummer personalausweis nif nie dni cpf curp rfc nino nhsnumber \
         personnummer driverlicense driverslicense driverlicence drivinglicence fuhrerschein insee securitesociale numerosecu \
         identitycard idcard licenseplate numberplate kennzeichen matricula nss bsn",
    ),
    (
        class("special", Treatment::Drop),
        "religion confession ethnicity race diagnosis diagnose disease illness disability bloodtype bloodgroup medication \
         sexualorientation politicalparty tradeunion konfession krankheit religiao maladie enfermedad doenca",
    ),
    (
        class("postal_code", Treatment::Prefix(2)),
        "zip zipcode postal postalcode postcode plz postleitzahl codepostal codigopostal cep cp",
    ),
    (
        class("address", Treatment::Drop),
        "address addresses addr street streetname streetaddress strasse hausnummer housenumber houseno addressline address1 address2 \
         adresse anschrift adresses rue calle rua direccion domicilio endereco morada apartment flatnumber",
    ),
    (
        class("name", Treatment::Pseudonym),
        "firstname lastname fullname surname givenname familyname middlename maidenname birthname forename nickname displayname \
         username screenname realname legalname personname vorname vornamen nachname familienname nom prenom prenoms nomcomplet \
         apellido apellidos sobrenome apelido primernombre nombrecompleto nomecompleto fname lname contactname",
    ),
];

/// Attributes of something personal that are not personal themselves: `email_verified`, `card_type`.
const ATTRIBUTES: &str = "type kind status count verified valid flag enabled at time sent opened clicked subscribed optin provider \
    brand length domain score hash format template consent version";

const PERSONS: &str = "customer customers client clients user users person persons people contact member employee patient student \
    pupil owner author recipient sender buyer seller subscriber guest passenger driver applicant insured tenant agent assignee \
    reporter reviewer creator manager supervisor teacher doctor nurse holder cardholder payer payee beneficiary consumer shopper \
    visitor rep salesrep representative salesperson actor technician cashier clerk trainer guardian lead account login profile registrant participant attendee candidate spouse parent child kin kunde kunden \
    nutzer benutzer mitarbeiter mitglied patienten ansprechpartner inhaber empfanger absender besteller versicherter cliente \
    clientes utilisateur usuario usuarios utilizador empleado funcionario paciente contacto contato destinataire expediteur \
    titulaire titular salarie";

const THINGS: &str = "product products item items article articles sku category brand manufacturer vendor company organisation \
    organization org store shop warehouse city country region state continent district place airport station file host event \
    campaign plan service model type status table field feature metric sensor course team department project package plugin \
    app application version function method channel domain tag group role color colour produkt artikel produit producto produto \
    category categories firma entreprise empresa marque marca stadt ville ciudad cidade land pays pais";

/// The class that a name tells, in an object whose own name is `parent`.
pub(super) fn by_name(name: &Words, parent: &Words) -> Option<Class> {
    if name.is_empty() {
        return None;
    }
    let birth = name.any("birth dob birthday birthdate dateofbirth born geburtsdatum geburtstag");
    let attribute = name.count() > 1 && name.last().len() > 1 && Words::of(name.last()).any(ATTRIBUTES);
    let question = matches!(name.first(), "is" | "has" | "was" | "can" | "num" | "n") && name.count() > 1;
    if (attribute || question) && !birth {
        return None;
    }
    if let Some((class, _)) = BY_NAME.iter().find(|(_, terms)| name.any(terms)) {
        return Some(*class);
    }
    person(name, parent).or_else(|| {
        let free = name.is_free_text().then_some(class("free_text", Treatment::Scan));
        let quasi = "city town ort stadt wohnort ville ciudad cidade municipality region county province bundesland gender sex \
            geschlecht sexe genre sexo genero age alter edad idade nationality nationalitat lat latitude lon lng longitude country \
            countrycode occupation profession beruf maritalstatus familienstand salary income";
        free.or_else(|| name.any(quasi).then_some(class("quasi", Treatment::Quasi)))
    })
}

/// Whether a field's name says that it tells people apart together with others.
pub(crate) fn is_quasi(name: &str) -> bool {
    let class = by_name(&Words::of(name), &Words::default());
    class.is_some_and(|class| class.treatment == Treatment::Quasi || matches!(class.name, "postal_code" | "birth"))
}

/// Names of persons and the keys under which they are known.
fn person(name: &Words, parent: &Words) -> Option<Class> {
    let user = Some(class("user_id", Treatment::Pseudonym));
    let before = name.before_last();
    let about_person = |words: &Words| words.any(PERSONS);
    if Words::of(name.last()).any("name names nome nombre naam") {
        let qualified =
            before.any("first last full given family middle maiden sur nick display user login birth legal");
        let bare = before.is_empty() && (about_person(parent) || !parent.any(THINGS));
        let of_person = about_person(&before) && !before.any(THINGS);
        return (qualified || bare || of_person).then_some(class("name", Treatment::Pseudonym));
    }
    let key =
        Words::of(name.last()).any("id ids uuid guid no nr num number key code ref reference nummer numero codigo");
    if (key && about_person(&before)) || (key && before.is_empty() && about_person(parent)) {
        return user;
    }
    if name.any("userid customerid clientid accountid memberid patientid employeeid kundennummer kundennr numeroclient")
    {
        return user;
    }
    // A person as a value: `customer: "Eddie"`, `created_by: "anna"`.
    let alone = name.count() == 1 && about_person(name) && !name.any("agent account parent child lead profile");
    (alone || name.last() == "by" || name.any("assignedto")).then_some(class("person", Treatment::Pseudonym))
}

/// What the form of one text tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Form {
    Email,
    Iban,
    Card,
    Phone,
    Ip,
}

impl Form {
    pub(super) const ALL: [Self; 5] = [Self::Email, Self::Iban, Self::Card, Self::Phone, Self::Ip];

    pub(super) fn class(self) -> Class {
        match self {
            Self::Email => class("email", Treatment::Pseudonym),
            Self::Iban => class("bank_account", Treatment::Pseudonym),
            Self::Card => class("card", Treatment::Pseudonym),
            Self::Phone => class("phone", Treatment::Pseudonym),
            Self::Ip => class("ip", Treatment::Pseudonym),
        }
    }

    /// The form of a whole trimmed text.
    pub(super) fn of(text: &str) -> Option<Self> {
        if text.len() > 254 {
            return None;
        }
        if crate::validate::is_email(text) {
            return Some(Self::Email);
        }
        if text.contains('.') && text.parse::<std::net::Ipv4Addr>().is_ok()
            || text.contains(':') && text.len() > 2 && text.parse::<std::net::Ipv6Addr>().is_ok()
        {
            return Some(Self::Ip);
        }
        match scan::scan(text).as_deref() {
            Some("[email]") => return Some(Self::Email),
            Some("[iban]") => return Some(Self::Iban),
            Some("[card]") => return Some(Self::Card),
            _ => {}
        }
        is_phone(text).then_some(Self::Phone)
    }
}

/// Whether a text holds personal data that can be told by its form, anywhere in it.
pub(super) fn is_in(text: &str) -> bool {
    Form::of(text).is_some() || scan::scan(text).is_some()
}

/// 8 to 15 digits (ITU-T E.164) with the marks that people put between them, beginning as numbers do that are dialled:
/// digits alone are more often the number of a thing.
fn is_phone(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let known = text
        .chars()
        .all(|letter| letter.is_ascii_digit() || matches!(letter, '+' | ' ' | '(' | ')' | '-' | '.' | '/' | '\u{a0}'));
    let marks = text.chars().skip(1).filter(|letter| !letter.is_ascii_digit()).count();
    let dialled = text.starts_with('+')
        || ((text.starts_with("00") || text.starts_with('(')) && marks > 0)
        || (text.starts_with('0') && marks > 0 && !text.contains('.') && !looks_like_date(text))
        || is_north_american(text);
    known && (8..=15).contains(&digits) && dialled
}

fn looks_like_date(text: &str) -> bool {
    let parts: Vec<usize> = text.split(['/', '-']).map(str::len).collect();
    matches!(parts.as_slice(), [2, 2, 2 | 4])
}

/// `202-555-0123`, perhaps with a leading 1.
fn is_north_american(text: &str) -> bool {
    let text = text.strip_prefix("1-").unwrap_or(text);
    let parts: Vec<usize> = text.split(['-', '.', ' ']).map(str::len).collect();
    parts == [3, 3, 4]
}

/// The mask of a class on a field of these types, as `x-mask` takes it. What cannot be masked in part is left out.
pub(super) fn mask(class: Class, holds_text: bool, holds_scalars: bool) -> Option<Value> {
    Some(match class.treatment {
        Treatment::Quasi => return None,
        Treatment::Pseudonym if holds_scalars => json!("pseudonym"),
        Treatment::Prefix(prefix) if holds_text => json!({"op": "generalise", "prefix": prefix}),
        Treatment::Scan if holds_text => json!("scan"),
        _ => json!("drop"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class_of(name: &str, parent: &str) -> &'static str {
        by_name(&Words::of(name), &Words::of(parent)).map_or("", |class| class.name)
    }

    #[test]
    fn tells_personal_names() {
        for (name, parent, class) in [
            ("email", "", "email"),
            ("customer_email", "", "email"),
            ("E-Mail-Adresse", "", "email"),
            ("email_verified", "", ""),
            ("emailSentAt", "", ""),
            ("customer_first_name", "", "name"),
            ("Nachname", "", "name"),
            ("prénom", "", "name"),
            ("apellidos", "", "name"),
            ("name", "", "name"),
            ("name", "customer", "name"),
            ("name", "product", ""),
            ("product_name", "", ""),
            ("city_name", "geoip", "quasi"),
            ("file_name", "", ""),
            ("agent_name", "", "name"),
            ("customer_id", "", "user_id"),
            ("CustomerID", "", "user_id"),
            ("customerid", "", "user_id"),
            ("id", "user", "user_id"),
            ("id", "product", ""),
            ("user", "", "person"),
            ("Kundennummer", "", "user_id"),
            ("created_by", "", "person"),
            ("user_count", "", ""),
            ("order_id", "", ""),
            ("phone", "", "phone"),
            ("Telefonnummer", "", "phone"),
            ("street", "", "address"),
            ("Straße", "", "address"),
            ("shipping_address", "", "address"),
            ("ip_address", "", "ip"),
            ("shipping", "", ""),
            ("zip", "", "postal_code"),
            ("plz", "", "postal_code"),
            ("date_of_birth", "", "birth"),
            ("Geburtsdatum", "", "birth"),
            ("birth_date", "", "birth"),
            ("iban", "", "bank_account"),
            ("creditCardNumber", "", "card"),
            ("card_type", "", ""),
            ("ssn", "", "national_id"),
            ("note", "", "free_text"),
            ("gender", "", "quasi"),
            ("customer_gender", "", "quasi"),
            ("password", "", "credential"),
            ("is_customer", "", ""),
            ("status", "", ""),
            ("company", "", ""),
            ("company_name", "", ""),
            ("quantity", "", ""),
            ("description", "", "free_text"),
            ("panel", "", ""),
            ("", "", ""),
        ] {
            assert_eq!(class_of(name, parent), class, "{name} in {parent}");
        }
    }

    #[test]
    fn tells_forms() {
        for (text, form) in [
            ("a@b.de", Some(Form::Email)),
            ("DE89 3704 0044 0532 0130 00", Some(Form::Iban)),
            ("4111 1111 1111 1111", Some(Form::Card)),
            ("+49 30 1234567", Some(Form::Phone)),
            ("+4930123456", Some(Form::Phone)),
            ("(030) 123 4567", Some(Form::Phone)),
            ("030/1234567", Some(Form::Phone)),
            ("202-555-0123", Some(Form::Phone)),
            ("192.168.0.1", Some(Form::Ip)),
            ("2001:db8::1", Some(Form::Ip)),
            ("2025-01-10", None),
            ("01/02/2025", None),
            ("01-02-2025", None),
            ("123456789", None),
            ("17850.0", None),
            ("1,299.00", None),
            ("ORD-123456", None),
            ("12:30", None),
            ("::", None),
            ("", None),
        ] {
            assert_eq!(Form::of(text), form, "{text}");
        }
    }
}
