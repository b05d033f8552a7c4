//! Second factors as people have them: a phone that gets SMS, an app that shows codes.

use diesel::prelude::*;
use totp_rs::{Builder, Secret};
use vestibule::base::moment::Moment;
use vestibule::platform::store::schema::organizations;

use super::{Person, TestApp};

/// The code that an authenticator app shows for a setup key at a moment.
pub fn app_code(key: &str, at: Moment) -> String {
    let plain: String = key.chars().filter(|c| !c.is_whitespace()).collect();
    let secret = Secret::try_from_base32(plain).expect("a setup key in base 32");
    let app = Builder::new().with_secret(secret).build().expect("an authenticator app");
    app.generate(u64::try_from(at.utc().timestamp()).unwrap()).to_string()
}

impl TestApp {
    /// Delivers, and gives the code of the newest SMS to a number.
    pub fn sms_code(&self, number: &str) -> String {
        let texts = self.mail_to(number);
        let text = &texts.iter().find(|message| message.kind == "sms").expect("an SMS").text;
        let code: String = text.chars().filter(char::is_ascii_digit).take(6).collect();
        assert_eq!(code.len(), 6, "{text}");
        code
    }

    /// Delivers, and gives the code of the newest mail to an address that carries one.
    pub fn mailed_code(&self, address: &str) -> String {
        let is_code = |word: &&str| word.len() == 6 && word.bytes().all(|b| b.is_ascii_digit());
        let mails = self.mail_to(address);
        let code = mails.iter().find_map(|mail| mail.text.split_whitespace().find(is_code).map(str::to_owned));
        code.unwrap_or_else(|| {
            panic!("no code for {address}: {:?}", mails.iter().map(|m| &m.subject).collect::<Vec<_>>())
        })
    }

    /// Turns two-factor authentication on or off, whoever does.
    pub fn two_factor(&self, organization: &str, on: bool) {
        let row = organizations::table.filter(organizations::name.eq(organization));
        let turned = diesel::update(row).set(organizations::two_factor.eq(on)).execute(&mut self.database.connect());
        assert_eq!(turned.unwrap(), 1, "{organization}");
    }
}

impl Person<'_> {
    /// The setup key on the page.
    pub fn setup_key(&self) -> String {
        let page = self.page();
        let key = page.all("#setup-key").first().map(|key| super::page::words(*key));
        key.unwrap_or_else(|| panic!("no setup key on {}: {}", page.url, page.text()))
    }

    /// Sets an authenticator app up, to the page that shows the recovery codes; gives the setup key.
    pub fn set_up_authenticator(&self) -> String {
        self.open("/account/authenticator/setup").press("Show QR code").is_at("/account/authenticator/verification");
        let key = self.setup_key();
        let code = app_code(&key, self.app.app.clock().now());
        self.fill("Code from the app", &code).press("Verify code").gets(200).sees("Keep your recovery codes");
        key
    }

    /// Chooses a second factor, to the page that asks for its code.
    pub fn choose_factor(&self, label: &str) -> &Self {
        self.is_at("/login/factor").tick(label).press("Next").is_at("/login/factor/code")
    }

    /// Types the code of a second factor.
    pub fn type_factor(&self, code: &str) -> &Self {
        self.open("/login/factor/code").fill("Code", code).press("Log in")
    }

    /// The recovery codes on the page.
    pub fn recovery_codes(&self) -> Vec<String> {
        self.page().all("#recovery-codes li").into_iter().map(super::page::words).collect()
    }
}
