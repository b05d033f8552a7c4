//! A page as a person sees it: fields by their labels, buttons and links by their words.

use scraper::{ElementRef, Html, Selector};

/// A parsed page.
pub struct Page {
    pub url: String,
    pub status: u16,
    document: Html,
}

/// A form about to be sent.
#[derive(Debug)]
pub struct Submission {
    pub method: String,
    pub action: String,
    pub fields: Vec<(String, String)>,
    /// Whether the form is sent in parts, as one with a file is.
    pub in_parts: bool,
}

fn select(selector: &str) -> Selector {
    Selector::parse(selector).unwrap()
}

/// The words of an element, with white space folded.
pub fn words(element: ElementRef<'_>) -> String {
    element.text().collect::<Vec<_>>().join("").split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Page {
    pub fn parse(url: &str, status: u16, html: &str) -> Self {
        Self { url: url.to_owned(), status, document: Html::parse_document(html) }
    }

    /// Everything in words.
    pub fn text(&self) -> String {
        words(self.document.root_element())
    }

    /// Elements of a CSS selector.
    pub fn all(&self, selector: &str) -> Vec<ElementRef<'_>> {
        self.document.select(&select(selector)).collect()
    }

    /// The name of the field with a label, wherever it stands. A label may hold its field or point to it.
    pub fn field(&self, label: &str) -> Option<(String, ElementRef<'_>)> {
        let longer = format!("{label} ");
        let mut labels = self.all("label");
        labels.retain(|element| words(*element) == label || words(*element).starts_with(&longer));
        labels.sort_by_key(|element| words(*element) != label);
        for element in labels {
            let target = match element.value().attr("for") {
                Some(id) => {
                    self.all("input, select, textarea").into_iter().find(|field| field.value().attr("id") == Some(id))
                }
                None => element.select(&select("input, select, textarea")).next(),
            };
            if let Some(field) = target
                && let Some(name) = field.value().attr("name")
            {
                return Some((name.to_owned(), field));
            }
        }
        None
    }

    /// The value of the field with a label, as the server drew it.
    pub fn value(&self, label: &str) -> Option<String> {
        let (_, field) = self.field(label)?;
        if field.value().name() == "select" {
            let chosen = field.select(&select("option[selected]")).next()?;
            return Some(chosen.value().attr("value").map_or_else(|| words(chosen), str::to_owned));
        }
        if field.value().name() == "textarea" {
            return Some(field.text().collect());
        }
        Some(field.value().attr("value").unwrap_or_default().to_owned())
    }

    /// Where the link with these words leads.
    pub fn link(&self, text: &str) -> Option<String> {
        let link = self
            .all("a[href]")
            .into_iter()
            .find(|link| words(*link) == text || words(*link).starts_with(&format!("{text} ")))?;
        link.value().attr("href").map(str::to_owned)
    }

    /// The form behind the button with these words, with its fields as drawn.
    pub fn button(&self, text: &str) -> Option<Submission> {
        let button = self
            .all("button")
            .into_iter()
            .find(|button| words(*button) == text || words(*button).starts_with(&format!("{text} ")))?;
        let form = button.ancestors().filter_map(ElementRef::wrap).find(|element| element.value().name() == "form")?;
        let mut fields = Vec::new();
        for field in form.select(&select("input, select, textarea")) {
            let element = field.value();
            let Some(name) = element.attr("name") else { continue };
            match (element.name(), element.attr("type").unwrap_or("text")) {
                ("input", "checkbox" | "radio") if element.attr("checked").is_none() => {}
                ("input", "checkbox" | "radio") => {
                    fields.push((name.to_owned(), element.attr("value").unwrap_or("on").to_owned()))
                }
                ("select", _) => {
                    let options: Vec<_> = field.select(&select("option")).collect();
                    let chosen =
                        options.iter().find(|option| option.value().attr("selected").is_some()).or(options.first());
                    if let Some(option) = chosen {
                        let value = option.value().attr("value").map_or_else(|| words(*option), str::to_owned);
                        fields.push((name.to_owned(), value));
                    }
                }
                ("input", "file") => {}
                ("textarea", _) => fields.push((name.to_owned(), field.text().collect::<String>())),
                _ => fields.push((name.to_owned(), element.attr("value").unwrap_or_default().to_owned())),
            }
        }
        if let Some(name) = button.value().attr("name") {
            fields.push((name.to_owned(), button.value().attr("value").unwrap_or_default().to_owned()));
        }
        let action = button.value().attr("formaction").or(form.value().attr("action")).unwrap_or(&self.url);
        let method = form.value().attr("method").unwrap_or("get").to_uppercase();
        let in_parts = form.value().attr("enctype") == Some("multipart/form-data");
        Some(Submission { method, action: action.to_owned(), fields, in_parts })
    }
}
