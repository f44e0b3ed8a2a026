//! Where words and results go. Its law:
//!
//! - A result goes to standard output: a reference, a table, a verdict.
//!   Everything else that people read goes to standard error: what was done,
//!   what comes next, questions, errors.
//! - With `--json` standard output carries exactly one JSON object, also when
//!   the answer is no, and nothing else. Words still go to standard error.
//!   `record`, which goes on, gives one object a line for each event instead.
//! - Nothing foreign reaches a terminal as it came: control characters and
//!   those that turn the writing around are written out (`[U+202E]`), here and
//!   in one place, whoever composed the text.
//! - Everything that a rehearsal says begins with REHEARSAL.
//! - A reader that goes away (`| head`) is no error.
//!
//! What to say is for `commands` and `explain`.

use std::io::{self, IsTerminal, Write};

use countersign_record::journal::Standing;
use countersign_record::journal::characters::{shown, turns_a_line};
use serde_json::{Map, Value};

use crate::message::Message;

/// Where words and results go, and in which form.
pub struct Output {
    form: Form,
    standing: std::cell::Cell<Standing>,
}

/// In which form results are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As words.
    Words,
    /// As one JSON object.
    Json,
}

impl Output {
    pub fn new(form: Form) -> Output {
        Output { form, standing: std::cell::Cell::new(Standing::Case) }
    }

    /// From here on it speaks of this case.
    pub fn about(&self, standing: Standing) {
        if standing == Standing::Rehearsal && self.standing.replace(standing) != standing {
            to(&mut io::stderr(), REHEARSAL);
        }
    }

    /// Words for people.
    pub fn tell(&self, words: &str) {
        to(&mut io::stderr(), words);
    }

    /// The result: `words` or `json`.
    pub fn result(&self, words: &str, json: impl FnOnce() -> Value) {
        match self.form {
            Form::Words if self.is_rehearsal() && words.contains('\n') => {
                to(&mut io::stdout(), &format!("{REHEARSAL}\n{words}"));
            }
            Form::Words if words.is_empty() => {}
            Form::Words => to(&mut io::stdout(), words),
            Form::Json => self.object(json()),
        }
    }

    /// One event of many: an object on a line of its own, or words for people.
    pub fn event(&self, words: &str, json: impl FnOnce() -> Value) {
        match self.form {
            Form::Words => self.tell(words),
            Form::Json => {
                let _ = writeln!(io::stdout(), "{}", escape(&json().to_string()));
                let _ = io::stdout().flush();
            }
        }
    }

    /// In which form results are given.
    pub fn form(&self) -> Form {
        self.form
    }

    /// Text for another program that is neither words nor JSON, to the byte.
    pub fn script(&self, text: &str, json: impl FnOnce() -> Value) {
        match self.form {
            Form::Words => {
                let _ = io::stdout().write_all(text.as_bytes());
            }
            Form::Json => self.object(json()),
        }
    }

    /// An error in words, with what to do about it.
    pub fn tell_error(&self, message: &Message) {
        self.tell(&format!("countersign: {}", message.what));
        for hint in &message.hints {
            self.tell(&indent(hint));
        }
    }

    /// An error as the one result of the program.
    pub fn error(&self, message: &Message) {
        self.tell_error(message);
        if self.form == Form::Json {
            let mut object = Map::new();
            object.insert("error".to_owned(), message.what.clone().into());
            object.insert("hints".to_owned(), message.hints.clone().into());
            object.insert("exit_code".to_owned(), message.exit.code().into());
            self.object(Value::Object(object));
        }
    }

    fn object(&self, mut value: Value) {
        if let Value::Object(object) = &mut value {
            object.entry("rehearsal").or_insert(Value::Bool(self.is_rehearsal()));
        }
        let text = serde_json::to_string_pretty(&value).unwrap_or_default();
        let _ = writeln!(io::stdout(), "{}", escape(&text));
    }

    fn is_rehearsal(&self) -> bool {
        self.standing.get() == Standing::Rehearsal
    }
}

/// Words for people beside what is going on, from a thread of its own.
pub fn aside(words: &str) {
    to(&mut io::stderr(), words);
}

/// Whether somebody sits at a terminal who can be asked.
pub fn at_a_terminal() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// `text` with everything written out that could deceive at a terminal.
pub fn safe(text: &str) -> String {
    shown(text, |c| turns_a_line(c) && c != '\n')
}

/// Several lines, moved to the right under the line before.
pub fn indent(text: &str) -> String {
    text.lines()
        .map(|line| if line.is_empty() { String::new() } else { format!("  {line}") })
        .collect::<Vec<_>>()
        .join("\n")
}

/// Foreign text of several lines as one.
pub fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The beginning of long words.
pub fn cut(words: &str, most: usize) -> String {
    match words.char_indices().nth(most) {
        Some((end, _)) => format!("{} …", &words[..end]),
        None => words.to_owned(),
    }
}

fn to(out: &mut impl Write, words: &str) {
    let _ = writeln!(out, "{}", safe(words));
}

/// The same JSON value in a spelling that no terminal obeys.
fn escape(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '\n' => escaped.push(c),
            c if turns_a_line(c) => escaped.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => escaped.push(c),
        }
    }
    escaped
}

const REHEARSAL: &str = "REHEARSAL: this is practice, not a real case.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_terminal_is_told_what_to_do_by_a_file_name() {
        let name = "a\u{1b}[2Jb\u{202e}c\u{9b}d\te\r";
        assert_eq!(safe(name), "a[U+001B][2Jb[U+202E]c[U+009B]d[U+0009]e[U+000D]");
        let json = serde_json::to_string(name).expect("a string");
        assert_eq!(serde_json::from_str::<String>(&escape(&json)).expect("the same"), name);
        assert!(!escape(&json).chars().any(char::is_control));
    }
}
