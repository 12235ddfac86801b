//! Medians and percentiles of a handful of samples.

/// The value below which `percent` of the samples lie.
pub fn percentile(samples: &[f64], percent: f64) -> f64 {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().saturating_sub(1);
    #[expect(clippy::cast_precision_loss, reason = "samples are few")]
    let at = (last as f64 * percent / 100.0).round();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an index of the same few samples"
    )]
    sorted.get(at as usize).copied().unwrap_or(f64::NAN)
}

/// The middle one.
pub fn median(samples: &[f64]) -> f64 {
    percentile(samples, 50.0)
}

/// Whether a figure keeps its budget, said in one line.
pub fn verdict(what: &str, figure: f64, budget: f64, unit: &str) -> bool {
    let held = figure <= budget;
    println!("{what}: {figure:.2}{unit} (budget {budget}{unit}) {}", if held { "held" } else { "MISSED" });
    held
}

/// The same for a figure that should be large.
pub fn verdict_at_least(what: &str, figure: f64, budget: f64, unit: &str) -> bool {
    let held = figure >= budget;
    let word = if held { "held" } else { "MISSED" };
    println!("{what}: {figure:.2}{unit} (at least {budget}{unit}) {word}");
    held
}
