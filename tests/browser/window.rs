//! A person's browser window: fields by their labels, buttons and links by their words, and what can be seen.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use thirtyfour::prelude::*;

use crate::driver::Driver;
use crate::support::TestApp;

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// What every script can use: elements that can be seen and pressed now, by the words a person knows them by.
const FINDERS: &str = r#"
    const fold = text => text.replace(/\s+/g, ' ').trim();
    const words = el => fold(el.getAttribute('aria-label') ?? el.textContent);
    const scope = document.querySelector('dialog:modal') ?? document;
    const seen = el => el.checkVisibility({ visibilityProperty: true });
    const named = (selector, name) => {
        const all = [...scope.querySelectorAll(selector)].filter(seen);
        return all.find(el => words(el) === name) ?? all.find(el => words(el).startsWith(name + ' '));
    };
    const field = label => named('label', label)?.control ?? null;
    const button = name => named('button, summary', name) ?? null;
    const link = name => named('a[href]', name) ?? null;
    const text = () => fold((document.body?.innerText ?? ''));
"#;

/// Words in English and in Korean; where there is one word only, both say it.
pub trait Words {
    fn within(&self, language: &str) -> &str;
}

impl Words for &str {
    fn within(&self, _: &str) -> &str {
        self
    }
}

impl Words for (&str, &str) {
    fn within(&self, language: &str) -> &str {
        if language == "ko" { self.1 } else { self.0 }
    }
}

/// How closely each page met is looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// As it stands.
    Once,
    /// In light and dark, wide and narrow, at 320 pixels, and with the text twice as large.
    Closely,
}

/// A window on the application.
pub struct Window<'a> {
    pub app: &'a TestApp,
    pub driver: Driver,
    pub language: &'static str,
    pub look: Look,
    pub(crate) size: Cell<(u32, u32)>,
    /// Pages that were looked at already.
    pub(crate) known: RefCell<HashSet<u64>>,
    /// Statuses of answers that the test expects; Chromium logs each as an error.
    pub(crate) statuses: RefCell<HashSet<u16>>,
}

impl<'a> Window<'a> {
    /// A fresh browser in Seoul that prefers English.
    pub fn open(app: &'a TestApp) -> Self {
        Self::with(app, "en", "Asia/Seoul", Look::Once)
    }

    /// A fresh browser.
    pub fn with(app: &'a TestApp, language: &'static str, zone: &str, look: Look) -> Self {
        let driver = Driver::start(language, zone);
        // A refused form is a 422: that is no surprise anywhere.
        let statuses = RefCell::new(HashSet::from([422]));
        let window = Self { app, driver, language, look, size: Cell::default(), known: RefCell::default(), statuses };
        // The server's clock stands still; the browser's can be moved with it.
        let clock =
            "{ const now = Date.now.bind(Date); window.testClock = 0; Date.now = () => now() + window.testClock; }";
        window.driver.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": clock }));
        window.resize(1280, 900);
        window
    }

    /// A page of the size of a phone or a desk.
    pub fn resize(&self, width: u32, height: u32) -> &Self {
        self.size.set((width, height));
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.driver.devtools("Emulation.setDeviceMetricsOverride", size);
        self
    }

    /// Comes through the configured proxy, which names this address.
    pub fn comes_from(&self, address: &str) -> &Self {
        self.driver.devtools("Network.enable", json!({}));
        self.driver.devtools("Network.setExtraHTTPHeaders", json!({ "headers": { "X-Forwarded-For": address } }));
        self
    }

    /// Answers with this status are expected from now on.
    pub fn expects(&self, status: u16) -> &Self {
        self.statuses.borrow_mut().insert(status);
        self
    }

    /// Time passes for the server and for this window.
    pub fn later(&self, span: chrono::Duration) -> &Self {
        self.app.clock.advance(span);
        self.run("window.testClock += arguments[0]", vec![json!(span.num_milliseconds())]);
        self
    }

    // --- What a person does ---

    /// Types the address of a page of the application.
    pub fn go(&self, path: &str) -> &Self {
        self.visit(&format!("http://localhost:{}{path}", self.app.address.port()))
    }

    /// Types an address anywhere.
    pub fn visit(&self, url: &str) -> &Self {
        self.driver.wait(self.driver.session().goto(url)).unwrap();
        self.settle();
        self
    }

    /// Clicks the link with these words.
    #[track_caller]
    pub fn click(&self, name: impl Words) -> &Self {
        self.act("link", name.within(self.language), |found| self.driver.wait(found.click()));
        self
    }

    /// Presses the button with these words.
    #[track_caller]
    pub fn press(&self, name: impl Words) -> &Self {
        self.act("button", name.within(self.language), |found| self.driver.wait(found.click()));
        self
    }

    /// Ticks or unticks the box with this label.
    #[track_caller]
    pub fn tick(&self, label: impl Words) -> &Self {
        self.act("field", label.within(self.language), |found| self.driver.wait(found.click()));
        self
    }

    /// Replaces what is in the field with this label by typing.
    #[track_caller]
    pub fn fill(&self, label: impl Words, value: &str) -> &Self {
        self.act("field", label.within(self.language), |found| {
            self.driver.wait(async {
                found.clear().await?;
                found.send_keys(value).await
            })
        });
        self
    }

    /// Chooses an option by its words.
    #[track_caller]
    pub fn choose(&self, label: impl Words, option: &str) -> &Self {
        // Typing its first letters chooses an option, as at a real list.
        self.act("field", label.within(self.language), |found| self.driver.wait(found.send_keys(option)));
        self
    }

    /// Presses keys, wherever the focus is.
    pub fn keys(&self, keys: impl Into<TypingData>) -> &Self {
        let keys: TypingData = keys.into();
        self.driver.wait(self.driver.session().action_chain().send_keys(keys).perform()).unwrap();
        self
    }

    /// Goes back.
    pub fn back(&self) -> &Self {
        self.driver.wait(self.driver.session().back()).unwrap();
        self.settle();
        self
    }

    #[track_caller]
    fn act(&self, kind: &str, name: &str, act: impl Fn(WebElement) -> WebDriverResult<()>) {
        let mut last = format!("there is no {kind} {name:?}");
        let done = self.until(|| {
            let script = format!("{FINDERS} return {kind}(arguments[0])");
            let found = self.driver.wait(self.driver.session().execute(script, vec![json!(name)]));
            let found =
                found.and_then(|found| if found.json().is_null() { Ok(None) } else { found.element().map(Some) });
            match found {
                // What was found may be swapped away before it is pressed: then look again.
                Ok(Some(element)) => act(element).map_err(|cause| last = format!("{kind} {name:?}: {cause}")).is_ok(),
                Ok(None) => false,
                Err(cause) => {
                    last = cause.to_string();
                    false
                }
            }
        });
        assert!(done, "{last}\n{}", self.describe());
    }

    // --- What a person sees ---

    /// Waits for words on the page, then looks at the page.
    #[track_caller]
    pub fn sees(&self, expected: impl Words) -> &Self {
        let expected = expected.within(self.language);
        let found = self.until(|| self.text().contains(expected));
        assert!(found, "nobody sees {expected:?}\n{}", self.describe());
        self.look();
        self
    }

    /// Words that are not on the page now.
    #[track_caller]
    pub fn sees_no(&self, unexpected: impl Words) -> &Self {
        let unexpected = unexpected.within(self.language);
        assert!(!self.text().contains(unexpected), "somebody sees {unexpected:?}\n{}", self.describe());
        self
    }

    /// Waits for a page by its path, then looks at it.
    #[track_caller]
    pub fn is_at(&self, path: &str) -> &Self {
        let there = self.until(|| self.path() == path && self.is_settled());
        assert!(there, "this is not {path}\n{}", self.describe());
        self.look();
        self
    }

    /// Waits for the summary of a refused form with these words: it stands in the page as it was, and has the focus.
    #[track_caller]
    pub fn is_refused(&self, because: impl Words) -> &Self {
        let because = because.within(self.language);
        let script = "return document.activeElement?.id === 'summary' && document.activeElement.innerText.includes(arguments[0])";
        let refused = self.until(|| self.is_settled() && self.says_yes(script, vec![json!(because)]));
        assert!(refused, "no focused summary says {because:?}\n{}", self.describe());
        self.look();
        self
    }

    /// What is in the field with a label.
    #[track_caller]
    pub fn value(&self, label: impl Words) -> String {
        let label = label.within(self.language);
        let found = self.run("return field(arguments[0])?.value ?? null", vec![json!(label)]);
        found.as_str().unwrap_or_else(|| panic!("there is no field {label:?}\n{}", self.describe())).to_owned()
    }

    /// Whether the box with a label is ticked.
    #[track_caller]
    pub fn is_ticked(&self, label: impl Words) -> bool {
        let label = label.within(self.language);
        let found = self.run("return field(arguments[0])?.checked ?? null", vec![json!(label)]);
        found.as_bool().unwrap_or_else(|| panic!("there is no box {label:?}\n{}", self.describe()))
    }

    /// The words of what has the focus; a field has its label's.
    pub fn focus(&self) -> String {
        let script = "const el = document.activeElement; return el.labels?.length ? words(el.labels[0]) : words(el)";
        self.run(script, Vec::new()).as_str().unwrap_or_default().to_owned()
    }

    /// The title of the page.
    pub fn title(&self) -> String {
        self.driver.wait(self.driver.session().title()).unwrap()
    }

    /// Everything that can be seen or is read out, in words.
    pub fn text(&self) -> String {
        let found = self.driver.try_run(&format!("{FINDERS} return text()"), Vec::new());
        found.ok().and_then(|text| text.as_str().map(str::to_owned)).unwrap_or_default()
    }

    /// The path of the page.
    pub fn path(&self) -> String {
        let found = self.driver.try_run("return location.pathname", Vec::new());
        found.ok().and_then(|path| path.as_str().map(str::to_owned)).unwrap_or_default()
    }

    /// Scheme, host and port of the page.
    pub fn origin(&self) -> String {
        let found = self.driver.try_run("return location.origin", Vec::new());
        found.ok().and_then(|origin| origin.as_str().map(str::to_owned)).unwrap_or_default()
    }

    /// Runs a script that may use the finders.
    #[track_caller]
    pub fn run(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.driver.run(&format!("{FINDERS} {script}"), arguments)
    }

    /// Whether a script says yes before patience ends.
    #[track_caller]
    pub fn waits_for(&self, what: &str, script: &str) -> &Self {
        let script = format!("{FINDERS} return {script}");
        let came = self.until(|| self.says_yes(&script, Vec::new()));
        assert!(came, "{what} did not come\n{}", self.describe());
        self
    }

    // --- Waiting ---

    /// Tries until it is so or patience ends.
    pub fn until(&self, mut is_so: impl FnMut() -> bool) -> bool {
        let started = Instant::now();
        loop {
            if is_so() {
                return true;
            }
            if started.elapsed() > PATIENCE {
                return false;
            }
            std::thread::sleep(Duration::from_millis(25));
        }
    }

    /// Whether the page is there and waits for nothing.
    fn is_settled(&self) -> bool {
        let script = "return document.readyState === 'complete' && !document.querySelector('.htmx-request')";
        self.says_yes(script, Vec::new())
    }

    /// Whether a script says yes; not while one page gives way to the next.
    fn says_yes(&self, script: &str, arguments: Vec<Value>) -> bool {
        self.driver.try_run(script, arguments).is_ok_and(|answer| answer == true)
    }

    pub(crate) fn settle(&self) {
        self.until(|| self.is_settled());
    }

    pub(crate) fn describe(&self) -> String {
        format!("at {}{} {:?}:\n{}", self.origin(), self.path(), self.title(), self.text())
    }
}
