//! The seven steps of an organization's deletion with script, then time to think again, and at last the erasure. Every page
//! met is looked at closely.

use vestibule::access::Roles;

use crate::support::TestApp;
use crate::support::people::PASSWORD;
use crate::window::{Look, Window};

const EMAIL: &str = "mina@acme.example";
const MATE: &str = "jisoo@acme.example";
const PAGE: &str = "/iam/organization/deletion";
const ACCOUNT: &str = "/iam/organization/account";

const PRECAUTIONS: [(&str, &str); 3] = [
    ("Everything of the organization is erased:", "계정, 청구서, 설정, 감사 로그는 물론"),
    ("After the date of erasure", "삭제 예정일이 지나면"),
    ("Until then you can withdraw", "삭제 예정일까지는 신청을"),
];

#[test]
fn an_organization_is_emptied_and_deleted() {
    walk("en");
}

#[test]
fn an_organization_is_emptied_and_deleted_in_korean() {
    walk("ko");
}

fn requests(mina: &Window<'_>) {
    for precaution in PRECAUTIONS {
        mina.tick(precaution);
    }
    mina.fill(("Organization name", "조직 이름"), "acme").press(("Request deletion", "삭제 신청")).is_at(ACCOUNT);
}

fn walk(language: &'static str) {
    let app = TestApp::start();
    app.organization("acme", EMAIL);
    app.colleague("acme", MATE, Roles::default());
    let before = app.visitor();
    before.log_in("acme", EMAIL, PASSWORD).creates_project("web-shop", "Web shop");
    app.resource("acme", "web-shop", "vm-1", "web-front-1");
    let bill = app.bill("acme", "2611K7QM2X", "2026-12-20");

    let mina = Window::with(&app, language, "Asia/Seoul", Look::Once);
    mina.log_in("acme", EMAIL);
    if language == "ko" {
        mina.press("한국어").sees("안녕하세요");
    }
    let mina = Window { look: Look::Closely, ..mina };
    mina.go(ACCOUNT).click(("Apply for Cloud Organization Deletion", "클라우드 조직 삭제 신청")).is_at(PAGE);
    mina.sees(("1 user is left besides you", "사용자 1명이 남아 있습니다"));
    mina.sees(("1 project is left, with 1 resource", "프로젝트 1개, 리소스 1개가 남아 있습니다"));

    // Users, then projects, whose resources go where they were made, then bills.
    mina.click(("Go to Users", "사용자로 이동")).is_at("/iam/users").click("Colleague");
    mina.click(("Delete user", "사용자 삭제"));
    mina.fill(("Type the user’s email address", "확인을 위해 사용자의 이메일"), MATE);
    mina.press(("Delete user", "사용자 삭제")).is_at("/iam/users");
    app.database.execute("DELETE FROM resources");
    mina.go("/iam/projects/web-shop/deletion").fill(("Type the Project ID", "확인을 위해"), "web-shop");
    mina.press(("Delete project", "프로젝트 삭제")).is_at("/iam/projects");
    mina.go(PAGE).sees(("1 bill is open", "미납 청구서가 1건 있습니다"));
    // The list looks by itself.
    app.settle(&bill);
    mina.sees(("Nothing is left to do", "남은 일이 없습니다")).click(("Continue", "계속")).is_at(PAGE);

    mina.press(("Request deletion", "삭제 신청"))
        .is_refused(("Read and tick every precaution", "모두 읽고 체크하세요"));
    requests(&mina);
    mina.sees(("Deletion requested", "삭제 신청됨")).sees(("29 Nov 2026, 18:00 KST", "2026년 11월 29일"));
    mina.go("/console").sees(("The deletion of this organization is requested", "이 조직의 삭제가 신청되었습니다"));
    mina.click(("See the request", "신청 내용 보기")).is_at(ACCOUNT);

    mina.click(("See deletion request", "삭제 신청 보기")).is_at(PAGE);
    mina.press(("Withdraw request", "신청 철회")).is_at(ACCOUNT).sees(("Not requested", "신청하지 않음"));

    mina.go(PAGE);
    requests(&mina);
    app.clock.advance(chrono::Duration::days(7));
    app.clean_up();
    mina.go("/console").is_at("/login");
    assert!(app.mail_to(EMAIL)[0].subject.contains(if language == "ko" {
        "조직이 삭제되었습니다"
    } else {
        "is erased"
    }));
}
