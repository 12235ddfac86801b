//! The command that is run for each task: found before the first is claimed.

use crate::failure::Failure;
use nix::unistd::{AccessFlags, access};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// A program and its words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Where it lies.
    pub path: PathBuf,
    /// What follows its name.
    pub words: Vec<String>,
}

impl Program {
    /// Finds it as a shell does: a name with a slash is a path, any other is looked for on PATH.
    pub fn find(command: &[String]) -> Result<Self, Failure> {
        Self::find_on(command, std::env::var_os("PATH").as_deref())
    }

    fn find_on(command: &[String], path: Option<&OsStr>) -> Result<Self, Failure> {
        let Some((name, words)) = command.split_first() else {
            return Err(Failure::Usage("it must say which command to run".into()));
        };
        let program = |path: PathBuf| Self { path, words: words.to_vec() };
        let shown = crate::output::clip(name);
        if name.contains('/') {
            let file = Path::new(name);
            return match (file.exists(), is_executable(file)) {
                (_, true) => Ok(program(std::path::absolute(file).unwrap_or_else(|_| file.to_path_buf()))),
                (true, false) => Err(Failure::CannotRun(format!("{shown} cannot be run: it is no program"))),
                (false, _) => Err(Failure::NotFound(format!("{shown} is not there"))),
            };
        }
        let folders = path.map(|path| std::env::split_paths(path).collect::<Vec<_>>()).unwrap_or_default();
        let found = folders.iter().map(|folder| folder.join(name)).find(|file| is_executable(file));
        found.map(program).ok_or_else(|| Failure::NotFound(format!("{shown} is not found on PATH")))
    }
}

fn is_executable(file: &Path) -> bool {
    file.is_file() && access(file, AccessFlags::X_OK).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_program_is_found_before_it_is_needed() {
        let folder = tempfile::tempdir().unwrap();
        let (good, bad) = (folder.path().join("good"), folder.path().join("bad"));
        fs::write(&good, "").unwrap();
        fs::write(&bad, "").unwrap();
        fs::set_permissions(&good, fs::Permissions::from_mode(0o755)).unwrap();
        let find = |name: &str| {
            Program::find_on(&[name.to_owned(), "-x".to_owned()], Some(folder.path().as_os_str()))
        };
        let found = Program { path: good.clone(), words: vec!["-x".to_owned()] };
        assert_eq!(find("good").unwrap(), found);
        assert_eq!(find(&good.to_string_lossy()).unwrap(), found);
        assert_eq!(find("bad").unwrap_err().code(), 127);
        assert_eq!(find(&bad.to_string_lossy()).unwrap_err().code(), 126);
        assert_eq!(find("./none").unwrap_err().code(), 127);
        assert_eq!(find(&folder.path().to_string_lossy()).unwrap_err().code(), 126);
    }
}
