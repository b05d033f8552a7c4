//! Logins through a provider, at once with each other and with what takes the provider away: a login counts once, and what
//! is put in force is so as a whole or not at all. `RACE_ROUNDS` says how often.

use std::collections::BTreeMap;
use std::time::Duration;

use diesel::prelude::*;
use vestibule::base::moment::Moment;
use vestibule::platform::store::schema::{
    identity_providers, idp_bindings, organizations, owner_recovery_codes, repair_sessions, sessions,
};

use super::idp::{Company, OWNER, SETTINGS, TRIAL};
use super::races::at_once;
use super::support::Person;
use super::support::client::{Response, form_token};
use super::support::people::{PASSWORD, encode};

const MATE: &str = "mate@acme.example";
/// Minutes from one integration test of an organization to the next, so that no round is one test too many for its hour.
const TEST_MINUTES: i64 = 3;

type Cookies = BTreeMap<String, String>;

fn generous() -> Company {
    Company::open_with(|config| {
        config.sessions.fresh_minutes = 100_000;
        config.sessions.absolute_hours = 100_000;
        config.sessions.idle_minutes = 6_000_000;
        config.limits.wrong_passwords = 1_000_000;
        config.limits.network_wrong_passwords = 1_000_000;
    })
}

/// A request with somebody's cookies, which several threads may send.
fn sends(company: &Company, cookies: &Cookies, method: &str, path: &str, fields: &[(&str, &str)]) -> Response {
    let double = company.visitor();
    *double.cookies.borrow_mut() = cookies.clone();
    double.request(method, path, &[], &encode(fields))
}

fn cookies(person: &Person<'_>) -> Cookies {
    person.cookies.borrow().clone()
}

/// Somebody who is about to come back from the provider: the cookies, and where to.
fn returning(company: &Company, person: &Person<'_>) -> (Cookies, String) {
    person.is_at("/auth/oidc");
    let back = company.back(&person.page().link("Continue").unwrap());
    (cookies(person), back)
}

fn sets_out(company: &Company) -> (Cookies, String) {
    let person = company.visitor();
    person.open("/login").fill("Organization name", "acme").press("Next");
    returning(company, &person)
}

/// How many bindings, settings, and sessions through the provider there are.
fn counts(company: &Company) -> [i64; 3] {
    let mut connection = company.database.connect();
    [
        idp_bindings::table.count().get_result(&mut connection).unwrap(),
        identity_providers::table.count().get_result(&mut connection).unwrap(),
        sessions::table.filter(sessions::method.eq("idp")).count().get_result(&mut connection).unwrap(),
    ]
}

fn trial_until(company: &Company) -> Option<Moment> {
    organizations::table.select(organizations::trial_until).first(&mut company.database.connect()).unwrap()
}

/// Shows ASVS 10.1.2; attack 48.
#[test]
fn race_two_callbacks_of_one_state_make_one_session() {
    let company = generous();
    company.goes_over();
    for _ in 0..super::rounds(100) {
        let (jar, back) = sets_out(&company);
        let before = company.sessions();
        let mut statuses: Vec<u16> = at_once(2, |_| sends(&company, &jar, "GET", &back, &[]).status);
        statuses.sort_unstable();
        assert_eq!((statuses.as_slice(), company.sessions()), (&[303, 400][..], before + 1));
    }
    company.deliver();
}

/// Shows ASVS 15.4.2.
#[test]
fn race_two_first_logins_of_a_person_make_one_binding() {
    let company = generous();
    company.colleague(MATE);
    company.goes_over();
    company.provider.seat("acme", "mate-1", MATE);
    let mut winners = [0, 0];
    for round in 0..super::rounds(100) {
        // Every other time two people of the provider claim the address.
        let rivals = round % 2 == 1;
        let first = sets_out(&company);
        let second = sets_out(&company);
        company.provider.change("acme", |tenant| {
            let turn = std::sync::atomic::AtomicUsize::new(0);
            tenant.userinfo = None;
            tenant.claims = std::sync::Arc::new(move |claims| {
                let number = turn.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                let subject = if rivals { format!("mate-{round}-{number}") } else { format!("mate-{round}") };
                claims.insert("sub".into(), subject.into());
            });
        });
        let both = [first, second];
        let statuses = at_once(2, |number| sends(&company, &both[number].0, "GET", &both[number].1, &[]).status);
        let mut sorted = statuses.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, if rivals { [303, 403] } else { [303, 303] });
        winners[usize::from(statuses[0] != 303)] += 1;
        assert_eq!(counts(&company)[0], 2, "the owner's and one more");
        let mates = idp_bindings::table.filter(idp_bindings::address.eq(MATE));
        assert_eq!(diesel::delete(mates).execute(&mut company.database.connect()), Ok(1));
    }
    eprintln!("the first came in {} times, the second alone {} times", winners[0], winners[1]);
    company.deliver();
}

/// From a session of a password to a trial, and the owner on the way back from the confirming login.
fn confirming(company: &Company, owner: &Person<'_>, code: &str) -> (Cookies, String) {
    company.tests(owner, "acme");
    let fields = [("organization", "acme"), ("recovery_code", code)];
    owner.post(TRIAL, &fields).is_at(TRIAL).press("Log in through the IdP");
    returning(company, owner)
}

#[test]
fn race_the_confirming_login_against_the_end_of_the_trial() {
    let company = generous();
    let mut owner = company.by_password("acme", OWNER);
    let code = company.codes(&owner)[0].clone();
    let mut outcomes = [0, 0];
    for round in 0..super::rounds(100) {
        let (jar, back) = confirming(&company, &owner, &code);
        let own = cookies(&owner);
        let cancellation = format!("{TRIAL}/cancellation");
        let statuses = at_once(2, |number| match number {
            0 => sends(&company, &jar, "GET", &back, &[]).status,
            _ => {
                std::thread::sleep(Duration::from_millis(u64::try_from(round % 12).unwrap()));
                sends(&company, &own, "POST", &cancellation, &[]).status
            }
        });
        let in_force = company.method() == "idp_account";
        // The session that would end the trial may be over by then.
        assert_eq!(statuses[0] == 303, in_force, "{statuses:?}");
        assert_eq!((counts(&company), trial_until(&company)), ([i64::from(in_force), 1, i64::from(in_force)], None));
        let state: String =
            identity_providers::table.select(identity_providers::state).first(&mut company.database.connect()).unwrap();
        assert_eq!(state, if in_force { "in_force" } else { "draft" });
        outcomes[usize::from(in_force)] += 1;
        if in_force {
            company.operator.does(&["organization", "recover", "acme"]);
            owner = company.by_password("acme", OWNER);
        }
        company.advances(TEST_MINUTES);
    }
    eprintln!("ended {} times, confirmed {} times", outcomes[0], outcomes[1]);
    company.deliver();
}

#[test]
fn race_the_confirming_login_against_the_operator_s_recovery() {
    let company = generous();
    let mut owner = company.by_password("acme", OWNER);
    let code = company.codes(&owner)[0].clone();
    let mut outcomes = [0, 0];
    for round in 0..super::rounds(100) {
        let (jar, back) = confirming(&company, &owner, &code);
        let statuses = at_once(2, |number| {
            if number == 1 {
                std::thread::sleep(Duration::from_millis(u64::try_from(round % 24).unwrap()));
                company.operator.does(&["organization", "recover", "acme"]);
                return 0;
            }
            sends(&company, &jar, "GET", &back, &[]).status
        });
        assert!(matches!(statuses[0], 303 | 400 | 403), "{statuses:?}");
        // Whoever was first, cloud accounts are back, and nothing of the provider is left.
        assert_eq!(
            (company.method().as_str(), counts(&company), trial_until(&company)),
            ("cloud_account", [0; 3], None)
        );
        outcomes[usize::from(statuses[0] == 303)] += 1;
        company.advances(TEST_MINUTES);
        owner = company.by_password("acme", OWNER);
    }
    eprintln!("recovered first {} times, confirmed first {} times", outcomes[0], outcomes[1]);
    company.deliver();
}

/// Shows ASVS 6.5.1; attack 37.
#[test]
fn race_a_recovery_code_used_twice_opens_one_repair() {
    let company = generous();
    let owner = company.by_password("acme", OWNER);
    let mut codes = Vec::new();
    for _ in 0..super::rounds(100) {
        if codes.is_empty() {
            codes = company.codes(&owner);
        }
        let code = codes.pop().unwrap();
        let fields = [("organization", "acme"), ("email", OWNER), ("recovery_code", code.as_str())];
        let answers = at_once(2, |_| sends(&company, &Cookies::new(), "POST", "/login/recovery", &fields));
        let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [303, 422]);
        let mut connection = company.database.connect();
        let used = owner_recovery_codes::table.filter(owner_recovery_codes::used_at.is_not_null()).count();
        assert_eq!(used.get_result(&mut connection), Ok(10 - i64::try_from(codes.len()).unwrap()));
        // And what confirms it opens one, under one secret.
        let opened = answers.iter().find(|answer| answer.status == 303).unwrap();
        let cookie =
            opened.headers("set-cookie").into_iter().find(|line| line.starts_with("vestibule-repair=")).unwrap();
        let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
        let mut jar = Cookies::from([(name.to_owned(), value.to_owned())]);
        let page = sends(&company, &jar, "GET", "/login/recovery/confirmation", &[]);
        let token = form_token(&page.text());
        let cookie =
            page.headers("set-cookie").into_iter().find(|line| line.starts_with("vestibule-pending=")).unwrap();
        let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
        jar.insert(name.to_owned(), value.to_owned());
        let password = [("password", PASSWORD), ("form_token", token.as_str())];
        let ends = at_once(2, |_| {
            let answer = sends(&company, &jar, "POST", "/login/recovery/confirmation", &password);
            answer.header("location") == Some("/repair")
        });
        assert_eq!(ends.iter().filter(|opened| **opened).count(), 1);
        let confirmed = repair_sessions::table.filter(repair_sessions::confirmed_at.is_not_null()).count();
        assert_eq!(confirmed.get_result(&mut connection), Ok(1));
        assert_eq!(repair_sessions::table.count().get_result(&mut connection), Ok(1));
        diesel::delete(repair_sessions::table).execute(&mut connection).unwrap();
    }
    owner.open(SETTINGS).is_at(SETTINGS);
    company.deliver();
}
