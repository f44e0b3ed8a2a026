//! A school's proxy on this computer: an HTTP proxy with names of its own.
#![allow(dead_code)] // Not every test uses every part.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::site::listener;

/// What the proxy does not do for everybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// It connects anywhere.
    Open,
    /// It connects to port 443 only, and takes plain requests.
    OnlyHttps,
    /// It wants the name `staff` with the password `letmein`.
    SignIn,
}

/// A running proxy. What it was asked is listed.
pub struct School {
    pub address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl School {
    /// Every name and address leads to `site`.
    pub fn start(manner: Manner, site: SocketAddr) -> School {
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let list = Arc::clone(&asked);
        let address = listener::each(move |stream| drop(serve(stream, manner, site, &list)));
        School { address, asked }
    }

    /// The first line of every request, in order.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("list").clone()
    }
}

fn serve(
    mut client: TcpStream,
    manner: Manner,
    site: SocketAddr,
    list: &Mutex<Vec<String>>,
) -> io::Result<()> {
    let mut reader = BufReader::new(client.try_clone()?);
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let line = line.trim_end().to_owned();
        if line.is_empty() {
            break;
        }
        head.push(line);
    }
    list.lock().expect("list").push(head[0].clone());
    let words: Vec<String> = head[0].split(' ').map(str::to_owned).collect();
    let signed = head.iter().any(|line| line == "Proxy-Authorization: Basic c3RhZmY6bGV0bWVpbg==");
    let refusal = match (manner, words[0].as_str()) {
        (Manner::SignIn, _) if !signed => {
            Some("407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"school\"")
        }
        (Manner::OnlyHttps, "CONNECT") if !words[1].ends_with(":443") => Some("403 Forbidden"),
        _ => None,
    };
    if let Some(refusal) = refusal {
        write!(client, "HTTP/1.1 {refusal}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")?;
        return client.shutdown(Shutdown::Both);
    }
    let mut server = TcpStream::connect(site)?;
    if words[0] == "CONNECT" {
        write!(client, "HTTP/1.1 200 Connection established\r\nX-Cache: none\r\n\r\n")?;
    } else {
        let path = words[1].strip_prefix("http://").and_then(|rest| rest.find('/').map(|at| &rest[at..]));
        let path = path.ok_or(io::ErrorKind::InvalidData)?;
        write!(server, "{} {path} HTTP/1.1\r\n", words[0])?;
        for line in &head[1..] {
            write!(server, "{line}\r\n")?;
        }
        write!(server, "\r\n")?;
    }
    let (mut up, mut down) = (server.try_clone()?, client.try_clone()?);
    thread::spawn(move || {
        let _ = io::copy(&mut reader, &mut up);
    });
    let _ = io::copy(&mut server, &mut down);
    client.shutdown(Shutdown::Both)
}
