//! Holds a real server for a person or a test: `cargo run --release -p tenure-testkit --bin peer -- slapd`.

use std::io::Read as _;
use std::process::ExitCode;

use tenure_testkit::peer::{self, or_skip};

#[expect(clippy::print_stdout, reason = "tells where the server is")]
#[expect(clippy::print_stderr, reason = "tells how it is used")]
fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some("slapd") => {
            let Some(held) = or_skip(peer::slapd()) else { return ExitCode::FAILURE };
            println!("pid {}\nurl {}\nldaps {}", held.pid().unwrap_or_default(), held.url, held.ldaps_url);
            println!("bind {} {:?}\nca {}", held.admin_dn, held.admin_password, held.ca_pem.display());
            until_input_ends();
        }
        Some("scim2-server") => {
            let Some(held) = or_skip(peer::scim2_server()) else { return ExitCode::FAILURE };
            println!("pid {}\nurl {}\ntoken {}", held.pid().unwrap_or_default(), held.url, held.token);
            until_input_ends();
        }
        _ => {
            eprintln!("usage: peer slapd | scim2-server   (runs until its input ends: Ctrl-D)");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

fn until_input_ends() {
    // Whether the input ends or breaks, the server is not used any more.
    drop(std::io::stdin().read_to_end(&mut Vec::new()));
}
