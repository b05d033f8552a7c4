//! Mail that we send for others: its headers are ours, and strangers get little of it.

use crate::support::TestApp;
use crate::support::people::{PASSWORD, encode};
use crate::support::sink::{over, sink};

/// Shows attack 18.
#[test]
fn asvs_1_3_11_nothing_typed_becomes_a_header_of_a_mail() {
    let sink = sink(|_| "250 fine");
    let app = TestApp::start();
    let owner = app.owner();
    app.deliver();
    let out = app.beside_with(over(sink.port));
    for (email, name) in [
        ("a@x.test\r\nBcc:b@x.test", "Ann"),
        ("a@x.test%0d%0aBcc:b@x.test", "Ann"),
        ("a@x.test,b@x.test", "Ann"),
        ("a@x.test;b@x.test", "Ann"),
        ("a@x.test", "Ann\r\nBcc: b@x.test"),
        ("a@x.test", "Ann\nSubject: free money"),
        ("a@x.test", "Ann\u{2028}Bcc: b@x.test"),
    ] {
        let form = encode(&[("email", email), ("name", name), ("language", "en")]);
        assert_eq!(owner.request("POST", "/iam/users/new", &[], &form).status, 422, "{email:?} {name:?}");
    }
    // What may be a name is one, however it would look in a header.
    let name = "Bcc: =?utf-8?q?b=40x=2Etest?= \"박미나\"";
    let email = "Ann <a@x.test>";
    owner.post("/iam/users/new", &[("email", email), ("name", name), ("language", "en")]).is_at("/iam/users");
    app.clock.advance(chrono::Duration::minutes(1));
    assert_eq!(out.deliver().sent, 1);
    let letter = sink.letters.recv().unwrap();
    let (head, _) = letter.split_once("\n\n").unwrap();
    let count = |name: &str| head.lines().filter(|line| line.to_lowercase().starts_with(name)).count();
    let counts = [count("to:"), count("bcc:"), count("cc:"), count("subject:"), count("from:")];
    assert_eq!(counts, [1, 0, 0, 1, 1], "{head}");
    assert!(!head.contains("b@x.test"), "{head}");
}

/// Shows ASVS 2.3.2, 2.4.1; attack 16.
#[test]
fn an_address_is_invited_so_often_a_day_and_an_organization_invites_so_many() {
    let app = TestApp::start_with(|config| {
        config.limits.invitation_mails_of_address = 3;
        config.limits.organization_invitations = 4;
    });
    let owner = app.owner();
    let register = |person: &crate::support::Person<'_>, email: &str| {
        let form = encode(&[("email", email), ("name", "Jun"), ("language", "en")]);
        person.request("POST", "/iam/users/new", &[], &form).status
    };
    let invitations =
        |email: &str| app.mail_to(email).iter().filter(|mail| mail.subject.contains("Invitation")).count();
    // One address, four organizations.
    for name in ["beta", "gamma", "delta"] {
        let boss = app.owner_of(name, &format!("boss@{name}.example"));
        assert_eq!(register(&boss, "victim@else.example"), 303, "{name}");
    }
    assert_eq!(register(&owner, "victim@else.example"), 303, "registered, and the invitation follows");
    assert_eq!(invitations("victim@else.example"), 3, "three a day, from whomever");
    // One organization, many addresses.
    let statuses: Vec<u16> = (0..6).map(|number| register(&owner, &format!("user-{number}@acme.example"))).collect();
    assert!(statuses.iter().all(|status| *status == 303), "{statuses:?}");
    app.deliver();
    let mailed = || (0..6).map(|number| invitations(&format!("user-{number}@acme.example"))).sum::<usize>();
    assert_eq!(mailed(), 4);
    app.clock.advance(chrono::Duration::days(1));
    while app.deliver().sent > 0 {}
    assert_eq!((mailed(), invitations("victim@else.example")), (6, 4));
    let owner = app.visitor();
    owner.log_in("acme", "owner@acme.example", PASSWORD).is_at("/console");
    assert_eq!(register(&owner, "later@acme.example"), 303);
    assert_eq!(invitations("later@acme.example"), 1);
}
