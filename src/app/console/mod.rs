//! The public start page, the home of the console, and what the roles may do.

pub mod pages;
