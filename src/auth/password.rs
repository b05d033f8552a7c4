//! Passwords as people type them: any Unicode in NFC, no composition rules, refused when an estimator that knows the
//! organization and the person finds them weak (product.md section 5, ASVS 6.2).

use std::fmt;

use unicode_normalization::UnicodeNormalization;

use crate::config;
use crate::problem::Problem;

/// Most characters of a password.
pub const LONGEST: usize = 128;
/// Most bytes of a password in UTF-8.
const LONGEST_BYTES: usize = 512;

/// A password. It has no `Display`, so no template can echo one.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// What a password must not be made of.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// Organization name, product name, the person's name and address.
    pub words: Vec<String>,
}

impl Context {
    /// The words, and the parts of addresses and names that stand for themselves.
    pub fn new<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        let mut all = Vec::new();
        for word in words {
            let word = word.to_lowercase();
            all.extend(word.split(|c: char| !c.is_alphanumeric()).map(str::to_owned));
            all.push(word.split('@').next().unwrap_or_default().to_owned());
            all.push(word);
        }
        all.retain(|word| word.chars().count() >= 3);
        all.sort();
        all.dedup();
        Self { words: all }
    }
}

impl Password {
    /// A password to compare with a stored one: NFC and nothing else. `None` when it is longer than any can be.
    pub fn typed(text: &str) -> Option<Self> {
        let normal: String = text.nfc().collect();
        (normal.chars().count() <= LONGEST && normal.len() <= LONGEST_BYTES).then_some(Self(normal))
    }

    /// A new password, checked against every rule that needs no database.
    pub fn choose(text: &str, rules: &config::Passwords, context: &Context) -> Result<Self, Problem> {
        let password = Self::typed(text).ok_or(Problem::PasswordTooLong)?;
        let characters = password.0.chars().count();
        if characters < rules.minimum {
            return Err(Problem::PasswordTooShort(rules.minimum));
        }
        let lower = password.0.to_lowercase();
        // A long word of one's own inside a password is the first thing that is guessed (ASVS 6.2.11).
        if context.words.iter().any(|word| word.chars().count() >= 4 && lower.contains(word.as_str())) {
            return Err(Problem::PasswordNamesYou);
        }
        if score(&password.0, context) < rules.strength {
            return Err(Problem::PasswordWeak);
        }
        Ok(password)
    }

    /// For the hash alone.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

fn score(text: &str, context: &Context) -> u8 {
    let words: Vec<&str> = context.words.iter().map(String::as_str).collect();
    zxcvbn::zxcvbn(text, &words).score().into()
}

/// The estimator's score of what is being typed, 0 to 4, for the live hint.
pub fn strength(text: &str, rules: &config::Passwords, context: &Context) -> (u8, Option<Problem>) {
    let cut: String = text.chars().take(LONGEST).collect();
    (score(&cut, context), Password::choose(text, rules, context).err())
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: config::Passwords = config::Passwords { minimum: 12, strength: 3 };

    fn choose(text: &str) -> Result<Password, Problem> {
        Password::choose(text, &RULES, &Context::new(["acme-cloud", "Mina Park", "mina.park@example.org"]))
    }

    #[test]
    fn asvs_6_2_1_twelve_characters_counted_in_code_points() {
        assert_eq!(choose("xk4-Qw9_zTb"), Err(Problem::PasswordTooShort(12)));
        assert!(choose("xk4-Qw9_zTb7").is_ok());
        assert_eq!(choose("🦀🐙🦑🐡🐬🦈🐳🐊🦖🐢🐍"), Err(Problem::PasswordTooShort(12)));
    }

    #[test]
    fn asvs_6_2_5_no_composition_rules() {
        for text in
            ["8302749156028437", "qzvkxwpmjtyrbnhd", "stapler blanket orbit willow", "🦀🐙🦑🐡🐬🦈🐳🐊🦖🐢🐍🦎🌵"]
        {
            assert!(choose(text).is_ok(), "{text}: {:?}", choose(text));
        }
    }

    #[test]
    fn asvs_6_2_8_nothing_but_nfc_changes() {
        assert_eq!(Password::typed("  Pass \u{65}\u{301} ").unwrap().expose(), "  Pass \u{e9} ");
    }

    #[test]
    fn asvs_6_2_9_up_to_128_characters_and_not_one_more() {
        let long: String = "xk4-Qw9_zTb7 ".repeat(10);
        assert!(Password::typed(&long[..128]).is_some());
        assert!(Password::typed(&long[..129]).is_none());
        assert_eq!(choose(&long), Err(Problem::PasswordTooLong));
    }

    #[test]
    fn asvs_6_2_11_words_of_one_s_own_are_refused() {
        for text in ["acme-cloud-2026!!", "xx-MINA.PARK-xx-91", "Pk7 acme zq81 vw"] {
            assert_eq!(choose(text), Err(Problem::PasswordNamesYou), "{text}");
        }
    }

    #[test]
    fn asvs_6_2_4_common_passwords_are_refused() {
        for text in ["password1234", "123456789012", "qwertyuiop123", "iloveyou1234", "aaaaaaaaaaaa", "abcabcabcabc"] {
            assert_eq!(choose(text), Err(Problem::PasswordWeak), "{text}");
        }
    }
}
