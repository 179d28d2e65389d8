//! Files that hold a secret: written whole or not at all, and readable by their owner alone.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::Path;

use crate::failure::Failure;

const OWNER_ONLY: u32 = 0o600;
const OWNERS_DIRECTORY: u32 = 0o700;
const OTHERS: u32 = 0o077;

/// The file's text, or nothing when there is no file.
///
/// # Errors
/// When others than the owner may read or write the file, or it cannot be read.
pub(crate) fn read(path: &Path) -> Result<Option<String>, Failure> {
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unusable(path, &error)),
    };
    if metadata.mode() & OTHERS != 0 {
        let shown = path.display();
        return Err(Failure::configuration(format!(
            "{shown} can be read by others; run `chmod 600 {shown}`"
        )));
    }
    fs::read_to_string(path)
        .map(Some)
        .map_err(|error| unusable(path, &error))
}

/// Makes the file with this text unless it is there already, and makes its directory when needed. False when
/// somebody was faster: their file stands. No other process ever sees half a file.
///
/// # Errors
/// When the directory cannot be made or written.
pub(crate) fn create(path: &Path, text: &str) -> Result<bool, Failure> {
    let draft = path.with_extension(format!("{}.new", std::process::id()));
    let written = write(&draft, text).and_then(|()| fs::hard_link(&draft, path));
    let cleaned = fs::remove_file(&draft);
    match written {
        Ok(()) => cleaned.map(|()| true).map_err(|error| unusable(path, &error)),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(unusable(path, &error)),
    }
}

/// Makes the file with this text, over what was there.
///
/// # Errors
/// When the directory cannot be made or written.
pub(crate) fn replace(path: &Path, text: &str) -> Result<(), Failure> {
    let draft = path.with_extension(format!("{}.new", std::process::id()));
    write(&draft, text)
        .and_then(|()| fs::rename(&draft, path))
        .map_err(|error| unusable(path, &error))
}

/// Makes a directory, and those above it, for its owner alone. One that is there stays as it is.
///
/// # Errors
/// When it cannot be made.
pub(crate) fn make_directory(path: &Path) -> Result<(), Failure> {
    make_private(path).map_err(|error| unusable(path, &error))
}

fn make_private(directory: &Path) -> io::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(OWNERS_DIRECTORY)
        .create(directory)
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    if let Some(directory) = path.parent() {
        make_private(directory)?;
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(OWNER_ONLY)
        .open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn unusable(path: &Path, error: &io::Error) -> Failure {
    Failure::because(format!("cannot use {}", path.display()), error)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_file_is_made_once_and_for_its_owner_alone() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("deeper/secret");

        assert!(read(&path).unwrap().is_none());
        assert!(create(&path, "one").unwrap());
        assert!(!create(&path, "two").unwrap());

        assert_eq!(read(&path).unwrap().as_deref(), Some("one"));
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn replacing_keeps_the_file_private() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("secret");
        replace(&path, "one").unwrap();
        replace(&path, "two").unwrap();
        assert_eq!(read(&path).unwrap().as_deref(), Some("two"));
    }

    #[test]
    fn a_file_that_others_can_read_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("secret");
        fs::write(&path, "one").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();

        let Err(Failure::Configuration(problems)) = read(&path) else {
            panic!("accepted")
        };
        assert!(problems[0].contains("chmod 600"), "{problems:?}");
    }
}
