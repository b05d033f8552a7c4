//! Mails: every kind in both languages, as text and as HTML.

use std::collections::BTreeSet;

use scraper::Html;
use vestibule::base::entropy::{Code, Token};
use vestibule::base::i18n::Language;
use vestibule::base::moment::Moment;
use vestibule::platform::mail::{DeletionNews, IdpNews, Letter, Message, Policy, write};

use super::html::all;
use super::sources::{between, none, root};
use super::walk::NO_TOKEN;
use crate::support::database::Database;
use crate::support::settings;

/// One of every kind, with names that could be taken for markup or placeholders.
fn samples() -> Vec<Message> {
    let policies = Policy::ALL.iter().enumerate().map(|(place, policy)| Message::PolicyChanged {
        name: "Mina & <b>Park</b>".to_owned(),
        organization: "acme-cloud".to_owned(),
        policy: *policy,
        count: Some(60),
        by: (place % 2 == 0).then(|| "Mina Park <mina@acme.example>".to_owned()),
        at: Moment::new(chrono::DateTime::UNIX_EPOCH),
    });
    plain_samples().into_iter().chain(policies).collect()
}

fn plain_samples() -> Vec<Message> {
    let at = Moment::new(chrono::DateTime::parse_from_rfc3339("2026-11-29T06:07:00Z").unwrap().to_utc());
    let token = || Token::parse(NO_TOKEN).unwrap();
    let (name, organization) = (|| "Mina & <b>Park</b>".to_owned(), || "acme-cloud".to_owned());
    let address = || "203.0.113.5".to_owned();
    let agent = || "Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0.0.0 Safari/537.36".to_owned();
    let deletion = |news| Message::Deletion { name: name(), organization: organization(), news, at };
    let news = |news| Message::Idp { name: name(), organization: organization(), news, at };
    vec![
        Message::Invitation { name: name(), organization: organization(), token: token(), until: at },
        Message::PasswordReset { name: name(), organization: organization(), token: token(), until: at },
        Message::PasswordChanged { name: name(), organization: organization(), at, address: address() },
        Message::NewDevice { name: name(), organization: organization(), at, address: address(), agent: agent() },
        Message::OwnershipTransferred {
            name: name(),
            organization: organization(),
            to: "Jun Kim <jun@acme.example>".to_owned(),
            from: "Mina Park <mina@acme.example>".to_owned(),
            at,
        },
        Message::CodesPaused { name: name(), organization: organization(), until: at, address: address() },
        Message::Locked {
            name: name(),
            organization: organization(),
            until: at,
            address: address(),
            by_provider: false,
        },
        Message::Locked {
            name: name(),
            organization: organization(),
            until: at,
            address: address(),
            by_provider: true,
        },
        Message::FactorReset { name: name(), organization: organization(), at },
        Message::LoginCode {
            name: name(),
            organization: organization(),
            code: Code::parse("123456").unwrap(),
            until: at,
            address: address(),
        },
        Message::TwoFactorCode {
            name: name(),
            organization: organization(),
            code: Code::parse("123456").unwrap(),
            until: at,
        },
        Message::PasswordExpires { name: name(), organization: organization(), at },
        Message::ConfirmationCode {
            name: name(),
            organization: organization(),
            code: Code::parse("123456").unwrap(),
            until: at,
            address: address(),
        },
        news(IdpNews::Trial),
        news(IdpNews::Reverted),
        news(IdpNews::InForce),
        news(IdpNews::SecretExpires),
        news(IdpNews::SecretRefused),
        news(IdpNews::CodeUsed),
        news(IdpNews::Recovered),
        news(IdpNews::Registered),
        deletion(DeletionNews::Requested),
        deletion(DeletionNews::Withdrawn),
        deletion(DeletionNews::Reminder),
        Message::Erased {
            name: name(),
            organization: organization(),
            requested: at,
            at,
            held_until: at,
            users: 1,
            projects: 0,
            bills: 3,
            events: 1234,
        },
        Message::MyOrganizations { organizations: vec![organization(), "other".to_owned()] },
        Message::Test { at },
    ]
}

#[test]
fn there_is_a_sample_of_every_kind_of_mail() {
    let source = std::fs::read_to_string(root().join("src/platform/mail/message.rs")).unwrap();
    let kinds: BTreeSet<&str> =
        between(&source, "fn kind(", "\n    }").flat_map(|body| between(body, "=> \"", "\"")).collect();
    let samples = samples();
    assert_eq!(samples.iter().map(Message::kind).collect::<BTreeSet<_>>(), kinds);
}

fn links(text: &str) -> BTreeSet<String> {
    text.split_whitespace().filter(|word| word.contains("://")).map(str::to_owned).collect()
}

fn faults(letter: &Letter, language: Language, home: &str) -> Vec<String> {
    let Letter { subject, text, html } = letter;
    let mut faults = Vec::new();
    // A subject is shown where everybody looks: no secret of a link, and no code.
    let secret = |words: &str| words.contains(NO_TOKEN) || words.contains("://") || words.contains("123456");
    if secret(subject) || subject.contains(['\n', '\r', '{', '}', '<', '&']) || subject.is_empty() {
        faults.push(format!("subject {subject:?}"));
    }
    let korean = |words: &str| words.chars().any(|c| ('가'..='힣').contains(&c));
    for part in [subject, text, html] {
        if korean(part) != (language == Language::Korean) {
            faults.push(format!("the language of {part:?}"));
        }
        let words = part
            .split_whitespace()
            .filter(|word| word.starts_with("mail-") || word.contains("{ $") || word.contains("{{"));
        faults.extend(words.map(|word| format!("left over: {word}")));
    }
    faults.extend(
        text.lines()
            .filter(|line| line.contains("<b>") && !line.contains("Mina"))
            .map(|line| format!("markup in text: {line}")),
    );
    let page = Html::parse_document(html);
    let hrefs: BTreeSet<String> =
        all(&page, "[href]").iter().filter_map(|link| link.value().attr("href")).map(str::to_owned).collect();
    faults.extend(
        hrefs
            .union(&links(text))
            .filter(|link| !link.starts_with(home))
            .map(|link| format!("a link elsewhere: {link}")),
    );
    if hrefs != links(text) {
        faults.push(format!("links of the HTML {hrefs:?}, of the text {:?}", links(text)));
    }
    if !all(&page, "img, script, link, iframe, object, form, b").is_empty()
        || html.contains("url(")
        || html.contains("src=")
    {
        faults.push("the HTML loads something, or lets a name be markup".to_owned());
    }
    if all(&page, "html").first().and_then(|root| root.value().attr("lang")) != Some(language.word())
        || all(&page, "title, h1").len() != 2
    {
        faults.push("language, title or heading of the HTML".to_owned());
    }
    // What a mail tells stands in both parts.
    let shown: String = page.root_element().text().collect::<Vec<_>>().join(" ");
    let missing = text
        .lines()
        .map(str::trim)
        .filter(|line| line.len() > 12 && !line.contains(": "))
        .filter(|line| !shown.contains(line.trim_end_matches(':')));
    faults.extend(missing.map(|line| format!("only in the text: {line}")));
    faults
}

/// Shows ASVS 1.2.1, 14.2.3; attacks 17, 39.
#[test]
fn every_mail_says_the_same_as_text_and_as_html_in_both_languages() {
    let config = settings(&Database::file());
    let mut wrong = Vec::new();
    for message in samples() {
        for language in Language::ALL {
            let letter = write(&message, *language, "Asia/Seoul", &config).unwrap();
            let kind = message.kind();
            wrong.extend(
                faults(&letter, *language, config.public_url.origin())
                    .into_iter()
                    .map(|fault| format!("{kind} in {}: {fault}", language.word())),
            );
            let carries = format!("{message:?}").contains("Token(");
            if carries != letter.text.contains(NO_TOKEN) || carries != letter.html.contains(NO_TOKEN) {
                wrong.push(format!("{kind}: its link"));
            }
        }
    }
    none(wrong, "mails");
}
