//! Every page and piece there is to see, in both languages, as everybody sees it: all pages are opened by everybody on
//! the stage, and what the pages let one ask for is asked for.

use std::collections::{BTreeMap, BTreeSet};

use scraper::{ElementRef, Html, Selector};
use vestibule::access::Roles;
use vestibule::base::i18n::{Language, Text};
use vestibule::platform::config::SignUp;

use super::html::{self, all};
use super::walk::{self, asking_for, each_plausible, glance};
use super::{dump::Looker, stage};
use crate::support::TestApp;
use crate::support::client::Response;
use crate::support::page::words;
use crate::support::people::{PASSWORD, encode};

/// What came to light: distinct pages and pieces with how they were reached, by language.
#[derive(Default)]
pub struct Gallery {
    pub pages: BTreeMap<(Language, String), String>,
    pub pieces: BTreeMap<(Language, String), String>,
    pub faults: Vec<String>,
}

impl Gallery {
    pub(super) fn hang(&mut self, how: String, language: Language, answer: &Response) {
        let html = answer.header("content-type").is_some_and(|kind| kind.starts_with("text/html"));
        let text = answer.text();
        if answer.status >= 500 && answer.status != 503 {
            self.faults.push(format!("{how}: {}", answer.status));
        }
        if !html || text.is_empty() {
            return;
        }
        let whole = text.trim_start().starts_with("<!doctype html>");
        let kept = if whole { &mut self.pages } else { &mut self.pieces };
        if kept.contains_key(&(language, text.clone())) {
            return;
        }
        let mut faults = html::faults(&text, whole);
        let drawn = if whole { Html::parse_document(&text) } else { Html::parse_fragment(&text) };
        if whole && all(&drawn, &format!("html[lang={}]", language.word())).is_empty() {
            faults.push(format!("the page is not in {}", language.word()));
        }
        if answer.status == 422 {
            faults.extend(refused(&drawn, whole, language));
        }
        self.faults.extend(faults.into_iter().map(|fault| format!("{how} ({}): {fault}", answer.status)));
        kept.insert((language, text), how);
    }
}

/// A form that comes back says so in the title, and begins with a summary that gets the focus.
fn refused(drawn: &Html, whole: bool, language: Language) -> Vec<String> {
    let mut faults = Vec::new();
    let prefix = Text::new("error-prefix").say(language);
    if whole && !all(drawn, "title").iter().any(|title| words(*title).starts_with(&prefix)) {
        faults.push("the title does not say that something is wrong".to_owned());
    }
    if all(drawn, ".summary[autofocus][tabindex='-1'] [role=alert] h2").len() != 1 {
        faults.push("no summary of what is wrong".to_owned());
    }
    for link in all(drawn, ".summary a[href^='#']") {
        let id = &link.value().attr("href").unwrap_or_default()[1..];
        let field = all(drawn, &format!("[id='{id}']"));
        let marked = field
            .first()
            .is_some_and(|field| field.value().name() != "input" || field.value().attr("aria-invalid") == Some("true"));
        if !marked {
            faults.push(format!("the summary leads to #{id}, which is not a field marked as wrong"));
        }
        if all(drawn, &format!("[id='{id}-e']")).first().map(|told| words(*told).ends_with(&words(link))) != Some(true)
        {
            faults.push(format!("the summary and the field {id} say something different"));
        }
    }
    faults
}

/// Opens every page, then asks for what each page can ask for by htmx: its forms emptied, its fields with a letter.
fn visit(app: &TestApp, gallery: &mut Gallery) {
    let people = stage::people(app);
    let ids = walk::ids_of(&Looker::at(&app.database).look(), stage::ORGANIZATION);
    for language in Language::ALL {
        for actor in &people {
            // The languages of those who are logged in are kept with them.
            let switch = encode(&[("language", language.word())]);
            actor.person.request("POST", vestibule::base::urls::PREFERENCES, &[], &switch);
            // A look keeps no cookies: what goes with the forms of the pages must be there before.
            actor.person.request("GET", &vestibule::base::urls::login_to(stage::ORGANIZATION), &[], "");
            let mut askings = BTreeSet::new();
            for endpoint in walk::all().iter().filter(|endpoint| endpoint.method == "GET") {
                for path in each_plausible(endpoint.path, &ids) {
                    let answer = glance(&actor.person, "GET", &path, &[], "");
                    gallery.hang(format!("{path} as {} in {}", actor.who, language.word()), *language, &answer);
                    askings.extend(asked_by(&answer));
                }
            }
            for asking in askings {
                for headers in [&[][..], &asking_for(&format!("x#{}", asking.target))] {
                    let (path, body) = match asking.method {
                        "GET" => (format!("{}?{}", asking.path, asking.fields), String::new()),
                        _ => (asking.path.clone(), asking.fields.clone()),
                    };
                    let answer = glance(&actor.person, asking.method, &path, headers, &body);
                    let how = format!(
                        "{} {path} for #{} as {} in {}",
                        asking.method,
                        asking.target,
                        actor.who,
                        language.word()
                    );
                    let piece = Html::parse_fragment(&answer.text());
                    let root = piece
                        .root_element()
                        .child_elements()
                        .next()
                        .and_then(|root| root.value().attr("id").map(str::to_owned));
                    let leads_on = answer.header("hx-redirect").is_some() || answer.status == 204;
                    if !headers.is_empty() && !leads_on && root.as_deref() != Some(asking.target.as_str()) {
                        let told = format!("{how} ({}): instead of the piece {root:?}", answer.status);
                        gallery.faults.push(told);
                    }
                    gallery.hang(how, *language, &answer);
                }
            }
        }
    }
}

/// What a page can ask for by htmx.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Asking {
    method: &'static str,
    path: String,
    target: String,
    fields: String,
}

fn asked_by(answer: &Response) -> Vec<Asking> {
    if answer.status != 200 || !answer.header("content-type").is_some_and(|kind| kind.starts_with("text/html")) {
        return Vec::new();
    }
    let page = Html::parse_document(&answer.text());
    let mut found = Vec::new();
    for (method, attribute) in [("GET", "hx-get"), ("POST", "hx-post")] {
        for element in all(&page, &format!("[{attribute}]")) {
            let value = element.value();
            let target = match value.attr("hx-target").unwrap_or("this") {
                "this" => value.attr("id").unwrap_or_default(),
                target => target.trim_start_matches('#'),
            };
            let fields = match value.attr("name") {
                Some(name) => vec![(name, "x")],
                None => left_in(element),
            };
            let path = value.attr(attribute).unwrap_or_default().to_owned();
            found.push(Asking { method, path, target: target.to_owned(), fields: encode(&fields) });
        }
    }
    found
}

/// What a form still sends when everything typed was deleted: hidden fields and what is chosen in lists.
fn left_in(form: ElementRef<'_>) -> Vec<(&str, &str)> {
    let mut left = Vec::new();
    for field in form.select(&Selector::parse("input[type=hidden][name]").unwrap()) {
        left.extend(field.value().attr("name").zip(field.value().attr("value")));
    }
    for list in form.select(&Selector::parse("select[name]").unwrap()) {
        let chosen = list.select(&Selector::parse("option[selected]").unwrap()).next();
        let value = chosen.and_then(|option| option.value().attr("value").or_else(|| option.text().next()));
        left.extend(list.value().attr("name").zip(value));
    }
    left
}

/// What people see of bills before there are any, and of one that cannot be paid before an account is set up.
fn without_bills_or_account(gallery: &mut Gallery) {
    let app = TestApp::start_with(|config| config.account = None);
    let owner = app.owner();
    let mut see = |path: &str| {
        for language in Language::ALL {
            owner.request("POST", vestibule::base::urls::PREFERENCES, &[], &encode(&[("language", language.word())]));
            let answer = owner.request("GET", path, &[], "");
            gallery.hang(format!("{path} without an account in {}", language.word()), *language, &answer);
        }
    };
    see("/billing");
    see("/billing?status=paid");
    let bill = app.bill("acme", "2611OPENED", "2026-12-20");
    see(&format!("/billing/{bill}/payment"));
}

/// What the owner sees of an organization that is ready to go, on its way out, held, and owing.
fn on_the_way_out(gallery: &mut Gallery) {
    let app = TestApp::start();
    let owner = app.owner();
    let mut see = |when: &str| {
        for language in Language::ALL {
            owner.request("POST", vestibule::base::urls::PREFERENCES, &[], &encode(&[("language", language.word())]));
            for path in
                ["/iam/organization/deletion", "/iam/organization/deletion/checklist", "/iam/organization/account"]
            {
                let answer = owner.request("GET", path, &[], "");
                gallery.hang(format!("{path}, {when}, in {}", language.word()), *language, &answer);
            }
            let fields = encode(&[("organization", "other"), ("precautions", "final")]);
            for headers in [&[][..], &asking_for("form#form")] {
                let answer = owner.request("POST", "/iam/organization/deletion", headers, &fields);
                gallery.hang(format!("a refused request, {when}, in {}", language.word()), *language, &answer);
            }
        }
        owner.request("POST", vestibule::base::urls::PREFERENCES, &[], &encode(&[("language", "en")]));
    };
    see("ready");
    owner.requests_deletion("acme");
    see("requested");
    app.bill("acme", "2611OPENED", "2026-12-20");
    app.database.execute("UPDATE organizations SET deletion_held_at = deletion_requested_at");
    see("held and owing");
}

/// What people see who save on an older version, or send a form of another login or of none.
fn overtaken(gallery: &mut Gallery) {
    let app = TestApp::start();
    app.organization("beta", "boss@beta.example");
    let stranger = app.visitor();
    let owner = app.owner();
    owner.creates_project("web-shop", "Web shop");
    for language in Language::ALL {
        owner.request("POST", vestibule::base::urls::PREFERENCES, &[], &encode(&[("language", language.word())]));
        let profile = [("name", "Mina Lee"), ("language", language.word()), ("time_zone", "Asia/Seoul")];
        let project = [("display_name", "Market"), ("description", "")];
        for (path, fields) in [("/account", &profile[..]), ("/iam/projects/web-shop/edit", &project[..])] {
            let fields = encode(&[fields, &[("version", "0")]].concat());
            for headers in [&[][..], &asking_for("form#form")] {
                let answer = owner.request("POST", path, headers, &fields);
                gallery.hang(format!("{path} of an older version in {}", language.word()), *language, &answer);
            }
        }
        let unknown = owner.request_as_it_is("POST", "/account", &[], "name=Mina");
        gallery.hang(format!("a form of no page in {}", language.word()), *language, &unknown);
        *stranger.cookies.borrow_mut() = owner.cookies.borrow().clone();
        let token = owner.token().expect("a console page was seen");
        for name in ["vestibule-session", "vestibule-language"] {
            stranger.cookies.borrow_mut().remove(name);
        }
        stranger.log_in("beta", "boss@beta.example", PASSWORD).is_at("/console");
        stranger.request("POST", vestibule::base::urls::PREFERENCES, &[], &encode(&[("language", language.word())]));
        let other = stranger.request("POST", "/account", &[], &format!("name=Mina&form_token={token}"));
        gallery.hang(format!("a form of another login in {}", language.word()), *language, &other);
    }
}

/// What people see whose password has expired, and who come from an address that does not get in.
fn blocked_sessions(gallery: &mut Gallery) {
    let app = TestApp::start();
    let owner = app.owner();
    let late = app.colleague("acme", "late@acme.example", Roles::default());
    app.database.execute("UPDATE organizations SET password_days = 30");
    app.database.execute("UPDATE users SET password_changed_at = '2020-01-01 00:00:00' WHERE email LIKE 'late@%'");
    app.clock.advance(chrono::Duration::minutes(11));
    owner.open("/console").gets(200);
    for language in Language::ALL {
        let switch = encode(&[("language", language.word())]);
        late.request("POST", vestibule::base::urls::PREFERENCES, &[], &switch);
        owner.request("POST", vestibule::base::urls::PREFERENCES, &[], &switch);
        for next in ["/console", "/iam/users/new?held=1"] {
            let path = vestibule::base::urls::expired(next);
            gallery.hang(format!("{path} in {}", language.word()), *language, &late.request("GET", &path, &[], ""));
        }
        for headers in [&[][..], &asking_for("form#form")] {
            let answer = late.request("POST", vestibule::base::urls::EXPIRED, headers, "new_password=short");
            gallery.hang(format!("a refused new password in {}", language.word()), *language, &answer);
        }
        let list = r#"{"is_on":true,"entries":[]}"#;
        app.database.execute(&format!("UPDATE organizations SET console_access = '{list}'"));
        let outside = owner.request("GET", "/console", &[], "");
        gallery.hang(format!("the console from outside in {}", language.word()), *language, &outside);
        app.database.execute("UPDATE organizations SET console_access = NULL");
    }
}

/// Everything there is to see: with sign-up open, closed and by code, and what failures look like.
pub fn gallery() -> Gallery {
    let mut gallery = Gallery::default();
    let app = TestApp::start();
    visit(&app, &mut gallery);
    for sign_up in [SignUp::Closed, SignUp::Codes(vec!["sesame".to_owned()])] {
        let app = TestApp::start_with(|config| config.sign_up = sign_up);
        for language in Language::ALL {
            for path in ["/", "/signup", "/login", "/dev/mailbox"] {
                let answer = app.visitor().speaking(language.word()).request("GET", path, &[], "");
                gallery.hang(format!("{path} with another sign-up in {}", language.word()), *language, &answer);
            }
        }
    }
    without_bills_or_account(&mut gallery);
    on_the_way_out(&mut gallery);
    blocked_sessions(&mut gallery);
    overtaken(&mut gallery);
    super::providers::pages(&mut gallery);
    for language in Language::ALL {
        // What is shown once.
        let mate = app.colleague(stage::ORGANIZATION, &format!("{}@acme.example", language.word()), Roles::default());
        mate.set_up_authenticator();
        mate.request("POST", vestibule::base::urls::PREFERENCES, &[], &encode(&[("language", language.word())]));
        let codes = mate.request("POST", vestibule::base::urls::ACCOUNT_RECOVERY_CODES, &[], "");
        gallery.hang(format!("recovery codes in {}", language.word()), *language, &codes);
    }
    for language in Language::ALL {
        let person = app.visitor().speaking(language.word());
        let big = "x".repeat(70_000);
        let mut fail = |method: &str, path: &str, headers: &[(&str, &str)], body: &str| {
            let answer = person.request(method, path, headers, body);
            gallery.hang(format!("{method} {path} {headers:?} in {}", language.word()), *language, &answer);
        };
        fail("GET", "/nothing/there", &[], "");
        fail("PUT", "/login", &[("Sec-Fetch-Site", "same-origin")], "");
        fail("POST", "/login", &[("Sec-Fetch-Site", "cross-site")], "");
        fail("POST", "/login", &[("Content-Type", "text/plain")], "x");
        fail("POST", "/login", &[], &big);
        fail("POST", "/login", &[], "next=%zz");
        fail("GET", "/login", &[("X-Forwarded-For", "nonsense")], "");
        fail("GET", "/login", &[("Host", "evil.example")], "");
    }
    gallery
}
