//! Both passphrases: asked for at the terminal, or read from a private file.
//!
//! They are never taken from an argument or from the environment, where other
//! programs could read them. Which of the two is wrong is never said.

use std::fs;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use countersign_case::case::Home;
use countersign_case::durable::{Disk, DiskError};
use countersign_case::secret::{Passphrase, PassphraseError};
use countersign_record::regular_file;
use countersign_record::words;
use zeroize::Zeroizing;
use zxcvbn::zxcvbn;

use crate::ambient::{self, SystemRandom};
use crate::ask;
use crate::explain::disk;
use crate::message::{Exit, Message, shown};
use crate::say::{self, Output};

/// Both, the first person's first.
pub type Both = [Passphrase; 2];

/// Reads both from `file`.
pub fn from_file(file: &Path) -> Result<Both, Message> {
    match regular_file::open_typed(file) {
        Err(e) if e.kind() == ErrorKind::NotFound => {
            return Err(Message::wrong(format!("There is no file {} with your passphrases.", shown(file)))
                .hint("Check the name. Only `countersign open` makes such a file."));
        }
        Err(e) => return Err(disk(&DiskError::io(file, e))),
        Ok(_) => {}
    }
    if ambient::others_can_read(file).map_err(|e| disk(&DiskError::io(file, e)))? {
        return Err(Message::wrong(format!("Others on this computer can read {}.", shown(file)))
            .hint(format!("Make it private, then try again: chmod 600 {}", shown(file)))
            .hint("If others may have seen the passphrases, tell your IT person."));
    }
    let mut text = Zeroizing::new(String::new());
    let opened = regular_file::open_typed(file).map_err(|e| disk(&DiskError::io(file, e)))?;
    let not_lines = || {
        Message::wrong(format!("{} does not hold two passphrases.", shown(file)))
            .hint("It has two lines: the first person's passphrase, then the second person's.")
    };
    match opened.take(LARGEST + 1).read_to_string(&mut text) {
        Err(e) if e.kind() == ErrorKind::InvalidData => return Err(not_lines()),
        Err(e) => return Err(disk(&DiskError::io(file, e))),
        Ok(length) if length as u64 > LARGEST => return Err(not_lines()),
        Ok(_) => {}
    }
    let lines: Vec<&str> = text.trim_end_matches(['\n', '\r']).split('\n').collect();
    let [first, second] = lines.as_slice() else { return Err(not_lines()) };
    Ok([typed(first)?, typed(second)?])
}

/// Asks each by name at the terminal.
pub fn at_terminal(names: [&str; 2]) -> Result<Both, Message> {
    if !say::at_a_terminal() {
        return Err(no_terminal());
    }
    let [first, second] = names.map(|name| {
        let prompt = format!("{}, type your passphrase: ", say::safe(name));
        let typed_text = rpassword::prompt_password(prompt).map(Zeroizing::new);
        typed(&typed_text.map_err(unreadable)?)
    });
    Ok([first?, second?])
}

/// Both as a case is opened with them.
pub struct New {
    both: Both,
    written: Option<PathBuf>,
}

impl New {
    /// From `file`: read if it is there, else generated and written to it.
    ///
    /// It is durable before a case is opened with it, so that no power cut can
    /// leave a case that nobody can unlock.
    pub fn from_file(file: &Path, names: [&str; 2], home: &Home) -> Result<New, Message> {
        let is_there = fs::symlink_metadata(file).is_ok();
        if !is_there {
            home.check_way_out(file)?;
            let both = generate()?;
            let text = Zeroizing::new(format!("{}\n{}\n", both[0].reveal(), both[1].reveal()));
            return match Disk::new().create_whole(file, text.as_bytes()) {
                Ok(()) => Ok(New { both, written: Some(file.to_owned()) }),
                Err(error) => {
                    Err(disk(&error).hint("The case was not opened: the passphrases could not be kept."))
                }
            };
        }
        let both = from_file(file)?;
        for (passphrase, name) in both.iter().zip(names) {
            judge(passphrase, names).map_err(|weak| {
                weak.into_message(&format!("The passphrase of {} in {}", say::one_line(name), shown(file)))
            })?;
        }
        Ok(New { both, written: None })
    }

    /// At the terminal: generated words for each, or their own.
    pub fn at_terminal(names: [&str; 2], output: &Output) -> Result<New, Message> {
        if !say::at_a_terminal() {
            return Err(no_terminal());
        }
        let [first, second] = generate()?;
        output.tell("\nEach of you gets a passphrase. Do not tell it to the other.");
        output.tell("Write it on a card and put the card in the school safe, in an envelope.");
        let first = choose(names[0], first, names, output)?;
        let second = choose(names[1], second, names, output)?;
        Ok(New { both: [first, second], written: None })
    }

    pub fn both(&self) -> [&Passphrase; 2] {
        [&self.both[0], &self.both[1]]
    }

    /// The file that was written for them.
    pub fn written(&self) -> Option<&Path> {
        self.written.as_deref()
    }

    /// The case was not opened: the file must not look as if it belonged to
    /// one.
    pub fn discard(self) {
        if let Some(file) = &self.written {
            let _ = fs::remove_file(file);
        }
    }
}

/// One person's choice: the generated words, shown once and typed back, or
/// words of their own.
fn choose(
    name: &str,
    generated: Passphrase,
    names: [&str; 2],
    output: &Output,
) -> Result<Passphrase, Message> {
    let name = say::one_line(name);
    output.tell(&format!("\n{name}, this is for your eyes only."));
    let question = "Use six words that Countersign has drawn for you? (yes, or no for your own)";
    if ask::yes_or_no(question)? {
        output.tell(&format!("\nYour passphrase, shown once:\n\n    {}\n", generated.reveal()));
        loop {
            let again = prompt(&format!("{name}, write it down, then type it here: "))?;
            // Typed back, so that nobody's card has a word that is not in it.
            if again == generated {
                ask::cover();
                return Ok(generated);
            }
            output.tell("That is not the same. Look again and type all six words.");
        }
    }
    loop {
        let own = prompt(&format!("{name}, type a passphrase of your own: "))?;
        if let Err(weak) = judge(&own, names) {
            output.tell_error(&weak.into_message("Your passphrase"));
            continue;
        }
        if prompt(&format!("{name}, type it again: "))? == own {
            return Ok(own);
        }
        output.tell("The two were not the same. Begin again.");
    }
}

/// Shows the passphrase of a copy once, and goes on when it was typed back:
/// then somebody has written it down.
pub fn copied_out(drawn: &str, is_same: impl Fn(&str) -> bool, output: &Output) -> Result<(), Message> {
    output.tell(&format!("\nThe passphrase of the copy, shown once:\n\n    {drawn}\n"));
    output.tell("Write it down, apart from the copy. Whoever has both can read the case.");
    loop {
        let typed = prompt("Type it here: ")?;
        if is_same(typed.reveal()) {
            ask::cover();
            return Ok(());
        }
        output.tell("That is not the same. Look again and type all six words.");
    }
}

fn prompt(words: &str) -> Result<Passphrase, Message> {
    loop {
        let text = Zeroizing::new(rpassword::prompt_password(say::safe(words)).map_err(unreadable)?);
        match Passphrase::typed(&text) {
            Ok(passphrase) => return Ok(passphrase),
            Err(PassphraseError::Empty) => {}
            Err(PassphraseError::Control) => return Err(control()),
        }
    }
}

/// Why a passphrase could be guessed.
#[derive(Debug)]
pub struct Weak {
    pub why: Option<String>,
}

impl Weak {
    fn into_message(self, whose: &str) -> Message {
        let why = self.why.map(|why| format!(" {why}")).unwrap_or_default();
        Message::wrong(format!("{whose} is weak: it could be guessed.{why}")).hint(
            "Take six words that have nothing to do with each other, or let Countersign draw them: name a file that is not there yet.",
        )
    }
}

/// Refuses what a machine that tries ten thousand a second would guess within
/// a few hundred years. Six words of the list, at least five of them
/// different, are as good as drawn ones and need no further judging.
pub fn judge(passphrase: &Passphrase, names: [&str; 2]) -> Result<(), Weak> {
    let listed: Vec<&str> = passphrase.reveal().split(' ').filter(|word| words::is_listed(word)).collect();
    let different: std::collections::BTreeSet<&str> = listed.iter().copied().collect();
    if listed.len() >= 6 && different.len() >= 5 {
        return Ok(());
    }
    let known: Vec<&str> = names.iter().flat_map(|name| name.split_whitespace()).collect();
    let judged = zxcvbn(passphrase.reveal(), &known);
    if judged.guesses() >= ENOUGH {
        return Ok(());
    }
    let warning = judged.feedback().and_then(|feedback| feedback.warning());
    Err(Weak { why: warning.map(|warning| warning.to_string()) })
}

pub fn generate() -> Result<Both, Message> {
    let random = |_| {
        Passphrase::generate(&SystemRandom).map_err(|error| {
            Message::new(Exit::Surroundings, format!("This computer gives no random numbers: {error}."))
        })
    };
    Ok([random(0)?, random(1)?])
}

pub fn typed(text: &str) -> Result<Passphrase, Message> {
    Passphrase::typed(text).map_err(|error| match error {
        PassphraseError::Empty => Message::wrong("One of the passphrases is empty."),
        PassphraseError::Control => control(),
    })
}

fn control() -> Message {
    Message::wrong("One of the passphrases has a character that nobody can type.")
        .hint("Type it again by hand.")
}

fn no_terminal() -> Message {
    Message::wrong("There is no terminal at which to ask for your passphrases.")
        .hint("Name a private file with both, one a line: --passphrases FILE")
}

fn unreadable(error: io::Error) -> Message {
    Message::new(Exit::Surroundings, format!("The passphrase could not be read from the terminal: {error}."))
        .hint("Name a private file with both, one a line: --passphrases FILE")
}

/// Guesses, as zxcvbn estimates them.
const ENOUGH: u64 = 100_000_000_000_000;

/// Bytes of a file with two passphrases.
const LARGEST: u64 = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 2] = ["Jane Smith", "Ali Khan"];

    #[test]
    fn weak_ones_are_refused() {
        for weak in [
            "password",
            "Jane Smith 2026",
            "letmein letmein",
            "abandon abandon abandon abandon abandon abandon",
            "qwertyuiop",
        ] {
            let passphrase = Passphrase::typed(weak).expect("words");
            assert!(judge(&passphrase, NAMES).is_err(), "{weak}");
        }
        for strong in [
            "river stone candy lamp oyster velvet",
            "kT9#vq2LmZx8!pR4",
            "Our cat Bertie eats 14 olives on Tuesdays",
        ] {
            let passphrase = Passphrase::typed(strong).expect("words");
            assert!(judge(&passphrase, NAMES).is_ok(), "{strong}");
        }
    }

    #[test]
    fn generated_ones_pass() {
        for _ in 0..20 {
            for passphrase in generate().expect("random") {
                assert!(judge(&passphrase, NAMES).is_ok(), "{}", passphrase.reveal());
            }
        }
    }
}
