//! What a page was refused, denied or did not get: lists with an end.

use std::collections::HashSet;

use super::absence::Absence;
use crate::text::cut;

#[derive(Default)]
pub(crate) struct Notes {
    noted: Vec<Absence>,
    noted_more: u64,
    failed: Vec<Absence>,
    failed_more: u64,
    sign_ins: HashSet<String>,
}

impl Notes {
    /// All of them, and how many more there were.
    pub(crate) fn absences(&self) -> Vec<Absence> {
        let mut absences = self.noted.clone();
        if self.noted_more > 0 {
            absences.push(Absence::MoreNoted(self.noted_more));
        }
        absences.extend(self.failed.iter().cloned());
        if self.failed_more > 0 {
            absences.push(Absence::MoreNotLoaded(self.failed_more));
        }
        absences
    }

    pub(crate) fn asks_sign_in(&mut self, url: &str, status: u16) {
        let url = cut(url);
        if self.sign_ins.len() < MOST_NOTED && self.sign_ins.insert(url.clone()) {
            self.note(Absence::SignIn { url, status });
        }
    }

    pub(crate) fn note(&mut self, absence: Absence) {
        if self.noted.len() < MOST_NOTED { self.noted.push(absence) } else { self.noted_more += 1 }
    }

    pub(crate) fn fail(&mut self, absence: Absence) {
        // The browser asks for the site's icon, for its own tab; the page did
        // not, and nothing of the page is missing without it.
        let icon = matches!(&absence, Absence::NotLoaded { url, kind, .. }
            if kind == "Other" && url.ends_with("/favicon.ico"));
        if icon || self.failed.contains(&absence) {
            return;
        }
        if self.failed.len() < MOST_NOTED { self.failed.push(absence) } else { self.failed_more += 1 }
    }
}

pub(crate) const MOST_NOTED: usize = 64;
