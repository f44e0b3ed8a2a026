//! A reviewer's Ed25519 key, locked by a passphrase in an OpenSSH file.
//!
//! It signs nothing by itself ([`crate::signature`] does) and it stores
//! nothing: a locked key is text for somebody else to keep.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD};
use ed25519_dalek::{SigningKey, VerifyingKey};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest as _, Sha256};
use ssh_key::private::{Ed25519Keypair, Ed25519PrivateKey, KeypairData};
use ssh_key::public::Ed25519PublicKey;
use ssh_key::{Cipher, Kdf, LineEnding, PrivateKey};
use zeroize::Zeroizing;

use crate::clock::Random;

/// A reviewer's signing key. It has no `Debug`, and its bytes are wiped when
/// it goes.
pub struct SecretKey(SigningKey);

impl SecretKey {
    /// A new key from 32 random bytes.
    pub fn generate(random: &dyn Random) -> std::io::Result<SecretKey> {
        let mut seed = Zeroizing::new([0; 32]);
        random.fill(seed.as_mut())?;
        Ok(SecretKey(SigningKey::from_bytes(&seed)))
    }

    /// The public half.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    /// The key as an OpenSSH private-key file that only `passphrase` opens
    /// (bcrypt-pbkdf with 16 rounds, AES-256-CTR).
    pub fn lock(&self, passphrase: &Passphrase, random: &dyn Random) -> Result<String, LockError> {
        let mut salt = vec![0; 16];
        let mut check = [0; 4];
        random.fill(&mut salt).map_err(LockError::Random)?;
        random.fill(&mut check).map_err(LockError::Random)?;
        let pair = Ed25519Keypair {
            public: Ed25519PublicKey(self.0.verifying_key().to_bytes()),
            private: Ed25519PrivateKey::from_bytes(self.0.as_bytes()),
        };
        let key = PrivateKey::new(KeypairData::Ed25519(pair), "").map_err(LockError::Format)?;
        let kdf = Kdf::Bcrypt { salt, rounds: ROUNDS };
        let locked = key
            .encrypt_with(Cipher::Aes256Ctr, kdf, u32::from_be_bytes(check), passphrase.bytes())
            .map_err(LockError::Format)?;
        Ok(locked.to_openssh(LineEnding::LF).map_err(LockError::Format)?.to_string())
    }

    /// Opens what [`SecretKey::lock`] made. A wrong passphrase and a damaged
    /// file cannot be told apart, since the passphrase is what checks it.
    pub fn unlock(file: &str, passphrase: &Passphrase) -> Result<SecretKey, UnlockError> {
        let locked = PrivateKey::from_openssh(file).map_err(|_| UnlockError::NotAKey)?;
        // A file with more rounds than ours would make the computer work for
        // hours: it is not one that we made.
        match locked.kdf() {
            Kdf::Bcrypt { rounds, .. } if *rounds <= ROUNDS => {}
            _ => return Err(UnlockError::NotAKey),
        }
        let opened = locked.decrypt(passphrase.bytes()).map_err(|_| UnlockError::Passphrase)?;
        let pair = opened.key_data().ed25519().ok_or(UnlockError::NotAKey)?;
        let key = SecretKey(SigningKey::from_bytes(&Zeroizing::new(pair.private.to_bytes())));
        // The public half in the file is nothing to go by: it must be this one.
        match key.public().0.as_bytes() == &pair.public.0 {
            true => Ok(key),
            false => Err(UnlockError::NotAKey),
        }
    }

    pub(crate) fn signing_key(&self) -> &SigningKey {
        &self.0
    }
}

/// A public key that is known to be fit for use: in the one encoding of its
/// point, and of prime order, as every key is that was made from a secret one.
///
/// Written as in an OpenSSH `.pub` file without a comment
/// (`ssh-ed25519 AAAAC3Nza…`).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// The key of RFC 8709 in its SSH encoding.
    pub fn blob(&self) -> Vec<u8> {
        let mut blob = Vec::with_capacity(51);
        for part in [ALGORITHM.as_bytes(), self.0.as_bytes()] {
            blob.extend_from_slice(&(part.len() as u32).to_be_bytes());
            blob.extend_from_slice(part);
        }
        blob
    }

    /// The fingerprint as `ssh-keygen -l` prints it: `SHA256:…`.
    pub fn fingerprint(&self) -> String {
        format!("SHA256:{}", BASE64_STANDARD_NO_PAD.encode(Sha256::digest(self.blob())))
    }

    pub(crate) fn verifying_key(&self) -> &VerifyingKey {
        &self.0
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{ALGORITHM} {}", BASE64_STANDARD.encode(self.blob()))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for PublicKey {
    type Err = PublicKeyError;

    fn from_str(text: &str) -> Result<PublicKey, PublicKeyError> {
        let base64 = text.strip_prefix("ssh-ed25519 ").ok_or(PublicKeyError::Form)?;
        let blob = BASE64_STANDARD.decode(base64).map_err(|_| PublicKeyError::Form)?;
        let point: [u8; 32] = blob
            .get(blob.len().saturating_sub(32)..)
            .and_then(|b| b.try_into().ok())
            .ok_or(PublicKeyError::Form)?;
        let key = VerifyingKey::from_bytes(&point).map_err(|_| PublicKeyError::Form)?;
        // The form first: one spelling, of whatever point.
        if PublicKey(key).to_string() != text {
            return Err(PublicKeyError::Form);
        }
        let on_curve = key.to_edwards();
        // RFC 8032, 5.1.3: y below p, and no sign where x is zero. A reader
        // that decodes more gives one key a second fingerprint.
        if on_curve.compress().as_bytes() != &point {
            return Err(PublicKeyError::NotCanonical);
        }
        if key.is_weak() {
            return Err(PublicKeyError::Weak);
        }
        // Stricter than the RFC: with a part of small order in the key, one
        // program can call a signature good that another calls bad.
        if !on_curve.is_torsion_free() {
            return Err(PublicKeyError::MixedOrder);
        }
        Ok(PublicKey(key))
    }
}

impl Serialize for PublicKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PublicKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<PublicKey, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// What a reviewer types to sign. Runs of white space count as one space and
/// those at the ends do not count, so that words can be read off a card.
#[derive(Clone, PartialEq, Eq)]
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// Takes what was typed. It judges nothing but emptiness: how strong a
    /// chosen passphrase must be is asked when the case is opened.
    pub fn typed(text: &str) -> Result<Passphrase, PassphraseError> {
        let words: Vec<&str> = text.split_whitespace().collect();
        if words.is_empty() {
            return Err(PassphraseError::Empty);
        }
        if text.chars().any(|c| c.is_control() && !c.is_whitespace()) {
            return Err(PassphraseError::Control);
        }
        Ok(Passphrase(Zeroizing::new(words.join(" "))))
    }

    /// Six generated words.
    pub fn generate(random: &dyn Random) -> std::io::Result<Passphrase> {
        Ok(Passphrase(Zeroizing::new(crate::words::passphrase(random)?)))
    }

    /// The words, to be shown once to the person whose they are.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// Why a typed text is no passphrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PassphraseError {
    /// Nothing but white space.
    #[error("the passphrase is empty")]
    Empty,
    /// A control character, which nobody can type on purpose.
    #[error("the passphrase contains a control character")]
    Control,
}

/// Why a key could not be locked.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// The operating system gave no random numbers.
    #[error("the computer gave no random numbers: {0}")]
    Random(std::io::Error),
    /// The key could not be written in OpenSSH's format.
    #[error("the key could not be written: {0}")]
    Format(ssh_key::Error),
}

/// Why a locked key stayed locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnlockError {
    /// The file is not a locked Ed25519 key as Countersign writes it.
    #[error("not a locked key")]
    NotAKey,
    /// The passphrase does not open it.
    #[error("the passphrase is not right")]
    Passphrase,
}

/// Why a text is not a public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PublicKeyError {
    /// Not `ssh-ed25519`, a space, and the one base64 spelling of a key.
    #[error("not an ssh-ed25519 public key in its one spelling")]
    Form,
    /// Another encoding of the point than its one of RFC 8032, 5.1.3.
    #[error("a public key that is not encoded canonically")]
    NotCanonical,
    /// A point with a part of small order: no secret key gives it.
    #[error("a public key that no secret key gives: it has a part of small order")]
    MixedOrder,
    /// A point of small order: anyone can make signatures for it.
    #[error("a weak key, for which anyone can make signatures")]
    Weak,
}

/// OpenSSH's own default until 2024; six generated words have 66 bits beside it.
const ROUNDS: u32 = 16;

/// Bytes of a key's file, public or locked: ours have less than 600.
pub const MAX_KEY: u64 = 16 * 1024;

const ALGORITHM: &str = "ssh-ed25519";

#[cfg(test)]
mod tests {
    use super::*;

    pub(crate) struct Counting;
    impl Random for Counting {
        fn fill(&self, bytes: &mut [u8]) -> std::io::Result<()> {
            bytes.iter_mut().enumerate().for_each(|(i, byte)| *byte = i as u8);
            Ok(())
        }
    }

    #[test]
    fn only_its_passphrase_opens_it() {
        let key = SecretKey::generate(&Counting).expect("counting");
        let right = Passphrase::typed(" river  Stone ").expect("words");
        let file = key.lock(&right, &Counting).expect("locks");
        assert!(file.starts_with("-----BEGIN OPENSSH PRIVATE KEY-----\n"));
        let opened = SecretKey::unlock(&file, &Passphrase::typed("river Stone").expect("words"));
        assert_eq!(opened.map(|k| k.public()).ok(), Some(key.public()));
        let wrong = Passphrase::typed("river stone").expect("words");
        assert_eq!(SecretKey::unlock(&file, &wrong).err(), Some(UnlockError::Passphrase));
        assert_eq!(SecretKey::unlock("", &right).err(), Some(UnlockError::NotAKey));
    }

    #[test]
    fn weak_and_misspelt_public_keys_are_refused() {
        let key = SecretKey::generate(&Counting).expect("counting").public();
        assert_eq!(key.to_string().parse(), Ok(key));
        assert_eq!(format!("{key} comment").parse::<PublicKey>(), Err(PublicKeyError::Form));
        assert_eq!(format!("{key}=").parse::<PublicKey>(), Err(PublicKeyError::Form));
        let mut identity = key.blob();
        let point = identity.len() - 32;
        identity[point..].fill(0);
        identity[point] = 1;
        let identity = format!("ssh-ed25519 {}", BASE64_STANDARD.encode(identity));
        assert_eq!(identity.parse::<PublicKey>(), Err(PublicKeyError::Weak));
    }
}
