//! Money: whole minor units of an ISO 4217 currency. No floats, nothing rounded, nothing that overflows in silence.

use std::fmt;
use std::sync::LazyLock;

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Text;

use crate::base::i18n::Language;

/// A currency in use, with how many decimals its minor unit has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct Currency {
    code: &'static str,
    exponent: u32,
}

/// ISO 4217's active codes by their number of decimals. Metals, units of account without a minor unit, the code for
/// testing and the one for "no currency" are left out: nobody is billed in them.
const BY_EXPONENT: [(u32, &str); 4] = [
    (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"),
    (
        2,
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW \
        CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF \
        IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK \
        MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP \
        SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG \
        YER ZAR ZMW ZWG",
    ),
    (3, "BHD IQD JOD KWD LYD OMR TND"),
    (4, "CLF UYW"),
];

static ALL: LazyLock<Vec<Currency>> = LazyLock::new(|| {
    let of =
        |(exponent, codes): (u32, &'static str)| codes.split_whitespace().map(move |code| Currency { code, exponent });
    let mut all: Vec<_> = BY_EXPONENT.into_iter().flat_map(of).collect();
    all.sort_unstable();
    all
});

impl Currency {
    /// The currency of a code, written in capitals as the standard writes it.
    pub fn find(code: &str) -> Option<Self> {
        ALL.binary_search_by_key(&code, |currency| currency.code).ok().map(|position| ALL[position])
    }

    /// The three letters.
    pub fn code(self) -> &'static str {
        self.code
    }

    /// Minor units of one major unit.
    fn unit(self) -> u64 {
        10_u64.pow(self.exponent)
    }
}

impl<DB: Backend> FromSql<Text, DB> for Currency
where
    String: FromSql<Text, DB>,
{
    fn from_sql(raw: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let code = String::from_sql(raw)?;
        Self::find(&code).ok_or_else(|| format!("unknown currency: {code}").into())
    }
}

impl<DB: Backend> ToSql<Text, DB> for Currency
where
    str: ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.code.to_sql(out)
    }
}

/// An amount of a currency, in its minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

impl Money {
    /// The most that a bill may say, in minor units, either way. Thousands of such amounts still add up, and every
    /// reader of JSON holds them exactly.
    pub const MOST: i64 = 1_000_000_000_000_000;

    /// An amount.
    pub fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Reads an amount as written for people, with commas between groups of three digits or without: with exactly as many
    /// decimals as the currency has, so that `1250` cannot be taken for 12.50 or the other way round.
    pub fn parse(typed: &str, currency: Currency) -> Option<Self> {
        let text = crate::base::text::typed::plain(typed);
        let (sign, digits) = text.strip_prefix('-').map_or((1, text.as_str()), |digits| (-1, digits));
        let (whole, decimals) = match currency.exponent {
            0 => (digits, ""),
            _ => digits.split_once('.')?,
        };
        let whole = crate::base::text::typed::whole(whole)?;
        if !decimals.bytes().all(|b| b.is_ascii_digit()) || decimals.len() != currency.exponent as usize {
            return None;
        }
        let minor = format!("{whole}{decimals}").parse::<i64>().ok()?;
        Some(Self::new(sign * minor, currency)).filter(|money| money.is_sane())
    }

    /// In minor units.
    pub fn minor(self) -> i64 {
        self.minor
    }

    /// Of which currency.
    pub fn currency(self) -> Currency {
        self.currency
    }

    /// Whether a bill may say it.
    pub fn is_sane(self) -> bool {
        self.minor.unsigned_abs() <= Self::MOST.unsigned_abs()
    }

    /// The sum; `None` when it overflows or the currencies differ.
    pub fn plus(self, other: Self) -> Option<Self> {
        let minor = self.minor.checked_add(other.minor)?;
        (self.currency == other.currency).then(|| Self::new(minor, self.currency))
    }

    /// The product; `None` when it overflows.
    pub fn times(self, quantity: i64) -> Option<Self> {
        Some(Self::new(self.minor.checked_mul(quantity)?, self.currency))
    }

    /// With its decimals and nothing else, as banking forms take it: `1320000`, `12.50`.
    pub fn plain(self) -> String {
        let (sign, whole, decimals) = self.digits();
        format!("{sign}{whole}{decimals}")
    }

    /// As people read it: `KRW 1,320,000` and `USD 12.50`; in Korean `1,320,000원` and `12.50 USD`. The space does not
    /// break.
    pub fn say(self, language: Language) -> String {
        let (sign, whole, decimals) = self.digits();
        let number = format!("{sign}{}{decimals}", grouped(&whole));
        match (language, self.currency.code) {
            (Language::English, code) => format!("{code}\u{A0}{number}"),
            (Language::Korean, "KRW") => format!("{number}원"),
            (Language::Korean, code) => format!("{number}\u{A0}{code}"),
        }
    }

    /// Sign, whole units, and decimals with their point.
    fn digits(self) -> (&'static str, String, String) {
        let (minor, unit) = (self.minor.unsigned_abs(), self.currency.unit());
        let decimals = match self.currency.exponent as usize {
            0 => String::new(),
            width => format!(".{:0width$}", minor % unit),
        };
        (if self.minor < 0 { "-" } else { "" }, (minor / unit).to_string(), decimals)
    }
}

/// For the operator's terminal, whose language is English.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.say(Language::English).replace('\u{A0}', " "))
    }
}

/// Digits by threes, as both languages group them.
pub fn grouped(digits: &str) -> String {
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(minor: i64, code: &str) -> Money {
        Money::new(minor, Currency::find(code).unwrap())
    }

    /// Amounts at the edges of signs, groups and decimals, and many in between.
    fn amounts() -> impl Iterator<Item = i64> {
        let edges = [0, 1, 9, 10, 99, 100, 999, 1000, 9999, 10_000, 999_999, 1_000_000, Money::MOST];
        // A walk that meets every number of digits; what it meets is the same each time.
        let walk = std::iter::successors(Some(7_i64), |amount| amount.checked_mul(13).map(|next| next + 5));
        let all = edges.into_iter().chain(walk.take_while(|amount| *amount < Money::MOST));
        all.flat_map(|amount| [amount, -amount])
    }

    #[test]
    fn amounts_are_said_with_the_decimals_of_their_currency() {
        for (money, english, korean) in [
            (money(1_320_000, "KRW"), "KRW\u{A0}1,320,000", "1,320,000원"),
            (money(0, "JPY"), "JPY\u{A0}0", "0\u{A0}JPY"),
            (money(5, "USD"), "USD\u{A0}0.05", "0.05\u{A0}USD"),
            (money(-123_456, "EUR"), "EUR\u{A0}-1,234.56", "-1,234.56\u{A0}EUR"),
            (money(1_234_567, "KWD"), "KWD\u{A0}1,234.567", "1,234.567\u{A0}KWD"),
            (money(999, "BHD"), "BHD\u{A0}0.999", "0.999\u{A0}BHD"),
            (money(12_345, "CLF"), "CLF\u{A0}1.2345", "1.2345\u{A0}CLF"),
            (money(i64::MIN, "KRW"), "KRW\u{A0}-9,223,372,036,854,775,808", "-9,223,372,036,854,775,808원"),
        ] {
            assert_eq!(
                (money.say(Language::English).as_str(), money.say(Language::Korean).as_str()),
                (english, korean)
            );
        }
    }

    #[test]
    fn what_is_written_is_read_back_in_every_currency() {
        assert!(ALL.len() > 150, "{} currencies", ALL.len());
        for currency in ALL.iter().copied() {
            assert_eq!(Currency::find(currency.code), Some(currency));
            assert!(currency.code.len() == 3 && currency.code.bytes().all(|b| b.is_ascii_uppercase()), "{currency:?}");
            for minor in amounts() {
                let money = Money::new(minor, currency);
                assert_eq!(Money::parse(&money.plain(), currency), Some(money), "{}", money.plain());
                for language in Language::ALL {
                    let said = money.say(*language);
                    let digits: String = said.chars().filter(|c| c.is_ascii_digit()).collect();
                    assert_eq!(digits.parse::<i64>().unwrap(), minor.abs(), "{said}");
                    assert_eq!(said.contains('-'), minor < 0, "{said}");
                    let decimals =
                        said.split_once('.').map_or(0, |(_, rest)| rest.split('\u{A0}').next().unwrap().len());
                    assert_eq!(decimals, currency.exponent as usize, "{said}");
                }
            }
        }
    }

    /// Shows ASVS 1.4.2.
    #[test]
    fn sums_and_products_agree_and_never_overflow() {
        for currency in ALL.iter().copied() {
            for minor in amounts() {
                let money = Money::new(minor, currency);
                let thrice = money.plus(money).and_then(|twice| twice.plus(money));
                assert_eq!(thrice, money.times(3), "{money}");
                assert_eq!(money.plus(money.times(-1).unwrap()), Some(Money::new(0, currency)));
            }
        }
        let most = money(i64::MAX, "KRW");
        assert_eq!((most.plus(money(1, "KRW")), most.times(2), money(i64::MIN, "KRW").times(-1)), (None, None, None));
        assert_eq!(money(1, "KRW").plus(money(1, "JPY")), None);
    }

    #[test]
    fn amounts_are_read_strictly() {
        let (won, dollar) = (Currency::find("KRW").unwrap(), Currency::find("USD").unwrap());
        assert_eq!(Money::parse("1320000", won), Some(money(1_320_000, "KRW")));
        assert_eq!(Money::parse("-12.50", dollar), Some(money(-1250, "USD")));
        assert_eq!(Money::parse("\u{a0}１３２００００\u{200b}", won), Some(money(1_320_000, "KRW")));
        assert_eq!(Money::parse("−12.50 ", dollar), Some(money(-1250, "USD")));
        assert_eq!(Money::parse("1,320,000", won), Some(money(1_320_000, "KRW")));
        assert_eq!(Money::parse("-1,234.50", dollar), Some(money(-123_450, "USD")));
        for bad in [
            "",
            "-",
            "1.0",
            "1,00",
            "1,0000",
            "1000,000",
            "1,000,00",
            "+1",
            "1e3",
            "1 000",
            "--1",
            "99999999999999999999",
            "1000000000000001",
        ] {
            assert_eq!(Money::parse(bad, won), None, "{bad}");
        }
        for bad in
            ["", ".", "1250", "12.5", "12.500", ".50", "12.", "12.5.0", "12,50", "1,250", "1.250,00", "12.-5", "1e1.00"]
        {
            assert_eq!(Money::parse(bad, dollar), None, "{bad}");
        }
        for gone in ["", "krw", "XXX", "XTS", "XAU", "DEM", "ANG", "KR", "KRWW"] {
            assert_eq!(Currency::find(gone), None, "{gone}");
        }
    }
}
