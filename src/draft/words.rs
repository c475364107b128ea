//! What a field's name says: its words, whatever the letter case and the accents, and the hints they give.

use unicode_normalization::UnicodeNormalization;

/// A name, cut into words of lower-case letters without accents, and of digits: `billingE-Mail2` is `billing`, `e`,
/// `mail`, `2`.
#[derive(Clone, Debug, Default)]
pub(super) struct Words(Vec<String>);

/// Shorter words are not looked for inside longer ones: `ip` is in `shipping`.
const LONG_ENOUGH: usize = 8;

impl Words {
    pub(super) fn of(name: &str) -> Self {
        let mut words: Vec<String> = Vec::new();
        let mut before = ' ';
        let letters: Vec<char> =
            name.nfd().filter(|letter| !unicode_normalization::char::is_combining_mark(*letter)).collect();
        for (at, letter) in letters.iter().copied().enumerate() {
            let next_is_lower = letters.get(at + 1).is_some_and(|next| next.is_lowercase());
            let hump = letter.is_uppercase() && (before.is_lowercase() || (before.is_uppercase() && next_is_lower));
            let begins = !before.is_alphanumeric() || hump || letter.is_numeric() != before.is_numeric();
            before = letter;
            if !letter.is_alphanumeric() {
                continue;
            }
            if begins {
                words.push(String::new());
            }
            if let Some(word) = words.last_mut() {
                match letter {
                    'ß' => word.push_str("ss"),
                    _ => word.extend(letter.to_lowercase()),
                }
            }
        }
        Self(words)
    }

    /// The words with underscores in between.
    pub(super) fn snake(&self) -> String {
        self.0.join("_")
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn first(&self) -> &str {
        self.0.first().map_or("", String::as_str)
    }

    pub(super) fn last(&self) -> &str {
        self.0.last().map_or("", String::as_str)
    }

    /// All words but the last.
    pub(super) fn before_last(&self) -> Self {
        let count = self.0.len().saturating_sub(1);
        Self(self.0.iter().take(count).cloned().collect())
    }

    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    /// Whether words that stand side by side make one of the terms, a list with spaces in between; a long term may also
    /// stand inside of a word, because many names are written together.
    pub(super) fn any(&self, terms: &str) -> bool {
        let joined = self.0.concat();
        terms.split_ascii_whitespace().any(|term| {
            (term.len() >= LONG_ENOUGH && joined.contains(term)) || (0..self.0.len()).any(|from| self.run(from, term))
        })
    }

    fn run(&self, from: usize, term: &str) -> bool {
        let mut rest = term;
        for word in self.0.iter().skip(from) {
            match rest.strip_prefix(word.as_str()) {
                Some("") => return true,
                Some(left) => rest = left,
                // One of many is named as the many are: `passengers`.
                None => return word.strip_suffix('s') == Some(rest),
            }
        }
        false
    }
}

/// What kind of value a name leads one to expect. A reading of the values that the name supports needs less of them.
impl Words {
    pub(super) fn is_identifier(&self) -> bool {
        let open = self.any("coupon promo promotion voucher discount campaign");
        !open
            && self.any("id ids uuid guid sku code codes no nr num number key ref reference token hash ean isbn asin vin upc gtin \
                 barcode serial ticket tracking kennung nummer numero codigo clave matricula")
            // "number of items" counts, "phone number" is no key of anything.
            && !self.any("numberof noof numof")
    }

    /// Names of numbers that may have a fraction, though those seen may happen to have none.
    pub(super) fn is_measure(&self) -> bool {
        self.any(
            "price amount total cost tax fee weight rate percent percentage pct ratio score value revenue sales margin balance salary \
             income lat latitude lon lng long longitude temperature distance height width depth length volume speed duration preis \
             betrag summe kosten gewicht prix montant cout poids precio importe peso preco valor sum avg mean discount subtotal \
             probability confidence altitude pressure humidity voltage",
        )
    }

    /// Names of numbers that are never negative by what they mean.
    /// Names of numbers that may well be negative in the next record.
    pub(super) fn is_signed(&self) -> bool {
        self.any(
            "temperature temp lat latitude lon lng long longitude balance delta change diff difference profit margin gain loss offset \
             altitude elevation score growth net adjustment amount saldo gewinn x y z",
        )
    }

    pub(super) fn is_never_negative(&self) -> bool {
        self.any(
            "price quantity qty count size age weight height width depth length volume distance duration total stock units seats \
             pages number numberof views clicks visits sessions percent percentage pct items preis menge anzahl alter gewicht prix \
             quantite poids precio cantidad edad peso preco quantidade idade stk quantities",
        ) && !self.any("delta change diff difference discount adjustment balance")
    }

    pub(super) fn is_count(&self) -> bool {
        self.any("quantity qty count age items units seats pages number numberof menge anzahl quantite cantidad quantidade year month day")
    }

    /// Names of whole numbers on a scale that has an end.
    pub(super) fn is_scale(&self) -> bool {
        self.any(
            "priority rating stars rank grade level severity urgency tier quarter weekday dayofweek dow month hour minute \
             prioritat stufe niveau nivel prioridad prioridade",
        )
    }

    pub(super) fn is_percentage(&self) -> bool {
        self.any("percent percentage pct prozent pourcentage porcentaje porcentagem")
    }

    pub(super) fn is_truth(&self) -> bool {
        matches!(self.first(), "is" | "has" | "was" | "can" | "should" | "allow" | "ist" | "hat")
            || self.any("flag enabled disabled active verified optin subscribed aktiv deleted")
    }

    pub(super) fn is_moment(&self) -> bool {
        matches!(self.last(), "at" | "on" | "ts" | "since" | "until")
            || self.any("date time datetime timestamp created updated modified datum zeit fecha hora data heure born birthday dob")
    }

    /// Names whose values come from a small list that hardly grows.
    pub(super) fn is_closed(&self) -> bool {
        let closed = "status state type kind level tier gender sex stage phase mode severity priority currency weekday dayofweek \
             plan channel method class art typ zustand estado tipo statut etat genre geschlecht sexo unit continent result outcome \
             direction side role category segment platform environment env os protocol action operation";
        Self(self.0.last().cloned().into_iter().collect()).any(closed) || (self.any(closed) && !self.is_open())
    }

    /// Names whose values no sample shows completely.
    pub(super) fn is_open(&self) -> bool {
        self.any(
            "name title description text note notes comment comments city town region country province county locale language \
             brand manufacturer vendor supplier product item tag tags label labels keyword coupon promo voucher campaign referrer \
             referer url uri link path file host domain agent stadt ort land ville pays ciudad pais cidade model color colour \
             address street company job department",
        )
    }

    pub(super) fn is_free_text(&self) -> bool {
        self.any(
            "note notes comment comments message description text body remark remarks feedback review reason summary subject memo \
             bemerkung bemerkungen kommentar notiz nachricht beschreibung commentaire commentaires remarque message comentario \
             comentarios observacion observaciones observacao observacoes mensaje mensagem notas nota",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::Words;

    #[test]
    fn cuts_names() {
        for (name, words) in [
            ("customer_email", "customer email"),
            ("CustomerID", "customer id"),
            ("billingE-Mail2", "billing e mail 2"),
            ("HTTPHost", "http host"),
            ("Straße", "strasse"),
            ("Prénom", "prenom"),
            ("dirección.línea", "direccion linea"),
            ("__", ""),
            ("", ""),
        ] {
            assert_eq!(Words::of(name).0.join(" "), words, "{name}");
        }
    }

    #[test]
    fn finds_terms_in_neighbouring_words() {
        for (name, terms, found) in [
            ("first_name", "firstname", true),
            ("FirstName", "firstname", true),
            ("customerfirstname", "firstname", true),
            ("shipping", "ip", false),
            ("zip", "ip", false),
            ("ship_ip", "ip", true),
            ("first_order_name", "firstname", false),
            ("e-mail", "email", true),
            ("firstnames", "firstname", true),
        ] {
            assert_eq!(Words::of(name).any(terms), found, "{name}");
        }
    }
}
