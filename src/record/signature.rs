//! SSHSIG: the one way in which anything is signed.
//!
//! Armoured, `ssh-ed25519` with `sha512`, as `ssh-keygen -Y sign` writes it
//! (PROTOCOL.sshsig of OpenSSH). A signature is accepted only if the file is
//! exactly what we would have written for the pinned key and its 64 bytes, so
//! that no bit of it is free. It reads no `allowed_signers`: who may sign is
//! told by whoever asks.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ed25519_dalek::{Signature, SigningKey};
use sha2::{Digest as _, Sha512};

use crate::key::PublicKey;

/// What a signature is for. A signature made for one purpose is none for
/// another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Namespace {
    /// An entry of a journal.
    Journal,
    /// A seal.
    Seal,
    /// A receipt for a bundle that was handed over.
    Receipt,
}

impl Namespace {
    /// The name that is signed along.
    pub fn name(self) -> &'static str {
        match self {
            Namespace::Journal => "journal-v1@countersign",
            Namespace::Seal => "seal-v1@countersign",
            Namespace::Receipt => "receipt-v1@countersign",
        }
    }
}

/// Whatever holds a secret Ed25519 key and can sign with it.
pub trait Signer {
    /// The public half.
    fn public_key(&self) -> PublicKey;

    /// The signature of RFC 8032 of these bytes.
    fn sign(&self, bytes: &[u8]) -> [u8; 64];
}

impl Signer for SigningKey {
    fn public_key(&self) -> PublicKey {
        PublicKey::from(self)
    }

    fn sign(&self, bytes: &[u8]) -> [u8; 64] {
        ed25519_dalek::Signer::sign(self, bytes).to_bytes()
    }
}

/// Signs `message` and gives the text of the `.sig` file.
pub fn sign(signer: &impl Signer, namespace: Namespace, message: &[u8]) -> String {
    let signature = Signature::from_bytes(&signer.sign(&signed_bytes(namespace, message)));
    armoured(&signer.public_key(), namespace, &signature)
}

/// Checks that `file` is the signature of `message` by `key`, strictly.
pub fn verify(
    key: &PublicKey,
    namespace: Namespace,
    message: &[u8],
    file: &[u8],
) -> Result<(), SignatureError> {
    let signature = parse(key, namespace, file)?;
    // Not `verify`: it accepts small-order points, by which anyone can sign.
    key.verifying_key()
        .verify_strict(&signed_bytes(namespace, message), &signature)
        .map_err(|_| SignatureError::Wrong)
}

/// Why a signature does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The file is not the one spelling of a signature by this key for this
    /// purpose.
    #[error("not a signature by this key for this purpose")]
    Form,
    /// It is one, but not of this message.
    #[error("not the signature of these bytes")]
    Wrong,
}

fn signed_bytes(namespace: Namespace, message: &[u8]) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    for part in [namespace.name().as_bytes(), b"", HASH, &Sha512::digest(message)] {
        push(&mut bytes, part);
    }
    bytes
}

fn armoured(key: &PublicKey, namespace: Namespace, signature: &Signature) -> String {
    let mut inner = Vec::new();
    push(&mut inner, b"ssh-ed25519");
    push(&mut inner, &signature.to_bytes());
    let mut blob = MAGIC.to_vec();
    blob.extend_from_slice(&1u32.to_be_bytes());
    for part in [&key.blob(), namespace.name().as_bytes(), b"", HASH, &inner] {
        push(&mut blob, part);
    }
    let mut file = String::from(BEGIN);
    let base64 = BASE64_STANDARD.encode(&blob);
    let mut rest = base64.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(LINE));
        file.push_str(line);
        file.push('\n');
        rest = after;
    }
    file.push_str(END);
    file
}

fn parse(key: &PublicKey, namespace: Namespace, file: &[u8]) -> Result<Signature, SignatureError> {
    let text = std::str::from_utf8(file).map_err(|_| SignatureError::Form)?;
    let body = text.strip_prefix(BEGIN).and_then(|t| t.strip_suffix(END)).ok_or(SignatureError::Form)?;
    let blob = BASE64_STANDARD.decode(body.replace('\n', "")).map_err(|_| SignatureError::Form)?;
    let tail = blob.len().checked_sub(64).and_then(|at| blob[at..].try_into().ok());
    let signature = Signature::from_bytes(tail.ok_or(SignatureError::Form)?);
    // The 64 bytes are all that may vary: everything else is rebuilt.
    if armoured(key, namespace, &signature).as_bytes() == file {
        Ok(signature)
    } else {
        Err(SignatureError::Form)
    }
}

fn push(bytes: &mut Vec<u8>, part: &[u8]) {
    bytes.extend_from_slice(&(part.len() as u32).to_be_bytes());
    bytes.extend_from_slice(part);
}

const MAGIC: &[u8] = b"SSHSIG";
const HASH: &[u8] = b"sha512";
const BEGIN: &str = "-----BEGIN SSH SIGNATURE-----\n";
const END: &str = "-----END SSH SIGNATURE-----\n";
/// Where `ssh-keygen` breaks its lines.
const LINE: usize = 70;

/// Bytes of a signature's file: ours have less than 400.
pub const MAX_SIGNATURE: u64 = 4 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_for_its_key_purpose_and_message_alone() {
        let [a, b] = [1, 2].map(|n| SigningKey::from_bytes(&[n; 32]));
        let file = sign(&a, Namespace::Journal, b"message");
        let check = |key: &SigningKey, namespace, message: &[u8], file: &str| {
            verify(&key.public_key(), namespace, message, file.as_bytes())
        };
        assert_eq!(check(&a, Namespace::Journal, b"message", &file), Ok(()));
        assert_eq!(check(&a, Namespace::Journal, b"Message", &file), Err(SignatureError::Wrong));
        assert_eq!(check(&a, Namespace::Seal, b"message", &file), Err(SignatureError::Form));
        assert_eq!(check(&b, Namespace::Journal, b"message", &file), Err(SignatureError::Form));
    }

    #[test]
    fn no_bit_of_the_file_is_free() {
        let key = SigningKey::from_bytes(&[3; 32]);
        let file = sign(&key, Namespace::Journal, b"message").into_bytes();
        for bit in 0..file.len() * 8 {
            let mut flipped = file.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(
                verify(&key.public_key(), Namespace::Journal, b"message", &flipped).is_err(),
                "bit {bit}"
            );
        }
        for length in 0..file.len() {
            assert!(verify(&key.public_key(), Namespace::Journal, b"message", &file[..length]).is_err());
        }
    }
}
