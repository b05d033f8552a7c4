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
    "src/base/text/mod.rs",
    "src/base/text/typed.rs",
    "src/base/entropy.rs",
    "src/base/email.rs",
    "src/base/person.rs",
    "src/features/policies/access/address.rs",
    // The list's own text, before its cells are read.
    "src/features/registration/lines.rs",
    "src/features/registration/lines/mailboxes.rs",
];

/// Settings, which an operator writes into a file.
const SETTINGS: &[(&str, &str)] = &[
    ("src/platform/config/mail.rs", "trim_matches("),
    ("src/platform/config/numbers.rs", "parse::<usize>"),
    ("src/platform/config/reader.rs", "parse::<i64>"),
    ("src/platform/config/settings.rs", ".trim()"),
    ("src/platform/config/settings.rs", "parse::<IpAddr>"),
    ("src/platform/config/sms.rs", ".trim()"),
    ("src/platform/outbound/allowances.rs", "parse::<IpAddr>"),
    ("src/platform/outbound/proxy.rs", "trim_matches("),
    ("src/platform/secrets.rs", ".trim()"),
    ("src/platform/store/address.rs", "is_whitespace()"),
    ("src/platform/store/connection.rs", ".trim()"),
];

/// What a machine sends, which is compared as it came.
const SENT: &[(&str, &str)] = &[
    ("src/base/i18n/language.rs", ".trim()"),
    ("src/app/metrics/report.rs", ".trim()"),
    ("src/platform/oidc/azure.rs", "eq_ignore_ascii_case("),
    ("src/platform/oidc/discovery.rs", "eq_ignore_ascii_case("),
    ("src/platform/oidc/exchange.rs", "eq_ignore_ascii_case("),
    ("src/platform/oidc/mod.rs", "eq_ignore_ascii_case("),
    ("src/platform/oidc/token.rs", "eq_ignore_ascii_case("),
    ("src/platform/command/lines.rs", ".trim()"),
    ("src/platform/outbound/mod.rs", ".trim()"),
    ("src/platform/outbound/proxy.rs", ".trim()"),
    ("src/access/address.rs", ".trim()"),
    ("src/base/network.rs", "eq_ignore_ascii_case("),
    ("src/base/network.rs", "parse::<IpAddr>"),
    ("src/base/network.rs", "trim_matches("),
    ("src/access/address.rs", "eq_ignore_ascii_case("),
    ("src/access/address.rs", "parse::<IpAddr>"),
    ("src/access/bearer.rs", "eq_ignore_ascii_case("),
    ("src/web/body.rs", ".trim()"),
    ("src/web/body.rs", "eq_ignore_ascii_case("),
    ("src/web/body.rs", "parse::<usize>"),
    ("src/web/upload.rs", ".trim()"),
    ("src/web/upload.rs", "eq_ignore_ascii_case("),
];

/// What the program wrote itself, or has read already.
const WRITTEN: &[(&str, &str)] = &[
    ("src/features/audit/seal/keys/mod.rs", ".trim()"),
    ("src/base/calendar.rs", "parse::<u32>"),
    ("src/features/billing/money.rs", "parse::<i64>"),
    ("src/app/dev/mod.rs", ".trim()"),
    ("src/base/i18n/catalogue.rs", ".trim()"),
    ("src/platform/mail/transport.rs", "lettre::Address>"),
    ("src/platform/oidc/discovery.rs", ".trim()"),
    ("src/platform/oidc/mod.rs", ".trim()"),
    ("src/features/export/archive.rs", "parse::<u32>"),
    ("src/features/policies/access/store.rs", "parse::<IpAddr>"),
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
