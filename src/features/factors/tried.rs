//! The event of a code that was tried.

use crate::platform::codes::Verdict;
use crate::platform::events::{Event, Kind, Reason};

/// How a check of a code ended, as an event.
pub(crate) fn told(kind: Kind, verdict: Verdict) -> Event {
    match verdict {
        Verdict::Right => Event::done(kind),
        Verdict::Wrong { .. } => Event::failed(kind, Reason::WrongCode),
        Verdict::Replaced => Event::failed(kind, Reason::ReplacedCode),
        Verdict::Spent => Event::failed(kind, Reason::SpentCode),
        Verdict::Paused(_) => Event::refused(kind, Reason::WrongCodes),
    }
}
