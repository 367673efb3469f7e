//! Why a real server could not be had: not installed here (the test is skipped) or broken (the test fails).

/// What went wrong with a real server or one of its tools.
#[derive(Debug, thiserror::Error)]
pub enum PeerError {
    /// The program is not on this host. Tests skip on this and on nothing else.
    #[error("{program} is not installed: {how_to_get_it}")]
    Missing {
        /// The program that was looked for.
        program: &'static str,
        /// What to do about it.
        how_to_get_it: String,
    },
    /// The server or tool is installed but did not do what it was asked.
    #[error("{peer}: {what}\n--- log of {peer} ---\n{log}")]
    Failed {
        /// Which server or tool.
        peer: &'static str,
        /// What it was asked and what it did instead.
        what: String,
        /// The end of its log or output.
        log: String,
    },
    /// The host refused something that has nothing to do with the server (files, ports, processes).
    #[error("{doing}: {source}")]
    Machine {
        /// What was being done.
        doing: String,
        /// What the operating system said.
        source: std::io::Error,
    },
}

impl PeerError {
    /// For `map_err`: wraps an I/O error with what was being done.
    pub(crate) fn machine(doing: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let doing = doing.into();
        move |source| Self::Machine { doing, source }
    }
}
