//! Registering users in bulk: pasted or from a file, all or nothing, with a result for each line.

use chrono::Duration;
use diesel::prelude::*;
use vestibule::platform::store::schema::mails;

use crate::support::people::PASSWORD;
use crate::support::sink::{over, sink};
use crate::support::{Person, TestApp};

const LIST: &str = "Users, one on each line";

fn list(people: usize) -> String {
    (1..=people).map(|n| format!("user-{n}@acme.example,User {n}\n")).collect()
}

fn bulk<'a>(person: &'a Person<'a>, lines: &str) -> &'a Person<'a> {
    person.open("/iam/users").click("Register in bulk").fill(LIST, lines).press("Register all")
}

#[test]
fn a_hundred_users_are_registered_at_once_and_each_line_has_its_result() {
    let app = TestApp::start();
    let owner = app.owner();
    bulk(&owner, &list(100)).gets(200).sees("100 users are registered").sees("0 of 100 invitations finished");
    let progress = owner.page().url.clone();
    while app.deliver().sent > 0 {}
    owner.open(&progress).sees("100 of 100 invitations finished").sees("100 sent, 0 waiting, 0 failed");
    let report = owner.request("GET", &format!("{progress}/report"), &[], "");
    assert!(report.header("content-disposition").is_some_and(|how| how.starts_with("attachment; filename=")));
    let text = report.text();
    let mut rows = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let rows: Vec<csv::StringRecord> = rows.records().map(|row| row.expect("a row")).collect();
    assert_eq!(rows.len(), 100);
    assert_eq!(rows[41].iter().take(4).collect::<Vec<_>>(), ["42", "user-42@acme.example", "User 42", "Sent"]);
    let user = app.visitor();
    user.register_password("user-42@acme.example", PASSWORD).is_at("/login/acme");
    user.log_in("acme", "user-42@acme.example", PASSWORD).is_at("/console");
    owner.open("/iam/users").sees("50 of 101 users").click("Next").sees("50 of 101 users").click("Next");
    owner.sees("1 of 101 user").click("Previous").click("Previous").sees("50 of 101 users");
}

/// Shows ASVS 5.2.1.
#[test]
fn one_wrong_line_keeps_everybody_out_and_says_what_to_correct() {
    let app = TestApp::start();
    let owner = app.owner();
    let typed =
        "a@acme.example,Ann\nnot-an-address,Bob\na@acme.example,Again\nc@acme.example,\nowner@acme.example,Taken";
    bulk(&owner, typed).gets(422).sees("Correct 3 things in the list").sees("This address stands on line 1 already");
    assert_eq!(owner.page().all("textarea")[0].text().collect::<String>().trim(), typed);
    owner.open("/iam/users").sees("1 of 1 user");
    bulk(&owner, "a@acme.example,Ann\nowner@acme.example,Taken")
        .gets(422)
        .sees("not registered in this organization yet");
    owner.open("/iam/users").sees("1 of 1 user");
    assert!(app.mail_to("a@acme.example").is_empty());
    bulk(&owner, &list(101)).gets(422).sees("There are 101 lines");
    bulk(&owner, " \n\n").gets(422).sees("Enter at least one user");
}

#[test]
fn a_list_is_checked_without_registering_anybody() {
    let app = TestApp::start();
    let owner = app.owner();
    owner.open("/iam/users/bulk").fill(LIST, &list(3)).press("Check only").gets(200).sees("All 3 lines are in order");
    assert_eq!(owner.page().all("textarea")[0].text().collect::<String>().trim(), list(3).trim());
    owner.fill(LIST, "owner@acme.example,Me").press("Check only").gets(422).sees("not registered");
    owner.open("/iam/users").sees("1 of 1 user");
}

/// Shows ASVS 5.2.2.
#[test]
fn files_of_spreadsheets_are_read_as_they_are_saved() {
    let app = TestApp::start();
    let owner = app.owner();
    let wide: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain("이메일\t이름\r\nw@acme.example\t박미나\r\n".encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    let files: [(&str, &[u8]); 4] = [
        ("b@acme.example", b"\xef\xbb\xbfEmail;Name;Roles\r\nb@acme.example;Bea;Org Reader / Billing Admin\r\n"),
        ("c@acme.example", b"Name,E-mail,Mobile\n\"Cee, \"\"C\"\"\",c@acme.example,010-1234-5678\n"),
        ("d@acme.example", b"d@acme.example\tDee\t\t\torg_admin\n"),
        ("w@acme.example", &wide),
    ];
    for (email, bytes) in files {
        owner.open("/iam/users/bulk").attach("Or a file", bytes).press("Register all").gets(200).sees(email);
    }
    owner.open("/iam/users?role=billing_admin&q=b").sees("Bea").sees("1 of 1 user");
    owner.open("/iam/users?q=Cee").sees("Cee, \"C\"");
    owner.open("/iam/users?role=org_admin&q=d").sees("Dee");
    owner.open("/iam/users?q=%EB%B0%95").sees("박미나");
}

#[test]
fn heads_are_read_as_they_are_advised() {
    let app = TestApp::start();
    let owner = app.owner();
    // What the hint and the complaint name, in either language.
    let advised = [
        ("en", "lines-hint = ", ", separated"),
        ("en", "Name the column ", " instead of"),
        ("ko", "lines-hint = ", "을 쉼표나"),
        ("ko", "“{ $column }” 대신 ", " 중에서"),
    ];
    let mut all: Vec<String> =
        advised.iter().map(|(language, before, after)| heads_of(language, before, after)).collect();
    all.push("이메일,이름,별명,휴대전화,역할".to_owned());
    all.push("E-mail address;Full name;Nick;Phone number;Role".to_owned());
    for (number, heads) in all.iter().enumerate() {
        let separator = if heads.contains(';') { ";" } else { "," };
        let email = format!("head-{number}@acme.example");
        let row = [email.as_str(), "Head", "H", "010-1234-5678", "Org Reader"].join(separator);
        bulk(&owner, &format!("{heads}\n{row}")).gets(200).sees(&email);
    }
}

/// The names of columns that a message gives, as a first line.
fn heads_of(language: &str, before: &str, after: &str) -> String {
    let text = std::fs::read_to_string(format!("{}/locales/{language}/users.ftl", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let (_, rest) = text.split_once(before).unwrap();
    let (named, _) = rest.split_once(after).unwrap();
    let heads = named.replace(" and ", ", ").replace(" or ", ", ");
    assert_eq!(heads.split(", ").count(), 5, "{heads}");
    heads
}

#[test]
fn a_korean_excel_list_is_read() {
    let app = TestApp::start();
    let owner = app.owner();
    let text = "이메일,이름,휴대폰\r\nkr@acme.example,박미나,010-1234-5678\r\n";
    let (pages, _, lossy) = encoding_rs::EUC_KR.encode(text);
    assert!(!lossy);
    owner.open("/iam/users/bulk").attach("Or a file", &pages).press("Check only").gets(200).sees("박미나");
    owner.open("/iam/users/bulk").attach("Or a file", &pages).press("Register all").gets(200).sees("박미나");
    for (email, unit) in
        [("le@acme.example", u16::to_le_bytes as fn(u16) -> [u8; 2]), ("be@acme.example", u16::to_be_bytes)]
    {
        let bytes: Vec<u8> = text.replace("kr@acme.example", email).encode_utf16().flat_map(unit).collect();
        owner.open("/iam/users/bulk").attach("Or a file", &bytes).press("Register all").gets(200).sees(email);
    }
    owner.open("/iam/users/bulk").attach("Or a file", b"a@acme.example,Jos\xe9,").press("Check only");
    owner.gets(422).sees("Copy the cells in your spreadsheet and paste them above");
}

#[test]
fn sep_titles_and_empty_last_columns_are_understood() {
    let app = TestApp::start();
    let owner = app.owner();
    bulk(&owner, "sep=;\nEmail;Name\ns@acme.example;Park, Mina").gets(200).sees("Park, Mina");
    bulk(&owner, "Email,Name,,\nt@acme.example,Tea,,\n").gets(200).sees("Tea");
    bulk(&owner, "Email,,Name\nu@acme.example,,Uma").gets(200).sees("Uma");
    bulk(&owner, "Staff 2026\nEmail,Name\nv@acme.example,Vee").gets(422).sees("“Staff 2026” looks like a title");
    bulk(&owner, "Email,Name,\nv@acme.example,Vee,x").gets(422).sees("Leave at most 2 columns");
    bulk(&owner, "sep=;\nnobody;Name").gets(422).sees("“nobody” is not an email address");
}

#[test]
fn addresses_as_mail_programs_write_them_are_understood() {
    let app = TestApp::start();
    let owner = app.owner();
    let pasted = "\"Kim, Mina\" <mina@acme.example>; Lee, Joon <joon@acme.example>;\nAnn <ann@acme.example>, Bo Lee <bo@acme.example>";
    bulk(&owner, pasted).gets(200).sees("Kim, Mina").sees("Lee, Joon").sees("ann@acme.example").sees("Bo Lee");
    bulk(&owner, "r1@acme.example,Ann\rr2@acme.example,Bo\rr3@acme.example,Cho").gets(200).sees("r3@acme.example");
    bulk(&owner, "\u{200b}mailto:cc@acme.example,Cee\nDee <dd@acme.example>,Dee,,,").gets(200).sees("dd@acme.example");
    bulk(&owner, "Mina <mina2@acme.example>; x@acme.example").gets(422).sees("Name");
    bulk(&owner, "b@acme.example <c@acme.example>,Ann").gets(422).sees("is not an email address");
}

#[test]
fn a_file_of_exactly_the_limit_is_taken() {
    let app = TestApp::start();
    let owner = app.owner();
    let mut file = b"z@acme.example,Zoe\n".to_vec();
    file.resize(1024 * 1024, b'\n');
    owner.open("/iam/users/bulk").attach("Or a file", &file).press("Check only").gets(200);
    owner.press("Register all").gets(200).sees("z@acme.example");
    file.push(b'\n');
    owner.open("/iam/users/bulk").attach("Or a file", &file).press("Check only").gets(413).sees("a file 1 MiB");
}

/// Shows ASVS 5.2.1, 5.2.2.
#[test]
fn hostile_files_are_refused_with_what_to_correct() {
    let app = TestApp::start();
    let owner = app.owner();
    let long = format!("a@acme.example,{}", "x".repeat(10_000));
    let open_quote = format!("a@acme.example,\"Ann\n{}", list(90));
    let columns = format!("a@acme.example,Ann{}", ",x".repeat(50));
    let cases: [(&[u8], &str); 11] = [
        (b"a@acme.example,\xb1\xe8\xff", "cannot be read"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "cannot be read"),
        (b"\xff\xfea", "cannot be read"),
        (b"\xff\xfe\x00\xd8\x00\x00", "cannot be read"),
        (long.as_bytes(), "Shorten the cell to 1000 characters"),
        (open_quote.as_bytes(), "Shorten the cell to 1000 characters"),
        (columns.as_bytes(), "Leave at most 5 columns"),
        (b"Email,Name,Salary\na@acme.example,Ann,1", "instead of \u{201c}Salary\u{201d}"),
        (b"a@acme.example,Ann,,,Emperor", "instead of \u{201c}Emperor\u{201d}"),
        (b"a@acme.example,Ann\x00", "without line breaks"),
        (b"a@acme.example,<script>alert(1)</script>", "name"),
    ];
    for (bytes, told) in cases {
        owner.open("/iam/users/bulk").attach("Or a file", bytes).press("Register all").gets(422);
        owner.sees(told).sees("Nobody was registered");
    }
    owner.open("/iam/users/bulk").attach("Or a file", &vec![b'a'; 1024 * 1024 + 1]).press("Register all").gets(413);
    let plain = owner.request("POST", "/iam/users/bulk", &[], "lines=a");
    assert_eq!(plain.status, 415);
    for body in
        ["", "--x", "--a-border\r\n\r\n", "--a-border\r\nContent-Disposition: form-data; name=\"lines\"\r\n\r\nx"]
    {
        let kind = [("Content-Type", "multipart/form-data; boundary=a-border")];
        let answer = owner.request("POST", "/iam/users/bulk", &kind, body);
        assert!((400..500).contains(&answer.status), "{body:?}: {}", answer.status);
    }
    owner.open("/iam/users").sees("1 of 1 user");
}

/// Shows ASVS 1.2.10; attack 101.
#[test]
fn names_that_look_like_formulas_are_harmless_in_the_report() {
    let app = TestApp::start();
    let owner = app.owner();
    bulk(&owner, "a@acme.example,=1+1\nb@acme.example,-Sum 1\n").gets(200);
    let report = owner.request("GET", &format!("{}/report", owner.page().url.clone()), &[], "").text();
    assert!(report.contains(",'=1+1,") && report.contains(",'-Sum 1,"), "{report}");
}

#[test]
fn invitations_that_fail_say_what_the_mail_server_said() {
    let sink = sink(|recipient| if recipient.contains("b@") { "550 no such mailbox" } else { "250 fine" });
    let app = TestApp::start();
    let owner = app.owner();
    bulk(&owner, "a@acme.example,Ann\nb@acme.example,Bob\n").gets(200);
    let progress = owner.page().url.clone();
    app.beside_with(over(sink.port)).deliver();
    owner
        .open(&progress)
        .sees("2 of 2 invitations finished")
        .sees("1 sent, 0 waiting, 1 failed")
        .sees("no such mailbox");
    owner.click("Bob").sees("Failed").sees("no such mailbox").press("Send new invitation").sees("on its way");
}

#[test]
fn a_crash_in_the_middle_of_delivery_loses_no_invitation() {
    let sink = sink(|_| "250 fine");
    let app = TestApp::start();
    let owner = app.owner();
    bulk(&owner, &list(30)).gets(200);
    let progress = owner.page().url.clone();
    // An instance claimed some of them and died without a word; its lease ends by itself.
    let mut connection = app.database.connect();
    let some: Vec<String> =
        mails::table.order(mails::id.desc()).limit(10).select(mails::id).load(&mut connection).unwrap();
    let lease = app.app.clock().now() + chrono::Duration::minutes(2);
    let claimed = (mails::leased_until.eq(lease), mails::attempts.eq(1));
    diesel::update(mails::table.filter(mails::id.eq_any(some))).set(claimed).execute(&mut connection).unwrap();
    let other = app.beside_with(over(sink.port));
    while other.deliver().sent > 0 {}
    owner.open(&progress).sees("20 of 30 invitations finished");
    app.clock.advance(chrono::Duration::minutes(3));
    while other.deliver().sent > 0 {}
    owner.open(&progress).sees("30 sent, 0 waiting, 0 failed");
    let letters: Vec<String> = sink.letters.try_iter().collect();
    assert_eq!(letters.len(), 30);
}

/// Registers one user in the organization of a logged-in owner.
fn register<'a>(owner: &'a Person<'a>, email: &str) -> &'a Person<'a> {
    owner.open("/iam/users/new").fill("Email", email).fill("Name", "Mina").press("Register").is_at("/iam/users")
}

/// Shows ASVS 2.4.1.
#[test]
fn a_recipients_limit_neither_refuses_nor_undoes_a_registration() {
    let app = TestApp::start_with(|config| config.limits.invitation_mails_of_address = 3);
    for name in ["one-corp", "two-corp", "three-corp"] {
        register(&app.owner_of(name, &format!("owner@{name}.example")), "user-7@acme.example").sees("on its way");
    }
    let owner = app.owner();
    owner.open("/iam/users/bulk").fill(LIST, &list(100)).press("Check only").gets(200);
    owner.sees("All 100 lines are in order").sees("1 invitation would be sent later");
    owner.press("Register all").gets(200).sees("100 users are registered").sees("1 invitation goes to an address");
    let progress = owner.page().url.clone();
    while app.deliver().sent > 0 {}
    assert_eq!(app.mail_to("user-7@acme.example").len(), 3, "it waits");
    owner.open(&progress).sees("99 of 100 invitations finished");
    app.clock.advance(Duration::hours(24));
    owner.log_in("acme", "owner@acme.example", PASSWORD);
    while app.deliver().sent > 0 {}
    owner.open(&progress).sees("100 of 100 invitations finished");
    assert_eq!(app.mail_to("user-7@acme.example").len(), 4);
    app.clock.advance(Duration::days(6));
    app.visitor().register_password("user-7@acme.example", PASSWORD).is_at("/login/acme");
}

/// Shows ASVS 2.4.1.
#[test]
fn a_strangers_invitations_block_nobody_elses() {
    let app = TestApp::start();
    for name in ["evil-one", "evil-two", "evil-three"] {
        let stranger = app.owner_of(name, &format!("owner@{name}.example"));
        register(&stranger, "mina@acme.example");
        for _ in 0..5 {
            stranger.open("/iam/users").click("Mina").press("Send new invitation");
        }
        stranger.sees("A limit of invitations a day is reached");
    }
    // Nor do sign-ups of strangers: they have no session.
    for number in 0..4 {
        let stranger = app.visitor().from(&format!("198.51.100.{number}"));
        stranger.sign_up(&format!("evil-sign-up-{number}"), "mina@acme.example").is_at("/signup/done");
    }
    while app.deliver().sent > 0 {}
    let before = app.mail_to("mina@acme.example").len();
    register(&app.owner(), "mina@acme.example").sees("on its way");
    while app.deliver().sent > 0 {}
    assert_eq!(app.mail_to("mina@acme.example").len(), before + 1);
    app.clock.advance(Duration::days(1));
    while app.deliver().sent > 0 {}
}

#[test]
fn past_the_organizations_limit_users_are_registered_and_the_emails_follow() {
    let app = TestApp::start_with(|config| config.limits.organization_invitations = 2);
    let owner = app.owner();
    owner.open("/iam/users/bulk").fill(LIST, &list(5)).press("Check only").sees("3 invitations would be sent later");
    owner.sees("your organization may send 2 a day and has 2 left today");
    owner.press("Register all").sees("5 users are registered").sees("may send 2 invitations a day");
    while app.deliver().sent > 0 {}
    let sent = |app: &TestApp| (1..=5).map(|n| app.mail_to(&format!("user-{n}@acme.example")).len()).sum::<usize>();
    assert_eq!(sent(&app), 2);
    app.clock.advance(Duration::days(1));
    while app.deliver().sent > 0 {}
    assert_eq!(sent(&app), 4, "no more on the day after either");
    app.clock.advance(Duration::days(1));
    while app.deliver().sent > 0 {}
    assert_eq!(sent(&app), 5);
}

#[test]
fn a_form_that_is_sent_again_says_that_its_invitations_wait() {
    let app = TestApp::start_with(|config| config.limits.organization_invitations = 1);
    let owner = app.owner();
    register(&owner, "first@acme.example").sees("on its way");
    let submission = |path: &str| {
        let page = owner.open(path).page();
        page.all("input[name=submission]")[0].value().attr("value").expect("a submission id").to_owned()
    };
    let (one, many, lines) = (submission("/iam/users/new"), submission("/iam/users/bulk"), list(3));
    let fields = [("submission", one.as_str()), ("email", "mina@acme.example"), ("name", "Mina"), ("language", "en")];
    owner.post("/iam/users/new", &fields).sees("Your organization has sent 1 invitation today");
    owner.post("/iam/users/new", &fields).is_at("/iam/users").sees("3 of 3 users");
    owner.sees("Mina is registered. A limit of invitations a day is reached; this one will be sent on");
    owner.sees_no("on its way");
    let fields = [("submission", many), ("lines", lines), ("language", "en".to_owned())];
    let fields = fields.map(|(name, value)| (name.to_owned(), value));
    for _ in 0..2 {
        owner
            .post_parts("/iam/users/bulk", &fields, &[])
            .sees("3 users are registered")
            .sees("3 invitations will be sent");
        owner.sees_no("on their way");
    }
    app.clock.advance(Duration::days(5));
    while app.deliver().sent > 0 {}
    owner.log_in("acme", "owner@acme.example", PASSWORD);
    owner.post_parts("/iam/users/bulk", &fields, &[]).sees_no("invitations will be sent");
    app.deliver();
}
