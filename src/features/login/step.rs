//! What a login asks for next.

use crate::base::organization::LoginMethod;
use crate::features::organizations::OrganizationLogin;

/// What is known of a login in progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The organization's login method; `None` for a name that does not exist, which goes on like a cloud account.
    pub method: Option<LoginMethod>,
    /// Whether the password was right, for a user and an organization that may log in.
    pub password: bool,
    /// Whether the organization asks for a second factor.
    pub two_factor: bool,
    /// Whether it was given.
    pub second_factor: bool,
}

impl Progress {
    /// A login of which only the organization's name is known.
    pub fn begun(organization: Option<&OrganizationLogin>) -> Self {
        let two_factor = organization.is_some_and(|organization| organization.two_factor);
        Self {
            method: organization.map(|organization| organization.method),
            password: false,
            two_factor,
            second_factor: false,
        }
    }
}

/// What a login asks for next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// E-mail and password.
    Password,
    /// A code of the second factor.
    SecondFactor,
    /// To the organization's identity provider.
    Provider,
    /// Nothing: the session begins.
    Console,
}

/// The one place that decides the next step of a login.
pub fn next_step(progress: Progress) -> Step {
    match progress.method {
        None | Some(LoginMethod::CloudAccount) if !progress.password => Step::Password,
        None => Step::Password,
        Some(LoginMethod::IdpAccount) => Step::Provider,
        Some(LoginMethod::CloudAccount) if progress.two_factor && !progress.second_factor => Step::SecondFactor,
        Some(LoginMethod::CloudAccount) => Step::Console,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(method: Option<LoginMethod>, password: bool, two_factor: bool, second_factor: bool) -> Step {
        next_step(Progress { method, password, two_factor, second_factor })
    }

    #[test]
    fn the_next_step_is_the_console_only_after_a_right_password() {
        let cloud = Some(LoginMethod::CloudAccount);
        assert_eq!(next(cloud, true, false, false), Step::Console);
        for (two_factor, second_factor) in [(false, false), (false, true), (true, false), (true, true)] {
            assert_eq!(next(cloud, false, two_factor, second_factor), Step::Password);
            assert_eq!(next(None, true, two_factor, second_factor), Step::Password);
            assert_eq!(next(None, false, two_factor, second_factor), Step::Password);
        }
    }

    #[test]
    fn asvs_6_3_3_with_two_factor_on_the_console_comes_only_after_the_second_factor() {
        let cloud = Some(LoginMethod::CloudAccount);
        assert_eq!(next(cloud, true, true, false), Step::SecondFactor);
        assert_eq!(next(cloud, true, true, true), Step::Console);
    }
}
