//! How the last seal and the filing stand to the record.
//!
//! It asks the state, and changes nothing in it.

use super::state::{Filed, State};

impl State<'_> {
    /// The number of the last seal, if it is current: it has a bundle, and
    /// nothing came after it but what tells of it (a form printed, a copy
    /// handed over, the filing).
    pub fn current_seal(&self) -> Option<u32> {
        let (entry, _) = self.seals.last()?;
        let number = u32::try_from(self.seals.len()).unwrap_or(u32::MAX);
        (self.spoken < *entry && !self.unbundled.contains(&number)).then_some(number)
    }

    /// How the last seal stands to the record, in one sentence: what pages,
    /// lists and `show` say.
    pub fn seal_in_words(&self) -> Option<String> {
        let number = self.seals.len();
        (number > 0).then(|| match self.current_seal() {
            Some(_) => format!("Seal {number} is current: it holds the whole record."),
            None if self.unbundled.iter().any(|gone| *gone as usize == number) => {
                format!("Seal {number} has no bundle. Seal the case again.")
            }
            None => format!(
                "Seal {number} is not current: what was added since, up to entry {}, is not in it.",
                self.spoken
            ),
        })
    }

    /// Whether the case is filed and was sealed again since, so that the
    /// filing is to be confirmed.
    pub(super) fn filed_before_the_seal(&self) -> bool {
        let sealed = self.seals.last().map(|(entry, _)| *entry);
        self.filed().is_some_and(|filed| sealed.is_some_and(|sealed| filed.entry < sealed))
    }

    /// How the case is filed, unless a halt came after it.
    pub fn filed(&self) -> Option<&Filed> {
        self.archived.as_ref().filter(|filed| self.last_halt().is_none_or(|halt| halt.entry < filed.entry))
    }
}
