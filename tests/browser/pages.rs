//! The pages that the main job does not meet, in their states: in both languages, light and dark, wide and narrow.

use chrono::Duration;

use crate::support::TestApp;
use crate::support::people::PASSWORD;
use crate::window::{Look, Window};

const EMAIL: &str = "mina@acme.example";

impl Window<'_> {
    /// Logs in, to the console's home.
    #[track_caller]
    pub fn log_in(&self, organization: &str, email: &str) -> &Self {
        self.go(&format!("/login/{organization}")).is_at(&format!("/login/{organization}"));
        self.fill(("Email", "이메일"), email)
            .fill(("Password", "비밀번호"), PASSWORD)
            .press(("Log in", "로그인"))
            .is_at("/console")
    }
}

#[test]
fn public_pages() {
    public("en");
}

#[test]
fn public_pages_in_korean() {
    public("ko");
}

fn public(language: &'static str) {
    let app = TestApp::start();
    let mina = Window::with(&app, language, "Asia/Seoul", Look::Closely);
    mina.expects(404).expects(405).expects(410).expects(429);
    mina.go("/dev/mailbox").sees(("No message yet", "아직 메시지가 없습니다"));
    mina.go("/terms")
        .is_at("/terms")
        .go("/logout")
        .go("/nowhere")
        .sees(("There is nothing here", "페이지를 찾을 수 없습니다"));

    // The steps of the sign-up, refused.
    mina.go("/signup").press(("Next", "다음")).is_refused(("Agree to every required term", "필수 약관"));
    mina.tick(("Agree to all", "모두 동의")).press(("Next", "다음")).is_at("/signup/member");
    mina.press(("Next", "다음")).is_refused(("Enter something here", "입력하세요"));
    mina.fill(("Company name", "회사명"), "Acme Cloud")
        .fill(("Business registration number", "사업자등록번호"), "120-81-47521")
        .fill(("Representative’s name", "대표자명"), "Mina Park")
        .fill(("Company phone", "회사 전화번호"), "02-2345-6789")
        .fill(("Billing and tax-invoice email", "청구서·세금계산서 이메일"), "billing@acme.example")
        .press(("Next", "다음"))
        .is_at("/signup/organization");
    mina.press(("Complete", "완료")).is_refused(("Enter something here", "입력하세요"));
    mina.fill(("Organization name", "조직 이름"), "acme")
        .fill(("Name", "이름"), "Mina Park")
        .fill(("Email", "이메일"), EMAIL)
        .fill(("Mobile", "휴대폰 번호"), "010-2345-6789")
        .press(("Complete", "완료"))
        .is_at("/signup/done");
    mina.fill(("Email", "이메일"), "nobody")
        .press(("Send a new mail", "메일 다시 보내기"))
        .is_refused("name@example.com");

    // The invitation, refused, and links that are dead.
    let link = app.link_to(EMAIL, "Vestibule");
    mina.go(&link)
        .press(("Register password", "비밀번호 등록"))
        .is_refused(("Use at least 12 characters", "12자 이상"));
    mina.fill(("New password", "새 비밀번호"), PASSWORD).fill(("New password again", "새 비밀번호 확인"), PASSWORD);
    mina.press(("Register password", "비밀번호 등록")).is_at("/login/acme");
    mina.go(&link).sees(("This link was used already", "이미 사용한 링크입니다"));
    mina.go("/invitation").look().go("/password/new").look();

    // The login, wrong and locked, and the ways out of it.
    mina.go("/login")
        .fill(("Organization name", "조직 이름"), " ")
        .press(("Next", "다음"))
        .is_refused(("Enter something here", "입력하세요"));
    mina.fill(("Organization name", "조직 이름"), "acme").press(("Next", "다음")).is_at("/login/acme");
    for _ in 0..5 {
        mina.fill(("Email", "이메일"), EMAIL).fill(("Password", "비밀번호"), "wrong").press(("Log in", "로그인"));
        mina.is_refused(("wrong", "비밀번호"));
    }
    mina.fill(("Password", "비밀번호"), "wrong")
        .press(("Log in", "로그인"))
        .is_refused(("Too many wrong passwords", "여러 번"));
    mina.click(("Set a new password instead", "비밀번호 재설정하기")).is_at("/password");
    assert_eq!(mina.value(("Email", "이메일")), EMAIL);
    mina.fill(("Email", "이메일"), " ")
        .press(("Mail me a link", "링크 메일로 받기"))
        .is_refused(("Enter something here", "입력하세요"));
    mina.fill(("Organization name", "조직 이름"), "acme").fill(("Email", "이메일"), EMAIL);
    mina.press(("Mail me a link", "링크 메일로 받기")).sees(EMAIL).look();
    mina.go(&app.link_to(EMAIL, "Vestibule")).is_at("/password/new");
    mina.go("/login/organizations")
        .press(("Mail me my organizations", "내 조직 이름을 메일로 받기"))
        .is_refused(("Enter something here", "입력하세요"));
    mina.fill(("Email", "이메일"), EMAIL)
        .press(("Mail me my organizations", "내 조직 이름을 메일로 받기"))
        .sees(EMAIL)
        .look();
    app.deliver();
    mina.go("/dev/mailbox").sees(EMAIL);
}

#[test]
fn console_pages() {
    console("en");
}

#[test]
fn console_pages_in_korean() {
    console("ko");
}

fn console(language: &'static str) {
    let app = TestApp::start();
    app.organization("acme", EMAIL);
    // Signed up in English; the person's own language then counts, wherever they log in.
    let mina = Window::with(&app, language, "Asia/Seoul", Look::Once);
    mina.log_in("acme", EMAIL);
    if language == "ko" {
        mina.press("한국어").sees("안녕하세요");
    }
    let mina = Window { look: Look::Closely, ..mina };

    // Logins that failed, and a session elsewhere.
    let other = app.visitor();
    other.log_in("acme", EMAIL, "wrong").log_in("acme", EMAIL, PASSWORD);
    mina.press("Mina Park").press(("Log out", "로그아웃")).is_at("/login");
    mina.log_in("acme", EMAIL).look();
    mina.press("Mina Park").sees(EMAIL).keys(thirtyfour::Key::Escape);
    mina.go("/iam/organization/account").look().go("/iam/roles").look();

    mina.go("/account")
        .look()
        .fill(("Name", "이름"), "")
        .press(("Save", "저장"))
        .is_refused(("Enter something here", "입력하세요"));
    mina.fill(("Name", "이름"), "Mina Park")
        .press(("Save", "저장"))
        .sees(("Your profile is saved", "프로필을 저장했습니다"));
    mina.go("/account/password").is_at("/account/password");
    mina.press(("Change password", "비밀번호 변경")).is_refused(("Use at least 12 characters", "12자 이상"));

    // The login is no longer fresh.
    app.clock.advance(Duration::minutes(11));
    mina.go("/account/password").is_at("/confirmation").fill(("Password", "비밀번호"), "wrong");
    mina.press(("Confirm", "확인")).is_refused(("The password is wrong", "비밀번호"));
    mina.fill(("Password", "비밀번호"), PASSWORD).press(("Confirm", "확인")).is_at("/account/password");
    mina.expects(404).go("/nowhere").look();
}

#[test]
fn language_and_theme_are_chosen_in_the_footer() {
    let app = TestApp::start();
    let mina = Window::open(&app);
    let page = || {
        mina.run("return [document.documentElement.lang, document.documentElement.dataset.theme ?? null, getComputedStyle(document.body).colorScheme]", Vec::new())
    };
    mina.go("/login").is_at("/login");
    assert_eq!(page(), serde_json::json!(["en", null, "light dark"]));
    mina.press("Dark").is_at("/login");
    assert_eq!(page(), serde_json::json!(["en", "dark", "dark"]));
    mina.press("한국어").is_at("/login").sees("로그인");
    assert_eq!(page(), serde_json::json!(["ko", "dark", "dark"]));
    mina.go("/").press("라이트").is_at("/");
    assert_eq!(page(), serde_json::json!(["ko", "light", "light"]));
    mina.press("시스템").is_at("/");
    assert_eq!(page(), serde_json::json!(["ko", null, "light dark"]));
}
