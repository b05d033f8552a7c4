//! The page of the own organization: what it is, how its people log in, and what is open about it.

pub mod pages;
