//! The one spelling of everything that is signed or compared by its bytes.
//!
//! It does not read: whoever reads spells again what was read, and compares.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{CharEscape, Formatter, PrettyFormatter, Serializer};

/// The bytes of `value`: JSON as `serde_json` prints it prettily, and an LF.
///
/// It MUST refuse an integer that JavaScript could not hold ([`MAX_INTEGER`])
/// and every fraction, so that `JSON.stringify(value, null, 2)` gives the same
/// bytes.
pub fn spell<T: Serialize>(value: &T) -> Result<Vec<u8>, serde_json::Error> {
    let mut bytes = Vec::new();
    value.serialize(&mut Serializer::with_formatter(&mut bytes, Exact(PrettyFormatter::new())))?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// How many bytes `text` takes between its quotation marks.
pub(super) fn spelled_length(text: &str) -> usize {
    let spelled = |c: char| match c {
        '"' | '\\' | '\u{8}' | '\u{c}' | '\n' | '\r' | '\t' => 2,
        c if c < ' ' => 6,
        c => c.len_utf8(),
    };
    text.chars().map(spelled).sum()
}

/// The largest integer that every reader of JSON holds exactly: 2^53 − 1.
pub const MAX_INTEGER: u64 = (1 << 53) - 1;

/// Prints prettily what can be printed exactly.
struct Exact<'a>(PrettyFormatter<'a>);

/// Hands on as they are the methods that write no number.
macro_rules! as_it_is {
    ($($name:ident($($argument:ident: $type:ty),*);)*) => {
        $(
            fn $name<W: ?Sized + Write>(&mut self, writer: &mut W $(, $argument: $type)*) -> io::Result<()> {
                self.0.$name(writer $(, $argument)*)
            }
        )*
    };
}

impl Formatter for Exact<'_> {
    fn write_u64<W: ?Sized + Write>(&mut self, writer: &mut W, value: u64) -> io::Result<()> {
        if value > MAX_INTEGER {
            return Err(inexact(&value));
        }
        self.0.write_u64(writer, value)
    }

    fn write_i64<W: ?Sized + Write>(&mut self, writer: &mut W, value: i64) -> io::Result<()> {
        if value.unsigned_abs() > MAX_INTEGER {
            return Err(inexact(&value));
        }
        self.0.write_i64(writer, value)
    }

    fn write_u128<W: ?Sized + Write>(&mut self, _: &mut W, value: u128) -> io::Result<()> {
        Err(inexact(&value))
    }

    fn write_i128<W: ?Sized + Write>(&mut self, _: &mut W, value: i128) -> io::Result<()> {
        Err(inexact(&value))
    }

    fn write_f32<W: ?Sized + Write>(&mut self, _: &mut W, value: f32) -> io::Result<()> {
        Err(inexact(&value))
    }

    fn write_f64<W: ?Sized + Write>(&mut self, _: &mut W, value: f64) -> io::Result<()> {
        Err(inexact(&value))
    }

    fn write_number_str<W: ?Sized + Write>(&mut self, _: &mut W, value: &str) -> io::Result<()> {
        Err(inexact(&value))
    }

    as_it_is! {
        begin_array();
        end_array();
        begin_array_value(first: bool);
        end_array_value();
        begin_object();
        end_object();
        begin_object_key(first: bool);
        end_object_key();
        begin_object_value();
        end_object_value();
        write_char_escape(escape: CharEscape);
    }
}

fn inexact(number: &dyn std::fmt::Display) -> io::Error {
    io::Error::other(format!("the number {number} is no integer below 2^53"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn integers_below_2_to_the_53_and_no_others() {
        for fits in [json!(0), json!(MAX_INTEGER), json!(-(MAX_INTEGER as i64)), json!([1, [2]])] {
            assert!(spell(&fits).is_ok(), "{fits}");
        }
        for other in [
            json!(MAX_INTEGER + 1),
            json!(u64::MAX),
            json!(i64::MIN),
            json!(0.5),
            json!(2.0),
            json!({"a": [{"b": MAX_INTEGER + 1}]}),
        ] {
            assert!(spell(&other).is_err(), "{other}");
        }
        assert!(spell(&(1_u128, 1_i128)).is_err());
        assert!(spell(&1.5_f32).is_err());
    }

    #[test]
    fn a_text_is_as_long_as_it_is_spelled() {
        let all: String = (0..0x3000).filter_map(char::from_u32).chain(['\u{1f600}', '\u{10ffff}']).collect();
        for text in ["", "a", "\"\\\n\u{1}\u{7f}é", &all] {
            let spelled = spell(&text).expect("spells");
            assert_eq!(spelled_length(text), spelled.len() - "\"\"\n".len(), "{text:?}");
        }
    }

    #[test]
    fn otherwise_as_serde_json_prints_prettily() {
        let value = json!({"a": [], "b": {}, "c": [1, -2, null, true], "d": {"e": "ż\n\"\\\u{1}/"}});
        let expected = format!("{}\n", serde_json::to_string_pretty(&value).expect("prints"));
        assert_eq!(String::from_utf8(spell(&value).expect("spells")), Ok(expected));
    }
}
