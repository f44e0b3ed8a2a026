//! `READ-ME-FIRST.txt`: how a stranger checks the bundle with what is on their
//! computer.

use countersign_record::bundle::seal::top;
use countersign_record::clock::Time;
use countersign_record::journal::{Ledger, Standing, entry_name};

/// The text for one seal. The commands in it are typed as they stand, in the
/// folder that holds the bundle; a test runs them.
pub(super) fn text(ledger: &Ledger, number: u32, time: Time, withheld: usize) -> String {
    let opened = ledger.opened();
    let entry_1 = ledger.now(&ledger.entries()[0]);
    let name = top(opened.reference, number);
    let last = entry_name(ledger.head());
    let rehearsal = match opened.standing {
        Standing::Rehearsal => "REHEARSAL: practice material, not a real case.\n\n",
        Standing::Case => "",
    };
    let left = match withheld {
        0 => "Nothing of the record was left out.".to_owned(),
        1 => "1 file was withheld by rule. It is on the designated computer; SEAL.json names it.".to_owned(),
        n => format!(
            "{n} files were withheld by rule. They are on the designated computer; SEAL.json names them."
        ),
    };
    let [a, b] = opened.keys().map(|key| key.fingerprint());
    format!(
        "\
{rehearsal}Case {reference}, seal {number}: {entries} entries, sealed {sealed} by this computer's clock.
Reviewed by {first} ({first_position}) and {second} ({second_position}).
Designated computer: {computer}, {location}.
{left}

WHAT THIS SHOWS
If every check below passes and the seal code is the one on the signed paper,
then nothing in this bundle was changed since it was sealed, and every entry
was signed by both people's keys. It does not show that what they wrote is
true, nor the time: that is what the computer's clock said.

CHECK IT (Linux, macOS; nothing of Countersign is needed)
  unzip -q {name}.zip && cd {name}
  sha256sum tagmanifest-sha256.txt
      (macOS: shasum -a 256 in place of sha256sum)
      The result is the seal code. Compare it with the paper.
  sha256sum --strict --quiet -c tagmanifest-sha256.txt
  sha256sum --strict --quiet -c manifest-sha256.txt
      Both say nothing if every file is as it was.
  ssh-keygen -Y verify -f allowed_signers -I a -n seal-v1@countersign -s SEAL.json.a.sig < SEAL.json
  ssh-keygen -Y verify -f allowed_signers -I b -n seal-v1@countersign -s SEAL.json.b.sig < SEAL.json
  ssh-keygen -l -f data/keys/a.pub
  ssh-keygen -l -f data/keys/b.pub
      Compare with the paper:
      a  {a}
      b  {b}
  cd data/journal
  ssh-keygen -Y verify -f ../../allowed_signers -I a -n journal-v1@countersign -s {last}.a.sig < {last}
  ssh-keygen -Y verify -f ../../allowed_signers -I b -n journal-v1@countersign -s {last}.b.sig < {last}
      The last entry; any other the same way. Each entry names the SHA-256 of
      the entry before it (prev) and of its two signatures.

CHECK IT (Windows, in cmd.exe)
  tar -xf {name}.zip
  cd {name}
  certutil -hashfile tagmanifest-sha256.txt SHA256
  certutil -hashfile FILE SHA256       for each FILE that the two manifests list
  ssh-keygen -Y verify -f allowed_signers -I a -n seal-v1@countersign -s SEAL.json.a.sig < SEAL.json
  ssh-keygen -Y verify -f allowed_signers -I b -n seal-v1@countersign -s SEAL.json.b.sig < SEAL.json

LIST WHAT WAS DONE (the paper of a long case leaves some of it out)
  grep '\"kind\"' data/journal/*.json
      What each entry is, in order.
  grep '\"final_url\"' data/journal/*.json
      Every page visited or kept.
  grep '\"text\"' data/journal/*.json
      Every note.
  grep -A 12 '\"change\"' data/journal/*.json
      Every value that was corrected: which, what it was, what it is. The entry
      that it corrects stays as it was signed.
      (Windows: findstr kind data\\journal\\*.json and so on)

WHERE THINGS ARE
  data/journal/   what was done, one numbered entry to a file, with two signatures
  data/files/     what was kept and brought in, the form and the procedure; a
                  file's name is its SHA-256, and an entry says what it is.
                  Do not open kept pages (.mhtml, .response, .wacz) in a browser
                  that is connected to a network.
  data/keys/      the public keys of the two people
  data/void/      drafts that never became part of the record, if there are any
  SEAL.json       what both signed when they sealed the case
",
        reference = opened.reference,
        entries = ledger.head(),
        sealed = time.in_words(),
        first = entry_1.annotated("first.name", &opened.first.name),
        first_position = entry_1.annotated("first.position", &opened.first.position),
        second = entry_1.annotated("second.name", &opened.second.name),
        second_position = entry_1.annotated("second.position", &opened.second.position),
        computer = entry_1.annotated("computer.name", &opened.computer.name),
        location = entry_1.annotated("computer.location", &opened.computer.location),
    )
}
