//! Certificates are on record; their errors are not passed over.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use countersign_browser::page::{Limits, PageError};
use countersign_browser::program::launch::Cancel;

use crate::desk::{Killed, chromium, keep, keep_within, rehearsal, start, start_with, temporary};

#[test]
fn certificates_are_recorded_and_their_errors_not_passed_over() {
    let folder = temporary();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let run = |arguments: &[&str]| {
        let done = std::process::Command::new("openssl").args(arguments).output().expect("openssl");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        done.stdout
    };
    let (key, certificate) = (at("key.pem"), at("certificate.pem"));
    run(&[
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        &key,
        "-out",
        &certificate,
        "-days",
        "30",
        "-subj",
        "/CN=Sample School",
        "-addext",
        "subjectAltName=IP:127.0.0.1",
    ]);
    let der = run(&["x509", "-in", &certificate, "-outform", "DER"]);
    let port =
        std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("bound").port();
    let server = std::process::Command::new("openssl")
        .args(["s_server", "-quiet", "-www", "-key", &key, "-cert", &certificate])
        .args(["-accept", &format!("127.0.0.1:{port}")])
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("openssl");
    let _server = Killed(server);
    let until = Instant::now() + Duration::from_secs(5);
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() && Instant::now() < until {
        thread::sleep(Duration::from_millis(20));
    }
    let url = format!("https://127.0.0.1:{port}/");

    let mut browser = start(folder.path(), rehearsal());
    let outcome = keep_within(&mut browser, &url, &Limits::default());
    let Err(PageError::NotLoaded(failed)) = outcome else { panic!("{outcome:?}") };
    assert!(failed.why.contains("ERR_CERT_AUTHORITY_INVALID"), "{failed:?}");
    drop(browser);

    // A browser that was told, by a script, to trust this one key.
    let public = folder.path().join("public.pem");
    fs::write(&public, run(&["x509", "-in", &certificate, "-noout", "-pubkey"])).expect("written");
    let spki = run(&["pkey", "-pubin", "-in", &public.display().to_string(), "-outform", "DER"]);
    let pin = base64(countersign_record::digest::Digest::of(&spki).as_bytes());
    let trusting = folder.path().join("trusting.sh");
    let script = format!(
        "#!/bin/sh\nexec '{}' --ignore-certificate-errors-spki-list='{pin}' \"$@\"\n",
        chromium().display()
    );
    fs::write(&trusting, script).expect("written");
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(&trusting, executable).expect("set");
    let mut browser = start_with(folder.path(), rehearsal(), Cancel::never(), &trusting)
        .expect("chromium must be installed");
    let (page, _) = keep(&mut browser, &url);
    let shown = page.certificate.expect("a certificate");
    assert_eq!(shown.chain, [countersign_record::digest::Digest::of(&der)]);
    assert_eq!(shown.subject.as_deref(), Some("Sample School"));
    assert!(shown.protocol.is_some_and(|protocol| protocol.starts_with("TLS")));
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digit = |group: u32, place: u32| char::from(DIGITS[(group >> (18 - 6 * place) & 63) as usize]);
    let mut text = String::new();
    for piece in bytes.chunks(3) {
        let group = (0..3).fold(0, |group, i| group << 8 | u32::from(piece.get(i).copied().unwrap_or(0)));
        for place in 0..4 {
            text.push(if place as usize <= piece.len() { digit(group, place) } else { '=' });
        }
    }
    text
}
