//! Signed links: a path to a file, a fresh request id, and until when it works.

use std::fmt::Write;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A file that a link leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum File {
    /// The picture of a media or child, or the thumbnail of a video.
    Image(u64),
    /// The video of a media or child.
    Video(u64),
    /// The profile picture of the account with this professional id.
    Profile(u64),
}

/// How long signed links live, counted from the read that gave them out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkLifetimes {
    /// Pictures and thumbnails.
    pub image: Duration,
    /// Videos.
    pub video: Duration,
}

impl Default for LinkLifetimes {
    fn default() -> Self {
        Self {
            image: Duration::from_secs(4 * 86_400),
            video: Duration::from_secs(8 * 3_600),
        }
    }
}

/// Why a link is refused; each answered with status 403 and its own text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LinkRefusal {
    BadDate,
    BadSignature,
    Expired,
}

impl LinkRefusal {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::BadDate => "Bad URL date param",
            Self::BadSignature => "URL signature mismatch",
            Self::Expired => "URL signature expired",
        }
    }
}

/// Makes links and checks them, with a key made from the seed.
#[derive(Debug)]
pub(crate) struct LinkSigner {
    key: [u8; 32],
    base_url: String,
    lifetimes: LinkLifetimes,
}

impl LinkSigner {
    pub(crate) fn new(seed: u64, base_url: String, lifetimes: LinkLifetimes) -> Self {
        let key = blake3::derive_key("vitrine simulator link signing", &seed.to_le_bytes());
        Self {
            key,
            base_url,
            lifetimes,
        }
    }

    /// A link that works from `now` until the lifetime of its kind is over; no two are alike.
    pub(crate) fn link(&self, file: File, now: i64) -> String {
        let life = match file {
            File::Video(_) => self.lifetimes.video,
            File::Image(_) | File::Profile(_) => self.lifetimes.image,
        };
        let expires = now.saturating_add_unsigned(life.as_secs());
        let mut link = String::with_capacity(256);
        link.push_str(&self.base_url);
        let path_from = link.len();
        #[expect(
            clippy::disallowed_methods,
            reason = "the simulator builds on nothing of ours"
        )]
        let (request, cache): (u64, u32) = rand::random();
        // Writing to a string cannot fail.
        let _ = match file {
            File::Image(id) => write!(link, "/cdn/v/t51.29350-15/{id}_n.jpg?stp=dst-jpg&_nc_cat=104"),
            File::Video(id) => write!(link, "/cdn/o1/v/t16/{id}.mp4?efg=ZnRvcA%3D%3D&_nc_cat=107"),
            File::Profile(id) => write!(link, "/cdn/v/t51.2885-19/{id}_n.jpg?stp=dst-jpg&_nc_cat=101"),
        };
        let _ = write!(
            link,
            "&ccb=1-7&_nc_sid=18de74&_nc_ohc={cache:08x}&_nc_rid={request:016x}"
        );
        let signature = self.signature(&link[path_from..], &format!("{expires:X}"));
        let _ = write!(link, "&oh={signature}&oe={expires:X}");
        link
    }

    /// Checks a path and query. The signature covers both, `oh` itself aside, so nothing may be dropped,
    /// added or put in another order.
    pub(crate) fn check(&self, path: &str, query: &str, now: i64) -> Result<(), LinkRefusal> {
        let (rest, expires) = query.rsplit_once("&oe=").ok_or(LinkRefusal::BadDate)?;
        let moment = i64::from_str_radix(expires, 16).map_err(|_| LinkRefusal::BadDate)?;
        let (signed, signature) = rest.rsplit_once("&oh=").ok_or(LinkRefusal::BadSignature)?;
        if self.signature(&format!("{path}?{signed}"), expires) != signature {
            return Err(LinkRefusal::BadSignature);
        }
        if moment <= now {
            return Err(LinkRefusal::Expired);
        }
        Ok(())
    }

    fn signature(&self, signed: &str, expires: &str) -> String {
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        hasher
            .update(signed.as_bytes())
            .update(b"\0")
            .update(expires.as_bytes());
        format!(
            "00_{}",
            URL_SAFE_NO_PAD.encode(&hasher.finalize().as_bytes()[..24])
        )
    }
}

/// Reads the file behind a path below `/cdn`.
pub(crate) fn file_of(path: &str) -> Option<File> {
    let (folder, name) = path.strip_prefix("/cdn/")?.rsplit_once('/')?;
    let digits = name
        .find(|letter: char| !letter.is_ascii_digit())
        .map_or(name, |end| &name[..end]);
    let id = digits.parse().ok()?;
    match folder {
        "v/t51.29350-15" => Some(File::Image(id)),
        "o1/v/t16" => Some(File::Video(id)),
        "v/t51.2885-19" => Some(File::Profile(id)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(link: &str) -> (&str, &str) {
        link.strip_prefix("http://sim").unwrap().split_once('?').unwrap()
    }

    #[test]
    fn a_link_works_until_its_end_and_only_as_it_was_given() {
        let signer = LinkSigner::new(1, "http://sim".to_owned(), LinkLifetimes::default());
        let link = signer.link(File::Image(18), 1_000);
        let (path, query) = parts(&link);
        let end = 1_000 + 4 * 86_400;

        assert_eq!(signer.check(path, query, end - 1), Ok(()));
        assert_eq!(signer.check(path, query, end), Err(LinkRefusal::Expired));
        let longer = query.replace("oe=", "oe=F");
        assert_eq!(signer.check(path, &longer, end), Err(LinkRefusal::BadSignature));
        assert_eq!(
            signer.check(path, &query.replace("ccb=1-7&", ""), 1_000),
            Err(LinkRefusal::BadSignature)
        );
        assert_eq!(signer.check(path, "oe=zz", 1_000), Err(LinkRefusal::BadDate));
        assert_ne!(link, signer.link(File::Image(18), 1_000));
    }

    #[test]
    fn a_link_leads_back_to_its_file() {
        let signer = LinkSigner::new(1, "http://sim".to_owned(), LinkLifetimes::default());
        for file in [File::Image(18_000), File::Video(18_001), File::Profile(17_841)] {
            let link = signer.link(file, 0);
            assert_eq!(file_of(parts(&link).0), Some(file));
        }
    }
}
