//! Passwords as people type them: any Unicode in NFC, no composition rules, refused when an estimator that knows the
//! organization and the person finds them weak (docs/rules.md section 5, ASVS 6.2).

use std::fmt;

use unicode_normalization::UnicodeNormalization;

use super::strength;
use crate::base::problem::{Problem, about};
use crate::platform::config;

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
        // Longer ones first: a whole address is left out before the name in it.
        all.sort_by(|a, b| b.chars().count().cmp(&a.chars().count()).then_with(|| a.cmp(b)));
        all.dedup();
        Self { words: all }
    }

    /// A text without the words that stand in it as whole words, one or several together, and the first that was found.
    fn without_words(&self, text: &str) -> (String, Option<String>) {
        let (mut rest, mut named) = (text.to_owned(), None);
        for word in &self.words {
            while let Some(found) = whole_word(&rest, word) {
                rest.drain(found);
                named.get_or_insert(word.clone());
            }
        }
        let mut kept = String::new();
        for run in rest.split_inclusive(|c: char| !c.is_alphabetic()) {
            let letters = run.trim_end_matches(|c: char| !c.is_alphabetic());
            match self.first_of(&letters.to_lowercase()) {
                Some(word) => {
                    named.get_or_insert(word);
                    kept.push_str(&run[letters.len()..]);
                }
                None => kept.push_str(run),
            }
        }
        (kept, named)
    }

    /// The first word of a run of letters that words alone make up, as in `minapark`.
    fn first_of(&self, run: &str) -> Option<String> {
        // Where a word of the run may begin.
        let mut begins = vec![false; run.len() + 1];
        begins[0] = true;
        for at in 0..run.len() {
            if begins[at] {
                for word in self.words.iter().filter(|word| run[at..].starts_with(word.as_str())) {
                    begins[at + word.len()] = true;
                }
            }
        }
        let whole = !run.is_empty() && begins[run.len()];
        self.words.iter().find(|word| whole && run.starts_with(word.as_str())).cloned()
    }
}

/// Where a word stands in a text with no letter beside it, in either case.
fn whole_word(text: &str, word: &str) -> Option<std::ops::Range<usize>> {
    let (length, mut before) = (word.chars().count(), None);
    for (at, first) in text.char_indices() {
        let end = text[at..].char_indices().nth(length).map_or(text.len(), |(end, _)| at + end);
        let (beside, after) = (before.is_some_and(char::is_alphabetic), text[end..].chars().next());
        if !beside && !after.is_some_and(char::is_alphabetic) && text[at..end].to_lowercase() == word {
            return Some(at..end);
        }
        before = Some(first);
    }
    None
}

impl Password {
    /// A password to compare with a stored one: NFC and nothing else. `None` when it is longer than any can be.
    pub fn typed(text: &str) -> Option<Self> {
        let normal: String = text.nfc().collect();
        (normal.chars().count() <= LONGEST && normal.len() <= LONGEST_BYTES).then_some(Self(normal))
    }

    /// For the hash alone.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// What an estimate found.
#[derive(Debug)]
pub struct Judged {
    /// 0 to 4, for the live hint.
    pub score: u8,
    /// The password, if it may be chosen.
    pub chosen: Result<Password, Problem>,
}

/// Judges a new password by every rule that needs no database, with one estimate. For the hashing threads alone
/// ([`super::Hasher::judge`]): it takes some milliseconds.
pub(super) fn judge(text: &str, rules: &config::Passwords, context: &Context) -> Judged {
    let normal = text.nfc().take(LONGEST).collect::<String>();
    // Words of one's own are the first that are guessed (ASVS 6.2.11): what a password has besides must be one by itself.
    let (rest, named) = context.without_words(&normal);
    let short = named.is_some() && rest.chars().count() < rules.minimum;
    let most = if short { rules.strength.saturating_sub(1) } else { u8::MAX };
    let score = strength::score(&rest, &context.words).min(most);
    let chosen = match Password::typed(text) {
        None => Err(Problem::PasswordTooLong),
        Some(password) if password.0.chars().count() < rules.minimum => Err(Problem::PasswordTooShort(rules.minimum)),
        Some(password) if score >= rules.strength && !short => Ok(password),
        Some(_) => Err(named.map_or(Problem::PasswordWeak, |word| about(Problem::PasswordNamesYou, &word))),
    };
    Judged { score, chosen }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: config::Passwords = config::Passwords { minimum: 12, strength: 3 };

    fn choose(text: &str) -> Result<Password, Problem> {
        judge(text, &RULES, &Context::new(["acme-cloud", "Mina Park", "mina.park@example.org"])).chosen
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
        for (text, word) in [
            ("acme-cloud-2026!!", "acme-cloud"),
            ("xx-MINA.PARK-xx-91", "mina.park"),
            ("mina.park@example.org1", "mina.park@example.org"),
            ("Park2026Park2026", "park"),
            ("minaminamina-mina", "mina"),
        ] {
            assert_eq!(choose(text), Err(Problem::PasswordNamesYou(word.to_owned())), "{text}");
        }
        for text in ["minapark2026", "ParkMina!2026", "acmecloud2026", "MinaAcmeCloud", "박미나박미나2026박미나"]
        {
            let judged = judge(text, &RULES, &Context::new(["acme-cloud", "Mina Park", "박미나"]));
            assert!(matches!(judged.chosen, Err(Problem::PasswordNamesYou(_))), "{text}: {:?}", judged.chosen);
            assert!(judged.score < 3, "{text}");
        }
    }

    #[test]
    fn innocent_words_pass_and_the_refused_word_is_named() {
        let passes = |text: &str, words: &[&str]| {
            let judged = judge(text, &RULES, &Context::new(words.iter().copied()));
            assert!(judged.chosen.is_ok(), "{text}: {:?}", judged.chosen);
        };
        passes("milestone-orbit-canoe-willow", &["Vestibule", "acme", "Ian Stone", "ian.stone@acme.example"]);
        passes("sparkling-orbit-canoe-willow", &["Vestibule", "acme", "Anna Park", "anna.park@acme.example"]);
        passes("email canoe willow orbit", &["Vestibule", "mail", "Anna Park", "anna@mail.example"]);
        passes("Pk7 acme zq81 vw-orbit", &["acme"]);
        passes("Stone orbit canoe willow", &["Ian Stone"]);
        let judged = judge("Anna2026Anna", &RULES, &Context::new(["Anna Park"]));
        assert_eq!(judged.chosen, Err(Problem::PasswordNamesYou("anna".to_owned())));
    }

    #[test]
    fn asvs_6_2_4_common_passwords_are_refused() {
        for text in ["password1234", "123456789012", "qwertyuiop123", "iloveyou1234", "aaaaaaaaaaaa", "abcabcabcabc"] {
            assert_eq!(choose(text), Err(Problem::PasswordWeak), "{text}");
        }
    }
}
