//! Two sheets of one page that go with a copy of a bundle: one that the
//! receiver signs, one with the passphrase, which goes another way.

use super::about::About;
use super::boxes::{continuity, to_be_filled_in, words};
use super::cells::{LABELLED, field, said};
use super::fonts::Fonts;
use super::sheet::{BODY, CODE, Furniture, Pdf, SMALL, Sheet};
use super::table::{Cell, column};
use super::text::Style;
use super::{FormError, REHEARSAL};
use countersign_record::clock::Time;
use countersign_record::journal::{Encryption, HandedOver, Ledger, Standing};

/// What the receipt for a copy says.
///
/// It names the copy by case, seal, file, length and SHA-256. It has neither
/// the eight words nor ROOT: these prove that a bundle is the sealed one only
/// as long as they come another way than the bundle.
#[derive(Debug, Clone)]
pub struct HandOverSheet {
    head: SheetHead,
    reviewers: [String; 2],
    handed: HandedOver,
}

impl HandOverSheet {
    /// The receipt for a copy of a case's bundle, made at `made`.
    pub fn of(ledger: &Ledger, handed: &HandedOver, made: Time) -> HandOverSheet {
        let (opened, first) = (ledger.opened(), ledger.now(&ledger.entries()[0]));
        HandOverSheet {
            head: SheetHead::of(ledger, handed.seal, made),
            reviewers: [
                (&opened.first, ["first.name", "first.position"]),
                (&opened.second, ["second.name", "second.position"]),
            ]
            .map(|(reviewer, [name, position])| {
                format!(
                    "{}, {}",
                    first.annotated(name, &reviewer.name),
                    first.annotated(position, &reviewer.position)
                )
            }),
            handed: handed.clone(),
        }
    }
}

/// What the sheet with the passphrase of a locked copy says.
#[derive(Debug, Clone)]
pub struct PassphraseSheet {
    /// What stands on every sheet.
    pub head: SheetHead,
    /// The copy's name.
    pub file: String,
    /// Who gets it.
    pub to: String,
    /// In which role.
    pub role: String,
    /// Of which organisation.
    pub organisation: String,
    /// When.
    pub when: String,
}

/// What the two sheets of a copy have in common.
#[derive(Debug, Clone)]
pub struct SheetHead {
    group: Option<String>,
    reference: String,
    standing: Standing,
    seal: u32,
    program: String,
    made: Time,
}

impl SheetHead {
    /// Of a case's seal, made at `made`.
    pub fn of(ledger: &Ledger, seal: u32, made: Time) -> SheetHead {
        let opened = ledger.opened();
        SheetHead {
            group: opened.group.as_ref().map(ToString::to_string),
            reference: opened.reference.to_string(),
            standing: opened.standing,
            seal,
            program: opened.program.version.to_string(),
            made,
        }
    }

    fn furniture(&self) -> Furniture {
        Furniture {
            head_left: self.group.clone().unwrap_or_else(|| "Countersign".to_owned()),
            head_right: format!("Case {}", self.reference),
            foot_left: format!("Made {} by Countersign {}", self.made.in_words(), self.program),
            banner: match self.standing {
                Standing::Case => None,
                Standing::Rehearsal => Some(REHEARSAL),
            },
        }
    }

    fn about(&self, title: &str, kind: &str) -> About {
        let rehearsal = match self.standing {
            Standing::Case => "",
            Standing::Rehearsal => "REHEARSAL: ",
        };
        About {
            title: format!("{rehearsal}{title}, case {}, seal {}", self.reference, self.seal),
            made: self.made,
            identifier: format!("countersign:{kind}:{}:{}", self.reference, self.made),
            producer: format!("Countersign {}", self.program),
        }
    }
}

/// The sheet that the receiver signs.
pub fn draw_receipt(what: &HandOverSheet, fonts: &Fonts) -> Result<Pdf, FormError> {
    const TITLE: &str = "Receipt for a sealed bundle";
    let handed = &what.handed;
    let mut sheet = Sheet::new(fonts, what.head.furniture());
    sheet.heading(1, &format!("{TITLE}: case {}, seal {}", what.head.reference, what.head.seal), 40.0);
    let locked = match handed.copy.encryption {
        Encryption::None => "No",
        Encryption::Aes256Zip => {
            "Yes: a zip file locked with AES-256. 7-Zip opens it. The passphrase comes another way."
        }
    };
    let [first, second] = &what.reviewers;
    sheet.heading(2, "What was handed over", 60.0);
    sheet.fields(
        "What was handed over",
        &LABELLED,
        [
            field("Case", said(what.head.reference.as_str())),
            field("Seal", said(what.head.seal.to_string())),
            field("File", said(handed.copy.file.name.as_str())),
            field("Length", said(format!("{} bytes", handed.copy.file.bytes))),
            field("Code of the file (SHA-256)", Cell::styled(handed.copy.file.sha256.to_string(), CODE)),
            field("Locked", said(locked)),
            field("Medium", said(handed.medium.as_str())),
        ],
    );
    sheet.heading(2, "By whom, to whom", 60.0);
    sheet.fields(
        "By whom and to whom it was handed over",
        &LABELLED,
        [
            field("Sealed by", said(first).and(second, SMALL)),
            field("To", said(handed.to.as_str())),
            field("Organisation", said(handed.organisation.as_str())),
            field("Role", said(handed.role.as_str())),
            field("When", said(handed.when.as_str())),
            field("How", said(handed.how.as_str())),
        ],
    );
    sheet.heading(2, "Received", 60.0);
    sheet.paragraph("I have received the file named above. I have compared its code with this sheet.", BODY);
    let columns =
        [column("Person", 22.0), column("Name", 28.0), column("Signature", 30.0), column("Date, time", 20.0)];
    let people = ["Handed over by", "Received by"].map(|label| to_be_filled_in(label, 4, 40.0));
    sheet.table("Signatures of the person who handed it over and of the receiver", &columns, people);
    let sentence = "Each person who takes it over after that signs here.";
    continuity(&mut sheet, sentence, "Continuity of the copy, to be signed", 3);
    sheet.finish(&what.head.about(TITLE, "receipt"))
}

/// The sheet with the passphrase of a locked copy.
pub fn draw_passphrase(what: &PassphraseSheet, passphrase: &str, fonts: &Fonts) -> Result<Pdf, FormError> {
    const TITLE: &str = "Passphrase for a locked copy";
    let mut sheet = Sheet::new(fonts, what.head.furniture());
    let first = "Send this sheet separately from the copy. Whoever has both can read the case.";
    sheet.paragraph(first, Style::bold(10.5));
    sheet.heading(1, &format!("{TITLE}: case {}, seal {}", what.head.reference, what.head.seal), 120.0);
    // Two rows of three.
    words(&mut sheet, &passphrase.split(' ').collect::<Vec<_>>(), 3);
    sheet.space(2.0);
    sheet.paragraph("Type the six words in small letters, with one space between each two.", BODY);
    sheet.heading(2, "What it opens", 60.0);
    sheet.fields(
        "What the passphrase opens",
        &LABELLED,
        [
            field("File", said(what.file.as_str())),
            field("For", said(format!("{}, {}", what.to, what.role)).and(what.organisation.as_str(), SMALL)),
            field("Handed over", said(what.when.as_str())),
            field(
                "How to open it",
                said("With 7-Zip or another tool that opens zip files locked with AES-256."),
            ),
        ],
    );
    let last = "Countersign does not keep this passphrase. If this sheet is lost, make a new copy.";
    sheet.paragraph(last, BODY);
    sheet.finish(&what.head.about(TITLE, "passphrase"))
}
