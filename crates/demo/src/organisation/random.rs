//! The one source of chance of the sample organisation: a seed gives the same people for ever.

/// SplitMix64 (Steele, Lea and Flood, 2014): small, and specified to the bit, so that no crate's update changes any person.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// The generator of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Fills bytes, eight for each number drawn.
    pub fn fill(&mut self, bytes: &mut [u8]) {
        for part in bytes.chunks_mut(8) {
            part.iter_mut().zip(self.next().to_be_bytes()).for_each(|(byte, drawn)| *byte = drawn);
        }
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `n`, which must not be 0; for 0 it is 0.
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        // The skew of a remainder is below 2^-50 for the small numbers that are asked for.
        self.next().checked_rem(n).unwrap_or(0)
    }

    /// Whether a thing happens that happens in so many of a hundred cases.
    pub(crate) fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of them.
    pub(crate) fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        let at = self.below(u64::try_from(of.len()).unwrap_or(u64::MAX));
        of.get(usize::try_from(at).unwrap_or(0))
    }

    /// One of them, each as often as its weight says.
    pub(crate) fn weighted<'a, T>(&mut self, of: &'a [(T, u32)]) -> Option<&'a T> {
        let mut left = self.below(of.iter().map(|(_, w)| u64::from(*w)).sum());
        for (item, weight) in of {
            match left.checked_sub(u64::from(*weight)) {
                Some(rest) => left = rest,
                None => return Some(item),
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_splitmix64() {
        // The first values for seed 1234567 as published with the reference implementation.
        let mut random = Random::new(1_234_567);
        assert_eq!([random.next(), random.next()], [6_457_827_717_110_365_317, 3_203_168_211_198_807_973]);
        let mut bytes = [0; 10];
        Random::new(1_234_567).fill(&mut bytes);
        assert_eq!(bytes[..8], 6_457_827_717_110_365_317_u64.to_be_bytes());
        assert_eq!(bytes[8..], 3_203_168_211_198_807_973_u64.to_be_bytes()[..2]);
    }
}
