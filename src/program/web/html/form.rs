//! A form: what was typed, what is wrong with it, and how its fields look.
//!
//! A page asks it for typed words, one field after the other, and shows it
//! again with everything that was typed where one of them is missing. What a
//! field means is the page's business.

use countersign_record::journal::{Line, Name, Text, TextError};
use maud::{Markup, PreEscaped, html};

use crate::explain;
use crate::web::html::fields::Fields;
use crate::web::html::layout::Page;

/// What was typed, and the mistakes that were found in it.
pub struct Form {
    fields: Fields,
    mistakes: Vec<(String, String)>,
}

/// One of several answers to a question.
pub struct Choice {
    pub value: String,
    pub label: String,
    pub hint: Option<String>,
}

impl Choice {
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Choice {
        Choice { value: value.into(), label: label.into(), hint: None }
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Choice {
        self.hint = Some(hint.into());
        self
    }
}

/// Answers that stand together, under words of their own.
pub struct Group {
    pub words: String,
    pub choices: Vec<Choice>,
}

/// What is asked for: the field's name, its label, and a hint below it.
#[derive(Clone, Copy)]
pub struct Ask<'a> {
    name: &'a str,
    label: &'a str,
    hint: &'a str,
    size: Size,
}

/// What is chosen at once.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Pick {
    Files,
    Folder,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Size {
    Usual,
    Short,
}

impl<'a> Ask<'a> {
    pub fn new(name: &'a str, label: &'a str) -> Ask<'a> {
        Ask { name, label, hint: "", size: Size::Usual }
    }

    pub fn hint(self, hint: &'a str) -> Ask<'a> {
        Ask { hint, ..self }
    }

    /// A few letters wide.
    pub fn short(self) -> Ask<'a> {
        Ask { size: Size::Short, ..self }
    }
}

// Taking words out of it.
impl Form {
    /// A form that was filled in, or is filled in again.
    pub fn of(fields: Fields) -> Form {
        Form { fields, mistakes: Vec::new() }
    }

    /// A form that nobody has filled in.
    pub fn empty() -> Form {
        Form::of(Fields::default())
    }

    pub fn fields(&self) -> &Fields {
        &self.fields
    }

    pub fn into_fields(self) -> Fields {
        self.fields
    }

    /// Fills a field in.
    pub fn set(&mut self, name: &str, value: &str) {
        self.fields.set(name, value);
    }

    /// What was typed in that field.
    pub fn typed(&self, name: &str) -> &str {
        self.fields.of(name).trim()
    }

    /// Words of several lines; a mistake where there are none. `what` names
    /// the field in a sentence, such as `description`.
    pub fn text(&mut self, name: &str, what: &str) -> Option<Text> {
        let typed = Text::typed(self.fields.of(name));
        self.taken(name, what, typed)
    }

    /// As [`Form::text`], for words that share their entry with others.
    pub fn shared(&mut self, name: &str, what: &str) -> Option<Text> {
        let typed = Text::shared(self.fields.of(name));
        self.taken(name, what, typed)
    }

    /// One line; a mistake where there is none.
    pub fn line(&mut self, name: &str, what: &str) -> Option<Line> {
        let typed = Line::typed(self.fields.of(name));
        self.taken(name, what, typed)
    }

    /// A name, a position or a reference; a mistake where there is none, or
    /// where something in it cannot be seen.
    pub fn name(&mut self, name: &str, what: &str) -> Option<Name> {
        let typed = Name::typed(self.fields.of(name));
        self.taken(name, what, typed)
    }

    /// A name that may be left out.
    pub fn optional_name(&mut self, name: &str, what: &str) -> Option<Name> {
        if self.typed(name).is_empty() { None } else { self.name(name, what) }
    }

    /// Words that may be left out.
    pub fn optional_text(&mut self, name: &str, what: &str) -> Option<Text> {
        if self.typed(name).is_empty() { None } else { self.text(name, what) }
    }

    /// As [`Form::shared`], and it may be left out.
    pub fn optional_shared(&mut self, name: &str, what: &str) -> Option<Text> {
        if self.typed(name).is_empty() { None } else { self.shared(name, what) }
    }

    /// A line that may be left out.
    pub fn optional_line(&mut self, name: &str, what: &str) -> Option<Line> {
        if self.typed(name).is_empty() { None } else { self.line(name, what) }
    }

    /// The chosen one of `choices`; a mistake with `none` for words where none
    /// was chosen.
    pub fn one_of<T: Clone>(&mut self, name: &str, none: &str, choices: &[(&str, T)]) -> Option<T> {
        let chosen = self.fields.of(name);
        match choices.iter().find(|(value, _)| *value == chosen) {
            Some((_, value)) => Some(value.clone()),
            None => {
                self.mistake(name, none);
                None
            }
        }
    }

    /// Notes what is wrong with a field.
    pub fn mistake(&mut self, name: &str, words: impl Into<String>) {
        self.mistakes.push((name.to_owned(), words.into()));
    }

    pub fn is_right(&self) -> bool {
        self.mistakes.is_empty()
    }

    fn taken<T>(&mut self, name: &str, what: &str, typed: Result<T, TextError>) -> Option<T> {
        let error = match typed {
            Ok(words) => return Some(words),
            Err(error) => error,
        };
        let words = match error {
            TextError::Empty => format!("Write the {what}."),
            error => explain::field(what, &error).what,
        };
        self.mistake(name, words);
        None
    }
}

// How it looks.
impl Form {
    /// The page with the summary of mistakes, where there are any.
    pub fn on(&self, page: Page) -> Page {
        if self.is_right() { page } else { page.mistakes(self.summary()) }
    }

    /// One line.
    pub fn input(&self, ask: Ask<'_>) -> Markup {
        self.field(
            ask,
            html! {
                input type="text" id=(ask.name) name=(ask.name) value=(self.fields.of(ask.name))
                    class=[(ask.size == Size::Short).then_some("short")] autocomplete="off"
                    aria-describedby=[self.described(ask)] aria-invalid=[self.invalid(ask)];
            },
        )
    }

    /// Several lines.
    pub fn area(&self, ask: Ask<'_>) -> Markup {
        // The first line break after the tag is not part of the words.
        self.field(
            ask,
            html! {
                textarea id=(ask.name) name=(ask.name) rows="5"
                    aria-describedby=[self.described(ask)] aria-invalid=[self.invalid(ask)] {
                    (PreEscaped("\n")) (self.fields.of(ask.name))
                }
            },
        )
    }

    /// Files of the reviewers' computer. They are never filled in again.
    pub fn file(&self, ask: Ask<'_>, pick: Pick) -> Markup {
        self.field(
            ask,
            html! {
                input type="file" id=(ask.name) name=(ask.name) multiple
                    webkitdirectory[pick == Pick::Folder]
                    aria-describedby=[self.described(ask)] aria-invalid=[self.invalid(ask)];
            },
        )
    }

    /// A passphrase. It is never filled in again.
    pub fn secret(&self, ask: Ask<'_>) -> Markup {
        self.field(ask, html! {
            input type="password" id=(ask.name) name=(ask.name) autocomplete="off" autocapitalize="none" spellcheck="false"
                aria-describedby=[self.described(ask)] aria-invalid=[self.invalid(ask)];
        })
    }

    /// One of several.
    pub fn radios(&self, ask: Ask<'_>, choices: &[Choice]) -> Markup {
        self.choices(ask, self.each(ask, choices, 0))
    }

    /// One of many, which stand in groups: one question all the same.
    pub fn radios_in_groups(&self, ask: Ask<'_>, groups: &[Group]) -> Markup {
        let mut before = 0;
        let groups = html! {
            @for group in groups {
                fieldset.group.within {
                    legend { (group.words) }
                    (self.each(ask, &group.choices, before))
                }
                @let () = before += group.choices.len();
            }
        };
        self.choices(ask, groups)
    }

    /// One file.
    pub fn one_file(&self, ask: Ask<'_>) -> Markup {
        self.field(
            ask,
            html! {
                input type="file" id=(ask.name) name=(ask.name)
                    aria-describedby=[self.described(ask)] aria-invalid=[self.invalid(ask)];
            },
        )
    }

    /// One of many.
    pub fn select(&self, ask: Ask<'_>, choices: &[String]) -> Markup {
        self.field(ask, html! {
            select id=(ask.name) name=(ask.name) aria-describedby=[self.described(ask)] aria-invalid=[self.invalid(ask)] {
                @for choice in choices {
                    option value=(choice) selected[self.fields.of(ask.name) == choice] { (choice) }
                }
            }
        })
    }

    fn choices(&self, ask: Ask<'_>, each: Markup) -> Markup {
        html! {
            fieldset.group .wrong[self.is_wrong(ask)] aria-describedby=[self.described(ask)] {
                legend { (ask.label) }
                (self.around(ask))
                (each)
            }
        }
    }

    /// The answers to choose from, of which so many stand before.
    fn each(&self, ask: Ask<'_>, choices: &[Choice], before: usize) -> Markup {
        let chosen = self.fields.all(ask.name);
        html! {
            @for (number, choice) in (before..).zip(choices) {
                // The summary of mistakes leads to the first.
                @let id = if number == 0 { ask.name.to_owned() } else { format!("{}-{number}", ask.name) };
                div.choice {
                    input type="radio" id=(id) name=(ask.name) value=(choice.value)
                        checked[chosen.contains(&choice.value)]
                        aria-describedby=[choice.hint.as_ref().map(|_| format!("{id}-about"))];
                    div {
                        label for=(id) { (choice.label) }
                        @if let Some(hint) = &choice.hint { p.hint id=(format!("{id}-about")) { (hint) } }
                    }
                }
            }
        }
    }

    fn field(&self, ask: Ask<'_>, input: Markup) -> Markup {
        html! {
            div.group .wrong[self.is_wrong(ask)] {
                label for=(ask.name) { (ask.label) }
                (self.around(ask))
                (input)
            }
        }
    }

    /// The hint and the mistakes of a field.
    fn around(&self, ask: Ask<'_>) -> Markup {
        html! {
            @if !ask.hint.is_empty() { p.hint id=(format!("{}-hint", ask.name)) { (ask.hint) } }
            @if self.is_wrong(ask) {
                p.mistake id=(format!("{}-mistake", ask.name)) {
                    @for (_, words) in self.mistakes.iter().filter(|(name, _)| name == ask.name) {
                        "Error: " (words) " "
                    }
                }
            }
        }
    }

    /// Each mistake, with a link to its field.
    fn summary(&self) -> Markup {
        html! {
            div.summary role="alert" tabindex="-1" aria-labelledby="summary-title" {
                h2 #summary-title { "There is a problem" }
                ul {
                    @for (name, words) in &self.mistakes {
                        li { @if name.is_empty() { (words) } @else { a href=(format!("#{name}")) { (words) } } }
                    }
                }
            }
        }
    }

    fn is_wrong(&self, ask: Ask<'_>) -> bool {
        self.mistakes.iter().any(|(name, _)| name == ask.name)
    }

    fn described(&self, ask: Ask<'_>) -> Option<String> {
        let hint = (!ask.hint.is_empty()).then(|| format!("{}-hint", ask.name));
        let mistake = self.is_wrong(ask).then(|| format!("{}-mistake", ask.name));
        let ids: Vec<String> = hint.into_iter().chain(mistake).collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }

    fn invalid(&self, ask: Ask<'_>) -> Option<&'static str> {
        self.is_wrong(ask).then_some("true")
    }
}
