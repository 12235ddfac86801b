//! Makes the bundle that trunk has staged smaller than wasm-opt leaves it: what the program and its script call each
//! other has short names, functions that are alike stand beside each other, where gzip finds what they share, and the
//! style sheets are one file.

mod module;
mod order;

use crate::Failure;
use crate::board::hex;
use crate::process::{command, show};
use module::Module;
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// What index.html tells wasm-opt, and what only makes sense at the very end.
const LAST_PASS: [&str; 9] = [
    "-Oz",
    "-ocimfs",
    "40",
    "-iit",
    "-lmu",
    "--reorder-functions-by-name",
    "--strip-debug",
    "--strip-producers",
    "--strip-target-features",
];

/// Packs what trunk has staged, as its hook; a development build stays as it is.
pub fn staged() -> Result<(), Failure> {
    let folder =
        env::var_os("TRUNK_STAGING_DIR").ok_or("trunk calls this, and says where its bundle lies")?;
    if env::var("TRUNK_PROFILE").is_ok_and(|profile| profile == "release") {
        pack(Path::new(&folder))?;
        merge_styles(Path::new(&folder))?;
    }
    Ok(())
}

fn pack(folder: &Path) -> Result<(), Failure> {
    let wasm_path = program(folder)?;
    let name = wasm_path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let stem = name.trim_end_matches("_bg.wasm").to_owned();
    let script_path = folder.join(format!("{stem}.js"));
    let page_path = folder.join("index.html");

    let mut module = Module::parse(&read(&wasm_path)?)?;
    let script = trimmed(&renamed(&text(&script_path)?, &module.shorten_names()?));
    let places = order::alike(&module.bodies()?);
    module.name_functions(&places)?;
    write(&wasm_path, &module.bytes())?;
    show(command("wasm-opt").args(LAST_PASS).arg(&wasm_path).arg("-o").arg(&wasm_path))?;

    // The names hold a hash of what they name, as they may be kept for ever.
    let mut hash = Sha256::new();
    hash.update(read(&wasm_path)?);
    hash.update(&script);
    let base = stem.rsplit_once('-').map_or(stem.as_str(), |(base, _)| base);
    let name = format!("{base}-{}", hex(&hash.finalize()[..8]));
    write(&folder.join(format!("{name}.js")), script.replace(&stem, &name).as_bytes())?;
    write(&page_path, text(&page_path)?.replace(&stem, &name).as_bytes())?;
    let failed = |e: std::io::Error| format!("{}: {e}", folder.display());
    fs::remove_file(&script_path).map_err(failed)?;
    fs::rename(&wasm_path, folder.join(format!("{name}_bg.wasm"))).map_err(failed)
}

/// Makes one file of all style sheets, in their order, where the page names the first.
fn merge_styles(folder: &Path) -> Result<(), Failure> {
    const LINK: &str = "<link href=./";
    let page_path = folder.join("index.html");
    let page = text(&page_path)?;
    let (mut left, mut kept, mut place) = (page.as_str(), String::new(), None);
    let mut styles = String::new();
    while let Some((before, behind)) = left.split_once(LINK) {
        kept.push_str(before);
        let (link, after) = behind.split_once('>').ok_or("a link of the page does not end")?;
        left = after;
        if let Some(sheet) =
            link.split(' ').next().filter(|file| Path::new(file).extension() == Some("css".as_ref()))
        {
            place.get_or_insert(kept.len());
            styles.push_str(&text(&folder.join(sheet))?);
            fs::remove_file(folder.join(sheet)).map_err(|e| format!("{sheet}: {e}"))?;
        } else {
            kept.push_str(LINK);
            kept.push_str(link);
            kept.push('>');
        }
    }
    kept.push_str(left);
    let place = place.ok_or("the page names no style sheet")?;
    let name = format!("style-{}.css", hex(&Sha256::digest(&styles)[..8]));
    kept.insert_str(place, &format!("{LINK}{name} rel=stylesheet>"));
    write(&folder.join(name), styles.as_bytes())?;
    write(&page_path, kept.as_bytes())
}

/// The one program of a bundle.
fn program(folder: &Path) -> Result<PathBuf, Failure> {
    let files = fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut paths = files.flatten().map(|entry| entry.path());
    paths
        .find(|path| path.to_string_lossy().ends_with("_bg.wasm"))
        .ok_or_else(|| format!("{}: no program of wasm-bindgen's", folder.display()))
}

/// A script with other words for some: only whole ones, as one name may begin as another.
fn renamed(script: &str, names: &[(String, String)]) -> String {
    let names: HashMap<&str, &str> = names.iter().map(|(long, short)| (&**long, &**short)).collect();
    let is_other = |c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '$');
    script.split_inclusive(is_other).fold(String::new(), |mut text, part| {
        let word = part.trim_end_matches(is_other);
        text.push_str(names.get(word).unwrap_or(&word));
        text.push_str(&part[word.len()..]);
        text
    })
}

/// A script of wasm-bindgen's without indentation and comments. No text of it goes over lines.
fn trimmed(script: &str) -> String {
    let mut lines = String::new();
    for line in script.lines().map(str::trim) {
        if !(line.is_empty() || line.starts_with("//") || line.starts_with("/*") || line.starts_with('*')) {
            lines.push_str(line);
            lines.push('\n');
        }
    }
    lines
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|e| format!("{}: {e}", path.display()))
}

fn text(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    fs::write(path, bytes).map_err(|e| format!("{}: {e}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_words_are_renamed() {
        let names = [("ab".to_owned(), "$0".to_owned()), ("ab_3".to_owned(), "$1".to_owned())];
        assert_eq!(renamed("x.ab(ab_3, cab, `ab`, ab_4); ab", &names), "x.$0($1, cab, `$0`, ab_4); $0");
    }

    #[test]
    fn style_sheets_become_one_in_their_order() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("b-1.css"), "b{}").unwrap();
        fs::write(path("a-1.css"), "a{}").unwrap();
        let page = "<head><link href=./b-1.css rel=stylesheet><link href=./a.js rel=modulepreload>\
                    <link href=./a-1.css rel=stylesheet><body>";
        fs::write(path("index.html"), page).unwrap();
        merge_styles(folder.path()).unwrap();
        let page = fs::read_to_string(path("index.html")).unwrap();
        let name = page.strip_prefix("<head><link href=./").and_then(|rest| rest.split(' ').next()).unwrap();
        let rest =
            format!("<head><link href=./{name} rel=stylesheet><link href=./a.js rel=modulepreload><body>");
        assert_eq!(page, rest);
        assert_eq!(fs::read_to_string(path(name)).unwrap(), "b{}a{}");
        assert!(!path("a-1.css").exists() && !path("b-1.css").exists());
    }

    #[test]
    fn a_script_keeps_its_statements() {
        let script = "/**\n * Says.\n */\nexport function a() {\n    // Why.\n\n    return `x ${1}`;\n}\n";
        assert_eq!(trimmed(script), "export function a() {\nreturn `x ${1}`;\n}\n");
    }
}
