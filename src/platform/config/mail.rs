//! Mail: the server, the sender, and what we call ourselves.

use std::path::PathBuf;

use lettre::Address;
use lettre::message::Mailbox;
use url::{Host, Url};

use super::reader::Reader;
use super::settings::{boolean, whole};
use super::{Encryption, Mail, Mode, SmtpServer};
use crate::base::network::is_loopback;
use crate::base::public_url::PublicUrl;
use crate::base::urls::decoded;

pub(super) fn mail(reader: &mut Reader, mode: Mode, public_url: Option<&PublicUrl>) -> Option<Mail> {
    const ABOUT: &str =
        "Mail server: smtps://USER:PASSWORD@HOST (TLS), smtp://HOST:PORT (STARTTLS required) or smtp://HOST?tls=none.";
    let server = reader.parsed("smtp_url", "mail is captured (development mode)", ABOUT, smtp_server);
    let plain = reader.parsed("smtp_plain", "false", "true allows a mail server without TLS beyond loopback.", boolean);
    let from = reader.parsed(
        "mail_from",
        "vestibule@localhost (development mode)",
        "Sender of mails: \"Name <address>\".",
        sender,
    );
    let hello = reader.parsed(
        "mail_hello",
        "the host of the public URL, else of the sender",
        "Host name that the server calls itself before the mail server (EHLO).",
        |text| host(text).map(|host| host.to_string().trim_matches(['[', ']']).to_owned()),
    );
    if mode == Mode::Production {
        reader.required(
            "smtp_url",
            server.is_some(),
            "must be set in production, for example smtps://USER:PASSWORD@HOST",
        );
        reader.required(
            "mail_from",
            from.is_some(),
            "must be set in production, for example Vestibule <no-reply@example.org>",
        );
    }
    if let Some(server) = &server
        && server.encryption == Encryption::None
        && !is_loopback(&server.host)
        && plain != Some(true)
    {
        reader.mistake("smtp_url", "has no TLS and is not loopback; set VESTIBULE_SMTP_PLAIN=true if that is meant");
    }
    let from = from.or_else(|| "Vestibule <vestibule@localhost.localdomain>".parse().ok())?;
    Some(Mail {
        server,
        hello: hello.unwrap_or_else(|| own_name(public_url, &from)),
        from,
        ca_file: reader
            .text(
                "smtp_ca_file",
                "the system's authorities",
                "File of additional certificate authorities for mail (PEM).",
            )
            .map(PathBuf::from),
        parallel: whole(reader.number("mail.parallel", 8, [1, 64], "Mails sent at a time.")),
        timeout_seconds: u64::try_from(reader.number(
            "mail.timeout_seconds",
            30,
            [1, 300],
            "Seconds before a delivery is tried later.",
        ))
        .unwrap_or(30),
    })
}

/// The host of the public URL where the world knows it by that name, else the sender's: many servers refuse a name without
/// a dot, such as a container's.
fn own_name(public_url: Option<&PublicUrl>, from: &Mailbox) -> String {
    let public = public_url.map(|url| url.host_name().trim_end_matches('.').trim_matches(['[', ']']).to_owned());
    let known = public.filter(|host| host.contains(['.', ':']) && !is_loopback(host) && !host.ends_with(".localhost"));
    known.unwrap_or_else(|| from.email.domain().to_owned())
}

/// A host in its ASCII form (RFC 5890), which is what mail servers and certificates know.
fn host(text: &str) -> Result<Host, String> {
    Host::parse(text).map_err(|_| format!("has the host {text:?}, which is none"))
}

/// One address with an optional name. Its host becomes ASCII; a local part beyond ASCII would need SMTPUTF8 everywhere.
fn sender(text: &str) -> Result<Mailbox, String> {
    const FORM: &str = "must be one address such as Vestibule <no-reply@example.org>";
    let Ok(mailbox) = text.parse::<Mailbox>() else {
        let several = text.matches('@').count() > 1;
        return Err(if several { format!("names more than one address; it {FORM}") } else { FORM.to_owned() });
    };
    if !mailbox.email.user().is_ascii() {
        return Err(format!("has letters beyond ASCII before the @; it {FORM}"));
    }
    let domain = match mailbox.email.domain() {
        literal if literal.starts_with('[') => literal.to_owned(),
        domain => host(domain)?.to_string(),
    };
    let email = Address::new(mailbox.email.user(), domain).map_err(|_| FORM.to_owned())?;
    Ok(Mailbox::new(mailbox.name, email))
}

fn smtp_server(text: &str) -> Result<SmtpServer, String> {
    const FORM: &str = "must be smtps://USER:PASSWORD@HOST, smtp://HOST:PORT or smtp://HOST?tls=none";
    // The library's words are not repeated: they are about an address that holds a password.
    let url = Url::parse(text).map_err(|_| {
        format!("{FORM}; in USER and PASSWORD other characters than letters, digits and -._~ are percent-encoded")
    })?;
    if !matches!(url.scheme(), "smtp" | "smtps") {
        return Err(format!("begins with something else than smtp:// or smtps://; it {FORM}"));
    }
    let typed = url.host_str().filter(|host| !host.is_empty()).ok_or(format!("names no host; it {FORM}"))?;
    let host = host(typed)?.to_string().trim_matches(['[', ']']).trim_end_matches('.').to_owned();
    if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
        return Err(format!("has something after host and port; it {FORM}"));
    }
    let tls = url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect::<Vec<_>>();
    let tls: Vec<(&str, &str)> = tls.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let (encryption, port) = match (url.scheme(), tls.as_slice()) {
        ("smtps", []) => (Encryption::Implicit, 465),
        ("smtp", [] | [("tls", "required")]) => (Encryption::StartTls, 587),
        ("smtp", [("tls", "none")]) => (Encryption::None, 25),
        ("smtps", _) => return Err("has a setting after the ?; smtps:// needs none, it is TLS".to_owned()),
        _ => return Err("has a setting after the ? that is neither tls=required nor tls=none".to_owned()),
    };
    let login =
        (!url.username().is_empty()).then(|| (decoded(url.username()), decoded(url.password().unwrap_or_default())));
    Ok(SmtpServer { host, port: url.port().unwrap_or(port), encryption, login })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_idn_sender_is_folded() {
        let from = sender("Bücher <no-reply@bücher.example>").unwrap();
        assert_eq!(from.email.to_string(), "no-reply@xn--bcher-kva.example");
        assert_eq!(from.name.as_deref(), Some("Bücher"));
        let server = smtp_server("smtp://mail.bücher.example:2525?tls=none").unwrap();
        assert_eq!((server.host.as_str(), server.port), ("mail.xn--bcher-kva.example", 2525));
        assert!(sender("bücher@example.org").unwrap_err().contains("before the @"));
    }

    #[test]
    fn a_mistake_is_named_and_no_password_repeated() {
        assert!(sender("a@example.org, b@example.org").unwrap_err().contains("more than one address"));
        for (typed, named) in [
            ("mail.example.org", "percent-encoded"),
            ("http://mail.example.org", "something else than smtp://"),
            ("smtp://u:s3cr@et%zz@mail.example.org:port", "percent-encoded"),
            ("smtp://u:s3cret@mail.example.org/x", "after host and port"),
            ("smtps://mail.example.org?tls=none", "it is TLS"),
            ("smtp://mail.example.org?tls=maybe", "neither"),
            ("smtp://", "host"),
        ] {
            let told = smtp_server(typed).unwrap_err();
            assert!(told.contains(named) && !told.contains("s3cr"), "{typed}: {told}");
        }
    }

    #[test]
    fn ehlo_names_the_public_host() {
        let from: Mailbox = "no-reply@mail.example.net".parse().unwrap();
        let of = |url: &str| own_name(PublicUrl::parse(url).ok().as_ref(), &from);
        assert_eq!(of("https://id.example.org:8443"), "id.example.org");
        assert_eq!(of("https://intranet"), "mail.example.net");
        assert_eq!(of("http://localhost:8080"), "mail.example.net");
        assert_eq!(of("https://203.0.113.7"), "203.0.113.7");
        assert_eq!(own_name(None, &from), "mail.example.net");
    }
}
