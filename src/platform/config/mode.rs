//! How the server runs.

/// How the server behaves, decided by whether a public URL is configured (docs/rules.md section 15).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Loopback only, mail captured, a banner on every page.
    Development,
    /// Everything explicit; unsafe or contradictory settings refuse to start.
    Production,
}
