//! What logs, tables and pages must not hold, and what nobody may forge in them.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;

use crate::invariants::dump::Looker;
use crate::invariants::sources::none;
use crate::invariants::{stage, walk};
use crate::process::Settings;
use crate::support::database::Database;
use crate::support::gateway::SmsGateway;
use crate::support::people::{PASSWORD, encode};
use crate::support::sink::taking;
use crate::support::{TestApp, client};

const WRONG: &str = "canary0wrong0password";
const ORIGIN: &[(&str, &str)] =
    &[("Host", "localhost"), ("Sec-Fetch-Site", "same-origin"), ("Content-Type", "application/x-www-form-urlencoded")];

/// A browser that sends what a test says, and keeps its cookies.
struct Browser {
    address: SocketAddr,
    cookies: Vec<(String, String)>,
    token: String,
}

impl Browser {
    fn send(&mut self, method: &str, path: &str, fields: &[(&str, &str)]) -> client::Response {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let cookies = cookies.join("; ");
        let agent = "Mozilla \" }{\"level\":\"ERROR\",\"message\":\"forged\"} canary0agent";
        let headers = [ORIGIN, &[("Cookie", cookies.as_str()), ("User-Agent", agent)]].concat();
        // What the forms of the page before carry goes along.
        let token = [("form_token", self.token.as_str())];
        let fields = [fields, if self.token.is_empty() { &[] } else { &token[..] }].concat();
        let answer = client::send(self.address, method, path, &headers, encode(&fields).as_bytes());
        if let Some((_, rest)) = answer.text().split_once("name=\"form_token\" value=\"") {
            self.token = rest.split('"').next().unwrap_or_default().to_owned();
        } else if let Some((_, token)) = answer.header("location").and_then(|to| to.split_once("form_token=")) {
            self.token = token.to_owned();
        }
        for line in answer.headers("set-cookie") {
            let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.retain(|(known, _)| known != name);
            self.cookies.push((name.to_owned(), value.to_owned()));
        }
        answer
    }
}

/// The real binary, with everything that it logs of itself, in another time zone.
/// Shows ASVS 16.2.2, 16.2.4, 16.2.5; attacks 11, 39, 102.
#[test]
fn asvs_16_4_1_a_log_line_is_one_line_and_holds_no_secret() {
    let (database, number) = (Database::create(), std::process::id());
    let folder = std::env::temp_dir().join(format!("vestibule-logs-{number}"));
    std::fs::create_dir_all(&folder).unwrap();
    let log = folder.join("log");
    let settings = Settings::new(&database, &folder).logging_to(&log);
    let settings = settings.with("TZ", "Asia/Seoul").with("VESTIBULE_LOG_FORMAT", "json");
    let server = settings.with("VESTIBULE_LOG_FILTER", "info,vestibule=trace").start();
    let address = server.address;
    assert!(crate::crash::sign_up(address, "canary-org").unwrap().is_ok());
    let mut browser = Browser { address, cookies: Vec::new(), token: String::new() };
    let link = (0..100).find_map(|_| {
        std::thread::sleep(Duration::from_millis(100));
        let mails: Value = serde_json::from_str(&browser.send("GET", "/dev/mailbox.json", &[]).text()).unwrap();
        mails[0]["links"][0].as_str().map(str::to_owned)
    });
    let link = link.expect("the mailed link");
    let token = link.rsplit('/').next().unwrap().to_owned();
    let opened = browser.send("GET", &format!("/invitation/{token}"), &[]);
    let (_, form) =
        opened.header("location").and_then(|to| to.split_once("form_token=")).expect("what the page is about");
    let fields = [("new_password", PASSWORD), ("password_again", PASSWORD), ("form_token", form)];
    let set = browser.send("POST", "/invitation", &fields);
    assert_eq!(set.status, 303, "{}", set.text());
    let email = "owner@canary-org.example";
    for (email, password, status) in
        [(email, WRONG, 422), ("canary0unknown@x.test", WRONG, 422), (email, PASSWORD, 303)]
    {
        browser.send("GET", "/login/canary-org", &[]);
        let answer = browser.send("POST", "/login/canary-org", &[("email", email), ("password", password)]);
        assert_eq!(answer.status, status, "{}", answer.text());
    }
    assert_eq!(browser.send("GET", "/console?canary0query=1", &[]).status, 200);
    for path in
        ["/nowhere%0a%7B%22level%22%3A%22ERROR%22%7D%1b%5B31m", "/nowhere\"}{\"level\":\"ERROR\"", "/%00%0d%0aX"]
    {
        assert!(matches!(browser.send("GET", path, &[]).status, 400 | 404), "{path}");
    }
    browser.send("POST", "/account", &[("name", "a\n{\"level\":\"ERROR\",\"message\":\"forged\"}\u{1b}[2J")]);
    let session = browser.cookies.iter().find(|(name, _)| name == "vestibule-session").unwrap().1.clone();
    let secret = session[session.len() - 43..].to_owned();
    drop(server);

    let text = std::fs::read_to_string(&log).unwrap();
    let mut faults = Vec::new();
    for line in text.lines() {
        match serde_json::from_str::<Value>(line) {
            Ok(event) => {
                let at = event["timestamp"].as_str().unwrap_or_default();
                let is_utc = at.ends_with('Z') && chrono::DateTime::parse_from_rfc3339(at).is_ok();
                if !is_utc || !event["level"].is_string() || !event["message"].is_string() {
                    faults.push(format!("not as other lines: {line}"));
                }
                if event["message"] == "forged" || line.contains('\u{1b}') {
                    faults.push(format!("forged: {line}"));
                }
            }
            Err(cause) => faults.push(format!("not a line of JSON: {cause}: {line}")),
        }
    }
    for canary in
        [PASSWORD, WRONG, token.as_str(), secret.as_str(), email, "canary0unknown", "canary0query", "argon2id"]
    {
        faults.extend(text.lines().filter(|line| line.contains(canary)).map(|line| format!("{canary}: {line}")));
    }
    none(faults, "the log");
    assert!(text.lines().filter(|line| line.contains("\"path\"")).count() > 10, "requests are logged: {text}");
    drop(std::fs::remove_dir_all(folder));
}

/// The real binary with everything logged that it and its libraries can log, over a mail server with a login and an SMS
/// gateway.
/// Shows ASVS 16.2.5.
#[test]
fn no_secret_is_in_the_log_at_trace_level() {
    let (database, sink, gateway) = (Database::create(), taking(), SmsGateway::taking());
    let folder = std::env::temp_dir().join(format!("vestibule-trace-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let log = folder.join("log");
    let sms = gateway.settings();
    let server = Settings::new(&database, &folder)
        .logging_to(&log)
        .with("VESTIBULE_LOG_FORMAT", "json")
        .with("VESTIBULE_LOG_FILTER", "trace,lettre=trace,hyper=trace,reqwest=trace,mio=trace,actix_http=trace")
        .with("VESTIBULE_SMTP_URL", format!("smtp://mailer:canary0smtp@127.0.0.1:{}?tls=none", sink.port))
        .with("VESTIBULE_SMS_URL", &sms.url)
        .with("VESTIBULE_SMS_ACCOUNT", &sms.account)
        .with("VESTIBULE_SMS_TOKEN", &sms.token)
        .with("VESTIBULE_SMS_FROM", &sms.from)
        .start();
    let address = server.address;
    assert!(crate::crash::sign_up(address, "canary-org").unwrap().is_ok());
    let letter = sink.letters.recv_timeout(Duration::from_secs(30)).unwrap().replace("=\n", "");
    let token = letter.split("/invitation/").nth(1).unwrap()[..43].to_owned();
    let mut browser = Browser { address, cookies: Vec::new(), token: String::new() };
    browser.send("GET", &format!("/invitation/{token}"), &[]);
    let set = browser.send("POST", "/invitation", &[("new_password", PASSWORD), ("password_again", PASSWORD)]);
    assert_eq!(set.status, 303, "{}", set.text());
    browser.send("GET", "/login/canary-org", &[]);
    let email = "owner@canary-org.example";
    assert_eq!(browser.send("POST", "/login/canary-org", &[("email", email), ("password", PASSWORD)]).status, 303);
    browser.send("GET", "/account", &[]);
    browser.send("POST", "/account/mobile/code", &[]);
    let body = (0..100).find_map(|_| {
        std::thread::sleep(Duration::from_millis(100));
        gateway.handed().first().map(|handed| handed.fields["Body"].clone())
    });
    let body = body.expect("an SMS");
    let code: String = body.chars().filter(char::is_ascii_digit).take(6).collect();
    drop(server);
    let text = std::fs::read_to_string(&log).unwrap();
    let plain = data_encoding::BASE64.encode(b"\0mailer\0canary0smtp");
    let basic = data_encoding::BASE64.encode(format!("{}:{}", sms.account, sms.token).as_bytes());
    let mut faults = Vec::new();
    for canary in ["canary0smtp", &plain, &token, &sms.token, &basic, &body, &format!(" {code}"), email, PASSWORD] {
        faults.extend(text.lines().filter(|line| line.contains(canary)).map(|line| format!("{canary}: {line}")));
    }
    none(faults, "the log");
    assert!(text.contains("message sent"), "{text}");
    drop(std::fs::remove_dir_all(folder));
}

/// Which stage, code and server; the recipient's address is not told.
/// Shows ASVS 16.4.1.
#[test]
fn a_refused_email_is_logged_with_stage_and_code() {
    let (database, sink) = (Database::create(), taking());
    sink.bend_at("content", "550 5.7.26 owner@canary-org.example is not authenticated");
    let folder = std::env::temp_dir().join(format!("vestibule-refused-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let log = folder.join("log");
    let server = Settings::new(&database, &folder)
        .logging_to(&log)
        .with("VESTIBULE_LOG_FORMAT", "json")
        .with("VESTIBULE_LOG_FILTER", "info")
        .with("VESTIBULE_SMTP_URL", format!("smtp://127.0.0.1:{}?tls=none", sink.port))
        .start();
    for name in ["canary-org", "canary-two"] {
        assert!(crate::crash::sign_up(server.address, name).unwrap().is_ok());
    }
    let lines = || -> Vec<Value> {
        let text = std::fs::read_to_string(&log).unwrap();
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    };
    let told = |lines: &[Value], words: &str| {
        lines.iter().filter(|line| line["message"] == words).cloned().collect::<Vec<_>>()
    };
    let refused = (0..200).find_map(|_| {
        std::thread::sleep(Duration::from_millis(100));
        let lines = lines();
        (told(&lines, "message put off").len() >= 2).then_some(lines)
    });
    drop(server);
    let refused = refused.expect("two refusals in the log");
    for line in &told(&refused, "message put off")[..2] {
        let fields =
            [&line["stage"], &line["enhanced"], &line["channel"]].map(|field| field.as_str().unwrap_or_default());
        assert_eq!((fields, &line["code"]), (["content", "5.7.26", "mail"], &Value::from(550)), "{line}");
        assert_eq!(line["host"], format!("127.0.0.1:{}", sink.port));
        assert!(line["message_id"].is_string() && !line.to_string().contains("@"), "{line}");
    }
    let warnings = told(&refused, "the server refuses us: messages wait until it takes them");
    assert_eq!(warnings.len(), 1, "once: {warnings:?}");
    drop(std::fs::remove_dir_all(folder));
}

/// Shows ASVS 10.1.1, 14.2.1, 15.3.1; attack 39.
#[test]
fn asvs_13_3_1_no_secret_stands_in_a_table_or_on_a_page() {
    let app = TestApp::start();
    let people = stage::people(&app);
    let dump = Looker::at(&app.database).look();
    let ids = walk::ids_of(&dump, stage::ORGANIZATION);
    let mut secrets: Vec<String> = vec![PASSWORD.into(), stage::CHANGED.into(), "s3cret".into()];
    for actor in &people {
        let cookies = actor.person.cookies.borrow();
        // A name that was typed and a choice of language are no secrets, and what a page is about stands on that page.
        let kept = cookies.iter().filter(|(name, _)| {
            !["organization", "language", "theme", ":form /"].iter().any(|word| name.contains(word))
        });
        secrets
            .extend(kept.filter(|(_, value)| value.len() >= 43).map(|(_, value)| value[value.len() - 43..].to_owned()));
    }
    app.deliver();
    for mail in app.mailbox.all() {
        secrets.extend(
            mail.links
                .iter()
                .filter_map(|link| link.rsplit('/').next())
                .filter(|part| part.len() == 43)
                .map(str::to_owned),
        );
    }
    assert!(secrets.len() > 15, "{}", secrets.len());
    let mut found = Vec::new();
    for (table, rows) in &dump {
        for (column, value) in rows.iter().flatten() {
            let hits = secrets.iter().filter(|secret| value.contains(secret.as_str()));
            found.extend(hits.map(|secret| format!("{table}.{column} holds {secret}")));
        }
    }
    for actor in &people {
        for endpoint in
            walk::all().iter().filter(|endpoint| endpoint.method == "GET" && !endpoint.path.starts_with("/dev/"))
        {
            for path in walk::each_plausible(endpoint.path, &ids) {
                let answer = walk::glance(&actor.person, "GET", &path, &[], "");
                let text = String::from_utf8_lossy(&answer.body).into_owned();
                let hits = secrets.iter().map(String::as_str).chain([
                    "$argon2id",
                    "token_hash",
                    "password_hash",
                    "src/",
                    "SELECT ",
                ]);
                found.extend(
                    hits.filter(|secret| text.contains(secret))
                        .map(|secret| format!("{path} as {}: {secret}", actor.who)),
                );
                let place = answer.header("location").unwrap_or_default();
                if place.contains('@') || place.contains("password=") {
                    found.push(format!("{path} as {} leads to {place}", actor.who));
                }
            }
        }
    }
    none(found, "secrets");
}

/// Shows ASVS 16.3.2; attack 82.
#[test]
fn asvs_16_3_3_what_was_tried_against_the_defences_is_in_the_log() {
    let app = TestApp::start();
    let owner = app.owner();
    let cross = owner.request("POST", "/account", &[("Sec-Fetch-Site", "cross-site")], "name=x");
    let reader = app.colleague("acme", "reader@acme.example", vestibule::access::Roles::default());
    let forbidden = reader.request("GET", "/audit", &[], "");
    let stranger = app.visitor().from("198.51.100.7");
    for _ in 0..6 {
        stranger.log_in("acme", "owner@acme.example", "a wrong password");
    }
    for answer in [&cross, &forbidden] {
        let code = answer.header("x-reference").expect("a reference code");
        owner.open(&format!("/audit?reference={code}")).sees("1 event on this page").sees("Request refused");
    }
    owner.open("/audit?event=login&result=failed").sees("Login").sees("198.51.100.7");
    owner.open("/audit?event=login&result=refused").sees("Login");
    // Nobody removes any of it: there is no such address.
    let event =
        owner.page().all("a[id^='event-']").first().and_then(|link| link.value().attr("href")).unwrap().to_owned();
    for (method, path) in [
        ("DELETE", event.as_str()),
        ("POST", &event),
        ("POST", "/audit"),
        ("PUT", "/audit"),
        ("POST", "/audit/deletion"),
    ] {
        let status = owner.request(method, path, &[("Sec-Fetch-Site", "same-origin")], "").status;
        assert!(matches!(status, 404 | 405), "{method} {path}: {status}");
    }
    app.deliver();
}
