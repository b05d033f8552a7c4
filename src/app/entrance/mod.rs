//! The entrance of logging in and of confirming who one is: it leads on by the organization's login method.

pub mod confirmation;
pub mod name;
