//! Mailed links: opening changes nothing, using works once, and a dead link says so before anything is typed.

use chrono::Duration;
use diesel::prelude::*;
use vestibule::platform::store::schema::{mailed_links, mails, users};

use super::support::people::{PASSWORD, encode};
use super::support::{Person, TestApp};

const NEW: &str = "velvet-harbor-93-tundra";

pub fn ask_for_reset(person: &Person<'_>, organization: &str, email: &str) {
    person.open("/password").fill("Organization name", organization).fill("Email", email).press("Mail me a link");
    person.sees("a mail with a link is on its way");
}

/// Shows ASVS 3.5.3, 6.4.1; attack 10.
#[test]
fn an_invitation_opened_fifty_times_still_works_and_then_once() {
    let app = TestApp::start();
    app.visitor().sign_up("acme", "owner@acme.example");
    let link = app.link_to("owner@acme.example", "Invitation");
    for number in 0..50 {
        let scanner = app.visitor().from(&format!("198.51.100.{}", number + 1));
        let method = if number % 2 == 0 { "GET" } else { "HEAD" };
        assert_eq!(scanner.request(method, &link, &[], "").status, 303);
        assert_eq!(scanner.request(method, "/invitation", &[], "").status, 200);
    }
    let owner = app.visitor();
    owner.open(&link).is_at("/invitation").sees("owner@acme.example").sees("acme");
    owner
        .fill("New password", PASSWORD)
        .fill("New password again", PASSWORD)
        .press("Register password")
        .is_at("/login/acme");
    app.visitor().open(&link).gets(410).sees("This link was used already").sees_no("New password again");
}

/// Shows attack 11.
#[test]
fn asvs_14_2_1_the_secret_leaves_the_address_at_once() {
    let app = TestApp::start();
    app.visitor().sign_up("acme", "owner@acme.example");
    let link = app.link_to("owner@acme.example", "Invitation");
    let answer = app.visitor().request("GET", &link, &[], "");
    let to = answer.header("location").unwrap();
    assert!(answer.status == 303 && to.starts_with("/invitation?form_token="), "{to}");
    assert!(!to.contains(link.rsplit('/').next().unwrap()));
    assert_eq!(answer.header("referrer-policy"), Some("same-origin"));
}

/// Shows ASVS 6.4.1.
#[test]
fn an_invitation_works_for_seven_days_and_not_a_second_longer() {
    let app = TestApp::start();
    app.visitor().sign_up("acme", "owner@acme.example");
    let link = app.link_to("owner@acme.example", "Invitation");
    app.clock.advance(Duration::days(7) - Duration::seconds(1));
    app.visitor().open(&link).gets(200).sees("Register your password");
    app.clock.advance(Duration::seconds(2));
    let late = app.visitor();
    late.open(&link).gets(410).sees("This link is too old").sees_no("New password again");
    let answer =
        late.request("POST", "/invitation", &[], &encode(&[("new_password", PASSWORD), ("password_again", PASSWORD)]));
    assert_eq!(answer.status, 410);
}

#[test]
fn a_password_reset_works_for_half_an_hour_and_says_who_can_send_another() {
    let app = TestApp::start();
    app.organization("acme", "owner@acme.example");
    let owner = app.visitor();
    ask_for_reset(&owner, "acme", "owner@acme.example");
    let link = app.link_to("owner@acme.example", "new password");
    app.clock.advance(Duration::minutes(30) - Duration::seconds(1));
    owner.open(&link).gets(200).is_at("/password/new");
    app.clock.advance(Duration::seconds(1));
    owner.open(&link).gets(410).sees("This link is too old").click("Ask for a new link").is_at("/password");
}

#[test]
fn asvs_6_4_3_a_reset_sets_the_password_ends_sessions_and_logs_nobody_in() {
    let app = TestApp::start();
    let owner = app.owner();
    let other = app.visitor();
    ask_for_reset(&other, "acme", "owner@acme.example");
    let link = app.link_to("owner@acme.example", "new password");
    other.open(&link).fill("New password", PASSWORD).fill("New password again", PASSWORD).press("Set new password");
    other.gets(422).sees("not among your last three passwords");
    other.fill("New password", NEW).fill("New password again", NEW).press("Set new password").is_at("/login/acme");
    owner.open("/console").is_at("/login");
    other.open("/console").is_at("/login");
    other.log_in("acme", "owner@acme.example", PASSWORD).gets(422);
    other.log_in("acme", "owner@acme.example", NEW).is_at("/console");
    assert!(app.mail_to("owner@acme.example").iter().any(|mail| mail.subject.contains("password was changed")));
}

#[test]
fn the_last_three_passwords_cannot_be_used_again_but_the_fourth_last_can() {
    let app = TestApp::start();
    app.organization("acme", "owner@acme.example");
    let passwords = [PASSWORD, NEW, "quartz-lantern-58-fjord", "copper-thistle-61-atlas"];
    let set = |password: &str| {
        app.clock.advance(Duration::hours(1));
        let person = app.visitor();
        ask_for_reset(&person, "acme", "owner@acme.example");
        let link = app.link_to("owner@acme.example", "new password");
        person
            .open(&link)
            .fill("New password", password)
            .fill("New password again", password)
            .press("Set new password");
        person.page().status
    };
    assert_eq!(set(passwords[1]), 200);
    assert_eq!(set(passwords[2]), 200);
    assert_eq!(set(passwords[0]), 422, "the third last");
    assert_eq!(set(passwords[3]), 200);
    assert_eq!(set(passwords[0]), 200, "the fourth last");
    app.deliver();
}

/// Shows attack 14.
#[test]
fn a_newer_link_takes_the_place_of_an_older_one() {
    let app = TestApp::start();
    app.organization("acme", "owner@acme.example");
    let owner = app.visitor();
    ask_for_reset(&owner, "acme", "owner@acme.example");
    let older = app.link_to("owner@acme.example", "new password");
    app.clock.advance(Duration::minutes(1));
    ask_for_reset(&owner, "acme", "owner@acme.example");
    let newer = app.link_to("owner@acme.example", "new password");
    assert_ne!(older, newer);
    owner.open(&older).gets(410).sees("This link no longer works");
    owner.open(&newer).gets(200);
}

/// Shows attack 15.
#[test]
fn asvs_9_2_2_a_link_of_one_purpose_is_nothing_to_another() {
    let app = TestApp::start();
    app.organization("acme", "owner@acme.example");
    let owner = app.visitor();
    ask_for_reset(&owner, "acme", "owner@acme.example");
    let reset = app.link_to("owner@acme.example", "new password");
    owner.open(&reset.replace("/password/", "/invitation/")).gets(410).sees("This link does not work");
    owner.open(&format!("/invitation/{}", "A".repeat(43))).gets(410).sees("This link does not work");
    owner.open("/invitation/short").gets(410).sees("This link does not work");
}

/// Shows ASVS 2.4.1, 6.3.8; attacks 8, 19.
#[test]
fn reset_answers_are_the_same_for_everybody_and_mails_are_few() {
    let app = TestApp::start();
    app.organization("acme", "owner@acme.example");
    let ask = |organization: &str, email: &str| {
        let person = app.visitor();
        ask_for_reset(&person, organization, email);
        // A link that a newer one replaced before it was sent is not sent any more.
        app.deliver();
        person.page().text().replace(email, "EMAIL")
    };
    let known = ask("acme", "owner@acme.example");
    assert_eq!(known, ask("acme", "nobody@acme.example"));
    assert_eq!(known, ask("nowhere", "owner@acme.example"));
    for _ in 0..5 {
        assert_eq!(known, ask("acme", "owner@acme.example"));
    }
    let resets =
        || app.mail_to("owner@acme.example").iter().filter(|mail| mail.subject.contains("Set a new password")).count();
    assert_eq!(resets(), 3, "three an hour");
    app.clock.advance(Duration::hours(1));
    ask("acme", "owner@acme.example");
    assert_eq!(resets(), 4);
}

/// Shows attack 12.
#[test]
fn asvs_4_1_3_links_are_built_from_the_public_url_alone() {
    let app = TestApp::start();
    app.organization("acme", "owner@acme.example");
    let evil = [("X-Forwarded-Host", "evil.test"), ("Forwarded", "host=evil.test"), ("X-Original-URL", "/evil")];
    let body = encode(&[("organization", "acme"), ("email", "owner@acme.example")]);
    assert_eq!(app.visitor().request("POST", "/password", &evil, &body).status, 200);
    let mails = app.mail_to("owner@acme.example");
    assert!(mails[0].links[0].starts_with("http://localhost:8080/password/"), "{:?}", mails[0].links);
    let host = app.visitor().request("POST", "/password", &[("Host", "evil.test")], &body);
    assert_eq!(host.status, 421);
}

/// Shows ASVS 13.3.1.
#[test]
fn asvs_6_4_1_no_secret_is_readable_in_the_database() {
    let app = TestApp::start();
    app.visitor().sign_up("acme", "owner@acme.example");
    let sealed: Vec<Option<Vec<u8>>> = mails::table.select(mails::sealed).load(&mut app.database.connect()).unwrap();
    let sealed = sealed[0].clone().expect("a mail that waits keeps its words");
    let link = app.link_to("owner@acme.example", "Invitation");
    let secret = link.rsplit('/').next().unwrap();
    assert!(!sealed.windows(secret.len()).any(|window| window == secret.as_bytes()));
    let hashes: Vec<Vec<u8>> =
        mailed_links::table.select(mailed_links::token_hash).load(&mut app.database.connect()).unwrap();
    assert!(hashes.iter().all(|hash| hash.len() == 32 && hash != secret.as_bytes()));
    let after: Vec<Option<Vec<u8>>> = mails::table.select(mails::sealed).load(&mut app.database.connect()).unwrap();
    assert_eq!(after, [None], "a delivered mail keeps nothing");
}

#[test]
fn an_invited_person_who_asks_for_a_reset_gets_a_new_invitation() {
    let app = TestApp::start();
    app.visitor().sign_up("acme", "owner@acme.example");
    let first = app.link_to("owner@acme.example", "Invitation");
    let owner = app.visitor();
    ask_for_reset(&owner, "acme", "owner@acme.example");
    let second = app.link_to("owner@acme.example", "Invitation");
    assert_ne!(first, second);
    owner
        .open(&second)
        .fill("New password", PASSWORD)
        .fill("New password again", PASSWORD)
        .press("Register password")
        .is_at("/login/acme");
}

/// Shows attack 14.
#[test]
fn a_deactivated_user_s_link_is_dead() {
    let app = TestApp::start();
    app.organization("acme", "owner@acme.example");
    let owner = app.visitor();
    ask_for_reset(&owner, "acme", "owner@acme.example");
    let link = app.link_to("owner@acme.example", "new password");
    diesel::update(users::table).set(users::status.eq("deactivated")).execute(&mut app.database.connect()).unwrap();
    owner.open(&link).gets(410);
}

/// Shows attack 13.
#[test]
fn somebody_else_s_session_is_told_about_the_link() {
    let app = TestApp::start();
    let other = app.owner_of("other", "owner@other.example");
    app.visitor().sign_up("acme", "owner@acme.example");
    let link = app.link_to("owner@acme.example", "Invitation");
    other.open(&link).sees("You are logged in as owner@other.example").sees("This link is for owner@acme.example");
}

/// Shows ASVS 2.2.2, 6.2.11; attack 92.
#[test]
fn weak_and_telling_passwords_are_refused_with_the_reason() {
    let app = TestApp::start();
    app.visitor().sign_up("acme-cloud", "mina.park@acme.example");
    let link = app.link_to("mina.park@acme.example", "Invitation");
    let owner = app.visitor();
    let too_long = "x7-qz ".repeat(22);
    for (password, reason) in [
        ("short", "Use at least 12 characters"),
        ("123456789012", "This is easy to guess"),
        ("acme-cloud-2026!!", "Apart from “acme-cloud” this password"),
        ("xx-Vestibule-8841", "Apart from “vestibule” this password"),
        (too_long.as_str(), "Use at most 128 characters"),
    ] {
        owner
            .open(&link)
            .fill("New password", password)
            .fill("New password again", password)
            .press("Register password");
        owner.gets(422).sees(reason);
        assert!(!owner.response().text().contains(password), "a refused password is not shown again");
    }
    let fields = [("new_password", "acme-cloud-2026!!"), ("form_token", &owner.token_for("/invitation").unwrap())];
    let as_htmx = [("HX-Request", "true"), ("HX-Target", "div#strength")];
    let hint = owner.request("POST", "/password/strength", &as_htmx, &encode(&fields));
    assert!(hint.status == 200 && hint.text().contains("Apart from “acme-cloud”") && !hint.text().contains("<html"));
}

/// What mail programs and people make of a link: a sign of the sentence taken along, or a part left out.
#[test]
fn a_damaged_link_leads_to_the_dead_link_page() {
    let app = TestApp::start();
    app.organization("acme", "owner@acme.example");
    ask_for_reset(&app.visitor(), "acme", "owner@acme.example");
    let reset = app.link_to("owner@acme.example", "new password");
    app.visitor().sign_up("beta", "owner@beta.example");
    let invitation = app.link_to("owner@beta.example", "Invitation");
    for (link, page) in [(&reset, "/password/new"), (&invitation, "/invitation")] {
        for more in [".", ")", "=", "%20", ",", "%3E", "%EF%BC%8E"] {
            app.visitor().open(&format!("{link}{more}")).gets(200).is_at(page).sees("New password again");
        }
        for damaged in [
            &link[..link.len() - 1],
            &link[..link.len() - 20],
            &format!("{link}x"),
            &format!("{link}.)."),
            &format!("{link}%2F"),
        ] {
            app.visitor().open(damaged).gets(410).sees("This link does not work");
        }
        // Its secret with another end is another link.
        let other = if link.ends_with('A') { "B" } else { "A" };
        app.visitor().open(&format!("{}{other}", &link[..link.len() - 1])).gets(410).sees("This link does not work");
    }
}

/// Reason and mails since, after a reset was asked for.
fn asked(app: &TestApp, email: &str) -> (Option<String>, usize) {
    use vestibule::platform::store::schema::audit_events;
    let mails = app.mail_to(email).len();
    ask_for_reset(&app.visitor(), "acme", email);
    let last = audit_events::table.order(audit_events::id.desc()).select(audit_events::reason);
    let reason = last.first(&mut app.database.connect()).unwrap();
    (reason, app.mail_to(email).len() - mails)
}

#[test]
fn an_invitation_that_ended_with_a_deactivation_is_told_so() {
    let app = TestApp::start();
    let owner = app.owner();
    owner.open("/iam/users/new").fill("Email", "una@acme.example").fill("Name", "Una").press("Register");
    owner.open("/iam/users").click("Una").press("Deactivate user").press("Reactivate user");
    app.clock.advance(Duration::minutes(5));
    assert_eq!(asked(&app, "una@acme.example"), (Some("ended_by_deactivation".to_owned()), 0));
    owner.open("/iam/users").click("Una").press("Send new invitation");
    owner.open("/iam/users").click("Una").press("Revoke invitation");
    app.clock.advance(Duration::minutes(5));
    assert_eq!(asked(&app, "una@acme.example"), (Some("revoked".to_owned()), 0));
    app.deliver();
}

#[test]
fn in_a_suspended_organization_a_reset_is_answered_alike_and_nothing_is_mailed() {
    let app = TestApp::start();
    app.organization("acme", "owner@acme.example");
    app.database.execute("UPDATE organizations SET state = 'suspended'");
    assert_eq!(asked(&app, "owner@acme.example"), (Some("not_allowed".to_owned()), 0));
    app.database.execute("UPDATE organizations SET state = 'active'");
    assert_eq!(asked(&app, "owner@acme.example"), (None, 1));
}
