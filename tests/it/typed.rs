//! What people type and paste: one reader for each kind of value, the same in every field, list and command.

use diesel::prelude::*;
use vestibule::access::Access;
use vestibule::platform::config::SignUp;
use vestibule::platform::store::schema::{sign_ups, users};

use super::invariants::dump::Looker;
use super::invariants::sources::{field_names, none};
use super::invariants::walk;
use super::operator::Operator;
use super::support::TestApp;
use super::support::people::PASSWORD;

/// Spellings of `mina@acme.example`.
const EMAILS: &[&str] = &[
    "Mina@Acme.Example",
    " mina@acme.example\u{a0}",
    "\u{200b}mina@acme.example",
    "ｍｉｎａ＠acme.example",
    "mina@acme。example",
    "mailto:mina@acme.example",
    "Mina Park <mina@acme.example>",
    "\"Park, Mina\" <mina@acme.example>;",
    "<mina@acme.example>",
    "mina@acme.example.",
];

/// Spellings of `acme`.
const ORGANIZATIONS: &[&str] = &["Acme", " acme\t", "ａｃｍｅ", "\u{feff}acme\u{ad}", "\u{200e}ACME\u{a0}"];

/// Spellings of `+821023456789`.
const PHONES: &[&str] = &[
    "010-2345-6789",
    "０１０-２３４５-６７８９",
    "010\u{a0}2345\u{a0}6789",
    "010\u{2011}2345–6789",
    "\u{202a}+82 10-2345-6789\u{202c}",
    "tel:+82-10-2345-6789",
    "'+821023456789",
    "+82 (0)10 2345 6789",
];

/// How six digits are pasted.
fn codes(code: &str) -> [String; 6] {
    let (first, rest) = code.split_at(3);
    let wide =
        |text: &str| text.chars().map(|c| char::from_u32(u32::from(c) - 0x30 + 0xff10).unwrap()).collect::<String>();
    [
        format!("{first} {rest}"),
        format!(" {code}"),
        format!("{first}-{rest}"),
        format!("\u{200e}{code}"),
        wide(code),
        format!("{first}\u{a0}{rest}\u{feff}"),
    ]
}

/// What stands for one value of a kind, pasted into a field of that kind.
#[test]
fn one_table_of_spellings_passes_in_every_login_and_reset() {
    let app = TestApp::start();
    app.organization("acme", "mina@acme.example");
    for (number, email) in EMAILS.iter().enumerate() {
        let organization = ORGANIZATIONS[number % ORGANIZATIONS.len()];
        app.visitor().log_in(organization, email, PASSWORD).is_at("/console");
    }
    for organization in ORGANIZATIONS {
        app.visitor().log_in(organization, "mina@acme.example", PASSWORD).is_at("/console");
    }
    let before = app.mail_to("mina@acme.example").len();
    app.visitor().post("/password", &[("organization", "ＡＣＭＥ"), ("email", "Mina <mina@acme.example>")]).gets(200);
    app.deliver();
    assert_eq!(app.mail_to("mina@acme.example").len(), before + 1);
}

#[test]
fn a_password_is_never_folded() {
    let app = TestApp::start();
    app.organization("acme", "mina@acme.example");
    for password in [format!(" {PASSWORD}"), format!("{PASSWORD}\u{200b}"), PASSWORD.replace(' ', "\u{a0}") + "\u{ad}"]
    {
        app.visitor().log_in("acme", "mina@acme.example", &password).is_at("/login/acme");
    }
}

#[test]
fn one_table_of_spellings_passes_in_every_field_and_list() {
    let app = TestApp::start();
    let owner = app.owner();
    let stored = |email: &str| -> (String, Option<String>) {
        let row = users::table.filter(users::email.eq(email.to_owned())).select((users::name, users::mobile));
        row.first(&mut app.database.connect()).unwrap()
    };
    for (number, phone) in PHONES.iter().enumerate() {
        let email = format!("one-{number}@acme.example");
        owner
            .open("/iam/users/new")
            .fill("Email", &format!("Mina <{email}>"))
            .fill("Name", "\u{200b}علی\u{200c}رضا\u{ad}");
        owner.fill("Mobile", phone).press("Register").is_at("/iam/users");
        assert_eq!(stored(&email), ("علی\u{200c}رضا".to_owned(), Some("+821023456789".to_owned())), "{phone:?}");
        let email = format!("many-{number}@acme.example");
        owner
            .open("/iam/users/bulk")
            .fill("Users, one on each line", &format!("mailto:{email}\t👩\u{200d}💻 \u{feff}\t\t{phone}"));
        owner.press("Register all").gets(200);
        assert_eq!(stored(&email), ("👩\u{200d}💻".to_owned(), Some("+821023456789".to_owned())), "{phone:?}");
    }
    for (typed, told) in [("12", "“12” is not a phone number"), ("010-2345-6789 ext 3", "is not a phone number")] {
        owner.open("/iam/users/new").fill("Email", "x@acme.example").fill("Name", "X").fill("Mobile", typed);
        owner.press("Register").gets(422).sees(told);
    }
    owner.open("/iam/users/new").fill("Email", "a@b.example; c@d.example").fill("Name", "X\u{202e}").press("Register");
    owner.gets(422).sees("These are several email addresses").sees("without line breaks");
}

#[test]
fn one_table_of_spellings_passes_in_every_policy() {
    let app = TestApp::start();
    let owner = app.owner();
    for (typed, address) in [
        ("２０３.０.１１３.５", "203.0.113.5"),
        ("\u{a0}203.0.113.6\u{200b}", "203.0.113.6"),
        ("[2001:db8::7]", "2001:db8::7"),
        ("203.0.113.8/32", "203.0.113.8"),
    ] {
        let fields = [("access", "off"), ("address", typed), ("action", "register"), ("version", "0")];
        owner.post("/iam/organization/security/access", &fields).gets(200);
        assert!(owner.response().text().contains(address), "{typed:?}");
    }
    let fields = [("access", "off"), ("address", "203.0.113.0/24"), ("action", "register"), ("version", "0")];
    owner.post("/iam/organization/security/access", &fields).gets(422).sees("“203.0.113.0/24” is a mask or a range");
    for typed in ["４５", " 45 ", "45 days", "\u{200e}45일"] {
        let fields = [("expires", "custom"), ("days", typed), ("action", "show")];
        owner.post("/iam/organization/security/password", &fields).sees_no("is not a number of days");
    }
    owner.post("/iam/organization/security/password", &[("expires", "custom"), ("days", "many")]).gets(422);
    owner.sees("“many” is not a number of days from 30 to 180");
}

#[test]
fn one_table_of_spellings_passes_for_every_code() {
    let app = TestApp::start();
    app.organization("acme", "owner@acme.example");
    for number in 0..codes("000000").len() {
        let owner = app.visitor();
        owner.log_in("acme", "owner@acme.example", PASSWORD).is_at("/console");
        owner.open("/account/mobile").fill("Mobile", &format!("010-2345-670{number}")).press("Save number");
        owner.open("/account/mobile/verification").press("Send code");
        let code = app.sms_code(&format!("+82102345670{number}"));
        let typed = &codes(&code)[number];
        assert!(!owner.response().text().contains("maxlength=\"6\""));
        owner.open("/account/mobile/verification").fill("Code", typed).press("Verify number");
        owner.is_at("/account").sees("Your mobile number is verified");
        app.clock.advance(chrono::Duration::hours(25));
    }
}

/// The same table at the codes that stand between a password and the console.
#[test]
fn one_table_of_spellings_passes_at_the_second_factor() {
    let app = TestApp::start();
    app.organization("acme", "owner@acme.example");
    app.two_factor("acme", true);
    for number in 0..codes("000000").len() {
        let owner = app.visitor();
        owner.log_in("acme", "owner@acme.example", PASSWORD).is_at("/login/factor");
        owner.open("/login/factor").press("Next").is_at("/login/factor/code");
        let code = app.mailed_code("owner@acme.example");
        owner.fill("Code", &codes(&code)[number]).press("Log in").is_at("/console");
        app.clock.advance(chrono::Duration::hours(25));
    }
}

#[test]
fn every_command_folds_an_organization_s_name() {
    let operator = Operator::of_a_server();
    operator.app.organization("acme", "mina@acme.example");
    for (number, name) in ORGANIZATIONS.iter().enumerate() {
        operator.does(&["organization", "show", name]);
        operator.does(&["organization", "suspend", name]);
        operator.does(&["organization", "resume", name]);
        operator.does(&["user", "unlock", name, EMAILS[number]]);
        // What is refused is refused for another reason than the name.
        let email = EMAILS[number];
        for arguments in [
            vec!["two-factor", "off", name],
            vec!["access-control", "off", name],
            vec!["organization", "hold", name],
            vec!["organization", "delete", name, "--now"],
            vec!["user", "reset-second-factor", name, email],
            vec!["user", "reset-password", name, email],
            vec![
                "billing",
                "add",
                name,
                "--period",
                "2026.11",
                "--currency",
                "krw",
                "--due",
                "2098. 12. 20.",
                "--line",
                "A;1;5",
            ],
            vec!["resource", "register", name, "No-Such", "vm-1", "VM", "One"],
            vec!["resource", "remove", name, "vm-1"],
            vec!["organization", "recover", name],
        ] {
            let output = operator.run(&arguments);
            let told = String::from_utf8(output.stderr).unwrap();
            assert!(matches!(output.status.code(), Some(0 | 1)), "{arguments:?}: {told}");
            assert!(!told.contains("no organization") && !told.contains("no user"), "{arguments:?}: {told}");
        }
        operator.does(&["audit", "verify", "--organization", name]);
    }
}

#[test]
fn an_oversized_hidden_field_writes_no_row() {
    let app = TestApp::start_with(|config| config.sign_up = SignUp::Open);
    let rows = || sign_ups::table.count().get_result::<i64>(&mut app.database.connect()).unwrap();
    let visitor = app.visitor();
    visitor.post("/signup", &[("all", "on"), ("code", &"x".repeat(60_000))]).gets(422);
    assert_eq!(rows(), 0);
    let long = "x".repeat(50_000);
    visitor.post("/signup", &[("all", "on"), ("terms", &long), ("code", "unasked")]).is_at("/signup/member");
    visitor.post("/signup/member", &[("go", "back"), ("company", &long)]);
    assert_eq!(rows(), 1);
    let kept: String = sign_ups::table.select(sign_ups::answers).first(&mut app.database.connect()).unwrap();
    assert!(kept.len() < 3_000 && !kept.contains("unasked"), "{} bytes", kept.len());
    for _ in 0..40 {
        app.visitor().post("/signup", &[("all", "on")]);
    }
    assert_eq!(rows(), 30, "a network begins so many a minute");
}

/// Every form that a visitor may send, every field that there is in any form, one of them as long as a body may be.
#[test]
fn an_oversized_field_of_a_public_form_is_kept_nowhere() {
    const LONG: usize = 50_000;
    let app = TestApp::start_with(|config| config.sign_up = SignUp::Open);
    app.organization("acme", "owner@acme.example");
    let begun = app.visitor();
    begun.reach_last_step();
    let named = app.visitor();
    named.post("/login", &[("organization", "acme")]).is_at("/login/acme");
    let mut faults = Vec::new();
    let public = walk::all().into_iter().filter(|endpoint| endpoint.access == Access::Visitor);
    for endpoint in public.filter(|endpoint| endpoint.method.as_str() == "POST") {
        let path = walk::fill(endpoint.path, |_| "acme".to_owned());
        for name in field_names() {
            let long = "x".repeat(LONG);
            let body = walk::rich_form_with(&name, &long);
            for person in [&begun, &named] {
                let answer = walk::glance(person, "POST", &path, &[], &body);
                if answer.status >= 500 {
                    faults.push(format!("{path} with a long {name}: {}", answer.status));
                }
            }
        }
    }
    for (table, rows) in Looker::at(&app.database).look() {
        for (column, cell) in rows.iter().flatten().filter(|(_, cell): &(&String, &String)| cell.len() > 4_000) {
            faults.push(format!("{table}.{column}: {} characters", cell.len()));
        }
    }
    none(faults, "what a visitor may send and we keep");
}

/// Shows attack 94.
#[test]
fn any_password_is_judged_within_its_budget_and_off_the_request_thread() {
    let app = TestApp::start();
    let owner = app.owner();
    let hasher = &app.app.hasher;
    let costs = |path: &str, fields: &[(&str, &str)]| {
        let before = hasher.estimates();
        owner.post(path, fields);
        hasher.estimates() - before
    };
    let costly = "4@8({[<369!1|0$5+7%2".repeat(5);
    assert_eq!(costs("/password/strength", &[("new_password", &costly)]), 1);
    assert_eq!(costs("/password/strength", &[("new_password", &"x".repeat(60_000))]), 1);
    assert_eq!(costs("/account/password", &[("new_password", &costly), ("password_again", &costly)]), 1);
    for (path, subject) in [("/invitation", "Invitation"), ("/password/new", "new password")] {
        let person = app.visitor();
        match path {
            "/invitation" => person.sign_up("beta", "owner@beta.example"),
            _ => person.post("/password", &[("organization", "acme"), ("email", "owner@acme.example")]),
        };
        let to = if path == "/invitation" { "owner@beta.example" } else { "owner@acme.example" };
        person.open(&app.link_to(to, subject)).is_at(path);
        let before = hasher.estimates();
        person.post(path, &[("new_password", &costly), ("password_again", &costly)]);
        assert_eq!(hasher.estimates() - before, 1, "{path}");
    }
    let visitor = app.visitor();
    let hints: Vec<u16> =
        (0..130).map(|_| visitor.post("/password/strength", &[("new_password", "a")]).response().status).collect();
    assert_eq!(
        hints.iter().filter(|status| **status == 200).count(),
        118,
        "so many a minute and network, with the two above"
    );
    assert!(hints.iter().all(|status| matches!(status, 200 | 429)));
}
