//! Without a mouse.

use thirtyfour::Key;

use crate::support::TestApp;
use crate::support::people::PASSWORD;
use crate::window::Window;

const EMAIL: &str = "mina@acme.example";

impl Window<'_> {
    /// Presses Tab until the focus is on what has these words.
    #[track_caller]
    fn tab_to(&self, name: &str) -> &Self {
        for _ in 0..40 {
            self.keys(Key::Tab);
            self.focus_shows();
            let focus = self.focus();
            if focus == name || focus.starts_with(&format!("{name} ")) {
                return self;
            }
        }
        panic!("Tab does not reach {name:?} at {}", self.path());
    }

    /// What has the focus has a ring, and nothing covers it.
    #[track_caller]
    fn focus_shows(&self) {
        let script = r#"
            const el = document.activeElement;
            if (el === document.body) return '';
            const box = el.getBoundingClientRect(), style = getComputedStyle(el), after = getComputedStyle(el, '::after');
            if (style.outlineStyle === 'none' && after.outlineStyle === 'none') return 'has no ring';
            const [x, y] = [box.left + box.width / 2, box.top + Math.min(box.height / 2, 20)];
            if (y < 0 || y > innerHeight || x < 0 || x > innerWidth) return `is out of sight at ${x}, ${y}`;
            const top = document.elementFromPoint(x, y);
            return el === top || el.contains(top) || top?.contains(el) ? '' : `is covered by ${top?.outerHTML.slice(0, 80)}`;
        "#;
        let fault = self.run(script, Vec::new());
        assert_eq!(fault, "", "{:?} at {}", self.focus(), self.path());
    }
}

#[test]
fn the_whole_login_works_by_keyboard() {
    let app = TestApp::start();
    app.organization("acme", EMAIL);
    let mina = Window::open(&app);
    mina.go("/").tab_to("Log in").keys(Key::Enter).is_at("/login");
    mina.tab_to("Organization name").keys("acme").keys(Key::Enter).is_at("/login/acme");
    mina.tab_to("Email").keys(EMAIL).tab_to("Password").keys("not-my-password-at-all").keys(Key::Enter);
    mina.is_refused("Organization name, email or password is wrong");
    mina.tab_to("Password").keys(PASSWORD).tab_to("Log in").keys(Key::Space).is_at("/console");
    mina.tab_to("Mina Park")
        .keys(Key::Enter)
        .tab_to("Log out")
        .keys(Key::Enter)
        .is_at("/login")
        .sees("You are logged out");
}

#[test]
fn the_first_tab_skips_to_the_content() {
    let app = TestApp::start();
    app.organization("acme", EMAIL);
    let mina = Window::open(&app);
    mina.log_in("acme", EMAIL).go("/account").keys(Key::Tab);
    assert_eq!(mina.focus(), "Skip to content");
    mina.focus_shows();
    mina.look().keys(Key::Enter);
    assert_eq!(mina.run("return document.activeElement.id", Vec::new()), "main");
    mina.tab_to("Name");
}

#[test]
fn the_drawer_works_by_keyboard() {
    let app = TestApp::start();
    app.organization("acme", EMAIL);
    let mina = Window::open(&app);
    mina.log_in("acme", EMAIL).resize(390, 844);
    mina.sees_no("Manage organization").tab_to("Menu").keys(Key::Enter).sees("Manage organization").fits();
    mina.keys(Key::Escape);
    mina.waits_for("the end of the drawer", "!document.querySelector('#nav:popover-open')");
    assert_eq!(mina.focus(), "Menu", "the focus returns");
    mina.keys(Key::Enter).tab_to("Manage organization").keys(Key::Enter).is_at("/iam/organization/account");
}

#[test]
fn escape_closes_the_menu_and_the_focus_returns() {
    let app = TestApp::start();
    app.organization("acme", EMAIL);
    let mina = Window::open(&app);
    mina.log_in("acme", EMAIL).tab_to("Mina Park").keys(Key::Enter).sees("Log out");
    mina.keys(Key::Escape);
    mina.waits_for("the end of the menu", "!document.querySelector('#user-menu:popover-open')");
    assert_eq!(mina.focus(), "Mina Park");
}
