//! The address of a server, and what lets one in. Neither a password nor a token is ever shown.

use anyhow::{Context, Result, bail};
use base64ct::{Base64, Encoding};
use std::fmt;
use zeroize::Zeroizing;

/// A tracking server.
pub(super) struct Server {
    /// Without user, password and the slash at its end.
    address: String,
    /// The header that lets one in.
    authorization: Option<Zeroizing<String>>,
    /// What must not be shown, should the server repeat it.
    secrets: Vec<Zeroizing<String>>,
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.address)
    }
}

impl Server {
    /// Whether a text is the address of a server rather than a folder.
    pub(super) fn is_meant(text: &str) -> bool {
        let lower = text.to_ascii_lowercase();
        lower.starts_with("http://") || lower.starts_with("https://")
    }

    /// A server at an address, entered with what stands in the address, else in MLflow's variables.
    pub(super) fn at(url: &str, variable: impl Fn(&str) -> Option<String>) -> Result<Self> {
        // Nothing of the address is repeated in these messages: it may hold a password.
        let (scheme, rest) = url.trim().split_once("://").context("the server's address has no scheme")?;
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let (user_info, host) = authority.rsplit_once('@').map_or((None, authority), |(info, host)| (Some(info), host));
        let path = path.trim_end_matches('/');
        let address = format!("{}://{host}{path}", scheme.to_ascii_lowercase());
        let is_whole =
            address.parse::<ureq::http::Uri>().is_ok_and(|uri| uri.host().is_some_and(|host| !host.is_empty()));
        if !is_whole || path.contains(['?', '#']) {
            bail!("the server's address is no address like http://host:5000");
        }
        let set = |name: &str| variable(name).filter(|value| !value.is_empty()).map(Zeroizing::new);
        let (user, password) = match user_info {
            Some(info) => {
                let (user, password) = info.split_once(':').unwrap_or((info, ""));
                (Some(unescaped(user)), Some(unescaped(password)))
            }
            None => (set("MLFLOW_TRACKING_USERNAME"), set("MLFLOW_TRACKING_PASSWORD")),
        };
        let token = set("MLFLOW_TRACKING_TOKEN");
        let authorization = match (&user, &password, &token) {
            (Some(user), Some(password), _) => {
                let pair = Zeroizing::new(format!("{}:{}", user.as_str(), password.as_str()));
                Some(Zeroizing::new(format!("Basic {}", Base64::encode_string(pair.as_bytes()))))
            }
            (_, _, Some(token)) => Some(Zeroizing::new(format!("Bearer {}", token.as_str()))),
            _ => None,
        };
        if authorization.as_ref().is_some_and(|header| header.bytes().any(|byte| !(32..127).contains(&byte))) {
            bail!("the token for the tracking server has characters that no header may have");
        }
        let encoded = authorization.iter().filter_map(|header| header.split_once(' ')).map(|(_, secret)| secret);
        let encoded: Vec<_> = encoded.map(|secret| Zeroizing::new(secret.to_owned())).collect();
        let secrets = password.into_iter().chain(token).chain(encoded).filter(|secret| secret.len() > 2).collect();
        Ok(Self { address, authorization, secrets })
    }

    /// The whole address of a path.
    pub(super) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }

    pub(super) fn authorization(&self) -> Option<&str> {
        self.authorization.as_ref().map(|header| header.as_str())
    }

    /// A text of the server without what must not be shown, on one line, and not too long.
    pub(super) fn shown(&self, text: &str) -> String {
        let text = self.secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), "***"));
        let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(300).collect();
        line
    }
}

/// The text of a part of an address in which `%40` is `@`.
fn unescaped(text: &str) -> Zeroizing<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let code = after.get(..2).filter(|_| byte == b'%').and_then(|digits| std::str::from_utf8(digits).ok());
        if let Some(code) = code.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            bytes.push(code);
            rest = after.get(2..).unwrap_or_default();
        } else {
            bytes.push(byte);
            rest = after;
        }
    }
    Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::Server;

    #[test]
    fn an_address_is_shown_without_what_lets_one_in() {
        let none = |_: &str| None;
        let server = Server::at("HTTPS://user:p%40ss@host:5000/ml/", none).unwrap();
        assert_eq!(server.to_string(), "https://host:5000/ml");
        assert_eq!(server.url("/x"), "https://host:5000/ml/x");
        // user:p@ss
        assert_eq!(server.authorization(), Some("Basic dXNlcjpwQHNz"));
        assert_eq!(server.shown("no: p@ss\n dXNlcjpwQHNz"), "no: *** ***");
        for bad in ["http://", "http://user:secret@", "http://h?x=secret", "http://h/#secret", "http://a b/secret"] {
            let error = Server::at(bad, none).map(|_| ()).unwrap_err().to_string();
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn the_variables_are_those_of_mlflow() {
        let all = |name: &str| Some(name.rsplit('_').next().unwrap().to_lowercase());
        let password = Server::at("http://h", all).unwrap();
        assert_eq!(password.authorization(), Some("Basic dXNlcm5hbWU6cGFzc3dvcmQ="));
        let token = Server::at("http://h", |name| all(name).filter(|value| value == "token")).unwrap();
        assert_eq!(token.authorization(), Some("Bearer token"));
        assert_eq!(Server::at("http://h", |_| Some(String::new())).unwrap().authorization(), None);
    }
}
