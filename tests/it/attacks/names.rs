//! Names and addresses that look like others, or are the same and look otherwise: on both engines alike.

use crate::support::TestApp;
use crate::support::people::encode;

/// Shows ASVS 2.2.1; attacks 90, 99.
#[test]
fn an_organization_name_looks_like_no_other() {
    let app = TestApp::start();
    app.organization("kelvin-acme", "owner@acme.example");
    let longest = "a".repeat(30);
    // Of one network only some sign-ups begin in a minute.
    let networks = std::cell::Cell::new(0);
    let judged = |name: &str| {
        networks.set(networks.get() + 1);
        let person = app.visitor().from(&format!("198.51.100.{}", networks.get()));
        person.reach_last_step().fill_last_step(name, "new@else.example").press("Complete");
        let told =
            person.page().all("#organization-e").into_iter().map(crate::support::page::words).collect::<String>();
        (person.page().status, told)
    };
    // What means one name alone is read as it: each is then taken in all its spellings.
    for folded in ["ａｃｍｅ", "ﬁrma"] {
        assert_eq!(judged(folded).0, 200, "{folded}");
    }
    for refused in [
        "acme",
        "firma",
        "аdmin",
        "асme",
        "acmé",
        "İstanbul",
        "straße",
        "\u{212a}elvin-acme",
        "ac\u{200b}me",
        "ac\u{ad}me",
        "xn--acme",
        "a--b",
        "-acme",
        "acme-",
        "ab",
        &format!("{longest}a"),
        "ac me",
        "acme.",
        "acme_one",
        "acme/one",
        "acme%6f",
        "KELVIN-ACME",
        "Kelvin-Acme",
        "admin",
        "Root",
        "api",
        "www",
        "login",
        "support",
        "static",
        "billing",
        "owner",
        "vestibule",
    ] {
        let (status, told) = judged(refused);
        assert!(status == 422 && !told.is_empty(), "{refused:?}: {status} {told}");
    }
    for taken in ["a-1", "007", &longest, "Mixed-Case"] {
        assert_eq!(judged(taken).0, 200, "{taken:?}");
    }
    app.deliver();
}

/// Shows ASVS 2.2.1; attacks 90, 100.
#[test]
fn an_address_is_one_user_however_it_is_written() {
    let app = TestApp::start();
    let owner = app.owner();
    let register = |email: &str| {
        let form = encode(&[("email", email), ("name", "Somebody"), ("language", "en")]);
        let answer = owner.request("POST", "/iam/users/new", &[], &form);
        (answer.status, answer.text().contains("not registered in this organization yet"))
    };
    for (first, same) in [
        ("mina.one@x.example", "Mina.One@X.EXAMPLE"),
        ("mina.two@münchen.example", "mina.two@xn--mnchen-3ya.example"),
        ("mina.three@x.example", " mina.three@x.example "),
        ("mina.four@ＥＸ.example", "mina.four@ex.example"),
        ("kim.five@x.example", "\u{212a}im.five@x.example"),
        ("mina.six@x.example", "mina\u{2024}six@x.example"),
        ("mina.seven@x.example", "mina.seven@x.example."),
        ("mina.eight@x.example", "mina.eight\u{202e}@x.example"),
    ] {
        assert_eq!(register(first).0, 303, "{first}");
        assert_eq!(register(same), (422, true), "{same} is {first}");
    }
    for (first, other) in [
        ("jun@x.example", "jun+list@x.example"),
        ("j.un@x.example", "ju.n@x.example"),
        ("kim@straße.example", "kim@strasse.example"),
        ("lee@x.example", "lee@x.example.org"),
    ] {
        assert_eq!((register(first).0, register(other).0), (303, 303), "{first} and {other}");
    }
    for refused in [
        "ı@x.example",
        "İ@x.example",
        "ß@x.example",
        "mina@@x.example",
        "\"a b\"@x.example",
        "mina@x",
        "mina@[127.0.0.1]",
        "mina@x.example\0",
    ] {
        let (status, known) = register(refused);
        assert!(status == 422 && !known, "{refused:?}: {status}");
    }
    app.deliver();
}
