//! Whether a port on loopback is free, and which program has it if it is not.

use crate::Failure;
use std::fs;
use std::net::{Ipv4Addr, TcpListener};

/// Checks that nobody listens on these; each comes with what it is for. The failure names every one that is taken.
pub fn free(wanted: &[(u16, &str)]) -> Result<(), Failure> {
    let taken: Vec<String> = wanted
        .iter()
        .filter(|(port, _)| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_err())
        .map(|(port, purpose)| format!("port {port} ({purpose}) is taken by {}", owner(*port)))
        .collect();
    if taken.is_empty() { Ok(()) } else { Err(taken.join("\n")) }
}

/// Who listens on a port, as far as the system tells.
fn owner(port: u16) -> String {
    let process = listening(port).into_iter().find_map(|inode| holder(&inode));
    process.map_or_else(
        || "another program (of another user, as the system does not say which)".to_owned(),
        |(id, line)| format!("process {id}: {line}"),
    )
}

/// The sockets that listen on a port, by the kernel's number for them.
fn listening(port: u16) -> Vec<String> {
    ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .flat_map(|table| listeners(&fs::read_to_string(table).unwrap_or_default(), port))
        .collect()
}

/// `sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode …`, numbers in hexadecimal; state 0A
/// listens.
fn listeners(table: &str, port: u16) -> Vec<String> {
    let local = format!(":{port:04X}");
    let rows = table.lines().skip(1).map(|line| line.split_whitespace().collect::<Vec<_>>());
    rows.filter(|row| row.len() > 9 && row[1].ends_with(&local) && row[3] == "0A")
        .map(|row| row[9].to_owned())
        .collect()
}

/// The process that has a socket open, and its command line.
fn holder(inode: &str) -> Option<(u32, String)> {
    let socket = format!("socket:[{inode}]");
    for entry in fs::read_dir("/proc").ok()?.flatten() {
        let Some(id) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        let open = fs::read_dir(entry.path().join("fd")).into_iter().flatten().flatten();
        if open.into_iter().any(|fd| fs::read_link(fd.path()).is_ok_and(|l| l.as_os_str() == socket.as_str()))
        {
            let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
            let line = String::from_utf8_lossy(&line).replace('\0', " ");
            return Some((id, line.trim().to_owned()));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_named_with_its_owner_and_a_free_one_is_not() {
        let held = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = held.local_addr().unwrap().port();
        let failure = free(&[(port, "the board")]).unwrap_err();
        let own = format!("port {port} (the board) is taken by process {}", std::process::id());
        assert!(failure.starts_with(&own), "{failure}");
        drop(held);
        // A program that another test is starting just now may still hold a copy of the socket.
        let free = || free(&[(port, "the board")]).ok();
        assert_eq!(crate::process::until(std::time::Duration::from_secs(10), free), Some(()));
    }

    #[test]
    fn only_listening_sockets_count() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
            0: 0100007F:107E 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 111 1\n\
            1: 0100007F:107E 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 222 1\n\
            2: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 333 1\n";
        assert_eq!(listeners(table, 4222), ["111"]);
        assert_eq!(listeners(table, 8080), ["333"]);
    }
}
