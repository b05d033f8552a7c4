//! Letters: a message in words, as text and as HTML. One pair of templates draws every kind; the words of a kind are in
//! `locales/*/mails.ftl`.

use std::any::Any;
use std::collections::HashMap;

use askama::Template;
use chrono_tz::Tz;

use super::{DeletionNews, IdpNews, Message};
use crate::base::i18n::{Language, Text, absolute, filters};
use crate::base::{text, urls};
use crate::platform::config::Config;

/// A letter, ready to be sent.
#[derive(Clone, Debug)]
pub struct Letter {
    /// Subject.
    pub subject: String,
    /// Plain text part.
    pub text: String,
    /// HTML part.
    pub html: String,
}

struct Draft {
    subject: Text,
    greeting: Option<Text>,
    paragraphs: Vec<Text>,
    facts: Vec<(Text, String)>,
    button: Option<(Text, String)>,
    closing: Vec<Text>,
}

#[derive(Template)]
#[template(path = "mail/letter.html")]
struct Html<'a> {
    draft: &'a Draft,
    product: &'a str,
    support: Option<&'a str>,
    language: &'static str,
    home: String,
}

impl Html<'_> {
    /// Whether a fact is an address of ours, which becomes a link as mail programs make one of it in the text.
    fn is_own(&self, value: &str) -> bool {
        value.strip_prefix(&self.home).is_some_and(|path| path.starts_with('/'))
    }
}

#[derive(Template)]
#[template(path = "mail/letter.txt", escape = "none")]
struct Plain<'a> {
    draft: &'a Draft,
    product: &'a str,
    support: Option<&'a str>,
    home: String,
}

/// Writes a message in words.
pub fn write(message: &Message, language: Language, zone: &str, config: &Config) -> askama::Result<Letter> {
    let zone: Tz = zone.parse().unwrap_or(Tz::UTC);
    let draft = draft(message, language, zone, config);
    let (product, support) = (config.brand.product.as_str(), config.brand.support.as_deref());
    let values: HashMap<&'static str, Box<dyn Any>> = HashMap::from([("language", Box::new(language) as Box<dyn Any>)]);
    let home = config.public_url.origin().to_owned();
    let html = Html { draft: &draft, product, support, language: language.word(), home: home.clone() };
    let plain = Plain { draft: &draft, product, support, home };
    Ok(Letter {
        subject: draft.subject.say(language),
        text: plain.render_with_values(&values)?,
        html: html.render_with_values(&values)?,
    })
}

fn draft(message: &Message, language: Language, zone: Tz, config: &Config) -> Draft {
    let product = config.brand.product.as_str();
    let when = |moment: &crate::base::moment::Moment| absolute(*moment, zone, language);
    let base = |subject: &'static str, name: Option<&str>| Draft {
        subject: Text::new(subject).with("product", product),
        greeting: name.map(|name| Text::new("mail-greeting").with("name", unlinked(name))),
        paragraphs: Vec::new(),
        facts: Vec::new(),
        button: None,
        closing: Vec::new(),
    };
    let login_fact =
        |organization: &str| (Text::new("login-url"), config.public_url.link(&urls::login_to(organization)));
    let organization_fact = |organization: &str| (Text::new("mail-fact-organization"), organization.to_owned());
    match message {
        Message::Invitation { name, organization, token, until } => Draft {
            paragraphs: vec![
                Text::new("mail-invitation-text").with("organization", organization).with("product", product),
            ],
            button: Some((Text::new("mail-invitation-button"), config.public_url.link(&urls::invitation_link(token)))),
            facts: vec![organization_fact(organization), (Text::new("mail-fact-until"), when(until))],
            closing: vec![Text::new("mail-invitation-closing")],
            ..base("mail-invitation-subject", Some(name))
        },
        Message::PasswordReset { name, organization, token, until } => Draft {
            paragraphs: vec![Text::new("mail-reset-text").with("organization", organization)],
            button: Some((Text::new("mail-reset-button"), config.public_url.link(&urls::password_link(token)))),
            facts: vec![organization_fact(organization), (Text::new("mail-fact-until"), when(until))],
            closing: vec![Text::new("mail-reset-closing")],
            ..base("mail-reset-subject", Some(name))
        },
        Message::PasswordChanged { name, organization, at, address } => Draft {
            paragraphs: vec![Text::new("mail-password-changed-text").with("organization", organization)],
            facts: vec![
                organization_fact(organization),
                (Text::new("mail-fact-at"), when(at)),
                (Text::new("mail-fact-address"), address.clone()),
            ],
            button: Some((
                Text::new("mail-password-changed-button"),
                config.public_url.link(&urls::reset_for(organization, "")),
            )),
            closing: vec![Text::new("mail-password-changed-closing")],
            ..base("mail-password-changed-subject", Some(name))
        },
        Message::NewDevice { name, organization, at, address, agent } => Draft {
            paragraphs: vec![Text::new("mail-new-device-text").with("organization", organization)],
            facts: vec![
                organization_fact(organization),
                (Text::new("mail-fact-at"), when(at)),
                (Text::new("mail-fact-address"), address.clone()),
                (
                    Text::new("mail-fact-browser"),
                    crate::base::browser_name::known_browser(agent)
                        .unwrap_or_else(|| Text::new("mail-browser-unknown").say(language)),
                ),
            ],
            button: Some((Text::new("mail-new-device-button"), config.public_url.link(urls::ACCOUNT))),
            closing: vec![Text::new("mail-new-device-closing")],
            ..base("mail-new-device-subject", Some(name))
        },
        Message::Locked { name, organization, until, address, by_provider } => Draft {
            paragraphs: vec![
                Text::new(if *by_provider { "mail-locked-codes-text" } else { "mail-locked-text" })
                    .with("organization", organization),
            ],
            facts: vec![
                organization_fact(organization),
                (Text::new("mail-fact-until"), when(until)),
                (Text::new("mail-fact-address"), address.clone()),
            ],
            button: (!by_provider)
                .then(|| (Text::new("mail-locked-button"), config.public_url.link(&urls::reset_for(organization, "")))),
            closing: vec![Text::new(if *by_provider { "mail-locked-codes-closing" } else { "mail-locked-closing" })],
            ..base("mail-locked-subject", Some(name))
        },
        Message::CodesPaused { name, organization, until, address } => Draft {
            paragraphs: vec![Text::new("mail-codes-paused-text").with("organization", organization)],
            facts: vec![
                organization_fact(organization),
                (Text::new("mail-fact-until"), when(until)),
                (Text::new("mail-fact-address"), address.clone()),
            ],
            button: Some((Text::new("mail-locked-button"), config.public_url.link(&urls::reset_for(organization, "")))),
            closing: vec![Text::new("mail-codes-paused-closing")],
            ..base("mail-codes-paused-subject", Some(name))
        },
        Message::OwnershipTransferred { name, organization, to, from, at } => Draft {
            paragraphs: vec![Text::new("mail-ownership-text").with("organization", organization)],
            facts: vec![
                organization_fact(organization),
                (Text::new("mail-fact-new-owner"), person(to)),
                (Text::new("mail-fact-former-owner"), person(from)),
                (Text::new("mail-fact-at"), when(at)),
            ],
            button: Some((Text::new("mail-ownership-button"), config.public_url.link(&urls::login_to(organization)))),
            closing: vec![Text::new("mail-ownership-closing")],
            ..base("mail-ownership-subject", Some(name))
        },
        Message::FactorReset { name, organization, at } => Draft {
            paragraphs: vec![Text::new("mail-factor-reset-text").with("organization", organization)],
            facts: vec![organization_fact(organization), (Text::new("mail-fact-at"), when(at))],
            button: Some((Text::new("mail-factor-reset-button"), config.public_url.link(urls::ACCOUNT))),
            closing: vec![Text::new("mail-factor-reset-closing")],
            ..base("mail-factor-reset-subject", Some(name))
        },
        Message::LoginCode { name, organization, code, until, address } => Draft {
            paragraphs: vec![Text::new("mail-login-code-text").with("organization", organization)],
            facts: vec![
                (Text::new("mail-fact-code"), code.expose().to_owned()),
                (Text::new("mail-fact-until"), when(until)),
                (Text::new("mail-fact-address"), address.clone()),
            ],
            closing: vec![Text::new("mail-login-code-closing")],
            ..base("mail-login-code-subject", Some(name))
        },
        Message::TwoFactorCode { name, organization, code, until } => Draft {
            paragraphs: vec![Text::new("mail-two-factor-code-text").with("organization", organization)],
            facts: vec![
                (Text::new("mail-fact-code"), code.expose().to_owned()),
                (Text::new("mail-fact-until"), when(until)),
            ],
            closing: vec![Text::new("mail-two-factor-code-closing")],
            ..base("mail-two-factor-code-subject", Some(name))
        },
        Message::PolicyChanged { name, organization, policy, count, by, at } => Draft {
            paragraphs: vec![
                Text::new("mail-policy-text").with("organization", organization),
                Text::new(policy.label()).with("n", count.unwrap_or_default()),
            ],
            facts: vec![
                organization_fact(organization),
                (
                    Text::new("mail-fact-by"),
                    by.as_deref().map(person).unwrap_or_else(|| Text::new("mail-policy-operator").say(language)),
                ),
                (Text::new("mail-fact-at"), when(at)),
            ],
            button: Some((Text::new("mail-policy-button"), config.public_url.link(policy.page()))),
            closing: vec![Text::new("mail-policy-closing")],
            ..base("mail-policy-subject", Some(name))
        },
        Message::PasswordExpires { name, organization, at } => Draft {
            paragraphs: vec![Text::new("mail-expires-text").with("organization", organization)],
            facts: vec![organization_fact(organization), (Text::new("mail-fact-until"), when(at))],
            button: Some((Text::new("mail-expires-button"), config.public_url.link(urls::ACCOUNT_PASSWORD))),
            closing: vec![Text::new("mail-expires-closing")],
            ..base("mail-expires-subject", Some(name))
        },
        Message::ConfirmationCode { name, organization, code, until, address } => Draft {
            paragraphs: vec![Text::new("mail-confirmation-code-text").with("organization", organization)],
            facts: vec![
                (Text::new("mail-fact-code"), code.expose().to_owned()),
                (Text::new("mail-fact-until"), when(until)),
                (Text::new("mail-fact-address"), address.clone()),
            ],
            closing: vec![Text::new("mail-confirmation-code-closing")],
            ..base("mail-confirmation-code-subject", Some(name))
        },
        Message::Idp { name, organization, news, at } => {
            let [subject, text, button, closing] = idp_words(*news);
            let is_deadline = matches!(news, IdpNews::Trial | IdpNews::SecretExpires);
            let fact = Text::new(if is_deadline { "mail-fact-until" } else { "mail-fact-at" });
            let page = match news {
                IdpNews::Trial | IdpNews::InForce | IdpNews::Recovered | IdpNews::Registered => {
                    urls::login_to(organization)
                }
                IdpNews::Reverted | IdpNews::SecretExpires => urls::IDP.to_owned(),
                IdpNews::SecretRefused => urls::RECOVERY.to_owned(),
                IdpNews::CodeUsed => urls::AUDIT.to_owned(),
            };
            Draft {
                paragraphs: vec![Text::new(text).with("organization", organization).with("product", product)],
                facts: vec![organization_fact(organization), (fact, when(at))],
                button: Some((Text::new(button), config.public_url.link(&page))),
                closing: vec![Text::new(closing)],
                ..base(subject, Some(name))
            }
        }
        Message::Deletion { name, organization, news, at } => {
            let [subject, text, button, closing] = deletion_words(*news);
            let fact = if *news == DeletionNews::Withdrawn { "mail-fact-at" } else { "mail-fact-erasure" };
            Draft {
                paragraphs: vec![Text::new(text).with("organization", organization)],
                facts: vec![organization_fact(organization), (Text::new(fact), when(at))],
                button: Some((Text::new(button), config.public_url.link(urls::DELETION))),
                closing: vec![Text::new(closing)],
                ..base(subject, Some(name))
            }
        }
        Message::Erased { name, organization, requested, at, held_until, users, projects, bills, events } => Draft {
            paragraphs: vec![Text::new("mail-erased-text").with("organization", organization)],
            facts: vec![
                organization_fact(organization),
                (Text::new("mail-fact-requested"), when(requested)),
                (Text::new("mail-fact-erased"), when(at)),
                (Text::new("mail-fact-users"), users.to_string()),
                (Text::new("mail-fact-projects"), projects.to_string()),
                (Text::new("mail-fact-bills"), bills.to_string()),
                (Text::new("mail-fact-events"), events.to_string()),
                (Text::new("mail-fact-name-held"), when(held_until)),
            ],
            closing: vec![Text::new("mail-erased-closing")],
            ..base("mail-erased-subject", Some(name))
        },
        Message::MyOrganizations { organizations } => Draft {
            paragraphs: vec![Text::new("mail-organizations-text").with("n", organizations.len())],
            facts: organizations.iter().flat_map(|name| [organization_fact(name), login_fact(name)]).collect(),
            button: Some((Text::new("mail-organizations-button"), config.public_url.link(urls::LOGIN))),
            closing: vec![Text::new("mail-organizations-closing")],
            ..base("mail-organizations-subject", None)
        },
        Message::Test { at } => Draft {
            paragraphs: vec![Text::new("mail-test-text").with("product", product)],
            facts: vec![(Text::new("mail-fact-at"), when(at))],
            ..base("mail-test-subject", None)
        },
    }
}

/// A name as mail programs make no link of it: names that are older than the rule of today may have a dot within.
fn unlinked(name: &str) -> String {
    let mut safe = String::with_capacity(name.len());
    let mut rest = name.chars().peekable();
    let mut before = ' ';
    while let Some(c) = rest.next() {
        safe.push(c);
        if text::is_dot(c) && before.is_alphanumeric() && rest.peek().is_some_and(|next| next.is_alphanumeric()) {
            safe.push(' ');
        }
        before = c;
    }
    safe
}

/// A person by name and, in angle brackets, address: the address stays what it is.
fn person(named: &str) -> String {
    match named.rsplit_once(" <") {
        Some((name, address)) => format!("{} <{address}", unlinked(name)),
        None => unlinked(named),
    }
}

/// Subject, text, button and closing of news about the deletion of the organization.
fn deletion_words(news: DeletionNews) -> [&'static str; 4] {
    match news {
        DeletionNews::Requested => [
            "mail-deletion-requested-subject",
            "mail-deletion-requested-text",
            "mail-deletion-button",
            "mail-deletion-requested-closing",
        ],
        DeletionNews::Withdrawn => [
            "mail-deletion-withdrawn-subject",
            "mail-deletion-withdrawn-text",
            "mail-deletion-withdrawn-button",
            "mail-deletion-withdrawn-closing",
        ],
        DeletionNews::Reminder => [
            "mail-deletion-reminder-subject",
            "mail-deletion-reminder-text",
            "mail-deletion-button",
            "mail-deletion-reminder-closing",
        ],
    }
}

/// Subject, text, button and closing of news about the identity provider.
fn idp_words(news: IdpNews) -> [&'static str; 4] {
    match news {
        IdpNews::Trial => {
            ["mail-idp-trial-subject", "mail-idp-trial-text", "mail-idp-trial-button", "mail-idp-trial-closing"]
        }
        IdpNews::Reverted => [
            "mail-idp-reverted-subject",
            "mail-idp-reverted-text",
            "mail-idp-reverted-button",
            "mail-idp-reverted-closing",
        ],
        IdpNews::InForce => {
            ["mail-idp-force-subject", "mail-idp-force-text", "mail-organizations-button", "mail-idp-force-closing"]
        }
        IdpNews::SecretExpires => {
            ["mail-idp-secret-subject", "mail-idp-secret-text", "mail-idp-secret-button", "mail-idp-secret-closing"]
        }
        IdpNews::SecretRefused => {
            ["mail-idp-refused-subject", "mail-idp-refused-text", "mail-idp-refused-button", "mail-idp-refused-closing"]
        }
        IdpNews::CodeUsed => {
            ["mail-idp-code-subject", "mail-idp-code-text", "mail-idp-code-button", "mail-idp-code-closing"]
        }
        IdpNews::Recovered => [
            "mail-idp-recovered-subject",
            "mail-idp-recovered-text",
            "mail-organizations-button",
            "mail-idp-recovered-closing",
        ],
        IdpNews::Registered => [
            "mail-idp-registered-subject",
            "mail-idp-registered-text",
            "mail-organizations-button",
            "mail-idp-registered-closing",
        ],
    }
}
