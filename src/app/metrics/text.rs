//! Prometheus' text format, version 0.0.4.

use std::fmt::Display;

/// The content type of an answer.
pub(super) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// An answer that is being written.
#[derive(Default)]
pub(super) struct Text {
    written: String,
    family: &'static str,
}

impl Text {
    /// Begins a metric: the samples that follow are its.
    pub(super) fn metric(&mut self, name: &'static str, kind: &str, help: &str) -> &mut Self {
        self.family = name;
        self.line(format_args!("# HELP {name} {help}"));
        self.line(format_args!("# TYPE {name} {kind}"));
        self
    }

    /// One sample.
    pub(super) fn sample(&mut self, labels: &[(&str, &str)], value: impl Display) -> &mut Self {
        self.part("", labels, value)
    }

    /// One sample of a part of the metric, such as `_bucket`.
    pub(super) fn part(&mut self, part: &str, labels: &[(&str, &str)], value: impl Display) -> &mut Self {
        let labels: Vec<String> = labels.iter().map(|(name, text)| format!("{name}=\"{}\"", escaped(text))).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        let name = self.family;
        self.line(format_args!("{name}{part}{labels} {value}"));
        self
    }

    /// The whole answer.
    pub(super) fn finish(self) -> String {
        self.written
    }

    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        self.written.push_str(&line.to_string());
        self.written.push('\n');
    }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_escaped_and_parts_carry_the_metric_s_name() {
        let mut text = Text::default();
        text.metric("a_seconds", "histogram", "What it is.").part("_bucket", &[("le", "0.1"), ("x", "a\"b\\c\nd")], 3);
        text.sample(&[], 1.5);
        let expected = "# HELP a_seconds What it is.\n# TYPE a_seconds histogram\n\
            a_seconds_bucket{le=\"0.1\",x=\"a\\\"b\\\\c\\nd\"} 3\na_seconds 1.5\n";
        assert_eq!(text.finish(), expected);
    }
}
