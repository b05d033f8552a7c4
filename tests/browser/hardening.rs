//! What the browser itself must refuse, and what it must not be left with.

use crate::support::TestApp;
use crate::window::Window;

const EMAIL: &str = "mina@acme.example";

impl Window<'_> {
    /// Nothing that a script could read is left in the browser.
    #[track_caller]
    pub fn keeps_nothing(&self) -> &Self {
        let script =
            "return [document.cookie, localStorage.length, sessionStorage.length, navigator.serviceWorker.controller]";
        assert_eq!(self.run(script, Vec::new()), serde_json::json!(["", 0, 0, null]));
        self
    }
}

/// Shows ASVS 3.3.4, 14.3.3.
#[test]
fn nothing_is_left_for_a_script_to_read() {
    let app = TestApp::start();
    app.organization("acme", EMAIL);
    let mina = Window::open(&app);
    mina.go("/login").keeps_nothing();
    mina.log_in("acme", EMAIL).keeps_nothing().go("/account").keeps_nothing();
    let cookies = mina.driver.wait(mina.driver.session().get_all_cookies()).unwrap();
    assert!(cookies.iter().any(|cookie| cookie.name == "vestibule-session"));
    for cookie in cookies {
        assert!(cookie.name.starts_with("vestibule-") && cookie.http_only == Some(true), "{}", cookie.name);
    }
}

/// Scripts of the driver's own escape parts of the policy, so these only put markup into the page, as an injection
/// would, and then look whether the browser ran it.
/// Shows ASVS 1.3.2, 3.4.3; attacks 63, 64.
#[test]
fn markup_put_into_a_page_runs_nothing() {
    let app = TestApp::start();
    app.organization("acme", EMAIL);
    let mina = Window::open(&app);
    mina.log_in("acme", EMAIL).go("/account").is_at("/account");
    let inject = r##"
        window.refused = [];
        addEventListener('securitypolicyviolation', refusal => window.refused.push(refusal.blockedURI));
        const script = document.createElement('script');
        script.textContent = 'window.ran = "an inline script"';
        document.body.append(script);
        const data = document.createElement('script');
        data.src = 'data:text/javascript,window.ran="a data: script"';
        document.body.append(data);
        const place = document.createElement('div');
        place.innerHTML = `<img src="/nothing-here" onerror="window.ran = 'a handler'">
            <button onclick="window.ran = 'a handler'">Press this</button>
            <a href="javascript:window.ran = 'a javascript: link'">Follow this</a>
            <p id="styled" style="color: rgb(1, 2, 3)">Styled</p>
            <form id="elsewhere" action="https://elsewhere.example/" method="post"></form>
            <div hx-get="/account" hx-trigger="load" hx-vals="js:{ran: window.ran = 'htmx'}"></div>
            <iframe src="https://elsewhere.example/"></iframe>
            <base href="https://elsewhere.example/">`;
        document.querySelector('main').append(place);
        // Later: what the driver runs now may use eval, whatever the policy says.
        setTimeout(() => htmx.process(place), 500);
        place.querySelector('button').click();
        place.querySelector('a').click();
        place.querySelector('form').requestSubmit();
    "##;
    mina.run(inject, Vec::new());
    // Handlers, frames and requests take their time; the last refusal to come shows that they had it.
    let mut heard = Vec::new();
    let wanted = ["script-src", "style-src", "form-action", "default-src", "base-uri"];
    let all_refused = mina.until(|| {
        heard.extend(mina.hears());
        wanted.iter().all(|word| heard.iter().any(|line| line.contains(word)))
    });
    assert!(all_refused, "{heard:#?}");
    // htmx would evaluate what begins with js:, and may not.
    mina.waits_for("the refusal of eval", "window.refused.includes('eval')");
    assert_eq!(mina.run("return window.ran ?? null", Vec::new()), serde_json::Value::Null);
    assert_ne!(
        mina.run("return getComputedStyle(document.getElementById('styled')).color", Vec::new()),
        "rgb(1, 2, 3)"
    );
    assert_eq!(mina.run("return document.baseURI === location.href", Vec::new()), true);
    assert_eq!(mina.path(), "/account");
}

/// Shows ASVS 3.4.3.
#[test]
fn every_answer_carries_the_policy() {
    let app = TestApp::start();
    let visitor = app.visitor();
    for path in
        ["/", "/login", "/signup", "/nowhere", "/static/nothing.js", "/console", "/dev/mailbox", "/dev/mailbox.json"]
    {
        let answer = visitor.request("GET", path, &[], "");
        let policies = answer.headers("content-security-policy");
        assert_eq!(policies.len(), 1, "{path}");
        for part in [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ] {
            assert!(policies[0].split("; ").any(|own| own == part), "{path}: {part}");
        }
        assert!(!policies[0].contains("unsafe"), "{path}");
    }
}
