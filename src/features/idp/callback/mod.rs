//! The provider sends the browser back: to a test, a login or a confirmation.

pub mod pages;
