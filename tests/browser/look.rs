//! What is demanded of every page met: no fault that axe finds (WCAG 2.2 AA and best practices), nothing in the console,
//! no sideways scroll.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::{Value, json};

use crate::window::{Look, Window};

const AXE: &str = include_str!("vendor/axe-4.14.1.min.js");

const RUN_AXE: &str = r#"
    const done = arguments[arguments.length - 1];
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    // Another theme changes colours and nothing else.
    const colours = ['color-contrast', 'link-in-text-block'];
    const only = arguments[0] ? { type: 'rule', values: colours } : { type: 'tag', values: tags };
    const told = fault => `${fault.id}: ${fault.help}` + fault.nodes.map(node => `\n    ${node.html}\n    ${node.failureSummary}`);
    axe.run(document, { runOnly: only, resultTypes: ['violations'] })
        .then(found => done(found.violations.map(told)), cause => done([`axe: ${cause}`]));
"#;

const WIDE_THINGS: &str = r#"
    const page = document.documentElement, room = page.clientWidth;
    if (page.scrollWidth <= room) return [];
    const wide = [...document.body.querySelectorAll('*')].filter(el => el.getBoundingClientRect().right > room + 1);
    return [`${page.scrollWidth} of ${room}`, ...wide.slice(0, 12).map(el => el.outerHTML.slice(0, 120))];
"#;

impl Window<'_> {
    /// Looks at the page as it is now, unless it was looked at like this before.
    #[track_caller]
    pub fn look(&self) -> &Self {
        self.settle();
        self.hears_nothing();
        let html = self.run("return document.documentElement.outerHTML", Vec::new());
        let mut hasher = DefaultHasher::new();
        (html.as_str(), self.size.get()).hash(&mut hasher);
        if !self.known.borrow_mut().insert(hasher.finish()) {
            return self;
        }
        match self.look {
            Look::Once => self.has_no_fault("as it is", false),
            Look::Closely => self.look_closely(),
        }
        self.hears_nothing();
        self
    }

    #[track_caller]
    fn look_closely(&self) {
        let (width, height) = self.size.get();
        let theme = self.run("return document.documentElement.dataset.theme ?? null", Vec::new());
        for (width, height) in [(1280, 900), (390, 844)] {
            self.resize(width, height);
            for theme in ["light", "dark"] {
                self.run("document.documentElement.dataset.theme = arguments[0]", vec![json!(theme)]);
                self.has_no_fault(&format!("{theme}, {width} wide"), theme == "dark");
            }
            self.fits();
        }
        self.run("if (arguments[0]) document.documentElement.dataset.theme = arguments[0]; else delete document.documentElement.dataset.theme", vec![theme]);
        // 1280 at a zoom of 400 %, and the text alone at 200 %.
        self.resize(320, 640).fits();
        self.enlarge_text(32).resize(1280, 900).fits();
        self.resize(640, 900).fits();
        self.enlarge_text(16).resize(width, height);
    }

    /// The size of text that the browser is set to.
    pub fn enlarge_text(&self, size: u32) -> &Self {
        self.driver.devtools("Page.setFontSizes", json!({ "fontSizes": { "standard": size, "fixed": size } }));
        self
    }

    #[track_caller]
    fn has_no_fault(&self, how: &str, colours_only: bool) {
        if self.run("return typeof axe", Vec::new()) == "undefined" {
            self.driver.run(AXE, Vec::new());
        }
        let found = self.driver.wait(self.driver.session().execute_async(RUN_AXE, vec![json!(colours_only)])).unwrap();
        let faults = lines(found.json());
        assert!(faults.is_empty(), "{} ({how}, {}):\n{}", self.path(), self.language, faults.join("\n"));
    }

    /// Nothing makes the page scroll sideways.
    #[track_caller]
    pub fn fits(&self) -> &Self {
        let wide = lines(&self.run(WIDE_THINGS, Vec::new()));
        assert!(wide.is_empty(), "{} scrolls sideways: {}", self.path(), wide.join("\n    "));
        self
    }

    /// The console says nothing bad: no error of a script, no violation of the Content-Security-Policy, no failed
    /// request but the expected ones.
    #[track_caller]
    pub fn hears_nothing(&self) {
        let bad = self.hears();
        assert!(bad.is_empty(), "{}: the console says:\n{}", self.path(), bad.join("\n"));
    }

    /// What the console said since it was last read.
    pub fn hears(&self) -> Vec<String> {
        let entries = self.driver.wait(self.driver.session().browser_log()).unwrap();
        let statuses = self.statuses.borrow();
        let expected = |message: &str| {
            statuses.iter().any(|status| message.contains(&format!("responded with a status of {status} ")))
        };
        let bad = entries.into_iter().filter(|entry| {
            let network = entry.source.as_deref() == Some("network");
            let policy =
                entry.source.as_deref() == Some("security") || entry.message.contains("Content Security Policy");
            (entry.level == "SEVERE" || policy) && !(network && expected(&entry.message))
        });
        bad.map(|entry| format!("{} {:?} {}", entry.level, entry.source, entry.message)).collect()
    }
}

fn lines(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(|line| line.as_str().map(str::to_owned)).collect()
}
