//! Where a procedure comes from: one that comes with the program, or a file of
//! the school's own.

use std::io;
use std::path::Path;

use countersign_case::case::Home;
use countersign_case::procedure::{MAX_PACK, Pack};
use countersign_record::regular_file::{self, Identity};

use crate::explain::{named, pack};
use crate::message::{Message, shown};

/// A procedure and the text that it was read from.
pub struct Source {
    pub pack: Pack,
    pub text: String,
}

/// The procedure that was named: by its id, by a file, or not at all.
pub fn read(named: Option<&str>, home: Option<&Home>) -> Result<Source, Message> {
    let id = match named {
        Some(named) => named,
        None => Pack::built_in_ids().next().unwrap_or_default(),
    };
    if let (Some(pack), Some(text)) = (Pack::built_in(id), Pack::built_in_text(id)) {
        return Ok(Source { pack, text: text.to_owned() });
    }
    let path = Path::new(id);
    if matches!(path.metadata(), Err(error) if error.kind() == io::ErrorKind::NotFound) {
        let known: Vec<&str> = Pack::built_in_ids().collect();
        return Err(Message::wrong(format!("There is no procedure \"{id}\", and no file of that name."))
            .hint(format!("These come with Countersign: {}", known.join(", "))));
    }
    // It comes into the case that is opened with it.
    if let Some(home) = home
        && Identity::of_path(path).is_ok_and(|identity| home.contents().holds(identity))
    {
        return Err(Message::no(format!("{} lies where Countersign keeps the cases.", shown(path)))
            .hint("Name a procedure of your own that lies elsewhere, or one that comes with Countersign."));
    }
    read_file(path)
}

/// The procedure of that file.
pub fn read_file(path: &Path) -> Result<Source, Message> {
    let bytes = regular_file::read_typed(path, MAX_PACK).map_err(|error| named(path, error))?;
    let text =
        String::from_utf8(bytes).map_err(|_| Message::no(format!("{} is not a text file.", shown(path))))?;
    let read = Pack::parse(&text).map_err(|error| pack(Some(path), &error))?;
    Ok(Source { pack: read, text })
}
