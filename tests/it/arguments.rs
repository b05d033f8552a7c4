//! What is typed after a command is read like what is typed into a page, and sentences repeat what was read.

use vestibule::base::clock::{Clock, SystemClock};
use vestibule::platform::store::schema::bills;

use super::operator::Operator;

/// As an input method for wide characters leaves it: full width, capitals, blanks around it.
pub fn wide(text: &str) -> String {
    let letter = |c: char| match c {
        '!'..='~' => char::from_u32(u32::from(c.to_ascii_uppercase()) + 0xfee0).unwrap(),
        c => c,
    };
    format!(" {} ", text.chars().map(letter).collect::<String>())
}

#[test]
fn every_argument_that_names_something_is_read_in_full_width_and_any_case() {
    let operator = Operator::of_a_server();
    operator.app.owner();
    let (acme, email) = (wide("acme"), wide("owner@acme.example"));
    assert!(operator.does(&["organization", "show", &acme]).contains("owner@acme.example"));
    assert_eq!(
        operator.does(&["organization", "suspend", &acme]),
        "acme is suspended: from now on none of its people gets in.\n"
    );
    assert_eq!(operator.does(&["organization", "resume", &acme]), "acme is in use again.\n");
    assert_eq!(operator.does(&["user", "unlock", &acme, &email]), "owner@acme.example was not locked.\n");
    assert_eq!(operator.does(&["user", "reset-password", &acme, &email]), "A link was mailed to owner@acme.example.\n");
    assert!(operator.does(&["user", "reset-second-factor", &acme, &email]).starts_with("owner@acme.example has"));
    operator.does(&["audit", "verify", "--organization", &acme]);
    let recovered = operator.does(&["organization", "recover", &acme, "--owner", &email]);
    assert!(recovered.contains("owner@acme.example is the owner of acme.\n"), "{recovered}");
    let (period, due) = (wide("2026-11"), wide("2026-12-31"));
    let added = operator.does(&[
        "billing",
        "add",
        &acme,
        "--period",
        &period,
        "--currency",
        &wide("krw"),
        "--due",
        &due,
        "--line",
        "가상 서버；３；１２００００",
    ]);
    assert!(added.contains("charges acme") && added.contains("due on 2026-12-31.\n"), "{added}");
    let number: String = {
        use diesel::prelude::*;
        bills::table.select(bills::number).first(&mut operator.app.database.connect()).unwrap()
    };
    let settled = operator.does(&["billing", "settle", &wide(&number.to_lowercase()), "--on", &wide("2026-11-30")]);
    assert!(settled.contains(&number), "{settled}");
}

#[test]
fn a_seal_that_is_expected_and_a_time_are_read_however_they_were_typed() {
    let operator = Operator::of_a_server();
    operator.app.owner();
    operator.app.seal();
    let told = operator.does(&["audit", "verify"]);
    let seal = told.lines().find_map(|line| line.strip_prefix("  ").filter(|line| line.matches(':').count() == 2));
    let seal = seal.unwrap_or_else(|| panic!("{told}"));
    operator.does(&["audit", "verify", "--expect", &wide(seal)]);
    operator.does(&["audit", "verify", "--expect", &seal.to_uppercase()]);
    let now = SystemClock.now().utc().format("%Y-%m-%dt%H:%M:%Sz").to_string();
    assert!(operator.does(&["audit", "rewind", "--to", &wide(&now)]).contains("counts as sealed"));
    let refused = operator.is_refused(&["audit", "verify", "--expect", "acme:x:y"]);
    assert!(refused.contains("is not LOG:NUMBER:HASH"), "{refused}");
}

#[test]
fn a_due_day_that_ends_with_a_dot_is_told_with_one_dot() {
    let operator = Operator::of_a_server();
    operator.app.owner();
    let add = ["billing", "add", "acme", "--period", "2026. 11.", "--currency", "KRW", "--due", "2026. 12. 31."];
    let added = operator.does(&[&add[..], &["--line", "Servers;1;1000"]].concat());
    assert!(added.trim_end().ends_with("due on 2026-12-31."), "{added}");
}

#[test]
fn a_message_that_is_not_there_is_not_said_to_be_past_its_time() {
    let operator = Operator::of_a_server();
    operator.app.visitor().sign_up("acme", "owner@acme.example");
    let refused = operator.is_refused(&["mail", "retry", "foo"]);
    assert!(refused.contains("there is no mail or SMS with the id foo") && refused.contains("mail list"), "{refused}");
    let waiting = operator.does(&["mail", "list", "--json"]);
    let row: serde_json::Value = serde_json::from_str(waiting.lines().next().unwrap()).unwrap();
    let id = row["id"].as_str().unwrap();
    let refused = operator.is_refused(&["mail", "retry", &wide(id)]);
    assert!(refused.contains(&format!("{id} waits and is sent by itself")), "{refused}");
    operator.app.deliver();
    let refused = operator.is_refused(&["mail", "retry", id]);
    assert!(refused.contains(&format!("{id} was sent")), "{refused}");
}

#[test]
fn an_argument_that_is_empty_is_called_so() {
    let operator = Operator::of_a_server();
    operator.app.owner();
    for empty in ["", "  ", "\"\"", "\u{200b}"] {
        for arguments in [
            ["organization", "show", empty].as_slice(),
            &["organization", "suspend", empty],
            &["user", "unlock", empty, "owner@acme.example"],
            &["user", "unlock", "acme", empty],
            &["audit", "verify", "--organization", empty],
            &["mail", "retry", empty],
            &["mail", "test", empty],
        ] {
            let output = operator.run(arguments);
            let told = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(2), "{arguments:?}: {told}");
            assert!(told.contains("it is empty"), "{arguments:?}: {told}");
        }
    }
}

#[test]
fn an_organization_is_named_by_every_spelling_of_its_name_and_by_its_login_url() {
    let operator = Operator::of_a_server();
    operator.app.owner();
    for name in [
        "acme/",
        "\"acme\"",
        "‘acme’,",
        "acme.",
        "http://localhost:8080/login/acme",
        "http://localhost/login/ACME/",
        "http://localhost/login/acme.",
        "localhost:8080/login/acme",
        "/login/acme",
    ] {
        let told = operator.does(&["organization", "suspend", name]);
        assert_eq!(told, "acme is suspended: from now on none of its people gets in.\n", "{name}");
        operator.does(&["organization", "resume", name]);
    }
    // An organization of that name elsewhere is another one.
    let output = operator.run(&["organization", "suspend", "https://other.example/login/acme"]);
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(2) && told.contains("VESTIBULE_PUBLIC_URL"), "{told}");
}

#[test]
fn grouped_amounts_are_read_and_unclear_ones_are_refused() {
    let operator = Operator::of_a_server();
    operator.app.owner();
    let add = |currency: &str, line: &str| {
        let add = ["billing", "add", "acme", "--period", "2026-11", "--currency", currency, "--due", "2098-12-31"];
        operator.run(&[&add[..], &["--line", line]].concat())
    };
    for (currency, line, total) in [
        ("KRW", "Servers;2;1,200", "KRW 2,400"),
        ("KRW", "Servers;1，000；１，２００", "KRW 1,200,000"),
        ("USD", "Servers;1;1,250.50", "USD 1,250.50"),
    ] {
        let output = add(currency, line);
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success() && told.contains(total), "{line}: {told}");
    }
    for (currency, line) in [("KRW", "Servers;1;1,20"), ("USD", "Servers;1;1,250"), ("USD", "Servers;1;1.250,00")] {
        let output = add(currency, line);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && told.contains("is not an amount"), "{line}: {told}");
    }
}
