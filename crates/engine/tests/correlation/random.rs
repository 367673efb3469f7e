//! A small seeded generator (SplitMix64): the same set on every run and every machine.

pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }
    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
    pub(crate) fn date(&mut self) -> String {
        format!("{}-{:02}-{:02}", 1955 + self.below(50), 1 + self.below(12), 1 + self.below(28))
    }
    /// One typing error: a letter doubled, dropped, swapped or replaced.
    pub(crate) fn slip(&mut self, word: &str) -> String {
        let mut letters: Vec<char> = word.chars().collect();
        if letters.len() < 4 {
            letters.push('e');
            return letters.into_iter().collect();
        }
        let i = 1 + self.below(letters.len() - 2);
        match self.below(4) {
            0 => letters.insert(i, letters[i]),
            1 => {
                letters.remove(i);
            }
            2 => letters.swap(i, i + 1),
            _ => letters[i] = *self.pick(&['a', 'e', 'i', 'o', 'n', 'r', 's', 't']),
        }
        letters.into_iter().collect()
    }
}
