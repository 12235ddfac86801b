//! A WebAssembly module, as far as packing looks into it: its sections, and in them the names of imports and exports and
//! the bodies of functions. <https://webassembly.github.io/spec/core/binary/modules.html>

use crate::Failure;

const CUSTOM: u8 = 0;
const IMPORTS: u8 = 2;
const EXPORTS: u8 = 7;
const CODE: u8 = 10;
/// The kinds of what is imported: a function, a table, a memory, a global.
const FUNCTION: u8 = 0;

/// Its sections, in order: the number of each, and its contents.
#[derive(Debug)]
pub struct Module(Vec<(u8, Vec<u8>)>);

/// What is left to read.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Result<u8, Failure> {
        Ok(self.bytes(1)?[0])
    }

    fn bytes(&mut self, count: usize) -> Result<&'a [u8], Failure> {
        let (read, rest) = self.0.split_at_checked(count).ok_or("the module ends too early")?;
        self.0 = rest;
        Ok(read)
    }

    /// An unsigned number in LEB128.
    fn number(&mut self) -> Result<usize, Failure> {
        let mut number = 0;
        for shift in (0..usize::BITS).step_by(7) {
            let byte = self.byte()?;
            number |= usize::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err("a number of the module does not end".to_owned())
    }

    /// Bytes behind their number: a name, a body, a section.
    fn sized(&mut self) -> Result<&'a [u8], Failure> {
        let size = self.number()?;
        self.bytes(size)
    }

    /// What an import says of itself behind its kind.
    fn skip_type(&mut self, kind: u8) -> Result<(), Failure> {
        match kind {
            FUNCTION => self.number().map(drop),
            1 | 2 => {
                if kind == 1 {
                    self.byte()?;
                }
                let has_most = self.byte()? & 1 == 1;
                self.number()?;
                if has_most {
                    self.number()?;
                }
                Ok(())
            }
            3 => self.bytes(2).map(drop),
            _ => Err(format!("an import of kind {kind}")),
        }
    }
}

fn put_number(bytes: &mut Vec<u8>, mut number: usize) {
    while number >= 0x80 {
        bytes.push(0x80 | number.to_le_bytes()[0]);
        number >>= 7;
    }
    bytes.push(number.to_le_bytes()[0]);
}

fn put_sized(bytes: &mut Vec<u8>, what: &[u8]) {
    put_number(bytes, what.len());
    bytes.extend_from_slice(what);
}

/// Whether a name ends in a hash of wasm-bindgen's, maybe with a number behind it, and so is a word that stands nowhere
/// else by chance.
fn has_hash(name: &str) -> bool {
    let numbered = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let name = numbered.strip_suffix('_').unwrap_or(name);
    let at = name.len().saturating_sub(16);
    name.len() > 20
        && name.is_char_boundary(at)
        && name[at..].bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

impl Module {
    pub fn parse(bytes: &[u8]) -> Result<Self, Failure> {
        let mut reader = Reader(bytes);
        if reader.bytes(8)? != b"\0asm\x01\0\0\0" {
            return Err("no WebAssembly module of version 1".to_owned());
        }
        let mut sections = Vec::new();
        while !reader.0.is_empty() {
            sections.push((reader.byte()?, reader.sized()?.to_vec()));
        }
        Ok(Self(sections))
    }

    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = b"\0asm\x01\0\0\0".to_vec();
        for (number, contents) in &self.0 {
            bytes.push(*number);
            put_sized(&mut bytes, contents);
        }
        bytes
    }

    fn section(&self, number: u8) -> &[u8] {
        self.0.iter().find(|(of, _)| *of == number).map_or(&[0], |(_, contents)| contents)
    }

    /// Gives a short name to every import and export that has a hash in its name; the long and the short names.
    pub fn shorten_names(&mut self) -> Result<Vec<(String, String)>, Failure> {
        let mut names = Vec::new();
        let mut short = |name: &[u8]| -> Vec<u8> {
            match str::from_utf8(name) {
                Ok(long) if has_hash(long) => {
                    let short = format!("${}", names.len());
                    names.push((long.to_owned(), short.clone()));
                    short.into_bytes()
                }
                _ => name.to_vec(),
            }
        };
        for (number, contents) in &mut self.0 {
            if *number != IMPORTS && *number != EXPORTS {
                continue;
            }
            let mut reader = Reader(contents);
            let mut renamed = Vec::new();
            let count = reader.number()?;
            put_number(&mut renamed, count);
            for _ in 0..count {
                if *number == IMPORTS {
                    put_sized(&mut renamed, reader.sized()?);
                }
                put_sized(&mut renamed, &short(reader.sized()?));
                let rest = reader.0;
                let kind = reader.byte()?;
                if *number == IMPORTS {
                    reader.skip_type(kind)?;
                } else {
                    reader.number()?;
                }
                renamed.extend_from_slice(&rest[..rest.len() - reader.0.len()]);
            }
            *contents = renamed;
        }
        Ok(names)
    }

    /// The bodies of its functions.
    pub fn bodies(&self) -> Result<Vec<&[u8]>, Failure> {
        let mut reader = Reader(self.section(CODE));
        let count = reader.number()?;
        (0..count).map(|_| reader.sized()).collect()
    }

    /// Names its functions so that their names sort as `places` says; imports come first, as they must.
    pub fn name_functions(&mut self, places: &[usize]) -> Result<(), Failure> {
        let mut reader = Reader(self.section(IMPORTS));
        let mut imported = 0;
        for _ in 0..reader.number()? {
            reader.sized()?;
            reader.sized()?;
            let kind = reader.byte()?;
            imported += usize::from(kind == FUNCTION);
            reader.skip_type(kind)?;
        }
        let mut names = Vec::new();
        put_number(&mut names, imported + places.len());
        for import in 0..imported {
            put_number(&mut names, import);
            put_sized(&mut names, format!("i{import:06}").as_bytes());
        }
        for (function, place) in places.iter().enumerate() {
            put_number(&mut names, imported + function);
            put_sized(&mut names, format!("z{place:06}").as_bytes());
        }
        let mut section = Vec::new();
        put_sized(&mut section, b"name");
        section.push(1);
        put_sized(&mut section, &names);
        self.0.retain(|(number, contents)| *number != CUSTOM || !contents.starts_with(b"\x04name"));
        self.0.push((CUSTOM, section));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Imports a function and a memory, has two functions of its own, and exports one of them.
    fn module() -> Vec<u8> {
        let mut bytes = b"\0asm\x01\0\0\0".to_vec();
        let mut section = |number: u8, contents: &[u8]| {
            bytes.push(number);
            put_sized(&mut bytes, contents);
        };
        section(1, b"\x01\x60\0\0");
        section(IMPORTS, b"\x02\x03wbg\x18__wbg_now_0123456789abcd\0\0\x01m\x01m\x02\x00\x01");
        section(3, b"\x02\0\0");
        section(EXPORTS, b"\x03\x17go__h0123456789abcdefgh\0\x01\x15go___0123456789abcdef\0\x02\x17go___0123456789abcdef_3\0\x01");
        section(CODE, b"\x02\x02\0\x0b\x03\0\x01\x0b");
        bytes
    }

    #[test]
    fn only_names_with_a_hash_are_shortened() {
        let mut parsed = Module::parse(&module()).unwrap();
        assert_eq!(parsed.bytes(), module());
        let names = parsed.shorten_names().unwrap();
        assert_eq!(
            names,
            [("go___0123456789abcdef", "$0"), ("go___0123456789abcdef_3", "$1")]
                .map(|(a, b)| (a.to_owned(), b.to_owned()))
        );
        let text = String::from_utf8_lossy(&parsed.bytes()).into_owned();
        assert!(text.contains("__wbg_now_0123456789abcd") && text.contains("$0") && !text.contains("go___0"));
        assert_eq!(parsed.bodies().unwrap(), [b"\0\x0b".as_slice(), b"\0\x01\x0b"]);
    }

    #[test]
    fn functions_are_named_by_place_behind_imports() {
        let mut parsed = Module::parse(&module()).unwrap();
        parsed.name_functions(&[1, 0]).unwrap();
        let bytes = parsed.bytes();
        assert!(bytes.ends_with(b"\x03\x00\x07i000000\x01\x07z000001\x02\x07z000000"));
        // Named anew, not twice.
        parsed.name_functions(&[1, 0]).unwrap();
        assert_eq!(parsed.bytes(), bytes);
    }

    #[test]
    fn what_is_cut_off_is_refused() {
        let whole = module();
        assert!(Module::parse(&whole[..whole.len() - 1]).is_err());
        assert!(Module::parse(b"\0asm\x02\0\0\0").is_err());
    }
}
