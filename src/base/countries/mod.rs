//! Countries as forms offer them. Names are CLDR's (Unicode licence), the zone is the first or most used one of the
//! public-domain time zone database; it is only what a person starts with.

use std::sync::LazyLock;

use crate::base::i18n::Language;

/// A country.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Country {
    /// ISO 3166-1 alpha-2.
    pub code: &'static str,
    names: [&'static str; 2],
    /// The time zone its people start with.
    pub zone: &'static str,
}

impl Country {
    /// Its name in `language`.
    pub fn name(&self, language: Language) -> &'static str {
        self.names[language as usize]
    }
}

static ALL: LazyLock<Vec<Country>> = LazyLock::new(|| {
    include_str!("countries.tsv")
        .lines()
        .filter_map(|line| {
            let mut parts = line.split('\t');
            let (code, english, korean, zone) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
            Some(Country { code, names: [english, korean], zone })
        })
        .collect()
});

static BY_NAME: LazyLock<[Vec<Country>; 2]> = LazyLock::new(|| {
    [Language::English, Language::Korean].map(|language| {
        let mut sorted = ALL.clone();
        sorted.sort_by_key(|country| country.name(language));
        sorted
    })
});

/// The country of a code.
pub fn find(code: &str) -> Option<&'static Country> {
    ALL.binary_search_by_key(&code, |country| country.code).ok().map(|position| &ALL[position])
}

/// All countries, sorted by their names in `language`.
pub fn by_name(language: Language) -> &'static [Country] {
    &BY_NAME[language as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_country_has_names_and_a_zone_that_exists() {
        assert!(ALL.len() > 240);
        for country in ALL.iter() {
            assert!(country.zone.parse::<chrono_tz::Tz>().is_ok(), "{country:?}");
            assert!(country.names.iter().all(|name| !name.is_empty()));
        }
        assert_eq!(find("KR").unwrap().name(Language::Korean), "대한민국");
        assert_eq!(find("XX"), None);
    }
}
