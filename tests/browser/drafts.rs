//! What is typed is there on the page that comes next: after a switch of language or theme, and after a way elsewhere.

use crate::support::TestApp;
use crate::window::Window;

const EMAIL: &str = "mina@acme.example";
const ACCESS: &str = "/iam/organization/security/access";

#[test]
fn language_and_theme_switches_keep_what_was_typed() {
    let app = TestApp::start();
    app.organization("acme", EMAIL);
    let visitor = Window::open(&app);
    visitor.go("/").click("Sign up").tick("Agree to all").press("Next").is_at("/signup/member");
    visitor.fill("Company name", "Acme Cloud").fill("Business registration number", "120-81-47521");
    visitor.press("Dark").is_at("/signup/member");
    assert_eq!(visitor.value("Company name"), "Acme Cloud");
    visitor.press("한국어").sees("회사");
    let typed = visitor.run("return document.querySelector('[name=company]').value", Vec::new());
    assert_eq!(typed, "Acme Cloud");
    let mina = Window::open(&app);
    mina.go("/login/acme").fill("Email", EMAIL).fill("Password", "not for a page").press("Dark").is_at("/login/acme");
    assert_eq!((mina.value("Email").as_str(), mina.value("Password").as_str()), (EMAIL, ""));
    mina.log_in("acme", EMAIL).go("/iam/users/new").fill("Name", "Jun Kim").press("Light").is_at("/iam/users/new");
    assert_eq!(mina.value("Name"), "Jun Kim");
    // A page that is opened anew begins empty.
    mina.go("/iam/users/new");
    assert_eq!(mina.value("Name"), "");
}

#[test]
fn unsaved_entries_survive_leaving_the_page() {
    let app = TestApp::start();
    app.organization("acme", EMAIL);
    let mina = Window::open(&app);
    mina.log_in("acme", EMAIL).go(ACCESS).sees("0 of 20").sees_no("not saved yet");
    for address in ["192.0.2.1", "192.0.2.2"] {
        mina.fill("IP", address).press("Register").sees(address);
    }
    mina.sees("2 of 20").sees("These entries are not saved yet");
    let asks = "const e = new Event('beforeunload', { cancelable: true }); return !dispatchEvent(e)";
    assert_eq!(mina.run(asks, Vec::new()), true, "leaving is asked about");
    mina.click("Users").is_at("/iam/users").go(ACCESS).sees("2 of 20").sees("192.0.2.2");
    mina.sees("These entries are not saved yet").press("Discard").sees("0 of 20").sees_no("not saved yet");
    mina.go(ACCESS).sees("0 of 20");
    // A list for registration, that was only checked.
    mina.go("/iam/users/bulk").fill("Users, one on each line", "lena@acme.example, Lena").press("Check only");
    mina.sees("not saved yet").click("Users").is_at("/iam/users").go("/iam/users/bulk");
    assert_eq!(mina.value("Users, one on each line"), "lena@acme.example, Lena");
    mina.press("Register all").sees("Lena");
    mina.go("/iam/users/bulk");
    assert_eq!(mina.value("Users, one on each line"), "");
}
