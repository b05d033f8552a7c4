//! Pages of registering users.

mod many;
mod one;
mod parts;
mod progress;

pub use many::{many, register_many};
pub use one::{one, register_one};
pub use progress::{progress, report};

use super::RegisterError;
use parts::{closing, fresh_submission, of_people, submission, waiting};
