//! Measures of the charts that the server draws, in the units of their pictures.

/// The upper edge of what is drawn.
pub const TOP: i64 = 10;
/// The line on which columns stand.
pub const BASE: i64 = 200;
/// Where the first column's room begins.
pub const LEFT: i64 = 44;

/// A line of the scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// The number it stands for.
    pub count: i64,
    /// Where it is.
    pub y: i64,
}

/// Numbers at the lines of a scale, from zero up to at least `most`: round ones, at most five steps.
pub fn scale(most: i64) -> Vec<i64> {
    let most = most.max(1);
    let tens = std::iter::successors(Some(1_i64), |ten| ten.checked_mul(10));
    let mut round = tens.flat_map(|ten| [1, 2, 5].map(|digit| digit * ten));
    let step = round.find(|step| step * 5 >= most).unwrap_or(most);
    let lines = (most + step - 1) / step;
    (0..=lines).map(|line| line * step).collect()
}

/// The lines of a scale.
pub fn lines(scale: &[i64]) -> Vec<Line> {
    let top = scale.last().copied().unwrap_or(1);
    scale.iter().map(|count| Line { count: *count, y: height_of(*count, top) }).collect()
}

/// Where a count ends, seen from the picture's upper edge.
pub fn height_of(count: i64, top: i64) -> i64 {
    BASE - (BASE - TOP) * count / top.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_is_round_and_reaches_the_longest_bar() {
        assert_eq!(scale(0), [0, 1]);
        assert_eq!(scale(4), [0, 1, 2, 3, 4]);
        assert_eq!(scale(56), [0, 20, 40, 60]);
        assert_eq!(scale(1_000_001), [0, 500_000, 1_000_000, 1_500_000]);
        assert_eq!(lines(&[0, 1]), [Line { count: 0, y: BASE }, Line { count: 1, y: TOP }]);
    }
}
