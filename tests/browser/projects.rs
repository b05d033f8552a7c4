//! A project with members, with script: made, shared, changed, emptied and deleted. Every page met is looked at closely.

use vestibule::access::Roles;

use crate::support::TestApp;
use crate::window::{Look, Window};

const EMAIL: &str = "mina@acme.example";
const MATE: &str = "jisoo@acme.example";

#[test]
fn a_project_with_members() {
    walk("en");
}

#[test]
fn a_project_with_members_in_korean() {
    walk("ko");
}

fn walk(language: &'static str) {
    let app = TestApp::start();
    app.organization("acme", EMAIL);
    app.colleague("acme", MATE, Roles::default());
    let mina = Window::with(&app, language, "Asia/Seoul", Look::Once);
    mina.log_in("acme", EMAIL);
    if language == "ko" {
        mina.press("한국어").sees("안녕하세요");
    }
    let mina = Window { look: Look::Closely, ..mina };

    mina.click(("Projects", "프로젝트")).is_at("/iam/projects").sees(("No projects yet", "아직 프로젝트가 없습니다"));
    mina.click(("New project", "새 프로젝트")).is_at("/iam/projects/new");
    mina.fill(("Project ID", "프로젝트 ID"), "Web Shop").press(("Create project", "프로젝트 만들기"));
    mina.is_refused(("“Web Shop” cannot be a Project ID", "“Web Shop”은(는) 프로젝트 ID로 쓸 수 없습니다"));
    assert_eq!(mina.value(("Project ID", "프로젝트 ID")), "Web Shop");
    mina.fill(("Display name", "표시 이름"), "Web shop").fill(("Project ID", "프로젝트 ID"), "web-shop");
    mina.press(("Create project", "프로젝트 만들기")).is_at("/iam/projects/web-shop");
    mina.sees(("The project is created", "프로젝트를 만들었습니다"));

    mina.click(("Add member", "구성원 추가")).is_at("/iam/projects/web-shop/members/new");
    mina.fill(("Email", "이메일"), "nobody@acme.example").press(("Add member", "구성원 추가"));
    mina.is_refused(("Nobody with this address", "이 주소로 등록된"));
    mina.fill(("Email", "이메일"), MATE).press(("Add member", "구성원 추가")).is_at("/iam/projects/web-shop");
    mina.sees(MATE).sees("Project Member");
    mina.click(("Change Colleague", "변경 Colleague")).choose(("Project role", "프로젝트 역할"), "Project Admin");
    mina.press(("Save", "저장")).is_at("/iam/projects/web-shop").sees("Project Admin");

    app.resource("acme", "web-shop", "vm-1", "web-front-1");
    mina.click(("Delete project", "프로젝트 삭제")).is_at("/iam/projects/web-shop/deletion").sees("web-front-1");
    app.database.execute("DELETE FROM resources");
    mina.go("/iam/projects/web-shop").click(("Change Colleague", "변경 Colleague"));
    mina.click(("Remove from project", "프로젝트에서 제거")).sees(MATE);
    mina.press(("Remove from project", "프로젝트에서 제거")).is_at("/iam/projects/web-shop").sees_no(MATE);
    mina.click(("Edit project", "프로젝트 수정")).fill(("Display name", "표시 이름"), "").press(("Save", "저장"));
    mina.is_refused(("Enter something here", "입력하세요")).go("/iam/projects").sees("web-shop");
    mina.go("/iam/projects/web-shop/deletion").press(("Delete project", "프로젝트 삭제"));
    mina.is_refused(("Type the Project ID exactly", "똑같이 입력하세요"));
    mina.fill(("Type the Project ID", "확인을 위해"), "web-shop").press(("Delete project", "프로젝트 삭제"));
    mina.is_at("/iam/projects").sees(("The project web-shop is deleted", "web-shop 프로젝트를 삭제했습니다"));
}
