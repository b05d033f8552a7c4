//! How often integration tests are made: each asks addresses that an owner typed. Counted in memory, by each instance for
//! itself, as nothing depends on the exact number.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use chrono::Duration;

use crate::store::types::{Moment, OrganizationId};

/// Most tests of an organization in an hour.
const MOST: u32 = 30;

/// The tests of the last hour, by organization.
#[derive(Debug, Default)]
pub struct Pace {
    counted: Mutex<HashMap<OrganizationId, (Moment, u32)>>,
}

impl Pace {
    /// Counts one more test; `Err` says when there is room again.
    pub fn allow(&self, organization: &OrganizationId, now: Moment) -> Result<(), Moment> {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let hour = Duration::hours(1);
        counted.retain(|_, (since, _)| now.since(*since) < hour);
        let (since, count) = counted.entry(organization.clone()).or_insert((now, 0));
        if *count >= MOST {
            return Err(*since + hour);
        }
        *count += 1;
        Ok(())
    }
}
