//! Attacks on this product, as somebody outside makes them. What a flow test shows beside its own story stands there;
//! here stands what needs a story of its own. `docs/security.md` lists both.

mod doors;
mod enumeration;
mod faults;
mod fields;
mod logs;
mod mails;
mod markup;
mod names;
mod origins;
mod pages;
mod paths;
mod queries;
mod slow;
mod wire;
