//! What a form is about is sealed into it: a POST acts for what its page showed, or for nothing.

use super::support::people::{PASSWORD, encode};
use super::support::{Person, TestApp};

/// Two organizations with one person, who is logged in to the first.
fn two() -> TestApp {
    let app = TestApp::start();
    app.organization("alpha", "mina@alpha.example");
    app.organization("beta", "mina@beta.example");
    app
}

fn in_alpha(app: &TestApp) -> Person<'_> {
    let person = app.visitor();
    person.log_in("alpha", "mina@alpha.example", PASSWORD).is_at("/console");
    person
}

/// The same browser, logged in to the other organization in another tab.
fn goes_to_beta(person: &Person<'_>) {
    let other = person.app.visitor();
    *other.cookies.borrow_mut() = person.cookies.borrow().clone();
    other.post("/logout", &[]);
    other.log_in("beta", "mina@beta.example", PASSWORD).is_at("/console");
    *person.cookies.borrow_mut() = other.cookies.borrow().clone();
}

/// Shows attack 88.
#[test]
fn a_console_form_of_one_organization_changes_nothing_after_a_login_to_another() {
    let app = two();
    let forms = [
        ("/iam/users/new", "Register user", vec![("Email", "new@alpha.example"), ("Name", "New One")]),
        ("/iam/projects/new", "Create project", vec![("Display name", "Shop")]),
        ("/account", "Save", vec![("Name", "Someone Else")]),
    ];
    for (path, button, fields) in forms {
        let person = in_alpha(&app);
        person.open(path);
        for (label, value) in fields {
            person.fill(label, value);
        }
        goes_to_beta(&person);
        person.press(button).gets(409).sees("The page was opened by mina@alpha.example in the organization alpha");
        person.sees("You are now logged in to beta as mina@beta.example");
        for wrong in ["New One", "Shop", "Someone Else"] {
            person.open("/iam/users").sees_no(wrong).open("/iam/projects").sees_no(wrong);
        }
    }
    app.deliver();
}

#[test]
fn a_form_that_names_no_page_of_this_browser_changes_nothing() {
    let app = two();
    let person = in_alpha(&app);
    let other = in_alpha(&app);
    let profile = [("name", "Mina Lee"), ("language", "en"), ("time_zone", "Asia/Seoul")];
    let plain = encode(&profile);
    let own = person.token().unwrap();
    let cut = &own[..own.len() - 1];
    let bent = format!("{}{}", if own.starts_with('A') { 'B' } else { 'A' }, &own[1..]);
    let long = "A".repeat(100_000);
    for token in ["", cut, bent.as_str(), other.token().unwrap().as_str(), "%00", long.as_str()] {
        let answer = person.request_as_it_is("POST", "/account", &[], &format!("{plain}&form_token={token}"));
        assert!([409, 413].contains(&answer.status), "{token}: {}", answer.status);
    }
    assert_eq!(person.request_as_it_is("POST", "/account", &[], &plain).status, 409);
    // Without the cookie that goes with it a token from a log is worth nothing.
    let bare = app.visitor();
    *bare.cookies.borrow_mut() = person.cookies.borrow().clone();
    bare.cookies.borrow_mut().remove("vestibule-pending");
    assert_eq!(bare.request("POST", "/account", &[], &plain).status, 409);
    person.open("/account").sees_no("Mina Lee");
    assert_eq!(person.request("POST", "/account", &[], &plain).status, 303);
    app.deliver();
}

/// Shows ASVS 7.5.1.
#[test]
fn a_form_sent_after_the_session_ended_comes_back_as_typed() {
    let app = TestApp::start();
    let owner = app.owner();
    let list = "lena@acme.example, Lena\nomar@acme.example, Omar";
    owner.open("/iam/users/bulk");
    owner.fill("Users, one on each line", list);
    app.clock.advance(chrono::Duration::hours(2));
    owner.press("Register all").is_at("/login");
    owner.fill("Organization name", "acme").press("Next");
    owner.fill("Email", "owner@acme.example").fill("Password", PASSWORD).press("Log in").is_at("/iam/users/bulk");
    assert_eq!(owner.page().value("Users, one on each line").as_deref(), Some(list));
    // Of another user nothing comes back.
    let address = owner.page().url.clone();
    let other =
        app.colleague("acme", "admin@acme.example", vestibule::access::Roles { org_admin: true, ..Default::default() });
    other.open(&address);
    assert_eq!(other.page().value("Users, one on each line").as_deref(), Some(""));
    app.deliver();
}

#[test]
fn the_forms_of_a_user_that_are_kept_are_few_and_go_in_a_day() {
    use diesel::prelude::*;
    use vestibule::platform::store::schema::held_forms;
    let app = TestApp::start();
    let owner = app.owner();
    let kept = || -> i64 { held_forms::table.count().get_result(&mut app.database.connect()).unwrap() };
    app.database.execute("DELETE FROM sessions");
    for number in 0..9 {
        let name = format!("Name {number}");
        let answer = owner.request("POST", "/account", &[], &encode(&[("name", name.as_str())]));
        assert_eq!(answer.status, 303);
    }
    assert_eq!(kept(), 5);
    app.clock.advance(chrono::Duration::hours(25));
    app.clean_up();
    assert_eq!(kept(), 0);
}

/// A user who was invited and one who asked for a new password, by organization: the link and the address it is for.
fn linked(app: &TestApp, name: &str, is_reset: bool) -> (String, String) {
    let email = format!("mina@{name}.example");
    if is_reset {
        app.organization(name, &email);
        let person = app.visitor();
        person.open("/password").fill("Organization name", name).fill("Email", &email).press("Mail me a link");
        return (app.link_to(&email, "new password"), email);
    }
    app.visitor().sign_up(name, &email);
    (app.link_to(&email, "Invitation"), email)
}

fn tab<'a>(person: &Person<'a>, link: &str) -> Person<'a> {
    let tab = person.app.visitor();
    *tab.cookies.borrow_mut() = person.cookies.borrow().clone();
    tab.open(link).gets(200);
    *person.cookies.borrow_mut() = tab.cookies.borrow().clone();
    tab
}

/// Shows attack 88.
#[test]
fn two_links_in_two_tabs_set_the_password_of_the_user_each_shows_in_any_order() {
    for kinds in [[false, false], [true, true], [false, true]] {
        for first in [0, 1] {
            let app = TestApp::start();
            let links = [linked(&app, "alpha", kinds[0]), linked(&app, "beta", kinds[1])];
            let browser = app.visitor();
            let tabs = [tab(&browser, &links[0].0), tab(&browser, &links[1].0)];
            for which in [first, 1 - first] {
                let password = format!("velvet-harbor-9{which}-tundra");
                let button = if kinds[which] { "Set new password" } else { "Register password" };
                let tab = &tabs[which];
                tab.sees(&links[which].1).fill("New password", &password).fill("New password again", &password);
                tab.press(button).is_at(["/login/alpha", "/login/beta"][which]);
            }
            for (which, name) in ["alpha", "beta"].into_iter().enumerate() {
                let password = format!("velvet-harbor-9{which}-tundra");
                app.visitor().log_in(name, &links[which].1, &password).is_at("/console");
            }
            app.deliver();
        }
    }
}

#[test]
fn a_link_without_cookies_says_so() {
    let app = TestApp::start();
    for is_reset in [false, true] {
        let (link, email) = linked(&app, if is_reset { "beta" } else { "alpha" }, is_reset);
        let bare = app.visitor();
        let to = bare.request("GET", &link, &[], "").header("location").unwrap().to_owned();
        bare.cookies.borrow_mut().clear();
        bare.open(&to).gets(400).sees("Your browser blocks cookies").sees("Allow cookies for localhost:8080");
        let (path, token) = to.split_once("?form_token=").unwrap();
        let fields = [("new_password", PASSWORD), ("password_again", PASSWORD), ("form_token", token)];
        assert_eq!(bare.request_as_it_is("POST", path, &[], &encode(&fields)).status, 400);
        // Nothing was spent: with cookies the link works.
        app.visitor().open(&link).gets(200).sees(&email);
    }
    app.deliver();
}

#[test]
fn a_page_of_a_link_that_was_open_for_too_long_says_so_and_the_link_still_works() {
    let app = TestApp::start();
    let (link, email) = linked(&app, "alpha", false);
    let person = app.visitor();
    person.open(&link).fill("New password", PASSWORD).fill("New password again", PASSWORD);
    app.clock.advance(chrono::Duration::hours(1));
    person.press("Register password").gets(410).sees("open for too long").sees("alpha");
    person.register_password(&email, PASSWORD).is_at("/login/alpha");
    // The page of one link is nothing on the other page, nor in another browser.
    let (reset, _) = linked(&app, "beta", true);
    let to = person.request("GET", &reset, &[], "").header("location").unwrap().to_owned();
    person.open(&to.replace("/password/new", "/invitation")).gets(410);
    let other = app.visitor();
    other.open(&link);
    other.open(&to).gets(410);
    app.deliver();
}

#[test]
fn an_invitation_accepted_beside_another_session_offers_the_change() {
    let app = TestApp::start();
    let other = app.owner_of("other", "owner@other.example");
    let (link, email) = linked(&app, "alpha", false);
    other.open(&link).sees("You are logged in as owner@other.example");
    other.fill("New password", PASSWORD).fill("New password again", PASSWORD).press("Register password");
    other.is_at("/invitation").sees("Your password is registered").sees("owner@other.example").sees(&email);
    other.press("Log out and log in as mina@alpha.example").is_at("/login/alpha");
    assert_eq!(other.page().value("Email").as_deref(), Some("mina@alpha.example"));
    app.deliver();
}

/// The switches stand below every page, and below one that was refused, too.
#[test]
fn a_switch_of_language_keeps_what_the_page_is_about() {
    let app = TestApp::start();
    let (link, email) = linked(&app, "alpha", false);
    let person = app.visitor();
    person.open(&link).fill("New password", "short").press("Register password").gets(422);
    person.press("한국어").gets(200).is_at("/invitation").sees(&email);
    app.deliver();
}

/// Shows attack 88.
#[test]
fn a_code_is_judged_by_its_own_pending_login() {
    let app = TestApp::start();
    let mails = [("alpha", "mina@alpha.example"), ("beta", "mina@beta.example")];
    for (name, email) in mails {
        app.organization(name, email);
        app.two_factor(name, true);
    }
    let browser = app.visitor();
    let tabs = mails.map(|(name, email)| {
        let tab = app.visitor();
        *tab.cookies.borrow_mut() = browser.cookies.borrow().clone();
        tab.log_in(name, email, PASSWORD).is_at("/login/factor").choose_factor("Email");
        *browser.cookies.borrow_mut() = tab.cookies.borrow().clone();
        tab
    });
    let codes = mails.map(|(_, email)| app.mailed_code(email));
    // The code of the other login is wrong here and counts here alone.
    tabs[0].fill("Code", &codes[1]).press("Log in").gets(422).sees("4 more tries");
    for (tab, code) in tabs.iter().zip(&codes) {
        tab.fill("Code", code).press("Log in").is_at("/console");
    }
    tabs[0].sees("alpha");
    tabs[1].sees("beta");
    app.deliver();
}

#[test]
fn a_waiting_page_of_a_second_factor_goes_on_to_its_own_target() {
    let app = TestApp::start();
    app.organization("acme", "owner@acme.example");
    app.two_factor("acme", true);
    let waiting = app.visitor();
    waiting.open("/audit?q=login").is_at("/login").fill("Organization name", "acme").press("Next");
    waiting.fill("Email", "owner@acme.example").fill("Password", PASSWORD).press("Log in").is_at("/login/factor");
    let address = waiting.page().url.clone();
    let other = app.visitor();
    *other.cookies.borrow_mut() = waiting.cookies.borrow().clone();
    other.log_in("acme", "owner@acme.example", PASSWORD).choose_factor("Email");
    other.fill("Code", &app.mailed_code("owner@acme.example")).press("Log in").is_at("/console");
    *waiting.cookies.borrow_mut() = other.cookies.borrow().clone();
    waiting.open(&address).is_at("/audit");
    assert_eq!(waiting.page().url, "/audit?q=login");
    app.deliver();
}

/// Shows attack 88.
#[test]
fn two_sign_ups_in_one_browser_stay_apart() {
    let app = TestApp::start();
    let browser = app.visitor();
    let names = ["one-corp", "two-corp"];
    let tabs = names.map(|name| {
        let tab = app.visitor();
        let pending = browser.cookies.borrow().get("vestibule-pending").cloned();
        tab.cookies.borrow_mut().extend(pending.map(|value| ("vestibule-pending".to_owned(), value)));
        tab.reach_last_step().press("Back").fill("Company name", name).press("Next").is_at("/signup/organization");
        *browser.cookies.borrow_mut() = tab.cookies.borrow().clone();
        tab
    });
    for (tab, name) in tabs.iter().zip(names) {
        tab.fill_last_step(name, &format!("owner@{name}.example")).press("Complete").is_at("/signup/done").sees(name);
    }
    use diesel::prelude::*;
    use vestibule::platform::store::schema::organizations;
    let kept: Vec<(String, String)> = organizations::table
        .order(organizations::name)
        .select((organizations::name, organizations::company_name))
        .load(&mut app.database.connect())
        .unwrap();
    assert_eq!(kept, names.map(|name| (name.to_owned(), name.to_owned())));
    // Each page corrects its own address.
    for (tab, name) in tabs.iter().zip(names) {
        let right = format!("right@{name}.example");
        tab.fill("Email", &right).press("Send a new mail").is_at("/signup/done").sees(&right).sees(name);
    }
    app.deliver();
}
