//! What is counted, told to the operator on a listener of its own.

pub mod listener;
pub mod report;
pub mod text;

pub use listener::listen;
pub use report::report;
