//! What a form said, field by field.
//!
//! Nothing in it is trusted or judged; `form` turns it into typed words.

use std::collections::BTreeMap;

use zeroize::Zeroize;

/// The fields of a form or of an address, by name. Wiped when it goes: some
/// are passphrases.
#[derive(Default, Clone)]
pub struct Fields {
    named: BTreeMap<String, Vec<String>>,
}

impl Fields {
    /// Reads `application/x-www-form-urlencoded`; none where there are more
    /// fields than any form has.
    pub fn parse(bytes: &[u8]) -> Option<Fields> {
        let mut fields = Fields::default();
        for (count, (name, value)) in url::form_urlencoded::parse(bytes).enumerate() {
            if count == MOST_FIELDS {
                return None;
            }
            fields.named.entry(name.into_owned()).or_default().push(value.into_owned());
        }
        Some(fields)
    }

    /// The first value of that name; empty where there is none.
    pub fn of(&self, name: &str) -> &str {
        self.named.get(name).and_then(|values| values.first()).map_or("", String::as_str)
    }

    /// All values of that name, such as ticked boxes.
    pub fn all(&self, name: &str) -> &[String] {
        self.named.get(name).map_or(&[], Vec::as_slice)
    }

    /// Whether the form had a field of that name.
    pub fn has(&self, name: &str) -> bool {
        self.named.contains_key(name)
    }

    /// Puts one value under that name.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.named.insert(name.to_owned(), vec![value.into()]);
    }

    /// Takes over what `later` says, and keeps the rest.
    pub fn take_over(&mut self, later: &Fields) {
        let named = later.named.iter().filter(|(name, _)| name.as_str() != "token");
        self.named.extend(named.map(|(name, values)| (name.clone(), values.clone())));
    }

    /// The same without what must not be kept.
    pub fn without(mut self, names: &[&str]) -> Fields {
        for name in names.iter().chain(&["token"]) {
            if let Some(mut values) = self.named.remove(*name) {
                values.zeroize();
            }
        }
        self
    }
}

impl Drop for Fields {
    fn drop(&mut self) {
        for values in self.named.values_mut() {
            values.zeroize();
        }
    }
}

/// Fields that a form can have.
const MOST_FIELDS: usize = 400;
