//! From a weigher's own figures to numbers between 0 and 1, as Cinder does it.

/// Figures beyond this are cut off, so that no difference of two can overflow.
const LIMIT: f64 = f64::MAX / 1024.0;
/// How far beyond the highest a boundless figure is put, in spans between the lowest and the highest.
const SPANS_BEYOND: f64 = 100.0;
/// The same, when there is no span.
const STEP_BEYOND: f64 = 10_000.0;

/// One weigher's figures of all candidates, summed up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    low: f64,
    span: f64,
    /// Stands for a figure that is beyond all others.
    beyond: f64,
}

impl Scale {
    /// The scale of these figures, none of which is "not a number". `None` when all of them are boundless (or there is
    /// none): then nothing tells them apart, and Cinder raises an exception.
    ///
    /// `+inf` becomes the highest other figure plus a hundred times the span of the others, or plus 10,000 when those
    /// are all equal.
    pub fn of(figures: impl Iterator<Item = f64>) -> Option<Self> {
        let (mut low, mut high, mut boundless) = (f64::INFINITY, f64::NEG_INFINITY, false);
        for figure in figures {
            if figure == f64::INFINITY {
                boundless = true;
            } else {
                let figure = figure.clamp(-LIMIT, LIMIT);
                low = low.min(figure);
                high = high.max(figure);
            }
        }
        if low > high {
            return None;
        }
        let offset = (high - low) * SPANS_BEYOND;
        let beyond = high + if offset == 0.0 { STEP_BEYOND } else { offset };
        let high = if boundless { beyond } else { high };
        Some(Self { low, span: high - low, beyond })
    }

    /// The figure, made finite.
    #[inline]
    #[must_use]
    pub fn finite(&self, figure: f64) -> f64 {
        if figure == f64::INFINITY { self.beyond } else { figure.clamp(-LIMIT, LIMIT) }
    }

    /// Its place between the lowest (0) and the highest (1); 0 when all are equal.
    #[inline]
    #[must_use]
    pub fn place(&self, figure: f64) -> f64 {
        if self.span == 0.0 { 0.0 } else { (self.finite(figure) - self.low) / self.span }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(figures: &[f64]) -> Vec<f64> {
        let scale = Scale::of(figures.iter().copied()).expect("a scale");
        figures.iter().map(|&figure| scale.place(figure)).collect()
    }

    #[test]
    fn figures_are_put_between_the_lowest_and_the_highest() {
        assert_eq!(places(&[10.0, 30.0, 15.0]), [0.0, 1.0, 0.25]);
        assert_eq!(places(&[7.0, 7.0]), [0.0, 0.0]);
    }

    #[test]
    fn a_boundless_figure_is_far_beyond_the_others() {
        assert_eq!(places(&[10.0, f64::INFINITY, 30.0]), [0.0, 1.0, 20.0 / 2020.0]);
        assert_eq!(places(&[f64::INFINITY, 5.0]), [1.0, 0.0]);
        assert_eq!(Scale::of([f64::INFINITY; 2].into_iter()), None);
        assert_eq!(Scale::of(std::iter::empty()), None);
    }

    #[test]
    fn nothing_but_finite_numbers_comes_out() {
        let odd = [f64::MAX, f64::MIN, f64::INFINITY, 0.0, -0.0];
        assert!(places(&odd).iter().all(|place| (0.0..=1.0).contains(place)));
    }
}
