//! Microversions: reading the client's wish, refusing what cannot be, telling what was used.

use std::fmt;
use std::sync::LazyLock;

use http::HeaderValue;

use crate::fault::{Fault, FaultKind, GENERIC};

/// A microversion of API 3: `3.<minor>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    minor: u16,
}

/// Microversion `3.<minor>`, as in `request.version >= v3(13)`.
#[must_use]
pub const fn v3(minor: u16) -> Version {
    Version { minor }
}

impl Version {
    /// The oldest, used when the client asks for none.
    pub const MIN: Self = v3(0);
    /// The newest.
    pub const MAX: Self = v3(71);

    /// The number after `3.`.
    #[must_use]
    pub const fn minor(self) -> u16 {
        self.minor
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "3.{}", self.minor)
    }
}

/// A version that the API does not have, and what the answer says about it.
#[derive(Debug)]
pub struct Refused {
    /// 400 or 406.
    pub fault: Fault,
    /// Text of the answer's `OpenStack-API-Version`; Cinder leaves it out for 1.0, 2.0 and nonsense.
    pub shown: Option<String>,
}

/// Reads `OpenStack-API-Version`: `volume 3.N`, `volume latest`, several services by commas.
///
/// # Errors
/// 400 for a header without a volume entry or with something that is no version; 406 outside 3.0 to 3.71.
pub fn negotiate(header: Option<&[u8]>) -> Result<Version, Box<Refused>> {
    let Some(header) = header else { return Ok(Version::MIN) };
    let refused = |fault, shown| Err(Box::new(Refused { fault, shown }));
    let Ok(header) = std::str::from_utf8(header) else {
        return refused(Fault::bad_request(GENERIC), None);
    };
    // Cinder takes the first entry in which the word occurs at all.
    let Some(entry) = header.split(',').find(|entry| entry.contains("volume")) else {
        return refused(Fault::bad_request(GENERIC), None);
    };
    let mut words = entry.split_whitespace();
    let (Some(_), Some(text), None) = (words.next(), words.next(), words.next()) else {
        return refused(Fault::bad_request(GENERIC), None);
    };
    if text == "latest" {
        return Ok(Version::MAX);
    }
    let Some((major, minor)) = parse(text) else {
        let message = format!(
            "API Version String {text} is of invalid format. Must be of format MajorNum.MinorNum."
        );
        return refused(Fault::bad_request(message), None);
    };
    match (major, minor) {
        ("3", minor) => match minor.parse::<u16>() {
            Ok(minor) if minor <= Version::MAX.minor => Ok(v3(minor)),
            _ => refused(unsupported(text), Some(format!("volume {text}"))),
        },
        ("1" | "2", "0") => refused(unsupported(text), None),
        _ => refused(unsupported(text), Some(format!("volume {text}"))),
    }
}

/// `MajorNum.MinorNum` without leading zeros.
fn parse(text: &str) -> Option<(&str, &str)> {
    let number = |digits: &str| {
        !digits.is_empty()
            && digits.bytes().all(|b| b.is_ascii_digit())
            && (digits == "0" || !digits.starts_with('0'))
    };
    let (major, minor) = text.split_once('.')?;
    (number(major) && major != "0" && number(minor)).then_some((major, minor))
}

fn unsupported(text: &str) -> Fault {
    Fault::new(
        FaultKind::NotAcceptable,
        format!(
            "Version {text} is not supported by the API. Minimum is {} and maximum is {}.",
            Version::MIN,
            Version::MAX
        ),
    )
}

/// The value of `OpenStack-API-Version` on an answer, made once for each version.
#[must_use]
pub fn header_value(version: Version) -> HeaderValue {
    static VALUES: LazyLock<Vec<HeaderValue>> = LazyLock::new(|| {
        (0..=Version::MAX.minor)
            .map(|minor| {
                HeaderValue::try_from(format!("volume {}", v3(minor)))
                    .expect("digits and a dot are legal in a header")
            })
            .collect()
    });
    VALUES[usize::from(version.minor)].clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(header: &str) -> Result<Version, (u16, Option<String>)> {
        negotiate(Some(header.as_bytes()))
            .map_err(|refused| (refused.fault.status().as_u16(), refused.shown))
    }

    #[test]
    fn versions_are_negotiated_as_cinder_does() {
        assert_eq!(negotiate(None).expect("default"), v3(0));
        assert_eq!(code("volume latest"), Ok(v3(71)));
        assert_eq!(code("compute 2.1, volume 3.59"), Ok(v3(59)));
        for out in ["3.72", "4.0", "3.99999999999"] {
            assert_eq!(code(&format!("volume {out}")), Err((406, Some(format!("volume {out}")))));
        }
        assert_eq!(code("volume 1.0"), Err((406, None)));
        assert_eq!(code("volume 2.0"), Err((406, None)));
        for bad in ["3", "3.00", "3.1.1", "abc", "3.", "0.1", "-3.1"] {
            assert_eq!(code(&format!("volume {bad}")), Err((400, None)), "{bad}");
        }
        for bad in ["compute 2.1", "volume", "", "volume 3.1 3.2"] {
            assert_eq!(code(bad), Err((400, None)), "{bad}");
        }
    }

    #[test]
    fn a_refusal_names_the_version_and_the_range() {
        let refused = negotiate(Some(b"volume 3.72")).expect_err("too new");
        assert_eq!(
            refused.fault.message(),
            "Version 3.72 is not supported by the API. Minimum is 3.0 and maximum is 3.71."
        );
    }
}
