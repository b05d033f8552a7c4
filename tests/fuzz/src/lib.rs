//! Every parser of what comes from outside, as targets for a fuzzer. A target panics where a parser panics, and where what
//! it gave breaks a rule: what was parsed is parsed again to the same, nothing forged opens, nothing leads elsewhere.
//!
//! `make fuzz` lets libFuzzer drive them, ten million cases in all; the test below tries the neighbours of every seed.

mod doors;
mod fields;
mod provider;
#[expect(dead_code, reason = "tests sign in more ways than the seeds here")]
#[path = "../../support/signing.rs"]
mod signing;

/// One parser, or a few that are used together.
pub struct Target {
    /// What it is called.
    pub name: &'static str,
    /// Its share of all cases, in hundredths: the slow ones get little.
    pub share: u32,
    /// Inputs to begin with.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Tries one input.
    pub run: fn(&[u8]),
}

/// All of them.
pub const TARGETS: &[Target] = &[
    Target { name: "organization-name", share: 12, seeds: fields::names, run: fields::organization_name },
    Target { name: "e-mail", share: 14, seeds: fields::emails, run: fields::email },
    Target { name: "phone", share: 1, seeds: fields::phones, run: fields::phone },
    Target { name: "address", share: 16, seeds: fields::addresses, run: fields::address },
    Target { name: "csv", share: 1, seeds: fields::lists, run: fields::csv },
    Target { name: "small-fields", share: 8, seeds: fields::small, run: fields::small_fields },
    Target { name: "forwarded-headers", share: 12, seeds: doors::forwarded, run: doors::forwarded_headers },
    Target { name: "cookies", share: 12, seeds: doors::cookies, run: doors::cookie_values },
    Target { name: "return-address", share: 12, seeds: doors::returns, run: doors::return_address },
    Target { name: "form", share: 5, seeds: doors::forms, run: doors::form },
    Target { name: "outbound-address", share: 2, seeds: provider::urls, run: provider::outbound_address },
    Target { name: "oidc-callback", share: 3, seeds: provider::callbacks, run: provider::callback },
    Target { name: "oidc-keys", share: 1, seeds: provider::key_sets, run: provider::keys },
    Target { name: "oidc-token", share: 1, seeds: provider::tokens, run: provider::token },
];

/// Lines of text as seeds.
fn seeds(lines: &[&str]) -> Vec<Vec<u8>> {
    lines.iter().map(|line| line.as_bytes().to_vec()).collect()
}

/// What browsers send is text; anything else is refused before a parser sees it.
fn text(data: &[u8]) -> Option<&str> {
    std::str::from_utf8(data).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shares_are_a_hundred() {
        assert_eq!(TARGETS.iter().map(|target| target.share).sum::<u32>(), 100);
    }

    /// Each seed, each of its beginnings, and each with a hostile byte or word put in or over at each place.
    #[test]
    fn the_neighbours_of_every_seed_are_taken_or_refused() {
        const HOSTILE: &[&[u8]] =
            &[b"\0", b"%", b"\"", b",", b"\n", b"@", b"/", b"\xff", b"\xe2\x80\xae", b"99999999999"];
        for target in TARGETS {
            let seeds = (target.seeds)();
            assert!(!seeds.is_empty(), "{}", target.name);
            // Long seeds are tried at fewer places, so that each costs about the same.
            for seed in seeds {
                let step = (seed.len() / 16).max(1);
                for place in (0..=seed.len()).step_by(step) {
                    (target.run)(&seed[..place]);
                    for hostile in HOSTILE {
                        let over = &seed[(place + hostile.len()).min(seed.len())..];
                        (target.run)(&[&seed[..place], hostile, over].concat());
                        (target.run)(&[&seed[..place], hostile, &seed[place..]].concat());
                    }
                }
            }
        }
    }
}
