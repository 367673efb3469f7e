//! Reads the numbers from a test runner's closing lines and prints them plainly.

/// How many tests passed, failed and did not run.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    pub(crate) skipped: usize,
}

impl Counts {
    /// From nextest's `Summary [   3.0s] 15 tests run: 14 passed (1 slow), 1 timed out, 2 skipped`.
    pub(crate) fn of_nextest(summary: &str) -> Option<Self> {
        let (_, numbers) = summary.split_once("run:")?;
        let failed = ["failed", "timed out", "exec failed"].map(|what| before(numbers, what)).iter().sum();
        Some(Self { passed: before(numbers, "passed"), failed, skipped: before(numbers, "skipped") })
    }

    /// From a line of `cargo test`, which prints one for each binary: `test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 12
    /// filtered out; finished in 0.01s`.
    pub(crate) fn of_cargo_test(line: &str) -> Option<Self> {
        let numbers = line.trim().strip_prefix("test result:")?;
        Some(Self {
            passed: before(numbers, "passed"),
            failed: before(numbers, "failed"),
            skipped: before(numbers, "ignored") + before(numbers, "filtered out"),
        })
    }

    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
            skipped: self.skipped + other.skipped,
        }
    }

    /// Tests that returned early because a server is missing count as passed for the runner; here they count as skipped.
    pub(crate) fn without(self, skipped: usize) -> Self {
        let skipped = skipped.min(self.passed);
        Self { passed: self.passed - skipped, skipped: self.skipped + skipped, ..self }
    }

    pub(crate) fn line(self) -> String {
        format!("{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

/// The number before `what` in a list such as `14 passed (1 slow), 1 timed out`, or 0.
fn before(numbers: &str, what: &str) -> usize {
    numbers
        .split([',', ';', '.'])
        .find_map(|part| {
            let part = part.trim();
            let number = part.strip_prefix(|c: char| c.is_ascii_digit()).map(|_| part)?;
            let (number, rest) = number.split_once(' ')?;
            let rest = rest.split(" (").next().unwrap_or(rest);
            (rest == what).then(|| number.parse().ok())?
        })
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nextest_is_read() {
        let read = |text| Counts::of_nextest(text).map(Counts::line);
        let plain = "     Summary [   3.034s] 15 tests run: 15 passed, 0 skipped";
        assert_eq!(read(plain).as_deref(), Some("15 passed, 0 failed, 0 skipped"));
        let mixed =
            "Summary [ 61.2s] 9/15 tests run: 6 passed (1 slow, 1 leaky), 2 failed, 1 timed out, 3 skipped";
        assert_eq!(read(mixed).as_deref(), Some("6 passed, 3 failed, 3 skipped"));
        let leaky = "Summary [ 1.2s] 2 tests run: 2 passed (2 leaky), 0 skipped";
        assert_eq!(read(leaky).as_deref(), Some("2 passed, 0 failed, 0 skipped"));
        assert_eq!(read("error: no tests to run"), None);
    }

    #[test]
    fn cargo_test_is_read_and_added_up() {
        let ok =
            "test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 12 filtered out; finished in 0.01s";
        let bad =
            "test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1s";
        let sum = Counts::of_cargo_test(ok).unwrap().plus(Counts::of_cargo_test(bad).unwrap());
        assert_eq!(sum.line(), "4 passed, 2 failed, 12 skipped");
        assert_eq!(Counts::of_cargo_test("running 3 tests"), None);
    }

    #[test]
    fn tests_without_their_server_do_not_count_as_passed() {
        let counts = Counts { passed: 10, failed: 1, skipped: 2 };
        assert_eq!(counts.without(4).line(), "6 passed, 1 failed, 6 skipped");
    }
}
