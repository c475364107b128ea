//! Cases of every kind, found and not found. All values are synthetic, or published as examples.

use super::{Confidence, Kind, Kinds, find, scan, scan_with};

/// Each text, and what it is once masked.
fn masks(cases: &[(&str, &str)]) {
    for (text, masked) in cases {
        assert_eq!(scan(text).as_deref(), Some(*masked), "{text}");
    }
}

fn leaves(texts: &[&str]) {
    for text in texts {
        assert_eq!(scan(text), None, "{text}");
    }
}

#[test]
fn emails() {
    masks(&[
        ("mail anna@example.com now", "mail [email] now"),
        ("jürgen.6106@example.com", "[email]"),
        ("ju\u{308}rgen@example.com", "[email]"),
        ("a@b.de, c@d.fr.", "[email], [email]."),
        ("x@y.example, x@y.invalid, root@localhost", "[email], [email], [email]"),
        ("<anna@example.com>; 'bert@example.com'", "<[email]>; '[email]'"),
        ("\"anna muster\"@example.com", "[email]"),
        ("anna＠example．com", "[email]"),
        ("anna@example。com", "[email]"),
        ("an\u{200b}na@exam\u{ad}ple.com", "[email]"),
        ("\u{202e}anna@example.com\u{202c}!", "\u{202e}[email]!"),
        ("анна@почта.рф", "[email]"),
        ("o'brien+tag=x@example.co.uk", "[email]"),
        ("?email=anna@example.com&x=1", "?email=[email]&x=1"),
        ("mailto:anna@example.com?subject=x", "mailto:[email]?subject=x"),
        ("https://example.com/u/anna@example.com/x", "https://example.com/u/[email]/x"),
        ("anna@example.com.2 rest", "[email].2 rest"),
        ("anna@[192.0.2.1] bert@192.0.2.1.", "[email] [email]."),
        ("4111111111111111@example.com", "[email]"),
        ("anna@xn--bcher-kva.example", "[email]"),
        ("a_b-c.d@sub.example-site.museum", "[email]"),
        ("/x?mail=anna%40example.com&y", "/x?mail=[email]&y"),
    ]);
    leaves(&["a @ b", "@anna", "anna@", "x@.", "@", "x@y", "5 @ 3.50", "foo@bar.", "@media screen", "a@b.c"]);
}

#[test]
fn phones() {
    masks(&[
        ("+49 30 1234567", "[phone]"),
        ("Ring +1 (202) 555-0143 now", "Ring [phone] now"),
        ("(+49) 30/123 45-67", "[phone]"),
        ("+49 (0)30 1234-567", "[phone]"),
        ("+999 1234567", "[phone]"),
        ("+1.202.555.0143", "[phone]"),
        ("+4930123456789 ok", "[phone] ok"),
        ("＋４９ ３０ １２３４５６７", "[phone]"),
        ("+49\u{a0}30\u{2009}123\u{200b}4567", "[phone]"),
        ("+49\u{2011}30\u{2013}1234567", "[phone]"),
        ("+٤٩ ٣٠ ١٢٣٤٥٦٧", "[phone]"),
        ("0049 30 1234567", "[phone]"),
        ("004930123456789", "[phone]"),
        ("(202) 555-0143", "[phone]"),
        ("202-555-0143 or 202.555.0143", "[phone] or [phone]"),
        ("1-800-555-0199 x12", "[phone]"),
        ("202-555-0143x09667", "[phone]"),
        ("(88) 684-334", "[phone]"),
        ("030 1234567, 01 23 45 67 89", "[phone], [phone]"),
        ("06-12 34 56 78", "[phone]"),
        ("Tel.: 1234567", "Tel.: [phone]"),
        ("Telefon 123 45 67", "Telefon [phone]"),
        ("téléphone 12 34 56 78", "téléphone [phone]"),
        ("móvil: 612345678", "móvil: [phone]"),
        ("call me at 1234567890", "call me at [phone]"),
        ("fax no. 12 34 56", "fax no. [phone]"),
        ("12 34 56 (mobile)", "[phone] (mobile)"),
        ("My cell is 555-0143.", "My cell is [phone]."),
        ("phone:\n5550143", "phone:\n[phone]"),
        ("+4930123456, +4930123457", "[phone], [phone]"),
        ("tel:+49-30-1234567;ext=2", "tel:[phone];ext=2"),
        ("+49 30 1234567 2025-01-10", "[phone] 2025-01-10"),
        ("+49 - 30 - 1234567", "[phone]"),
        ("cell #5550143", "cell #[phone]"),
    ]);
}

#[test]
fn numbers_that_are_no_phones() {
    leaves(&[
        "1234567890",
        "order total 1234567890",
        "order 030 1234567",
        "Invoice 202-555-0143",
        "INV-2025-001234 and ORD-0012345678",
        "2025-01-10T09:15:00Z",
        "2025-01-10 09:15:00 +0100",
        "2025-01-10T09:15:00+01:00",
        "call on 2025-01-10 09:15",
        "call by 10.01.2025",
        "phone sold on 20250110",
        "1736500500 1736500500123",
        "550e8400-e29b-41d4-a716-446655440000",
        "call volume 1 250 000",
        "+1.250.000 EUR",
        "€ +1250000",
        "phone for 1299000 VND",
        "ISBN 0-306-40615-2, 978-3-16-148410-0",
        "version 10.0.19045.3803",
        "40.712776 -74.005974",
        "12(3), 123-130 and (2019) 571-578",
        "Copyright (C) 2005-2010",
        "0.0.1 (2019-08-26)",
        "+100 and +12345",
        "1+12345678",
        "5 + 12345678",
        "call at 2025-01-10T09:15:00.123456Z",
        "Order 1234567890: phone case",
        "we reached 12345678 people",
        "the 58 2347 Lauzon Parkway",
        "0000012345",
        "Room 01 4589 40th Street",
    ]);
}

#[test]
fn cards() {
    masks(&[
        ("card 4111 1111 1111 1111 ok", "card [card] ok"),
        ("4111111111111111", "[card]"),
        ("2223003122003222", "[card]"),
        ("2223 0031 2200 3222", "[card]"),
        ("378282246310005, 3782 822463 10005", "[card], [card]"),
        ("30569309025904", "[card]"),
        ("6011111111111117 3530111333300000", "[card] [card]"),
        ("6759649826438453", "[card]"),
        ("6200 0000 0000 0005", "[card]"),
        ("12 4111-1111-1111-1111", "12 [card]"),
        ("4111.1111.1111.1111", "[card]"),
        ("4111\u{a0}1111\u{202f}1111\u{2003}1111", "[card]"),
        ("４１１１１１１１１１１１１１１１", "[card]"),
        ("4111\u{200b}1111\u{2060}1111\u{feff}1111", "[card]"),
        ("\u{200f}4111–1111—1111‑1111", "\u{200f}[card]"),
        ("41 11 11 11 11 11 11 11", "[card]"),
        ("4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "[card]"),
        ("411 11111 1111 1111", "[card]"),
        ("4111 - 1111 - 1111 - 1111", "[card]"),
        ("Visa4111111111111111x", "Visa[card]x"),
        ("card_4111111111111111", "card_[card]"),
        ("/cards/4111111111111111?x", "/cards/[card]?x"),
        ("4222222222222 visa", "[card] visa"),
        ("4\u{336}1\u{336}1\u{336}1\u{336}111111111111", "[card]"),
        ("१ ४१११ ११११ ११११ ११११", "१ [card]"),
        ("𝟒𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏", "[card]"),
        ("4111_1111_1111_1111/4111/1111/1111/1111", "[card]/[card]"),
    ]);
    leaves(&[
        "4111111111111112",
        "order 41111111111111110000000",
        "0000000000000000",
        "0.4111111111111111",
        "0.411_111_111_111_111_1",
        "4222222222222",
        "4 12 5 16 33 21 45 12 8 4",
        "1234567890123452",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "a4111111111111111f",
        "U62928788557186",
    ]);
}

#[test]
fn ibans() {
    masks(&[
        ("IBAN de89 3704 0044 0532 0130 00.", "IBAN [iban]."),
        ("GB82WEST12345698765432", "[iban]"),
        ("IBANDE89370400440532013000", "IBAN[iban]"),
        ("DE 89 37040044 0532013000", "[iban]"),
        ("de89\u{a0}3704\u{a0}0044\u{a0}0532\u{a0}0130\u{a0}00", "[iban]"),
        ("DE89-3704-0044-0532-0130-00", "[iban]"),
        ("DE89.3704.0044.0532.0130.00", "[iban]"),
        ("D E 8 9 3 7 0 4 0 0 4 4 0 5 3 2 0 1 3 0 0 0", "[iban]"),
        ("ＤＥ８９ ３７０４ ００４４ ０５３２ ０１３０ ００", "[iban]"),
        ("DE89\u{200d}3704\u{200d}0044053201300\u{301}0", "[iban]"),
        ("NO9386011117947 MT84MALT011000012345MTLCAST001S", "[iban] [iban]"),
        ("FR14 2004 1010 0505 0001 3M02 606 BIC", "[iban] BIC"),
        ("SC18SSCB11010000000000001497USD", "[iban]"),
        ("LC55HEMM000100010012001200023015", "[iban]"),
    ]);
    leaves(&[
        "DE89370400440532013001",
        "DE8937040044053201300",
        "XX89370400440532013000",
        "ADE89370400440532013000",
        "by 2020 we had been in it",
        "GB82 WEST",
    ]);
}

#[test]
fn network_addresses() {
    masks(&[
        ("from 192.0.2.1:8080 to 10.0.0.1/24.", "from [ip]:8080 to [ip]/24."),
        ("http://192.0.2.1/x", "http://[ip]/x"),
        ("１９２.0.2.1", "[ip]"),
        ("2001:db8::1, fe80::1%eth0, ::1", "[ip], [ip], [ip]"),
        ("[2001:DB8:0:0:8:800:200C:417A]:80", "[[ip]]:80"),
        ("::ffff:192.0.2.128", "[ip]"),
        ("dead:beef:dead:beef:dead:beef:dead:beef", "[ip]"),
        ("00:1B:44:11:3A:B7 and 00-1b-44-11-3a-b7", "[mac] and [mac]"),
        ("aa:bb:cc:dd:ee:ff", "[mac]"),
        ("001b.4411.3ab7", "[mac]"),
        ("02:00:5E:FF:FE:10:00:01", "[mac]"),
        ("https://anna:geheim@example.com/x?y=1.", "[url]."),
        ("postgres://u:p@ss@db:5432/x", "[url]"),
        ("(ftp://anna@192.0.2.1/)", "([url])"),
    ]);
    leaves(&[
        "1.2.3.4.5",
        "version 1.2.3.4",
        "v1.2.3.4",
        "Chrome/120.0.0.0",
        "256.1.1.1",
        "Section 1.2.3.4",
        "12:34:56",
        "std::fs::read",
        "list[::2]",
        "x>=1.2.3.4,~1.2.3.4",
        "a::b",
        "::",
        "12-34-56-78-90-12",
        "https://example.com/path?x=1",
    ]);
}

#[test]
fn national_ids() {
    masks(&[
        ("219-09-9999", "[us_ssn]"),
        ("219‑09‑9999", "[us_ssn]"),
        ("SSN 219.09.9999 or ssn: 219099999", "SSN [us_ssn] or ssn: [us_ssn]"),
        ("219\u{a0}09\u{2007}9999", "[us_ssn]"),
        ("AB123456C, ab 12 34 56 c, QQ123456C", "[uk_nino], [uk_nino], [uk_nino]"),
        ("NINO AB123456", "NINO [uk_nino]"),
        ("NHS number 943 476 5919", "NHS number [uk_nhs]"),
        ("Patient 9434765919", "Patient [uk_nhs]"),
        ("86095742719; 86 095 742 719", "[de_steuer_id]; [de_steuer_id]"),
        ("Steuer-ID: 86-095-742-719", "Steuer-ID: [de_steuer_id]"),
        ("2 69 05 49 588 157 80 et 269054958815780", "[fr_nir] et [fr_nir]"),
        ("1 84 12 2A 451 089 33", "[fr_nir]"),
        ("12345678Z 12345678-z 12.345.678-Z", "[es_dni] [es_dni] [es_dni]"),
        ("DNI 12345678 Z", "DNI [es_dni]"),
        ("X1234567L, y-1234567-x", "[es_nie], [es_nie]"),
        ("RSSMRA85T10A562S", "[it_codice_fiscale]"),
        ("rss mra 85t10 a562s", "[it_codice_fiscale]"),
        ("NIF 123456789", "NIF [pt_nif]"),
        ("BSN 111222333", "BSN [nl_bsn]"),
        ("PESEL 44051401359", "PESEL [pl_pesel]"),
        ("780123/3540", "[cz_rodne_cislo]"),
        ("rodné číslo 7801233540", "rodné číslo [cz_rodne_cislo]"),
        ("1237 010180", "[at_svnr]"),
        ("SVNR 1237010180", "SVNR [at_svnr]"),
        ("756.9217.0769.85, 7569217076985", "[ch_ahv], [ch_ahv]"),
        ("85.07.30-033.28 85073003328 17073003384", "[be_nrn] [be_nrn] [be_nrn]"),
        ("８５.０７.３０-０３３.２８", "[be_nrn]"),
    ]);
    leaves(&[
        "000-12-3456",
        "666-12-3456",
        "912-12-3456",
        "219-00-9999",
        "219-09-0000",
        "219.09.9999",
        "Suite 219 09 9999 Lane",
        "219099999",
        "BG123456A",
        "AB123456E",
        "9434765919",
        "86095742718",
        "INV-86095742719",
        "269054958815781",
        "12345678A",
        "12345678 Z",
        "1.12345678Z",
        "X1234567A",
        "RSSMRA85T10A562T",
        "111222333",
        "123456782",
        "44051401359",
        "7801233540",
        "780123/3541",
        "756.9217.0769.86",
        "85.07.30-033.29",
    ]);
}

#[test]
fn addresses_of_crypto_currencies() {
    masks(&[
        ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "[crypto]"),
        ("to 3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy.", "to [crypto]."),
        ("bitcoin:bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq?x", "bitcoin:[crypto]?x"),
        ("BC1QAR0SRRR7XFKVY5L643LYDNW9RE59GTZZWF5MDQ", "[crypto]"),
        ("bc1p5d7rjq7g6rdk2yhzks9smlaqtedr4dekq08ge8ztwac72sfr9rusxg3297", "[crypto]"),
        ("0xde0B295669a9FD93d5F28D9Ec85E40f4cb697BAe", "[crypto]"),
        ("5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ", "[secret]"),
    ]);
    leaves(&[
        "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb",
        "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdr",
        "0xde0B295669a9FD93d5F28D9Ec85E40f4cb697BA",
        "0x88df016429689c079f3b2f6ad39fa052532c56795b733da78a91ebe6a713944b",
    ]);
}

#[test]
fn secrets() {
    // In two parts, so that no scanner of repositories takes them for real ones.
    let n = "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9";
    let payload = "eyJzdWIiOiIxMjM0NTY3ODkwIn0";
    for text in [
        concat!("AKIA", "IOSFODNN7EXAMPLE").to_owned(),
        concat!("AKIA", "IOSFODNNTEXAMPLE").to_owned(),
        format!("ghp{}{n}", "_"),
        format!("github{}{n}", "_pat_"),
        format!("glpat{}{}", "-", &n[..20]),
        format!("xoxb{}123456789012-123456789012-{n}", "-"),
        format!("AIza{}", &n[..35]),
        format!("sk{}{}", "_live_", &n[..24]),
        format!("sk{}{n}", "-ant-api03-"),
        format!("SG{}{}.{n}", ".", &n[..22]),
        format!("npm{}{n}", "_"),
        format!("123456789{}{}", ":AA", &n[..33]),
        format!("-----BEGIN RSA {}-----\nMIIEpAIBAAKCAQEA7bq7dXk2\nqZ8=\n-----END RSA {0}-----", "PRIVATE KEY"),
        format!("-----BEGIN {}-----\\nMIIEpAIBAAKCAQEA7bq7d\\n-----END {0}-----", "PRIVATE KEY"),
    ] {
        assert_eq!(scan(&format!("key=\"{text}\" ok")).as_deref(), Some("key=\"[secret]\" ok"), "{text}");
    }
    let jwt = format!("eyJhbGciOiJIUzI1NiJ9.{payload}.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U");
    assert_eq!(scan(&format!("Bearer {jwt}")).as_deref(), Some("Bearer [jwt]"));
    let short = format!("AKIA{}", "IOSFODNN7EXAMPL");
    leaves(&[
        "eyJhbGciOiJIUzI1NiJ9",
        "eyJ.eyJ.x",
        "sk-learn-is-a-long-word-of-python",
        &short,
        "-----BEGIN CERTIFICATE-----",
    ]);
}

#[test]
fn leaves_what_is_nobodys() {
    leaves(&[
        "",
        "vip",
        "WELCOME10",
        "Call me maybe. Phone home! Tel Aviv.",
        "10 x 20 cm, 3,5 kg, 1.234.567,89",
        "2025-01-10, 10/01/2025, 10.1.25 12:30",
        "ORD-0010 SKU123-456-789 PO-2025-000123",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "[email] [phone] [us_ssn]",
        "tel [phone], fax [phone]",
    ]);
}

#[test]
fn says_how_sure_it_is() {
    for (text, confidence) in [
        ("4111111111111111", Confidence::Medium),
        ("Visa 4111111111111111", Confidence::High),
        ("219-09-9999", Confidence::Medium),
        ("219-09-9999 (SSN)", Confidence::High),
        ("1237 010180", Confidence::Low),
        ("SVNR 1237 010180", Confidence::Medium),
        ("030 1234567", Confidence::Low),
        ("Tel. 030 1234567", Confidence::High),
        ("anna@example.com", Confidence::High),
    ] {
        assert_eq!(find(text).first().unwrap().confidence, confidence, "{text}");
    }
}

#[test]
fn finds_only_what_is_asked_for() {
    let text = "anna@example.com 4111111111111111 219-09-9999 AB123456C";
    let kinds = Kinds::parse(["email", "national_id"]).unwrap();
    assert_eq!(scan_with(text, kinds).unwrap(), "[email] 4111111111111111 [us_ssn] [uk_nino]");
    assert_eq!(scan_with(text, Kinds::NONE), None);
    assert_eq!(Kinds::parse(["email", "name"]), Err("name"));
    for kind in Kind::ALL {
        assert_eq!(Kinds::parse([kind.name()]), Ok(Kinds::NONE.with(kind)));
    }
}

#[test]
fn spans_cover_the_whole_of_the_original() {
    let text = "ok \u{200b}４１１１\u{a0}１１１１\u{200d}1111 1111\u{301}, jürgen@example.com";
    let spans: Vec<&str> = find(text).into_iter().map(|found| &text[found.range]).collect();
    assert_eq!(spans, ["４１１１\u{a0}１１１１\u{200d}1111 1111\u{301}", "jürgen@example.com"]);
}
