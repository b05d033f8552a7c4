//! Typed values are read by their readers and nowhere else.

use std::collections::BTreeSet;

use super::sources::{code, files, none};

/// What reads a text by itself; a reader takes it from here.
const WORDS: &[&str] = &[
    ".trim()",
    "trim_matches(",
    "is_whitespace()",
    "parse::<IpAddr>",
    "parse::<i64>",
    "parse::<u32>",
    "parse::<usize>",
    "lettre::Address>",
    "phonenumber::parse",
    "eq_ignore_ascii_case(",
];

/// The readers of typed values: the spelling is folded first, by `text`, and what is left is taken apart.
const READERS: &[&str] = &[
    "src/text/mod.rs",
    "src/text/typed.rs",
    "src/entropy.rs",
    "src/users/email.rs",
    "src/users/person.rs",
    "src/policies/access/address.rs",
    // The list's own text, before its cells are read.
    "src/users/registration/lines.rs",
    "src/users/registration/lines/mailboxes.rs",
];

/// Settings, which an operator writes into a file.
const SETTINGS: &[(&str, &str)] = &[
    ("src/config/mail.rs", "trim_matches("),
    ("src/config/numbers.rs", "parse::<usize>"),
    ("src/config/reader.rs", "parse::<i64>"),
    ("src/config/settings.rs", ".trim()"),
    ("src/config/settings.rs", "parse::<IpAddr>"),
    ("src/config/settings.rs", "eq_ignore_ascii_case("),
    ("src/config/settings.rs", "trim_matches("),
    ("src/config/sms.rs", ".trim()"),
    ("src/outbound/allowances.rs", "parse::<IpAddr>"),
    ("src/outbound/proxy.rs", "trim_matches("),
    ("src/secrets.rs", ".trim()"),
    ("src/store/address.rs", "is_whitespace()"),
    ("src/store/connection.rs", ".trim()"),
];

/// What a machine sends, which is compared as it came.
const SENT: &[(&str, &str)] = &[
    ("src/i18n/mod.rs", ".trim()"),
    ("src/metrics/report.rs", ".trim()"),
    ("src/oidc/azure.rs", "eq_ignore_ascii_case("),
    ("src/oidc/discovery.rs", "eq_ignore_ascii_case("),
    ("src/oidc/exchange.rs", "eq_ignore_ascii_case("),
    ("src/oidc/mod.rs", "eq_ignore_ascii_case("),
    ("src/oidc/token.rs", "eq_ignore_ascii_case("),
    ("src/operator/lines.rs", ".trim()"),
    ("src/outbound/mod.rs", ".trim()"),
    ("src/outbound/proxy.rs", ".trim()"),
    ("src/web/address.rs", ".trim()"),
    ("src/web/address.rs", "eq_ignore_ascii_case("),
    ("src/web/address.rs", "parse::<IpAddr>"),
    ("src/web/form.rs", ".trim()"),
    ("src/web/form.rs", "eq_ignore_ascii_case("),
    ("src/web/form.rs", "parse::<usize>"),
    ("src/web/upload.rs", ".trim()"),
    ("src/web/upload.rs", "eq_ignore_ascii_case("),
];

/// What the program wrote itself, or has read already.
const WRITTEN: &[(&str, &str)] = &[
    ("src/audit/seal/keys.rs", ".trim()"),
    ("src/billing/calendar.rs", "parse::<u32>"),
    ("src/billing/money.rs", "parse::<i64>"),
    ("src/dev/mod.rs", ".trim()"),
    ("src/i18n/catalogue.rs", ".trim()"),
    ("src/mail/transport.rs", "lettre::Address>"),
    ("src/oidc/discovery.rs", ".trim()"),
    ("src/oidc/mod.rs", ".trim()"),
    ("src/organizations/export/archive.rs", "parse::<u32>"),
    ("src/policies/access/store.rs", "parse::<IpAddr>"),
];

#[test]
fn typed_values_are_read_by_their_readers() {
    let mut known: BTreeSet<(&str, &str)> = [SETTINGS, SENT, WRITTEN].into_iter().flatten().copied().collect();
    let mut faults = Vec::new();
    let sources = files("src", &[".rs"]);
    for (path, text) in &sources {
        if READERS.contains(&path.as_str()) {
            continue;
        }
        let text = code(text);
        for word in WORDS.iter().filter(|word| text.contains(**word)) {
            if !known.remove(&(path.as_str(), *word)) {
                faults.push(format!("{path}: {word}"));
            }
        }
    }
    none(faults, "typed values read outside their readers");
    none(known.iter().map(|(path, word)| format!("{path}: {word}")), "exceptions that nothing needs");
}

#[test]
fn no_field_of_a_code_or_number_cuts_what_is_pasted() {
    let mut faults = Vec::new();
    for (path, text) in files("templates", &[".html"]) {
        for rest in text.split("maxlength=\"").skip(1) {
            let most = rest.split('"').next().and_then(|most| most.parse::<u32>().ok());
            if most.is_none_or(|most| most < 100) {
                faults.push(format!("{path}: maxlength {most:?}"));
            }
        }
        if text.contains(" pattern=\"") {
            faults.push(format!("{path}: pattern"));
        }
    }
    none(faults, "fields that cut or refuse what is pasted");
}
