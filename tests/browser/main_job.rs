//! The main job, with script: sign up, register the password from the mail, log in, look around, log out. Every page met
//! is looked at closely.

use crate::support::TestApp;
use crate::support::people::PASSWORD;
use crate::window::{Look, Window};

const EMAIL: &str = "mina@acme.example";

/// Shows ASVS 3.5.1.
#[test]
fn main_job() {
    walk("en");
}

#[test]
fn main_job_in_korean() {
    walk("ko");
}

fn walk(language: &'static str) {
    let app = TestApp::start();
    let mina = Window::with(&app, language, "Asia/Seoul", Look::Closely);

    mina.go("/").is_at("/").click(("Sign up", "회원가입")).is_at("/signup");
    mina.tick(("Agree to all", "모두 동의")).press(("Next", "다음")).is_at("/signup/member");
    mina.fill(("Company name", "회사명"), "Acme Cloud")
        .fill(("Business registration number", "사업자등록번호"), "120-81-47521")
        .fill(("Representative’s name", "대표자명"), "Mina Park")
        .fill(("Company phone", "회사 전화번호"), "02-2345-6789")
        .fill(("Billing and tax-invoice email", "청구서·세금계산서 이메일"), "billing@acme.example");
    mina.press(("Next", "다음")).is_at("/signup/organization");
    mina.fill(("Organization name", "조직 이름"), "acme-cloud")
        .sees(("“acme-cloud” is available", "“acme-cloud” 이름을 쓸 수 있습니다"));
    mina.fill(("Name", "이름"), "Mina Park")
        .fill(("Email", "이메일"), EMAIL)
        .fill(("Mobile", "휴대폰 번호"), "010-2345-6789");
    mina.press(("Complete", "완료")).is_at("/signup/done").sees(EMAIL);

    app.deliver();
    mina.click(("Mailbox", "메일함")).is_at("/dev/mailbox").sees(EMAIL);
    mina.click(("Vestibule: Invitation and password registration", "Vestibule: 초대 및 비밀번호 등록 안내")).look();
    mina.go(&app.link_to(EMAIL, "Vestibule")).is_at("/invitation").sees("acme-cloud");
    mina.fill(("New password", "새 비밀번호"), PASSWORD).sees(("Strong", "매우 좋음"));
    mina.fill(("New password again", "새 비밀번호 확인"), PASSWORD).press(("Register password", "비밀번호 등록"));
    mina.is_at("/login/acme-cloud").sees(("Your password is registered", "비밀번호를 등록했습니다"));
    assert_eq!(mina.value(("Email", "이메일")), EMAIL);
    mina.fill(("Password", "비밀번호"), PASSWORD).press(("Log in", "로그인"));

    mina.is_at("/console").sees("Mina Park").sees("Org Owner").sees("Org Admin").sees("Billing Admin");
    mina.click(("Manage organization", "조직 관리"))
        .is_at("/iam/organization/account")
        .sees(("Cloud account", "클라우드 계정"));
    mina.click(("Account settings", "계정 설정")).is_at("/account");
    mina.click(("What the roles may do", "역할별 권한 보기")).is_at("/iam/roles");
    mina.press("Mina Park")
        .press(("Log out", "로그아웃"))
        .is_at("/login")
        .sees(("You are logged out", "로그아웃했습니다"));

    mina.keeps_nothing();
}
