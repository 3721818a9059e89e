//! A new file, whole from the moment it has its name: killed while it is made, a process leaves none.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use redb::Database;

use super::faults::Failed;
use super::{FORMAT, META};
use crate::error::{Error, Result};

static MADE: AtomicU64 = AtomicU64::new(0);

/// Makes an empty store where there is no file, or an empty one. Of several that do so at once, one has its way.
pub(super) fn make(path: &Path) -> Result<()> {
    let empty = match fs::metadata(path) {
        Ok(file) if file.len() > 0 => return Ok(()),
        Ok(_) => true,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => false,
        Err(error) => return Err(Error::io(path, error)),
    };
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let number = MADE.fetch_add(1, Ordering::Relaxed);
    let beside = path.with_file_name(format!(".{name}.{}-{number}.new", std::process::id()));
    let made = write(Failed(path), &beside).and_then(|()| {
        // A link is refused where another process was quicker; what is no file system of links has to do without.
        match if empty { fs::rename(&beside, path) } else { fs::hard_link(&beside, path) } {
            Ok(()) => Ok(()),
            Err(_) if path.exists() => Ok(()),
            Err(_) => fs::rename(&beside, path).map_err(|error| Error::io(path, error)),
        }
    });
    let _ = fs::remove_file(&beside);
    // So that the name is on the disk as well, where folders can be written through.
    if let Some(folder) = path.parent() {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let _ = fs::File::open(folder).and_then(|folder| folder.sync_all());
    }
    made
}

fn write(failed: Failed<'_>, file: &Path) -> Result<()> {
    failed.guard(|| {
        let database = Database::create(file).map_err(|error| failed.opening(error))?;
        let write = failed.of(database.begin_write())?;
        {
            let mut meta = failed.of(write.open_table(META))?;
            drop(failed.of(meta.insert("format", FORMAT))?);
        }
        failed.of(write.commit())
    })
}
