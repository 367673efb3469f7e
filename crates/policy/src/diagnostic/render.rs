//! Diagnostics for terminals: the line, a caret under it, other places, and what to do.

use super::{Diagnostic, Severity};
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use std::collections::BTreeMap;
use std::ops::Range;

impl Diagnostic {
    /// The diagnostic with its source lines. `files` are the loaded (path, text) pairs; a file that is not among them is named without
    /// lines. Colours are ANSI escapes.
    #[must_use]
    pub fn render(&self, files: &[(String, String)], color: bool) -> String {
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let text_of = |path: &str| files.iter().find(|(p, _)| p == path).map(|(_, text)| text.as_str());
        let mut group = Group::with_title(level.primary_title(&*self.title).id(self.code.as_str()));
        let mut snippets: BTreeMap<&str, Snippet<'_, _>> = BTreeMap::new();
        if let Some(text) = text_of(&self.file).filter(|_| self.line > 0) {
            let primary = AnnotationKind::Primary.span(within(text, self.span.clone())).label(&*self.label);
            snippets.insert(&self.file, Snippet::source(text).path(&*self.file).annotation(primary));
        }
        for other in &self.labels {
            let Some(text) = text_of(&other.file) else { continue };
            let note =
                AnnotationKind::Context.span(within(text, other.span.0..other.span.1)).label(&*other.text);
            let snippet = snippets.remove(&*other.file);
            let snippet = snippet.unwrap_or_else(|| Snippet::source(text).path(&*other.file));
            snippets.insert(&other.file, snippet.annotation(note));
        }
        // The file of the diagnostic itself comes first.
        let first = snippets.remove(&*self.file);
        for snippet in first.into_iter().chain(snippets.into_values()) {
            group = group.element(snippet);
        }
        if self.line == 0 && !self.file.is_empty() {
            group = group.element(Level::NOTE.message(format!("in {}", self.file)));
        }
        if let Some(help) = &self.help {
            group = group.element(Level::HELP.message(&**help));
        }
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        renderer.render(&[group])
    }
}

/// A span limited to the text, on character boundaries.
fn within(text: &str, span: Range<usize>) -> Range<usize> {
    let down = |mut at: usize| {
        at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = down(span.start);
    start..down(span.end).max(start)
}
