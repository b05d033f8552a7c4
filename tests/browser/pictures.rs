//! The pictures of the README: `make screenshots` draws them from the real pages, of an organization in which people have
//! been for a while. They are no test, so nothing else runs this.

use std::path::Path;

use diesel::prelude::*;
use vestibule::access::Roles;
use vestibule::base::public_url::PublicUrl;
use vestibule::platform::config::Mode;
use vestibule::platform::store::schema::users;

use crate::support::TestApp;
use crate::support::people::PASSWORD;
use crate::window::{Look, Window};

const OWNER: &str = "mina@hanbit.example";
const ORGANIZATION: &str = "hanbit";
const READER: Roles = Roles { owner: false, org_admin: false, org_reader: true, billing_admin: false };
const ADMIN: Roles = Roles { owner: false, org_admin: true, org_reader: false, billing_admin: false };

/// What has happened before anybody takes a picture.
fn live(app: &TestApp) {
    app.organization(ORGANIZATION, OWNER);
    let days = |days: i64| app.clock.advance(chrono::Duration::days(days));
    for (number, (email, name, roles)) in [
        ("jun", "Jun Kim", ADMIN),
        ("seoyeon", "Seo-yeon Choi", READER),
        ("amelie", "Amélie Laurent", READER),
        ("tobias", "Tobias Brandt", ADMIN),
        ("haneul", "Ha-neul Jung", READER),
        ("priya", "Priya Raman", READER),
    ]
    .into_iter()
    .enumerate()
    {
        days(9);
        let email = format!("{email}@hanbit.example");
        let person = app.colleague(ORGANIZATION, &email, roles);
        let named = (users::name.eq(name), users::listed_as.eq(format!("{} {number}", name.to_lowercase())));
        let row = users::table.filter(users::email.eq(&email));
        assert_eq!(diesel::update(row).set(named).execute(&mut app.database.connect()).unwrap(), 1);
        person.moves_to(&format!("203.0.113.{}", 5 + number % 2)).open("/console");
    }
    let owner = app.visitor().from("203.0.113.5");
    owner.log_in(ORGANIZATION, OWNER, PASSWORD).is_at("/console");
    owner.creates_project("web-shop", "Web shop").creates_project("data-lake", "Data lake");
    for (email, name) in [("noor", "Noor Haddad"), ("lucas", "Lucas Meyer")] {
        let email = format!("{email}@hanbit.example");
        owner.post("/iam/users/new", &[("email", &email), ("name", name), ("language", "en")]).is_at("/iam/users");
    }
    for round in 0..9 {
        let stranger = app.visitor().from("198.51.100.7");
        stranger.log_in(ORGANIZATION, "jun@hanbit.example", "a wrong password");
        let jun = app.visitor().from("203.0.113.6");
        jun.log_in(ORGANIZATION, "jun@hanbit.example", PASSWORD).is_at("/console");
        app.clock.advance(chrono::Duration::hours(7 + round));
    }
    owner.log_in(ORGANIZATION, OWNER, PASSWORD).is_at("/console");
    app.deliver();
    app.seal();
}

#[test]
#[ignore = "draws pictures: make screenshots"]
fn pictures() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/pictures");
    std::fs::create_dir_all(&folder).unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let lived_in = TestApp::start();
    live(&lived_in);
    // As in production, without the note of development mode.
    let app = lived_in.beside_with(|config| {
        config.mode = Mode::Production;
        config.listen.set_port(port);
        config.public_url = PublicUrl::parse(&format!("http://localhost:{port}")).unwrap();
    });
    let window = |language| {
        let window = Window::with(&app, language, "Asia/Seoul", Look::Once);
        window.driver.devtools("Emulation.setScrollbarsHidden", serde_json::json!({ "hidden": true }));
        window
    };
    let keep = |window: &Window<'_>, name: &str| {
        window.settle();
        let shot = window.driver.wait(window.driver.session().screenshot_as_png()).unwrap();
        std::fs::write(folder.join(format!("{name}.png")), shot).unwrap();
    };
    let theme = |window: &Window<'_>, theme: &str| {
        window.run("document.documentElement.dataset.theme = arguments[0]", vec![serde_json::json!(theme)]);
    };

    let mina = window("en");
    mina.go("/login").fill("Organization name", ORGANIZATION).press("Next").is_at(&format!("/login/{ORGANIZATION}"));
    mina.resize(1280, 800).fill("Email", OWNER).fill("Password", PASSWORD).press("Log in").is_at("/console");
    keep(&mina, "console");
    mina.go("/iam/users");
    keep(&mina, "users");
    mina.go("/iam/organization/security/password").tick("60 days").sees("If passwords expire after 60 days");
    mina.resize(1280, 1330);
    keep(&mina, "password-expiration");
    mina.resize(1280, 1300);
    mina.go("/iam/organization/security/access").press("Add my address").tick("Used").sees("who");
    theme(&mina, "dark");
    keep(&mina, "console-access");

    let mina = window("ko");
    mina.resize(1280, 1400)
        .go("/login")
        .fill("조직 이름", ORGANIZATION)
        .press("다음")
        .is_at(&format!("/login/{ORGANIZATION}"));
    mina.fill("이메일", OWNER).fill("비밀번호", PASSWORD).press("로그인").is_at("/console");
    mina.press("한국어").go("/audit");
    keep(&mina, "audit-log");
}
