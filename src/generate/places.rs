//! Where orders go: countries, their cities with the shape of the postal codes there, and street names.

use super::random::Random;

/// A country that the shop delivers to.
#[derive(Clone, Copy, Default)]
pub(super) struct Country {
    pub(super) code: &'static str,
    /// Orders of a hundred that go there.
    weight: u64,
    /// Name and postal code, in which `#` stands for a digit and `@` for a capital letter.
    cities: &'static [(&'static str, &'static str)],
    streets: &'static [&'static str],
    /// The number stands before the street.
    number_first: bool,
}

impl Country {
    /// One of the countries, as likely as orders from there are.
    pub(super) fn draw(random: &mut Random) -> Self {
        random.weighted(COUNTRIES, |country| country.weight).copied().unwrap_or_default()
    }

    /// A city and the shape of its postal codes.
    pub(super) fn city(self, random: &mut Random) -> (&'static str, &'static str) {
        random.pick(self.cities)
    }

    /// Appends a street with a number.
    pub(super) fn street(self, random: &mut Random, out: &mut String) {
        let street = random.pick(self.streets);
        let number = random.between(1, 180).to_string();
        let (first, second) = if self.number_first { (number.as_str(), street) } else { (street, number.as_str()) };
        out.push_str(first);
        out.push(' ');
        out.push_str(second);
    }
}

/// Appends a postal code of a shape, see [`Country::city`].
pub(super) fn postal_code(shape: &str, random: &mut Random, out: &mut String) {
    for letter in shape.chars() {
        out.push(match letter {
            '#' => random.pick(&['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']),
            '@' => random.pick(&['A', 'B', 'D', 'E', 'F', 'H', 'J', 'L', 'N', 'P', 'Q', 'R', 'S', 'T', 'U', 'W']),
            other => other,
        });
    }
}

const ENGLISH: &[&str] = &[
    "High Street",
    "Church Road",
    "Station Road",
    "Mill Lane",
    "Park Avenue",
    "Oak Street",
    "Maple Drive",
    "Victoria Road",
    "King's Road",
    "Green Lane",
    "Elm Street",
    "Harbour View",
];
const GERMAN: &[&str] = &[
    "Hauptstraße",
    "Bahnhofstraße",
    "Lindenweg",
    "Gartenstraße",
    "Schulstraße",
    "Am Mühlbach",
    "Bergstraße",
    "Kirchgasse",
    "Rosenweg",
    "Goethestraße",
];
const FRENCH: &[&str] = &[
    "rue de la République",
    "avenue Victor Hugo",
    "rue des Écoles",
    "place du Marché",
    "rue du Moulin",
    "boulevard Voltaire",
    "rue de l'Église",
    "chemin des Vignes",
];

const COUNTRIES: &[Country] = &[
    Country {
        code: "US",
        weight: 22,
        cities: &[
            ("New York", "100##"),
            ("Chicago", "606##"),
            ("Boston", "021##"),
            ("San Francisco", "941##"),
            ("Austin", "787##"),
            ("Seattle", "981##"),
        ],
        streets: ENGLISH,
        number_first: true,
    },
    Country {
        code: "GB",
        weight: 16,
        cities: &[
            ("London", "SW# #@@"),
            ("Manchester", "M## #@@"),
            ("Leeds", "LS# #@@"),
            ("Bristol", "BS# #@@"),
            ("Edinburgh", "EH# #@@"),
        ],
        streets: ENGLISH,
        number_first: true,
    },
    Country {
        code: "DE",
        weight: 18,
        cities: &[
            ("Berlin", "10###"),
            ("Hamburg", "20###"),
            ("München", "80###"),
            ("Köln", "50###"),
            ("Dresden", "01###"),
            ("Nürnberg", "90###"),
        ],
        streets: GERMAN,
        number_first: false,
    },
    Country {
        code: "FR",
        weight: 10,
        cities: &[
            ("Paris", "750##"),
            ("Lyon", "6900#"),
            ("Marseille", "130##"),
            ("Nîmes", "30###"),
            ("Saint-Étienne", "42###"),
        ],
        streets: FRENCH,
        number_first: true,
    },
    Country {
        code: "ES",
        weight: 6,
        cities: &[("Madrid", "280##"), ("Barcelona", "080##"), ("Málaga", "290##"), ("A Coruña", "150##")],
        streets: &["Calle Mayor", "Calle de Alcalá", "Avenida de la Constitución", "Plaza España", "Calle del Río"],
        number_first: false,
    },
    Country {
        code: "PT",
        weight: 2,
        cities: &[("Lisboa", "1###-###"), ("Porto", "4###-###"), ("Setúbal", "29##-###")],
        streets: &["Rua Augusta", "Avenida da Liberdade", "Rua de São Bento", "Travessa do Carmo"],
        number_first: false,
    },
    Country {
        code: "IE",
        weight: 3,
        cities: &[("Dublin", "D0# @#@#"), ("Cork", "T12 @#@#"), ("Galway", "H91 @#@#")],
        streets: ENGLISH,
        number_first: true,
    },
    Country {
        code: "CZ",
        weight: 3,
        cities: &[("Praha", "1## 00"), ("Brno", "6## 00"), ("Plzeň", "3## 00")],
        streets: &["Dlouhá", "Na Příkopě", "Školní", "Nádražní"],
        number_first: false,
    },
    Country {
        code: "PL",
        weight: 5,
        cities: &[("Warszawa", "0#-###"), ("Kraków", "3#-###"), ("Łódź", "9#-###"), ("Gdańsk", "80-###")],
        streets: &["ul. Długa", "ul. Polna", "ul. Kościuszki", "al. Jerozolimskie"],
        number_first: false,
    },
    Country {
        code: "IT",
        weight: 5,
        cities: &[("Roma", "001##"), ("Milano", "201##"), ("Torino", "101##"), ("Forlì", "4712#")],
        streets: &["Via Roma", "Via Garibaldi", "Corso Italia", "Piazza del Popolo"],
        number_first: false,
    },
    Country {
        code: "NL",
        weight: 4,
        cities: &[("Amsterdam", "101# @@"), ("Rotterdam", "301# @@"), ("Utrecht", "351# @@")],
        streets: &["Dorpsstraat", "Kerkstraat", "Molenweg", "Prinsengracht"],
        number_first: false,
    },
    Country {
        code: "BE",
        weight: 3,
        cities: &[("Bruxelles", "1###"), ("Antwerpen", "20##"), ("Liège", "40##")],
        streets: FRENCH,
        number_first: true,
    },
    Country {
        code: "AT",
        weight: 2,
        cities: &[("Wien", "1###"), ("Graz", "80##"), ("Sankt Pölten", "31##")],
        streets: GERMAN,
        number_first: false,
    },
    Country {
        code: "CH",
        weight: 1,
        cities: &[("Zürich", "80##"), ("Genève", "12##"), ("Bern", "30##")],
        streets: GERMAN,
        number_first: false,
    },
];
