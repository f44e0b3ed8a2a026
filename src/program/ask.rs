//! Questions at the terminal, one at a time.
//!
//! Passphrases are not asked for here.

use std::io::{self, BufRead, Write};

use countersign_record::journal::{Line, Name, Text};

use crate::explain::field;
use crate::message::{Exit, Message};
use crate::say;

/// A question with yes or no for an answer.
pub fn yes_or_no(question: &str) -> Result<bool, Message> {
    loop {
        match answer(question)?.to_lowercase().as_str() {
            "y" | "yes" => return Ok(true),
            "n" | "no" => return Ok(false),
            _ => put("Please type yes or no.\n"),
        }
    }
}

/// A question for one line.
pub fn line(question: &str, name: &str) -> Result<Line, Message> {
    loop {
        match Line::typed(&answer(question)?) {
            Ok(line) => return Ok(line),
            Err(error) => put(&format!("{}\n", field(name, &error).what)),
        }
    }
}

/// A question for a name, a position or a reference.
pub fn name(question: &str, what: &str) -> Result<Name, Message> {
    loop {
        match Name::typed(&answer(question)?) {
            Ok(name) => return Ok(name),
            Err(error) => put(&format!("{}\n", field(what, &error).what)),
        }
    }
}

/// A question for some words.
pub fn text(question: &str, name: &str) -> Result<Text, Message> {
    loop {
        match Text::typed(&answer(question)?) {
            Ok(text) => return Ok(text),
            Err(error) => put(&format!("{}\n", field(name, &error).what)),
        }
    }
}

/// A question for words that share their entry with others.
pub fn shared(question: &str, name: &str) -> Result<Text, Message> {
    loop {
        match Text::shared(&answer(question)?) {
            Ok(text) => return Ok(text),
            Err(error) => put(&format!("{}\n", field(name, &error).what)),
        }
    }
}

/// A question with a few answers, of which one is taken.
pub fn one_of<'a, T: Copy>(question: &str, answers: &'a [(&'a str, T)]) -> Result<T, Message> {
    let offered: Vec<&str> = answers.iter().map(|(word, _)| *word).collect();
    let question = format!("{question} ({})", offered.join(", "));
    loop {
        let given = answer(&question)?.to_lowercase();
        match answers.iter().find(|(word, _)| *word == given) {
            Some((_, value)) => return Ok(*value),
            None => put(&format!("Please type one of: {}.\n", offered.join(", "))),
        }
    }
}

/// A question with a list of answers, one to a line, of which one is taken or
/// none.
pub fn one_or_none<'a, T: Copy>(
    question: &str,
    list: &str,
    answers: &'a [(&'a str, T)],
) -> Result<Option<T>, Message> {
    put(&format!("{list}\n"));
    loop {
        let given = answer(question)?.to_lowercase();
        if given.is_empty() {
            return Ok(None);
        }
        match answers.iter().find(|(word, _)| *word == given) {
            Some((_, value)) => return Ok(Some(*value)),
            None => put("Please type the first word of one of the lines above, or press Enter.\n"),
        }
    }
}

/// The missing argument `flag` can be asked for, or is named.
pub fn or_missing(flag: &str) -> Result<(), Message> {
    if say::at_a_terminal() {
        return Ok(());
    }
    Err(Message::wrong(format!("{flag} is missing.")).hint("For an example: add --help"))
}

/// Moves what was shown out of sight.
pub fn cover() {
    // Clears the screen and what can be scrolled back to.
    put_raw("\u{1b}[2J\u{1b}[3J\u{1b}[H");
}

fn answer(question: &str) -> Result<String, Message> {
    put(&format!("{question}\n> "));
    let mut typed = String::new();
    match io::stdin().lock().read_line(&mut typed) {
        Ok(0) => Err(Message::new(Exit::Wrong, "No answer was given; nothing was recorded.")),
        Ok(_) => Ok(typed.trim().to_owned()),
        Err(error) => {
            Err(Message::new(Exit::Surroundings, format!("The terminal could not be read: {error}.")))
        }
    }
}

fn put(words: &str) {
    put_raw(&say::safe(words));
}

fn put_raw(words: &str) {
    let mut terminal = io::stderr();
    let _ = terminal.write_all(words.as_bytes()).and_then(|()| terminal.flush());
}
