//! A folder, copied with all that is in it.

use std::fs;
use std::path::Path;

pub fn copy(from: &Path, to: &Path) {
    for path in walkdir::WalkDir::new(from) {
        let path = path.expect("lists").into_path();
        let target = to.join(path.strip_prefix(from).expect("within"));
        match path.is_dir() {
            true => fs::create_dir_all(&target).expect("a folder"),
            false => drop(fs::copy(&path, &target).expect("copies")),
        }
    }
}
