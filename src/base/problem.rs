//! What can be wrong with something typed: a closed list, each with the words that say what to do.

use crate::base::characters::repeated;
use crate::base::i18n::Text;

/// What is wrong with a typed value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// Nothing was typed.
    Missing,
    /// More characters than fit.
    TooLong(usize),
    /// Characters that cannot be seen or that change direction.
    Unprintable,
    /// Links and markup have no place in a name.
    NotAName,
    /// Several e-mail addresses where one belongs.
    SeveralEmails,
    /// Not an e-mail address. This and what else says what was read keeps its beginning.
    NotAnEmail(String),
    /// Not a phone number of the chosen country.
    NotAPhone(String),
    /// A number to which no SMS go.
    NotMobile,
    /// Not a country of the list.
    NotACountry,
    /// Not a business registration number (KR: the check digit).
    NotARegistrationNumber(String),
    /// Not an organization name.
    NotAnOrganizationName(String),
    /// Taken, reserved or held: one text for all three.
    NameUnavailable,
    /// Not a Project ID.
    NotAProjectId(String),
    /// Another project has it, or it means something else in an address.
    ProjectIdUnavailable,
    /// Not a role of the list.
    NotARole,
    /// Not the Project ID that was to be typed.
    NotThisProjectId,
    /// Not the organization name that was to be typed.
    NotThisOrganization,
    /// A required term is not agreed to.
    TermNotAgreed,
    /// Not a known sign-up code.
    NotASignUpCode,
    /// Fewer characters than the minimum.
    PasswordTooShort(usize),
    /// More than 128 characters.
    PasswordTooLong,
    /// Too easy to guess.
    PasswordWeak,
    /// Weak but for a word that belongs to the person, the organization or the product.
    PasswordNamesYou(String),
    /// Equals one of the last three.
    PasswordUsedBefore,
    /// The repetition differs.
    PasswordsDiffer,
    /// The password does not belong to this user.
    WrongPassword,
    /// Not six digits.
    NotACode,
    /// Not the code that was sent; so many tries are left.
    WrongCode(i64),
    /// Not a code that the authenticator app shows now.
    WrongAppCode,
    /// No code that was sent works any more.
    CodeSpent,
    /// A newer code took its place; that one is still to be typed.
    CodeReplaced,
    /// The app's code was used already.
    AppCodeUsed,
    /// Not a second factor that can be chosen.
    NotASecondFactor,
    /// Not in the shape of a recovery code.
    NotARecoveryCode,
    /// Not a recovery code of this account that is unused.
    WrongRecoveryCode,
    /// Too many wrong codes today.
    TooManyCodes,
    /// Not a language we have.
    NotALanguage,
    /// Not a time zone.
    NotATimeZone,
    /// The address is registered in this organization.
    EmailTaken,
    /// What was typed to confirm is something else.
    NotConfirmed,
    /// Not a day of the calendar.
    NotADay(String),
    /// Not a kind of event.
    NotAnEvent,
    /// Not a result of an event.
    NotAResult,
    /// Not a format of files.
    NotAFormat,
    /// Not a number of days after which passwords may expire.
    NotExpirationDays(String),
    /// A number of days beside another choice than to use it.
    DaysBesideChoice,
    /// Not an IP address.
    NotAnAddress(String),
    /// A web address, with the address in it.
    AddressInAWebAddress(String, String),
    /// A mask or a range.
    NotASingleAddress(String),
    /// An address with a port or in brackets.
    AddressWithPort(String),
    /// An address with a zone.
    AddressWithZone,
    /// An address that nobody can come from.
    NobodysAddress,
    /// The address is in the list.
    AddressListed,
    /// The list is full.
    TooManyAddresses,
    /// An address was typed and not put into the list.
    AddressNotRegistered,
    /// A list that would let nobody in.
    NoAddresses,
}

/// A complaint that repeats the beginning of what was read.
pub fn about(problem: fn(String) -> Problem, read: &str) -> Problem {
    problem(repeated(read))
}

impl From<Problem> for Text {
    fn from(problem: Problem) -> Self {
        match problem {
            Problem::Missing => Self::new("problem-missing"),
            Problem::TooLong(most) => Self::new("problem-too-long").with("most", most),
            Problem::Unprintable => Self::new("problem-unprintable"),
            Problem::NotAName => Self::new("problem-not-a-name"),
            Problem::SeveralEmails => Self::new("problem-several-emails"),
            Problem::NotAnEmail(read) => Self::new("problem-not-an-email").with("read", read),
            Problem::NotMobile => Self::new("problem-not-mobile"),
            Problem::NotAPhone(read) => Self::new("problem-not-a-phone").with("read", read),
            Problem::NotACountry => Self::new("problem-not-a-country"),
            Problem::NotARegistrationNumber(read) => Self::new("problem-not-a-registration-number").with("read", read),
            Problem::NotAnOrganizationName(read) => Self::new("problem-not-an-organization-name").with("read", read),
            Problem::NameUnavailable => Self::new("problem-name-unavailable"),
            Problem::NotAProjectId(read) => Self::new("problem-not-a-project-id").with("read", read),
            Problem::ProjectIdUnavailable => Self::new("problem-project-id-unavailable"),
            Problem::NotARole => Self::new("problem-not-a-role"),
            Problem::NotThisOrganization => Self::new("problem-not-this-organization"),
            Problem::NotThisProjectId => Self::new("problem-not-this-project-id"),
            Problem::TermNotAgreed => Self::new("problem-term-not-agreed"),
            Problem::NotASignUpCode => Self::new("problem-not-a-sign-up-code"),
            Problem::PasswordTooShort(least) => Self::new("problem-password-too-short").with("least", least),
            Problem::PasswordTooLong => Self::new("problem-password-too-long"),
            Problem::PasswordWeak => Self::new("problem-password-weak"),
            Problem::PasswordNamesYou(word) => Self::new("problem-password-names-you").with("word", word),
            Problem::PasswordUsedBefore => Self::new("problem-password-used-before"),
            Problem::PasswordsDiffer => Self::new("problem-passwords-differ"),
            Problem::WrongPassword => Self::new("problem-wrong-password"),
            Problem::NotACode => Self::new("problem-not-a-code"),
            Problem::WrongCode(left) => Self::new("problem-wrong-code").with("left", left),
            Problem::WrongAppCode => Self::new("problem-wrong-app-code"),
            Problem::CodeSpent => Self::new("problem-code-spent"),
            Problem::CodeReplaced => Self::new("problem-code-replaced"),
            Problem::AppCodeUsed => Self::new("problem-app-code-used"),
            Problem::NotASecondFactor => Self::new("problem-not-a-second-factor"),
            Problem::NotARecoveryCode => Self::new("problem-not-a-recovery-code"),
            Problem::WrongRecoveryCode => Self::new("problem-wrong-recovery-code"),
            Problem::TooManyCodes => Self::new("problem-too-many-codes"),
            Problem::NotALanguage => Self::new("problem-not-a-language"),
            Problem::NotATimeZone => Self::new("problem-not-a-time-zone"),
            Problem::EmailTaken => Self::new("problem-email-taken"),
            Problem::NotConfirmed => Self::new("problem-not-confirmed"),
            Problem::NotADay(read) => Self::new("audit-not-a-day").with("read", read),
            Problem::NotAnEvent => Self::new("audit-not-an-event"),
            Problem::NotAResult => Self::new("audit-not-a-result"),
            Problem::NotAFormat => Self::new("audit-not-a-format"),
            Problem::NotExpirationDays(read) => Self::new("problem-not-expiration-days").with("read", read),
            Problem::DaysBesideChoice => Self::new("problem-days-beside-choice"),
            Problem::NotAnAddress(read) => Self::new("problem-not-an-address").with("read", read),
            Problem::AddressInAWebAddress(read, address) => {
                Self::new("problem-address-in-a-web-address").with("read", read).with("address", address)
            }
            Problem::NotASingleAddress(read) => Self::new("problem-not-a-single-address").with("read", read),
            Problem::AddressWithPort(read) => Self::new("problem-address-with-port").with("read", read),
            Problem::AddressWithZone => Self::new("problem-address-with-zone"),
            Problem::NobodysAddress => Self::new("problem-nobodys-address"),
            Problem::AddressListed => Self::new("problem-address-listed"),
            Problem::TooManyAddresses => Self::new("problem-too-many-addresses"),
            Problem::AddressNotRegistered => Self::new("problem-address-not-registered"),
            Problem::NoAddresses => Self::new("problem-no-addresses"),
        }
    }
}
