//! From a weigher's own figures to numbers between 0 and 1, as Cinder does it.

/// Figures beyond this are cut off, so that no difference of two can overflow.
const LIMIT: f64 = f64::MAX / 1024.0;
/// How far beyond the highest a boundless figure is put, in spans between the lowest and the highest.
const SPANS_BEYOND: f64 = 100.0;
/// The same, when there is no span.
const STEP_BEYOND: f64 = 10_000.0;

/// Makes `raw` finite, and returns each figure's place between the lowest (0) and the highest (1).
///
/// All equal gives 0 for all. `+inf` becomes the highest other figure plus a hundred times the span of the others, or
/// plus 10,000 when those are all equal. (Cinder fails when every figure is infinite; here that is "all equal".)
/// What is no number counts as the lowest of the others.
pub fn normalise(raw: &mut [f64]) -> Vec<f64> {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for figure in raw.iter_mut() {
        if figure.is_finite() {
            *figure = figure.clamp(-LIMIT, LIMIT);
            low = low.min(*figure);
            high = high.max(*figure);
        }
    }
    if low > high {
        raw.fill(0.0);
        return vec![0.0; raw.len()];
    }
    let offset = (high - low) * SPANS_BEYOND;
    let beyond = high + if offset == 0.0 { STEP_BEYOND } else { offset };
    for figure in raw.iter_mut().filter(|figure| !figure.is_finite()) {
        if *figure == f64::INFINITY {
            *figure = beyond;
            high = beyond;
        } else {
            *figure = low;
        }
    }
    let span = high - low;
    if span == 0.0 {
        return vec![0.0; raw.len()];
    }
    raw.iter().map(|figure| (figure - low) / span).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normalised(mut raw: Vec<f64>) -> (Vec<f64>, Vec<f64>) {
        let places = normalise(&mut raw);
        (raw, places)
    }

    #[test]
    fn figures_are_put_between_the_lowest_and_the_highest() {
        assert_eq!(normalised(vec![10.0, 30.0, 15.0]).1, [0.0, 1.0, 0.25]);
        assert_eq!(normalised(vec![7.0, 7.0]).1, [0.0, 0.0]);
        assert!(normalised(vec![]).1.is_empty());
    }

    #[test]
    fn a_boundless_figure_is_far_beyond_the_others() {
        let (raw, places) = normalised(vec![10.0, f64::INFINITY, 30.0]);
        assert_eq!(raw, [10.0, 2030.0, 30.0]);
        assert_eq!(places, [0.0, 1.0, 20.0 / 2020.0]);
        let (raw, places) = normalised(vec![f64::INFINITY, 5.0]);
        assert_eq!((raw, places), (vec![10_005.0, 5.0], vec![1.0, 0.0]));
        assert_eq!(normalised(vec![f64::INFINITY; 2]).1, [0.0, 0.0]);
    }

    #[test]
    fn nothing_but_finite_numbers_comes_out() {
        let odd = vec![f64::NAN, f64::NEG_INFINITY, f64::MAX, f64::MIN, f64::INFINITY, 0.0, -0.0];
        let (raw, places) = normalised(odd);
        assert!(raw.iter().all(|figure| figure.is_finite()), "{raw:?}");
        assert!(places.iter().all(|place| (0.0..=1.0).contains(place)), "{places:?}");
    }
}
