//! What Unicode 18.0 says of a character, as far as the record asks.
//!
//! Whoever checks a bundle builds this crate; the libraries that know every
//! property of every character are a third of what it would build. So the
//! small sets stand here, with the file of the Unicode Character Database that
//! has them, and a test holds each against such a library, character by
//! character. What is here decides what entry 1 may say: it changes with
//! FORMAT 6 alone.

use unicode_joining_type::{JoiningType as Known, get_joining_type};
pub(super) use unicode_properties::GeneralCategory;
use unicode_properties::UnicodeGeneralCategory as _;

/// What kind of character it is (`UnicodeData.txt`).
pub(super) fn general_category(c: char) -> GeneralCategory {
    c.general_category()
}

/// Letters, whatever their case.
pub(super) fn is_letter(c: char) -> bool {
    use GeneralCategory::{LowercaseLetter, ModifierLetter, OtherLetter, TitlecaseLetter, UppercaseLetter};
    let category = general_category(c);
    matches!(category, UppercaseLetter | LowercaseLetter | TitlecaseLetter | ModifierLetter | OtherLetter)
}

/// Marks on the letter before.
pub(super) fn is_mark(c: char) -> bool {
    use GeneralCategory::{EnclosingMark, NonspacingMark, SpacingMark};
    matches!(general_category(c), NonspacingMark | SpacingMark | EnclosingMark)
}

/// Digits, and letters and signs that are numbers.
pub(super) fn is_number(c: char) -> bool {
    use GeneralCategory::{DecimalNumber, LetterNumber, OtherNumber};
    matches!(general_category(c), DecimalNumber | LetterNumber | OtherNumber)
}

/// Strokes, points, brackets and quotation marks.
pub(super) fn is_punctuation(c: char) -> bool {
    use GeneralCategory::{
        ClosePunctuation, ConnectorPunctuation, DashPunctuation, FinalPunctuation, InitialPunctuation,
        OpenPunctuation, OtherPunctuation,
    };
    matches!(
        general_category(c),
        ConnectorPunctuation
            | DashPunctuation
            | OpenPunctuation
            | ClosePunctuation
            | InitialPunctuation
            | FinalPunctuation
            | OtherPunctuation
    )
}

/// Not shown where a font knows nothing of it: `Default_Ignorable_Code_Point`
/// (`DerivedCoreProperties.txt`).
pub(super) fn is_default_ignorable(c: char) -> bool {
    matches!(c, '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}' | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFF8}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

/// Loses its dot under an accent: `Soft_Dotted` (`PropList.txt`).
pub(super) fn is_soft_dotted(c: char) -> bool {
    matches!(c, '\u{0069}'..='\u{006A}' | '\u{012F}' | '\u{0249}' | '\u{0268}' | '\u{029D}' | '\u{02B2}' | '\u{03F3}' | '\u{0456}' | '\u{0458}' | '\u{1D62}' | '\u{1D96}' | '\u{1DA4}' | '\u{1DA8}' | '\u{1E2D}' | '\u{1ECB}' | '\u{2071}' | '\u{2148}'..='\u{2149}' | '\u{2C7C}' | '\u{1D422}'..='\u{1D423}' | '\u{1D456}'..='\u{1D457}' | '\u{1D48A}'..='\u{1D48B}' | '\u{1D4BE}'..='\u{1D4BF}' | '\u{1D4F2}'..='\u{1D4F3}' | '\u{1D526}'..='\u{1D527}' | '\u{1D55A}'..='\u{1D55B}' | '\u{1D58E}'..='\u{1D58F}' | '\u{1D5C2}'..='\u{1D5C3}' | '\u{1D5F6}'..='\u{1D5F7}' | '\u{1D62A}'..='\u{1D62B}' | '\u{1D65E}'..='\u{1D65F}' | '\u{1D692}'..='\u{1D693}' | '\u{1DF1A}' | '\u{1DF6F}'..='\u{1DF71}' | '\u{1DFD9}' | '\u{1E04C}'..='\u{1E04D}' | '\u{1E068}')
}

/// A virama, which makes one of two consonants: `Canonical_Combining_Class` 9.
pub(super) fn is_virama(c: char) -> bool {
    unicode_normalization::char::canonical_combining_class(c) == 9
}

/// How a letter joins its neighbours (`ArabicShaping.txt`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum JoiningType {
    /// It joins none.
    None,
    /// It joins the one before in the text alone.
    Right,
    /// It joins the one after alone.
    Left,
    /// It joins both.
    Dual,
    /// It lengthens the join, and has no shape of its own.
    Causing,
    /// It is passed over.
    Transparent,
}

/// How `c` joins its neighbours.
pub(super) fn joining_type(c: char) -> JoiningType {
    // Letters of 17.0 and 18.0, which the crate does not know yet.
    match c {
        '\u{088F}' | '\u{10EC6}' | '\u{10EC7}' => return JoiningType::Dual,
        '\u{10ED9}'..='\u{10EEE}' => return JoiningType::Left,
        _ => {}
    }
    match get_joining_type(c) {
        Known::RightJoining => JoiningType::Right,
        Known::LeftJoining => JoiningType::Left,
        Known::DualJoining => JoiningType::Dual,
        Known::JoinCausing => JoiningType::Causing,
        Known::Transparent => JoiningType::Transparent,
        // As the file derives it for what it does not list.
        _ if is_passed_over(c) => JoiningType::Transparent,
        _ => JoiningType::None,
    }
}

/// A mark that the file does not list as something else.
fn is_passed_over(c: char) -> bool {
    use GeneralCategory::{EnclosingMark, NonspacingMark};
    matches!(general_category(c), NonspacingMark | EnclosingMark)
}

/// `text` without a difference of case: the full folding of `CaseFolding.txt`.
pub(super) fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            // Folded to capitals, since those came first.
            '\u{13A0}'..='\u{13F5}' => folded.push(c),
            '\u{13F8}'..='\u{13FD}' | '\u{AB70}'..='\u{ABBF}' => folded.extend(c.to_uppercase()),
            // A letter of its own outside of Turkish.
            'ı' => folded.push(c),
            'ẞ' | '\u{1DF95}' => folded.push_str("ss"),
            _ => match capital_of_eighteen(c) {
                Some(small) => folded.push(small),
                None => folded.extend(c.to_uppercase().flat_map(char::to_lowercase)),
            },
        }
    }
    folded
}

/// The small letter of a capital of 18.0, which the standard library does not
/// know yet.
fn capital_of_eighteen(c: char) -> Option<char> {
    Some(match c {
        '\u{A7DD}' => '\u{0277}',
        '\u{A7E2}' => '\u{027C}',
        '\u{AB6C}' => '\u{AB4B}',
        '\u{AB6D}' => '\u{AB4C}',
        '\u{1DF40}' | '\u{1DF48}' | '\u{1DF4A}' | '\u{1DF4D}' | '\u{1DF51}' | '\u{1DF68}' | '\u{1DF6A}'
        | '\u{1DF6C}' | '\u{1DF6E}' | '\u{1DF72}' | '\u{1DF74}' | '\u{1DF76}' | '\u{1DF78}' | '\u{1DF7A}'
        | '\u{1DF7C}' | '\u{1DF7E}' => return char::from_u32(u32::from(c) + 1),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use icu_casemap::CaseMapper;
    use icu_properties::props::{
        self, BinaryProperty as _, CanonicalCombiningClass, DefaultIgnorableCodePoint,
        EnumeratedProperty as _, GeneralCategoryGroup, SoftDotted,
    };

    use super::*;

    /// What the tables say is what the whole database says, of each character.
    #[test]
    fn each_character_is_as_the_database_has_it() {
        let icu = CaseMapper::new();
        for c in '\0'..=char::MAX {
            let category = props::GeneralCategory::for_char(c);
            assert_eq!(format!("{:?}", general_category(c)), format!("{category:?}"), "{c:?}");
            for (ours, group) in [
                (is_letter(c), GeneralCategoryGroup::Letter),
                (is_mark(c), GeneralCategoryGroup::Mark),
                (is_number(c), GeneralCategoryGroup::Number),
                (is_punctuation(c), GeneralCategoryGroup::Punctuation),
            ] {
                assert_eq!(ours, group.contains(category), "{c:?} {group:?}");
            }
            assert_eq!(is_default_ignorable(c), DefaultIgnorableCodePoint::for_char(c), "{c:?}");
            assert_eq!(is_soft_dotted(c), SoftDotted::for_char(c), "{c:?}");
            let virama = CanonicalCombiningClass::for_char(c) == CanonicalCombiningClass::Virama;
            assert_eq!(is_virama(c), virama, "{c:?}");
            let joining = match props::JoiningType::for_char(c) {
                props::JoiningType::RightJoining => JoiningType::Right,
                props::JoiningType::LeftJoining => JoiningType::Left,
                props::JoiningType::DualJoining => JoiningType::Dual,
                props::JoiningType::JoinCausing => JoiningType::Causing,
                props::JoiningType::Transparent => JoiningType::Transparent,
                _ => JoiningType::None,
            };
            assert_eq!(joining_type(c), joining, "{c:?}");
            let letter = c.to_string();
            assert_eq!(folded(&letter), icu.fold_string(&letter), "{c:?}");
        }
    }
}
