//! What Azure's error numbers mean, as hints for owners. Nothing is decided by them: the numbers may change, and the unknown
//! one is the usual case.

use crate::base::i18n::Text;

/// Numbers (AADSTS) by what they ask an owner to do.
const HINTS: &[(&[u32], &str)] = &[
    (&[7000222], "oidc-hint-secret-expired"),
    (&[7000215], "oidc-hint-secret-wrong"),
    (&[7000218, 70002], "oidc-hint-client"),
    (&[50011], "oidc-hint-redirect"),
    (&[700016, 700011], "oidc-hint-application"),
    (&[700005], "oidc-hint-code-tenant"),
    (&[90002], "oidc-hint-tenant"),
    (&[90038, 900432, 900382], "oidc-hint-cloud"),
    (&[50194], "oidc-hint-common"),
    (&[50105], "oidc-hint-assign"),
    (&[65001, 65004, 90094], "oidc-hint-consent"),
    (&[50020, 50034, 51004, 50014, 90072], "oidc-hint-account"),
    (&[50074, 50076, 50079], "oidc-hint-factor"),
    (&[53000, 53003, 530032], "oidc-hint-conditional"),
    (&[54005, 70008, 50089], "oidc-hint-code"),
    (&[50053, 50055, 50057, 50126], "oidc-hint-person"),
    (&[7000112], "oidc-hint-disabled"),
    (&[700025], "oidc-hint-public"),
    (&[50146], "oidc-hint-own-key"),
    (&[9002327], "oidc-hint-platform"),
    (&[500011], "oidc-hint-resource"),
    (&[500207], "oidc-hint-kind"),
    (&[90033], "oidc-hint-later"),
    (&[50058, 501481, 9002313, 900144, 70011, 700054], "oidc-hint-ours"),
];

/// Whether a number speaks of the client's own secret. Only the token endpoint says so: what a browser brings is written by
/// whoever sends it, and nobody is to talk an owner into a new secret.
pub(super) fn is_of_the_secret(number: u32) -> bool {
    [7_000_222, 7_000_215, 7_000_218, 70_002].contains(&number)
}

/// The hint for a number, if it is known.
pub(super) fn of(number: u32) -> Option<Text> {
    HINTS.iter().find(|(numbers, _)| numbers.contains(&number)).map(|(_, id)| Text::new(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_one_hint_and_an_unknown_one_none() {
        assert_eq!(of(7_000_222), Some(Text::new("oidc-hint-secret-expired")));
        assert_eq!(of(90_072), Some(Text::new("oidc-hint-account")));
        assert_eq!(of(1), None);
        let mut all: Vec<u32> = HINTS.iter().flat_map(|(numbers, _)| numbers.iter().copied()).collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
