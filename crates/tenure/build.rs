//! Lets the linker keep one copy of functions that compile to the same code: the program is smaller, and begins no slower.

#[expect(clippy::disallowed_methods, reason = "a build script is told its target by the environment")]
fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let of = |name: &str| std::env::var(name).unwrap_or_default();
    // The linker of the toolchain for this target (lld) can; the system's own (GNU ld) cannot, and is used for other targets.
    let is_lld = of("CARGO_CFG_TARGET_ARCH") == "x86_64"
        && of("CARGO_CFG_TARGET_OS") == "linux"
        && of("CARGO_CFG_TARGET_ENV") == "gnu";
    if is_lld && of("PROFILE") == "release" {
        println!("cargo:rustc-link-arg-bins=-Wl,--icf=all");
    }
}
