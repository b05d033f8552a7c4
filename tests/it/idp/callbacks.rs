//! What a browser brings back from the provider, bent: nobody comes in by an answer that is not theirs.

use super::refusals::{AGAIN, DENIED, LATE, company, is_refused};
use crate::support::Person;

/// The person is at a page that names no organization and no code, as no login is known that they could be of.
#[track_caller]
fn is_stranded(person: &Person<'_>, case: &str) {
    let page = person.page();
    assert_eq!(page.status, 400, "{case}");
    assert!(page.text().contains("begun in another browser, or it was already used. Start again"), "{case}");
    assert!(page.all(".ref").is_empty() && page.link("Back to login").is_some(), "{case}");
    assert!(!person.cookies.borrow().contains_key("vestibule-session"), "{case}");
}

/// Shows ASVS 7.6.2, 10.1.2, 10.2.2; attacks 47, 48, 49.
#[test]
fn asvs_10_2_1_nobody_comes_in_by_an_answer_that_is_not_theirs() {
    let company = company();
    let without = |back: &str, name: &str| {
        let (path, query) = back.split_once('?').unwrap();
        let kept: Vec<&str> = query.split('&').filter(|pair| !pair.starts_with(&format!("{name}="))).collect();
        format!("{path}?{}", kept.join("&"))
    };
    let begins = |person: &Person<'_>| {
        person.open("/login").fill("Organization name", "acme").press("Next").is_at("/auth/oidc");
        company.back(&person.page().link("Continue").unwrap())
    };
    let comes = |case: &str, back: &dyn Fn(&str) -> String, reason: Option<&str>, text: &str| {
        company.advances(1);
        let person = company.visitor();
        let right = begins(&person);
        let (sessions, logins) = (company.sessions(), company.newest("login").0);
        company.provider.forget();
        person.open(&back(&right));
        match reason {
            Some(reason) => is_refused(&company, &person, case, "login", reason, text),
            None => is_stranded(&person, case),
        }
        assert_eq!((company.sessions(), &company.provider.hits()[1..]), (sessions, &[0; 3][..]), "{case}");
        assert_eq!(company.newest("login").0, logins + usize::from(reason.is_some()), "{case}");
    };
    comes("no state", &|back| without(back, "state"), None, "");
    comes("another state", &|back| format!("{back}1"), None, "");
    comes("state twice", &|back| format!("{back}&state=x"), None, "");
    comes("nothing", &|_| "/auth/oidc/callback".into(), None, "");
    comes("other browser's", &|_| begins(&company.visitor()), None, "");
    comes("no code", &|back| without(back, "code"), Some("code_missing"), AGAIN);
    let late = |back: &str| {
        company.advances(10);
        company.clock.advance(chrono::Duration::seconds(1));
        back.to_owned()
    };
    comes("eleven minutes", &late, Some("late"), LATE);
    // Values edited, confirmed and in force while somebody was away.
    let person = company.visitor();
    let back = begins(&person);
    company.provider.seat("acme", "owner-1", super::OWNER);
    let owner = company.visitor();
    company.logs_in(&owner, "acme");
    company.starts_trial(&owner, "acme", "acme");
    owner.press("Log in through the IdP");
    company.travels(&owner);
    owner.is_at("/console");
    company.provider.seat("acme", "mate-1", "mate@acme.example");
    let sessions = company.sessions();
    person.open(&back);
    is_refused(&company, &person, "edited", "login", "changed", LATE);
    assert_eq!(company.sessions(), sessions);
    // Answers by a form come without the cookies, or from elsewhere; they end no trip.
    let person = company.visitor();
    let right = begins(&person);
    let (path, query) = right.split_once('?').unwrap();
    for more in [&[][..], &[("Sec-Fetch-Site", "cross-site")]] {
        let answer = person.request("POST", path, more, query);
        assert!((400..500).contains(&answer.status), "{}", answer.status);
    }
    person.open(&right).is_at("/console");
    // Replayed: in the same browser and in another one.
    company.advances(1);
    let person = company.visitor();
    let back = begins(&person);
    person.open(&back).is_at("/console");
    let (sessions, logins) = (company.sessions(), company.newest("login").0);
    person.open("/logout").press("Log out");
    for again in [&person, &company.visitor()] {
        company.advances(1);
        again.open(&back);
        is_stranded(again, "replayed");
    }
    assert_eq!((company.sessions(), company.newest("login").0), (sessions - 1, logins));
    // Errors of one's own making fill no log: equal ones of a minute are one event.
    company.advances(1);
    for _ in 0..5 {
        let person = company.visitor();
        let back = without(&begins(&person), "code");
        person.open(&format!("{back}&error=access_denied"));
        is_refused(&company, &person, "denied", "login", "access_denied", DENIED);
    }
    assert_eq!(company.newest("login").0, logins + 1);
}
