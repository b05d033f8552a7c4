//! A package must have something to build; what there is to see is in `browser.rs`.
