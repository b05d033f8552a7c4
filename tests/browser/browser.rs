//! The application in a real browser with JavaScript on: what the flows over HTTP in `tests/it` cannot see. Updates in
//! place, focus, the Back button, timers, and every page met looked at by axe, in both themes and several widths.
//!
//! `CHROMEDRIVER` names the driver; without it Debian's is taken. The OpenID provider that people log in at is run by the
//! `node` in `PATH`; `scripts/test tools` installs both.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops there")]

#[expect(dead_code, reason = "the tests without a browser use more of it")]
#[path = "../support/mod.rs"]
mod support;

mod driver;
mod look;
mod provider;
mod window;

mod audit;
mod billing;
mod deletion;
mod drafts;
mod factors;
mod forms;
mod hardening;
mod idp;
mod keyboard;
mod kinds_of_provider;
mod main_job;
mod pages;
mod pictures;
mod policies;
mod projects;
mod real_provider;
mod sessions;
mod two_factor;
mod users;
mod vendored;
