//! Whether two names are spelled the same to the eye, so that two people are
//! two.
//!
//! It compares what is written, and knows nothing of nicknames, marriages or
//! transliterations. Where two people do have one name, they say so.

mod letters;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

use self::letters::{Look, look};
use super::characters::is_unseen;

/// Whether `one` and `other` read as the same person's name: without regard to
/// what cannot be seen, to case, white space, punctuation, the order of the
/// words, and titles among them; letters that look like others, in whatever
/// script, count as these (the skeleton of UTS 39, after NFKC).
///
/// It is no equivalence: `I` reads as `l` does, `l` as `L`, and `I` does not
/// read as `L`.
pub fn is_one_name(one: &str, other: &str) -> bool {
    let (one, other) = (words(one), words(other));
    if one.is_empty() || other.is_empty() {
        return false;
    }
    one.len() == other.len() && are_paired(&one, &other) || reads_as(&one.concat(), &other.concat())
}

/// Whether `reference` reads as the initials of `name`, or of it with its
/// title.
pub fn is_initials(reference: &str, name: &str) -> bool {
    let reference = words(reference).concat();
    let initials: Vec<Letter> = words(name).iter().filter_map(|word| word.first().cloned()).collect();
    !reference.is_empty() && reads_as(&reference, &initials)
}

/// Whether anything in `name` can be read as a name: a letter or a digit.
pub fn is_a_name(name: &str) -> bool {
    !words(name).is_empty()
}

/// What one letter can be read as.
#[derive(Clone)]
struct Letter(Vec<String>);

type Word = Vec<Letter>;

/// The words of a name without titles, unless it has no others.
fn words(name: &str) -> Vec<Word> {
    static TITLES: LazyLock<Vec<Word>> =
        LazyLock::new(|| TITLE_WORDS.map(|title| spelled_words(title).concat()).into());
    let mut words = spelled_words(name);
    let is_title = |word: &Word| TITLES.iter().any(|title| reads_as(word, title));
    if !words.iter().all(is_title) {
        words.retain(|word| !is_title(word));
    }
    words
}

fn spelled_words(name: &str) -> Vec<Word> {
    // An apostrophe joins: some of them would become a space below.
    let is_read = |c: &char| !is_unseen(*c) && !look(*c).is_apostrophe();
    let mut words: Vec<Vec<Cow<'_, Look>>> = vec![Vec::new()];
    let mut dotted = false;
    for letter in name.chars().filter(is_read).nfkc().filter(is_read).nfd() {
        let look = look(letter);
        // A dot above an i shows nothing: it has one.
        let is_its_dot = letter == '\u{307}' && dotted;
        dotted = look.has_a_dot() || is_its_dot;
        if look.parts_words() {
            words.push(Vec::new());
        } else if !is_its_dot {
            words.last_mut().expect("begins with one").push(look);
        }
    }
    words.iter().filter(|word| !word.is_empty()).map(|word| read(word)).collect()
}

/// Each letter as what it is whatever its case, and as what it looks like.
///
/// The capital I, the small l, the digit 1 and all that look like them have
/// one shape. What looks like I is no L, though l is: so the shape is read as
/// neither. Among capitals it is an I, as in `SMlTH`.
fn read(word: &[Cow<'_, Look>]) -> Word {
    let in_capitals = !word.iter().any(|look| look.letter.is_lowercase() && !look.is_stroke());
    let read = |look: &Cow<'_, Look>| {
        let mut readings = vec![look.as_letter.clone()];
        if look.is_stroke() {
            readings.push(STROKE_READ.to_owned());
            readings.extend((in_capitals || !look.letter.is_alphabetic()).then(|| "i".to_owned()));
        } else {
            readings.push(look.as_shape.clone());
        }
        readings.sort();
        readings.dedup();
        readings.retain(|reading| !reading.is_empty());
        Letter(readings)
    };
    word.iter().map(read).collect()
}

/// Whether the letters can be read as the same, where one may stand for two
/// (`rn` looks like `m`).
fn reads_as(one: &[Letter], other: &[Letter]) -> bool {
    let mut seen = BTreeSet::new();
    // How many letters of each were read, and what is left over of a reading.
    let mut open = vec![(0, "", 0, "")];
    while let Some(state) = open.pop() {
        if !seen.insert(state) {
            continue;
        }
        let (read, left, other_read, other_left) = state;
        let common = left.bytes().zip(other_left.bytes()).take_while(|(a, b)| a == b).count();
        let common = (0..=common).rev().find(|at| left.is_char_boundary(*at)).unwrap_or(0);
        let (left, other_left) = (&left[common..], &other_left[common..]);
        match (left.is_empty(), other_left.is_empty()) {
            (true, true) if read == one.len() && other_read == other.len() => return true,
            (true, _) if read < one.len() => {
                open.extend(one[read].0.iter().map(|next| (read + 1, next.as_str(), other_read, other_left)));
            }
            (_, true) if other_read < other.len() => {
                let next = other[other_read].0.iter();
                open.extend(next.map(|next| (read, left, other_read + 1, next.as_str())));
            }
            _ => {}
        }
    }
    false
}

/// Whether each word reads as one of the others, and each of them is used.
fn are_paired(words: &[Word], others: &[Word]) -> bool {
    let alike: Vec<Vec<bool>> =
        words.iter().map(|word| others.iter().map(|other| reads_as(word, other)).collect()).collect();
    let mut taken_by = vec![None; others.len()];
    (0..words.len()).all(|word| finds_one(word, &alike, &mut taken_by, &mut vec![false; others.len()]))
}

/// Finds a partner for `word`, and another one for whoever has to give it up.
fn finds_one(word: usize, alike: &[Vec<bool>], taken_by: &mut [Option<usize>], asked: &mut [bool]) -> bool {
    for other in 0..taken_by.len() {
        if alike[word][other] && !std::mem::replace(&mut asked[other], true) {
            let free = taken_by[other].is_none_or(|holder| finds_one(holder, alike, taken_by, asked));
            if free {
                taken_by[other] = Some(word);
                return true;
            }
        }
    }
    false
}

/// How an upright stroke is read, beside what letter it is.
const STROKE_READ: &str = "|";

const TITLE_WORDS: [&str; 10] = ["mr", "mrs", "ms", "miss", "mx", "dr", "prof", "professor", "sir", "dame"];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Each was taken for a second person once, or could be.
    const OF_JANE_SMITH: [&str; 44] = [
        "Jane Smith",
        "  jane   SMITH ",
        "Smith, Jane",
        "Mrs Jane Smith",
        "Dr. Smith Jane",
        "Smith, Mrs Jane",
        "Jane-Smith",
        "JaneSmith",
        "jane\tsmith",
        "Jane\u{a0}Smith",
        "Jane \u{2014} Smith",
        "Jane\u{200b} Smith",
        "Ja\u{2062}ne Smith",
        "Jane\u{34f} Smith",
        "Jane\u{3164} Smith",
        "Jane \u{61c}Smith",
        "Jane\u{fe0f} Smith",
        "Jane\u{e0100} Smith",
        "Jane Smith\u{e0041}\u{e007f}",
        "Jane\u{e000} Smith",
        "Jane\u{10ffff} Smith",
        "Ja\u{ad}ne Smith",
        "Jane \u{2800}Smith",
        "Jane\u{378} Smith",
        "J\u{430}ne Smith",
        "\u{408}an\u{435} \u{405}m\u{456}th",
        "Ｊａｎｅ\u{3000}ＳＭＩＴＨ",
        "𝐉𝐚𝐧𝐞 𝐒𝐦𝐢𝐭𝐡",
        "𝓙𝓪𝓷𝓮 𝕊𝕞𝕚𝕥𝕙",
        "Ⓙⓐⓝⓔ Ⓢⓜⓘⓣⓗ",
        "🅹🅐🅝🅔 🇸🇲🇮🇹🇭",
        "ᴊᴀɴᴇ ꜱᴍɪᴛʜ",
        "Jane Smi\u{307}th",
        "Jane Sm\u{131}th",
        "JANE SMİTH",
        "Jane Srnith",
        "JANE SMlTH",
        "jane sm|th",
        "Jane Sm1th",
        "Jane Smith\u{a4f8}",
        "J\u{251}ne Smith",
        "JΑΝΕ SΜΙΤΗ",
        "Jаnе Ѕmіth",
        "\u{13ab}ane \u{13da}mith",
    ];

    #[test]
    fn one_person_in_any_spelling() {
        for other in OF_JANE_SMITH {
            assert!(is_one_name("Jane Smith", other), "{other:?}");
            assert!(is_one_name(other, "Mrs Jane Smith"), "{other:?}");
        }
        for (one, other) in [
            ("Zoë O’Brien", "Zoe\u{308} O'BRIEN"),
            ("Zoë O’Brien", "zoë o´brien"),
            ("Ian Smith", "lan SMITH"),
            ("IAN SMITH", "lan Smith"),
            ("Julie Jones", "Ju1ie J0nes"),
            ("Вова Маров", "вова MАРОВ"),
            ("Große Weiß", "GROSSE WEISS"),
            ("Şükrü Yıldız", "ŞÜKRÜ YILDIZ"),
            ("علی\u{200c}رضا", "علیرضا"),
            ("Mary Ann Jones", "Maryann Jones"),
            ("Miss", "MISS"),
        ] {
            assert!(is_one_name(one, other) && is_one_name(other, one), "{one}, {other}");
        }
    }

    #[test]
    fn different_people_stay_different() {
        for (one, other) in [
            ("Jane Smith", "Jane Smithson"),
            ("Jane Smith", "Ali Khan"),
            ("Jane Smith", "Jane Smyth"),
            ("Zoë O’Brien", "Zoe OBrien"),
            ("Łukasz Żak", "محمد علي"),
            ("李 小龙", "王 小龙"),
            ("Dr Jones", "Mr James"),
            ("Ian Nguyen", "Lan Nguyen"),
            ("IAN NGUYEN", "LAN NGUYEN"),
            ("Neil Smith", "Nell Smith"),
            ("Ali Khan", "Alli Khan"),
            ("Anna Bell", "Hanna Bell"),
            ("Jane Jane Smith", "Jane Smith Smith"),
            ("Иван Петров", "Иван Петрова"),
            ("", ""),
            ("...", "..."),
        ] {
            assert!(!is_one_name(one, other) && !is_one_name(other, one), "{one}, {other}");
        }
    }

    #[test]
    fn initials_are_compared_as_names_are() {
        for initials in ["JS", "j.s.", "J S", "\u{408}\u{405}", "ｊｓ", "J\u{200b}S"] {
            assert!(is_initials(initials, "Mrs Jane Smith"), "{initials:?}");
        }
        for other in ["SJ", "J", "JSS", "", "P-17"] {
            assert!(!is_initials(other, "Mrs Jane Smith"), "{other:?}");
        }
    }

    #[test]
    fn a_name_is_more_than_marks() {
        for empty in ["", " - ", "\u{200b}", "...", "\u{3164}", "\u{e000}", "’", "🙂"] {
            assert!(!is_a_name(empty), "{empty:?}");
        }
        for name in ["X", "李", "محمد", "7"] {
            assert!(is_a_name(name), "{name:?}");
        }
    }

    #[test]
    fn the_tables_are_those_that_the_format_names() {
        assert_eq!(
            unicode_security::UNICODE_VERSION,
            (18, 0, 0),
            "FORMAT 6 says so; entry 1 is judged by it"
        );
    }

    #[test]
    fn a_long_name_does_not_hold_anybody_up() {
        let many = "a ".repeat(250);
        assert!(is_one_name(&many, &many));
        assert!(!is_one_name(&many, &format!("{}b", &many[..498])));
        assert!(is_one_name(&"m".repeat(250), &"rn".repeat(250)));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_name_is_itself_however_it_is_written(
            name in "[A-Za-zÀ-žА-яα-ωא-ת一-龥]{1,12} [A-Za-zÀ-ž’]{1,12}",
            place in 0_usize..24,
            unseen in proptest::sample::select(vec!['\u{ad}', '\u{200b}', '\u{2062}', '\u{34f}', '\u{e0041}', '\u{e000}']),
        ) {
            let letters: Vec<char> = name.chars().collect();
            let place = place.min(letters.len());
            let hidden: String =
                letters[..place].iter().chain([&unseen]).chain(&letters[place..]).collect();
            let (mut turned, last) = (name.split(' ').rev().collect::<Vec<_>>(), name.clone());
            turned.push("");
            for other in [
                name.nfd().collect(), name.nfkc().collect(), hidden, name.to_lowercase(), name.to_uppercase().to_lowercase(),
                turned.join(",  "), last, format!("Prof. {name}"),
            ] {
                // Neither an apostrophe alone nor a title, whichever stands first.
                prop_assume!(words(&name).len() == 2 && words(&turned.join(",")).len() == 2);
                prop_assert!(is_one_name(&name, &other), "{name:?} {other:?}");
                prop_assert!(is_one_name(&other, &name), "{other:?} {name:?}");
            }
        }

        #[test]
        fn whoever_is_compared_nothing_breaks(one in "\\PC{0,40}", other in any::<String>()) {
            prop_assert_eq!(is_one_name(&one, &other), is_one_name(&other, &one));
            let _ = (is_initials(&one, &other), is_a_name(&other));
        }
    }
}
