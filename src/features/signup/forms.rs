//! The three forms as typed, kept between the steps, and what they parse to.

use serde::{Deserialize, Serialize};

use super::{Complete, Member, Organization, Step};
use crate::base::email::Email;
use crate::base::i18n::Language;
use crate::base::organization_name::OrganizationName;
use crate::base::person::{PersonName, Phone};
use crate::base::problem::Problem;
use crate::features::organizations::{CompanyName, RegistrationNumber, parse_country};
use crate::platform::config::{Config, SignUp, Term};
use crate::web::Problems;

/// Characters of a sign-up code, at most.
const LONGEST_CODE: usize = 100;
/// Characters of any other field that are kept between the steps; every field takes fewer.
const LONGEST_KEPT: usize = 300;

/// The beginning of what was typed, as it is kept.
fn cut(typed: &str) -> String {
    typed.chars().take(LONGEST_KEPT).collect()
}

/// Step 1 as typed.
#[derive(Debug, Clone, Default, Serialize, Deserialize, PartialEq)]
#[serde(default)]
pub struct TermsForm {
    /// Ids of the boxes ticked.
    pub terms: Vec<String>,
    /// "Agree to all": without script it counts as every box.
    pub all: String,
    /// The sign-up code, where one is asked for.
    pub code: String,
}

impl TermsForm {
    /// Whether the box of a term is ticked.
    pub fn has(&self, term: &str) -> bool {
        self.all == "on" || self.terms.iter().any(|id| id == term)
    }

    /// What is kept of it: the boxes that there are, and a code where one is asked for.
    pub fn kept(mut self, config: &Config) -> Self {
        let all = self.all == "on";
        self.terms =
            config.terms.iter().map(|term| &term.id).filter(|id| all || self.terms.contains(id)).cloned().collect();
        self.all = String::new();
        if !matches!(config.sign_up, SignUp::Codes(_)) {
            self.code = String::new();
        }
        self
    }

    /// Id and version of each term agreed to.
    pub fn parse(&self, config: &Config) -> Result<Vec<(String, String)>, Problems> {
        let mut problems = Problems::default();
        if self.code.chars().count() > LONGEST_CODE {
            problems.add("code", Problem::TooLong(LONGEST_CODE));
        } else if !super::admits(&config.sign_up, &self.code) {
            problems.add("code", Problem::NotASignUpCode);
        }
        if config.terms.iter().any(|term| term.required && !self.has(&term.id)) {
            problems.add("terms", Problem::TermNotAgreed);
        }
        let agreed = |term: &&Term| self.has(&term.id);
        let pair = |term: &Term| (term.id.clone(), term.version.clone());
        if problems.is_empty() { Ok(config.terms.iter().filter(agreed).map(pair).collect()) } else { Err(problems) }
    }
}

/// Step 2 as typed.
#[derive(Debug, Clone, Default, Serialize, Deserialize, PartialEq)]
#[serde(default)]
pub struct MemberForm {
    /// Company name.
    pub company: String,
    /// Country code.
    pub country: String,
    /// Business registration number.
    pub registration_number: String,
    /// Representative's name.
    pub representative: String,
    /// Company phone.
    pub phone: String,
    /// Billing and tax-invoice address.
    pub billing_email: String,
    /// `back` keeps what was typed and goes to the step before.
    pub go: String,
}

impl MemberForm {
    /// What is kept of it.
    pub fn kept(&self) -> Self {
        Self {
            company: cut(&self.company),
            country: cut(&self.country),
            registration_number: cut(&self.registration_number),
            representative: cut(&self.representative),
            phone: cut(&self.phone),
            billing_email: cut(&self.billing_email),
            go: String::new(),
        }
    }

    /// The company, or every problem.
    pub fn parse(&self) -> Result<Member, Problems> {
        let mut problems = Problems::default();
        let company = problems.take("company", CompanyName::parse(&self.company));
        let country = problems.take("country", parse_country(&self.country));
        let registration =
            problems.take("registration_number", RegistrationNumber::parse(&self.registration_number, country));
        let representative = problems.take("representative", PersonName::parse(&self.representative));
        let phone = problems.take("phone", Phone::parse(&self.phone, &self.country));
        let billing = problems.take("billing_email", Email::parse(&self.billing_email));
        match (company, country, registration, representative, phone, billing) {
            (Some(company), Some(country), Some(registration), Some(representative), Some(phone), Some(billing)) => {
                Ok(Member { company, country, registration, representative, phone, billing })
            }
            _ => Err(problems),
        }
    }
}

/// Step 3 as typed.
#[derive(Debug, Clone, Default, Serialize, Deserialize, PartialEq)]
#[serde(default)]
pub struct OrganizationForm {
    /// Organization name.
    pub organization: String,
    /// The owner's name.
    pub name: String,
    /// The owner's address.
    pub email: String,
    /// Country of the mobile number.
    pub mobile_country: String,
    /// The owner's mobile number.
    pub mobile: String,
    /// The sign-up's id: a second press of [Complete] finds the first one's organization.
    pub submission: String,
    /// `back` keeps what was typed and goes to the step before.
    pub go: String,
}

impl OrganizationForm {
    /// What is kept of it.
    pub fn kept(&self) -> Self {
        Self {
            organization: cut(&self.organization),
            name: cut(&self.name),
            email: cut(&self.email),
            mobile_country: cut(&self.mobile_country),
            mobile: cut(&self.mobile),
            submission: cut(&self.submission),
            go: String::new(),
        }
    }

    /// The organization, or every problem.
    pub fn parse(&self) -> Result<Organization, Problems> {
        let mut problems = Problems::default();
        let name = problems.take("organization", OrganizationName::parse(&self.organization));
        let person = problems.take("name", PersonName::parse(&self.name));
        let email = problems.take("email", Email::parse(&self.email));
        problems.take("mobile_country", parse_country(&self.mobile_country));
        let mobile = problems.take("mobile", Phone::parse(&self.mobile, &self.mobile_country));
        match (name, person, email, mobile, problems.is_empty()) {
            (Some(name), Some(person), Some(email), Some(mobile), true) => {
                Ok(Organization { name, person, email, mobile })
            }
            _ => Err(problems),
        }
    }
}

/// Everything typed so far, as kept on the server. A step counts as finished while what is kept of it still parses.
#[derive(Debug, Clone, Default, Serialize, Deserialize, PartialEq)]
#[serde(default)]
pub struct Answers {
    /// Step 1.
    pub terms: TermsForm,
    /// Step 2.
    pub member: MemberForm,
    /// Step 3.
    pub organization: OrganizationForm,
}

impl Answers {
    /// The first step that is not finished: no later one can be opened.
    pub fn reached(&self, config: &Config) -> Step {
        if self.terms.parse(config).is_err() {
            Step::Terms
        } else if self.member.parse().is_err() {
            Step::Member
        } else {
            Step::Organization
        }
    }

    /// The whole sign-up, once every step parses.
    pub fn complete(&self, config: &Config, language: Language) -> Option<Complete> {
        Some(Complete {
            agreed: self.terms.parse(config).ok()?,
            member: self.member.parse().ok()?,
            organization: self.organization.parse().ok()?,
            language,
        })
    }
}
