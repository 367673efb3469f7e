//! Messages as files: a maildir from which the local mail system sends them. Tenure knows only that a message was put there.

use jiff::Zoned;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use tenure_app::Machine;
use tenure_connect::{Deliver, Message};

/// Only the user that Tenure runs as reads messages that wait: a message may hold a code.
const OWN_FOLDER: u32 = 0o700;
const OWN_FILE: u32 = 0o600;

/// A maildir: written in `tmp`, complete in `new`.
pub(crate) struct Outbox {
    pub(crate) folder: PathBuf,
    pub(crate) from: String,
    pub(crate) machine: Machine,
}

impl Deliver for Outbox {
    fn deliver(&self, message: &Message) -> Result<(), String> {
        if tenure_model::MailAddress::parse(&message.to).is_none() {
            return Err(format!("`{}` is not one address", message.to.escape_debug()));
        }
        for header in [&self.from, &*message.to] {
            if header.chars().any(char::is_control) || !header.contains('@') {
                return Err(format!("`{}` is no address", header.escape_debug()));
            }
        }
        let (ms, random) = self.machine.id();
        let name = format!("{ms}.{}.tenure", random.iter().map(|b| format!("{b:02x}")).collect::<String>());
        let text = self.text(message, &name);
        self.lay(&name, &text).map_err(|e| format!("{}: {e}", self.folder.display()))
    }
}

impl Outbox {
    /// The message as RFC 5322 has it.
    fn text(&self, message: &Message, name: &str) -> String {
        let at = Zoned::new(self.machine.clock.now(), jiff::tz::TimeZone::UTC);
        let date = jiff::fmt::rfc2822::to_string(&at).unwrap_or_default();
        let hint = crate::hints::of_message(message.topic);
        let about =
            message.about.as_ref().map(|f| format!("{}.\n", tenure_words::finding(f))).unwrap_or_default();
        let body = format!("{about}{}\n{hint}\n", message.body.expose()).replace('\n', "\r\n");
        format!(
            "From: {}\r\nTo: {}\r\nSubject: {}\r\nDate: {date}\r\nMessage-ID: <{name}@tenure>\r\nMIME-Version: 1.0\r\n\
             Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{body}",
            self.from,
            message.to,
            encoded(&message.subject),
        )
    }

    fn lay(&self, name: &str, text: &str) -> std::io::Result<()> {
        let (tmp, new) = (self.folder.join("tmp"), self.folder.join("new"));
        for folder in [&tmp, &new, &self.folder.join("cur")] {
            fs::DirBuilder::new().recursive(true).mode(OWN_FOLDER).create(folder)?;
        }
        let path = tmp.join(name);
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(OWN_FILE).open(&path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&path, new.join(name))?;
        synced(&new)
    }
}

fn synced(folder: &Path) -> std::io::Result<()> {
    fs::File::open(folder)?.sync_all()
}

/// A header's text; beyond ASCII as RFC 2047 has it, in words that are short enough.
fn encoded(text: &str) -> String {
    use base64::Engine as _;
    if text.chars().all(|c| c.is_ascii() && !c.is_control()) {
        return text.to_owned();
    }
    let chars: Vec<char> = text.chars().filter(|c| !c.is_control()).collect();
    let word = |part: &[char]| {
        let part: String = part.iter().collect();
        format!("=?utf-8?B?{}?=", base64::engine::general_purpose::STANDARD.encode(part))
    };
    chars.chunks(10).map(word).collect::<Vec<_>>().join("\r\n ")
}
