//! People with browsers. They open pages, fill fields by label, press buttons, and say what they see.

use std::cell::{Ref, RefCell};
use std::collections::BTreeMap;
use std::net::IpAddr;

use super::TestApp;
use super::client::{self, Door, Response};
use super::page::Page;
use super::people_tokens::FORM;

/// The password of everybody whose password does not matter.
pub const PASSWORD: &str = "orbit-stapler-77-meadow";

/// Somebody with a browser: cookies, a page, and what was typed into it.
pub struct Person<'a> {
    pub app: &'a TestApp,
    door: Door,
    pub cookies: RefCell<BTreeMap<String, String>>,
    page: RefCell<Option<Page>>,
    last: RefCell<Option<Response>>,
    typed: RefCell<Vec<(String, String)>>,
    ticked: RefCell<Vec<(String, String, bool)>>,
    attached: RefCell<Vec<(String, Vec<u8>)>>,
    address: RefCell<Option<IpAddr>>,
    language: RefCell<&'static str>,
    pub agent: RefCell<&'static str>,
}

impl<'a> Person<'a> {
    pub fn new(app: &'a TestApp) -> Self {
        Self {
            app,
            door: Door::Plain(app.address),
            cookies: RefCell::default(),
            page: RefCell::default(),
            last: RefCell::default(),
            typed: RefCell::default(),
            ticked: RefCell::default(),
            attached: RefCell::default(),
            address: RefCell::default(),
            language: RefCell::new("en"),
            agent: RefCell::new("Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0.0.0 Safari/537.36"),
        }
    }

    /// Comes by another door than the application's own.
    pub fn by(self, door: &Door) -> Self {
        Self { door: door.clone(), ..self }
    }

    /// Comes from an address, through the configured proxy.
    pub fn from(self, address: &str) -> Self {
        *self.address.borrow_mut() = Some(address.parse().unwrap());
        self
    }

    /// Goes on from another address.
    pub fn moves_to(&self, address: &str) -> &Self {
        *self.address.borrow_mut() = Some(address.parse().unwrap());
        self
    }

    /// Prefers a language.
    pub fn speaking(self, language: &'static str) -> Self {
        *self.language.borrow_mut() = language;
        self
    }

    /// Sends a request with this browser's cookies and nothing else decided; cookies of the answer are kept.
    /// Sends one request. A form that is posted carries the token of the console page seen last, unless it names one.
    pub fn request(&self, method: &str, path: &str, more: &[(&str, &str)], body: &str) -> Response {
        if method != "POST"
            && !path.contains('?')
            && let Some(token) = self.token_for(path)
        {
            return self.request_as_it_is(method, &format!("{path}?form_token={token}"), more, body);
        }
        let is_form = method == "POST" && !more.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        match self
            .token_for(path)
            .or_else(|| self.token())
            .filter(|_| is_form && !body.starts_with("form_token=") && !body.contains("&form_token="))
        {
            Some(token) if body.is_empty() => self.request_as_it_is(method, path, more, &format!("form_token={token}")),
            Some(token) => self.request_as_it_is(method, path, more, &format!("{body}&form_token={token}")),
            None => self.request_as_it_is(method, path, more, body),
        }
    }

    /// Sends one request with nothing added to its body.
    pub fn request_as_it_is(&self, method: &str, path: &str, more: &[(&str, &str)], body: &str) -> Response {
        self.request_bytes(method, path, more, body.as_bytes())
    }

    fn request_bytes(&self, method: &str, path: &str, more: &[(&str, &str)], body: &[u8]) -> Response {
        let cookies: Vec<String> = self
            .cookies
            .borrow()
            .iter()
            .filter(|(name, _)| !name.starts_with(FORM))
            .map(|(n, value)| format!("{n}={value}"))
            .collect();
        let cookies = cookies.join("; ");
        let address = self.address.borrow().map(|address| address.to_string());
        let mut headers = vec![("Accept-Language", *self.language.borrow()), ("User-Agent", *self.agent.borrow())];
        if !cookies.is_empty() {
            headers.push(("Cookie", &cookies));
        }
        if let Some(address) = &address {
            headers.push(("X-Forwarded-For", address));
        }
        if method == "POST" && !more.iter().any(|(name, _)| name.eq_ignore_ascii_case("sec-fetch-site")) {
            headers.push(("Sec-Fetch-Site", "same-origin"));
        }
        if method == "POST" && !more.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
            headers.push(("Content-Type", "application/x-www-form-urlencoded"));
        }
        headers.extend_from_slice(more);
        let response = client::send_by(&self.door, method, path, &headers, body);
        let response = response.unwrap_or_else(|cause| panic!("{method} {path}: {cause}"));
        self.keep_cookies(&response);
        let html = String::from_utf8_lossy(&response.body);
        if html.contains("action=\"/logout\"")
            && let Some((_, rest)) = html.split_once("name=\"form_token\" value=\"")
        {
            let token = rest.split('"').next().unwrap_or_default();
            self.cookies.borrow_mut().insert(FORM.to_owned(), token.to_owned());
        }
        self.keep_tokens(&response, &html);
        drop(html);
        response
    }

    fn keep_cookies(&self, response: &Response) {
        for line in response.headers("set-cookie") {
            let (pair, attributes) = line.split_once(';').unwrap_or((line, ""));
            let (name, value) = pair.split_once('=').unwrap();
            let attributes = attributes.to_ascii_lowercase();
            if attributes.contains("max-age=0") {
                self.cookies.borrow_mut().remove(name);
            } else {
                self.cookies.borrow_mut().insert(name.to_owned(), value.to_owned());
            }
        }
    }

    /// Opens a page and follows redirects.
    pub fn open(&self, path: &str) -> &Self {
        let response = self.request("GET", path, &[], "");
        self.arrive(path, response);
        self
    }

    /// Posts fields as they are and follows redirects.
    pub fn post(&self, path: &str, fields: &[(&str, &str)]) -> &Self {
        let response = self.request("POST", path, &[], &encode(fields));
        self.arrive(path, response);
        self
    }

    /// Posts fields and files in parts and follows redirects.
    pub fn post_parts(&self, path: &str, fields: &[(String, String)], files: &[(String, Vec<u8>)]) -> &Self {
        let mut body = Vec::new();
        let mut part = |head: String, bytes: &[u8]| {
            body.extend_from_slice(b"--a-border\r\n");
            body.extend_from_slice(format!("Content-Disposition: form-data; {head}\r\n\r\n").as_bytes());
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        };
        for (name, value) in fields {
            part(format!("name=\"{name}\""), value.as_bytes());
        }
        if let Some(token) = self.token().filter(|_| !fields.iter().any(|(name, _)| name == "form_token")) {
            part("name=\"form_token\"".to_owned(), token.as_bytes());
        }
        for (name, bytes) in files {
            part(format!("name=\"{name}\"; filename=\"list.csv\"\r\nContent-Type: text/csv"), bytes);
        }
        body.extend_from_slice(b"--a-border--\r\n");
        let kind = [("Content-Type", "multipart/form-data; boundary=a-border")];
        let response = self.request_bytes("POST", path, &kind, &body);
        self.arrive(path, response);
        self
    }

    fn arrive(&self, path: &str, response: Response) {
        let (mut path, mut response) = (path.to_owned(), response);
        for _ in 0..6 {
            let Some(to) = response.header("location").filter(|_| response.status == 303).map(str::to_owned) else {
                break;
            };
            assert!(to.starts_with('/'), "a redirect to {to}");
            path = to;
            response = self.request("GET", &path, &[], "");
        }
        let html = String::from_utf8_lossy(&response.body).into_owned();
        *self.page.borrow_mut() = Some(Page::parse(&path, response.status, &html));
        *self.last.borrow_mut() = Some(response);
        self.typed.borrow_mut().clear();
        self.ticked.borrow_mut().clear();
        self.attached.borrow_mut().clear();
    }

    /// The page that is open.
    pub fn page(&self) -> Ref<'_, Page> {
        Ref::map(self.page.borrow(), |page| page.as_ref().expect("an open page"))
    }

    /// The answer that drew the page.
    pub fn response(&self) -> Response {
        self.last.borrow().clone().expect("an answer")
    }

    /// Follows the link with these words.
    pub fn click(&self, text: &str) -> &Self {
        let url = self
            .page()
            .link(text)
            .unwrap_or_else(|| panic!("no link {text:?} on {}: {}", self.page().url, self.page().text()));
        self.open(url.split('#').next().unwrap());
        self
    }

    /// Types into the field with this label, or chooses in it.
    pub fn fill(&self, label: &str, value: &str) -> &Self {
        let name = self.page().field(label).map(|(name, _)| name);
        let name = name.unwrap_or_else(|| panic!("no field {label:?} on {}: {}", self.page().url, self.page().text()));
        self.typed.borrow_mut().retain(|(known, _)| *known != name);
        self.typed.borrow_mut().push((name, value.to_owned()));
        self
    }

    /// Ticks the box with this label.
    pub fn tick(&self, label: &str) -> &Self {
        self.set_box(label, true)
    }

    /// Takes the tick out of the box with this label.
    pub fn untick(&self, label: &str) -> &Self {
        self.set_box(label, false)
    }

    /// Chooses a file for the field with this label.
    pub fn attach(&self, label: &str, bytes: &[u8]) -> &Self {
        let name = self.page().field(label).map(|(name, _)| name);
        let name = name.unwrap_or_else(|| panic!("no field {label:?} on {}", self.page().url));
        self.attached.borrow_mut().push((name, bytes.to_vec()));
        self
    }

    fn set_box(&self, label: &str, on: bool) -> &Self {
        let found = self.page().field(label).map(|(name, field)| {
            let value = field.value().attr("value").unwrap_or("on").to_owned();
            (name, value, field.value().attr("type") == Some("radio"))
        });
        let (name, value, is_one_of_many) = found.unwrap_or_else(|| panic!("no box {label:?} on {}", self.page().url));
        if is_one_of_many {
            self.typed.borrow_mut().push((name, value));
        } else {
            self.ticked.borrow_mut().push((name, value, on));
        }
        self
    }

    /// Presses the button with these words, as a browser without script would.
    pub fn press(&self, text: &str) -> &Self {
        let form = self
            .page()
            .button(text)
            .unwrap_or_else(|| panic!("no button {text:?} on {}: {}", self.page().url, self.page().text()));
        let typed = self.typed.borrow().clone();
        let mut fields = form.fields;
        for (name, value) in &typed {
            match fields.iter_mut().find(|(known, _)| known == name) {
                Some((_, old)) => *old = value.clone(),
                None => fields.push((name.clone(), value.clone())),
            }
        }
        for (name, value, on) in self.ticked.borrow().iter() {
            fields.retain(|(known, old)| (known, old) != (name, value));
            if *on {
                fields.push((name.clone(), value.clone()));
            }
        }
        if form.in_parts {
            let attached = self.attached.borrow().clone();
            return self.post_parts(&form.action, &fields, &attached);
        }
        let pairs: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        if form.method == "POST" {
            self.post(&form.action, &pairs);
        } else {
            self.open(&format!("{}?{}", form.action, encode(&pairs)));
        }
        self
    }

    /// Asserts that the page says something.
    #[track_caller]
    pub fn sees(&self, text: &str) -> &Self {
        let page = self.page();
        assert!(page.text().contains(text), "{} ({}) does not say {text:?}: {}", page.url, page.status, page.text());
        drop(page);
        self
    }

    /// Asserts that the page does not say something.
    #[track_caller]
    pub fn sees_no(&self, text: &str) -> &Self {
        let page = self.page();
        assert!(!page.text().contains(text), "{} says {text:?}", page.url);
        drop(page);
        self
    }

    /// Asserts where this person is.
    #[track_caller]
    pub fn is_at(&self, path: &str) -> &Self {
        let page = self.page();
        assert_eq!(page.url.split('?').next().unwrap(), path, "{}: {}", page.url, page.text());
        drop(page);
        self
    }

    /// Asserts the status of the answer.
    #[track_caller]
    pub fn gets(&self, status: u16) -> &Self {
        let page = self.page();
        assert_eq!(page.status, status, "{}: {}", page.url, page.text());
        drop(page);
        self
    }

    /// Waits until the use of the last page is written down: it is handed over, not awaited. Where no use counts, the
    /// wait is short.
    pub fn settles(&self) {
        use diesel::prelude::*;
        use vestibule::platform::store::schema::sessions;
        let now = self.app.app.clock().now();
        let mut connection = self.app.database.connect();
        for _ in 0..40 {
            let noted = sessions::table.filter(sessions::last_seen_at.ge(now)).count();
            if noted.get_result::<i64>(&mut connection).unwrap() > 0 {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    }

    // --- The main job, by the labels a person sees ---

    /// Signs an organization up, to the page that says to check the mail.
    pub fn sign_up(&self, organization: &str, email: &str) -> &Self {
        self.reach_last_step().fill_last_step(organization, email).press("Complete")
    }

    /// Steps 1 and 2 of the sign-up.
    pub fn reach_last_step(&self) -> &Self {
        self.open("/").click("Sign up").tick("Agree to all").press("Next");
        self.fill_member().press("Next")
    }

    /// The fields of step 2.
    pub fn fill_member(&self) -> &Self {
        self.fill("Company name", "Acme Cloud")
            .fill("Country", "KR")
            .fill("Business registration number", "120-81-47521")
            .fill("Representative’s name", "Mina Park")
            .fill("Company phone", "02-2345-6789")
            .fill("Billing and tax-invoice email", "billing@acme.example")
    }

    /// The fields of step 3.
    pub fn fill_last_step(&self, organization: &str, email: &str) -> &Self {
        self.fill("Organization name", organization)
            .fill("Name", "Mina Park")
            .fill("Email", email)
            .fill("Mobile", "010-2345-6789")
    }

    /// Opens the newest invitation and registers a password.
    pub fn register_password(&self, email: &str, password: &str) -> &Self {
        let link = self.app.link_to(email, "Invitation");
        self.open(&link).fill("New password", password).fill("New password again", password).press("Register password")
    }

    /// Logs in.
    pub fn log_in(&self, organization: &str, email: &str, password: &str) -> &Self {
        self.open("/login").fill("Organization name", organization).press("Next");
        self.fill("Email", email).fill("Password", password).press("Log in")
    }
}

/// Fields as a form sends them.
pub fn encode(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}
