//! Which file of `src` knows which other one, read from the code: `use` with its groups, aliases and globs, whole paths in
//! expressions and types, paths within macros; what a module passes on is followed to where it is made.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::Visit;
use syn::{Attribute, Item, UseTree, Visibility};

type Path = Vec<String>;

/// Stands for every name of a module.
const ALL: &str = "*";

/// One file: what it makes, what it names, and what paths it holds.
#[derive(Default)]
struct Module {
    file: String,
    made: BTreeSet<String>,
    children: BTreeSet<String>,
    imported: BTreeMap<String, Path>,
    globs: Vec<Path>,
    paths: BTreeSet<Path>,
    passed_on: BTreeSet<Path>,
}

/// The files of a crate and what they know of each other.
pub struct Imports {
    modules: BTreeMap<Path, Module>,
}

/// That one file knows something of another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Arrow {
    /// Who knows.
    pub from: String,
    /// Who is known.
    pub to: String,
    /// What of it.
    pub what: String,
    /// Whether it only passes that on (`pub use`).
    pub is_passed_on: bool,
}

impl std::fmt::Display for Arrow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} -> {} ({})", self.from, self.to, self.what)
    }
}

impl Imports {
    /// Reads files by their paths below `src`.
    pub fn of(files: &[(String, String)]) -> Self {
        let mut modules = BTreeMap::new();
        for (file, text) in files.iter().filter(|(file, _)| file != "main.rs") {
            let mut module = Module { file: file.clone(), ..Module::default() };
            let parsed = syn::parse_file(text).unwrap_or_else(|cause| panic!("{file}: {cause}"));
            Reader { module: &mut module, passes_on: false }.visit_file(&parsed);
            modules.insert(module_of(file), module);
        }
        let all: Vec<Path> = modules.keys().cloned().collect();
        for path in all {
            if let Some((name, parent)) = path.split_last()
                && let Some(parent) = modules.get_mut(parent)
            {
                parent.children.insert(name.clone());
            }
        }
        Self { modules }
    }

    /// Every arrow between two files.
    pub fn arrows(&self) -> BTreeSet<Arrow> {
        let mut arrows = BTreeSet::new();
        for (here, module) in &self.modules {
            let named = module.paths.iter().map(|path| (path, false));
            for (path, is_passed_on) in named.chain(module.passed_on.iter().map(|path| (path, true))) {
                let Some(whole) = self.absolute(here, path) else { continue };
                let Some(owner) = self.maker(&whole).filter(|owner| owner != here && !owner.is_empty()) else {
                    continue;
                };
                let to = self.modules[&owner].file.clone();
                arrows.insert(Arrow { from: module.file.clone(), to, what: whole.join("::"), is_passed_on });
            }
        }
        arrows
    }

    /// The module whose code `path` needs. The name of a module alone needs nothing of it.
    fn maker(&self, path: &Path) -> Option<Path> {
        match path.split_last() {
            Some((last, module)) if last == ALL => Some(module.to_vec()),
            _ => self.owner(path, 0).filter(|owner| owner != path),
        }
    }

    /// The module that makes what `path` names.
    fn owner(&self, path: &[String], depth: usize) -> Option<Path> {
        // Two modules that pass on to each other lead nowhere.
        if depth > 12 {
            return None;
        }
        let mut at = Path::new();
        for (place, name) in path.iter().enumerate() {
            let module = self.modules.get(&at)?;
            let is_last = place + 1 == path.len();
            if module.children.contains(name) && !(is_last && module.made.contains(name)) {
                at.push(name.clone());
                continue;
            }
            if module.made.contains(name) {
                return Some(at);
            }
            let rest = &path[place + 1..];
            if let Some(passed_on) = module.imported.get(name) {
                let mut further = self.absolute(&at, passed_on)?;
                further.extend_from_slice(rest);
                return self.owner(&further, depth + 1);
            }
            return module.globs.iter().find_map(|glob| {
                let mut further = self.absolute(&at, glob)?;
                further.extend_from_slice(&path[place..]);
                self.owner(&further, depth + 1)
            });
        }
        Some(at)
    }

    /// A path as it is from the root of the crate; `None` for what is not of this crate.
    fn absolute(&self, here: &Path, path: &[String]) -> Option<Path> {
        let (first, rest) = path.split_first()?;
        let mut base = match first.as_str() {
            "crate" => Path::new(),
            "self" => here.clone(),
            "super" => here[..here.len().checked_sub(1)?].to_vec(),
            name => {
                let module = self.modules.get(here)?;
                if module.children.contains(name) {
                    let mut child = here.clone();
                    child.push(name.to_owned());
                    child
                } else {
                    let meant = module.imported.get(name).filter(|meant| meant.first() != Some(first))?;
                    self.absolute(here, meant)?
                }
            }
        };
        for name in rest {
            match name.as_str() {
                "super" => drop(base.pop()),
                _ => base.push(name.clone()),
            }
        }
        Some(base)
    }
}

fn module_of(file: &str) -> Path {
    let name = file.trim_end_matches(".rs");
    let mut path: Path = name.split('/').map(str::to_owned).collect();
    if path.last().is_some_and(|last| last == "mod" || last == "lib") {
        path.pop();
    }
    path
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.parse_args::<syn::Path>().is_ok_and(|condition| condition.is_ident("test"))
    })
}

/// Gathers what a file makes and names. What is there for tests alone does not count.
struct Reader<'a> {
    module: &'a mut Module,
    passes_on: bool,
}

impl Reader<'_> {
    fn import(&mut self, before: &mut Path, tree: &UseTree) {
        match tree {
            UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.import(before, &path.tree);
                before.pop();
            }
            UseTree::Name(name) => self.name(before, &name.ident.to_string(), None),
            UseTree::Rename(name) => self.name(before, &name.ident.to_string(), Some(name.rename.to_string())),
            UseTree::Glob(_) => {
                self.module.globs.push(before.clone());
                let mut whole = before.clone();
                whole.push(ALL.to_owned());
                self.names(whole);
            }
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.import(before, tree)),
        }
    }

    fn name(&mut self, before: &Path, name: &str, alias: Option<String>) {
        let mut whole = before.clone();
        if name != "self" {
            whole.push(name.to_owned());
        }
        let known_as = alias.or_else(|| whole.last().cloned()).unwrap_or_default();
        self.names(whole.clone());
        self.module.imported.insert(known_as, whole);
    }

    fn names(&mut self, path: Path) {
        match self.passes_on {
            true => self.module.passed_on.insert(path),
            false => self.module.paths.insert(path),
        };
    }

    /// Paths within a macro, which are no syntax yet.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path = Path::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Punct(mark) if mark.as_char() == ':' && !path.is_empty() => colons += 1,
                TokenTree::Ident(name) => {
                    if colons != 2 {
                        self.path(&mut path);
                    }
                    path.push(name.to_string());
                    colons = 0;
                }
                other => {
                    self.path(&mut path);
                    colons = 0;
                    if let TokenTree::Group(group) = other {
                        self.tokens(group.stream());
                    }
                }
            }
        }
        self.path(&mut path);
    }

    fn path(&mut self, path: &mut Path) {
        let whole = std::mem::take(path);
        if !whole.is_empty() {
            self.module.paths.insert(whole);
        }
    }

    /// Types that the macros of `base/columns.rs` and `base/ids.rs` make.
    fn made_by_macro(&mut self, tokens: TokenStream) {
        let all: Vec<TokenTree> = tokens.into_iter().collect();
        for pair in all.windows(2) {
            let ends = matches!(&pair[1], TokenTree::Group(_))
                || matches!(&pair[1], TokenTree::Punct(mark) if mark.as_char() == ';');
            if let (TokenTree::Ident(name), true) = (&pair[0], ends) {
                self.module.made.insert(name.to_string());
            }
        }
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        let (attributes, name) = match item {
            Item::Const(made) => (&made.attrs, Some(&made.ident)),
            Item::Enum(made) => (&made.attrs, Some(&made.ident)),
            Item::Fn(made) => (&made.attrs, Some(&made.sig.ident)),
            Item::Impl(made) => (&made.attrs, None),
            Item::Macro(made) => (&made.attrs, made.ident.as_ref()),
            Item::Mod(made) => (&made.attrs, None),
            Item::Static(made) => (&made.attrs, Some(&made.ident)),
            Item::Struct(made) => (&made.attrs, Some(&made.ident)),
            Item::Trait(made) => (&made.attrs, Some(&made.ident)),
            Item::Type(made) => (&made.attrs, Some(&made.ident)),
            Item::Use(made) => (&made.attrs, None),
            _ => return syn::visit::visit_item(self, item),
        };
        if is_test(attributes) {
            return;
        }
        self.module.made.extend(name.map(ToString::to_string));
        match item {
            Item::Use(made) => {
                self.passes_on = !matches!(made.vis, Visibility::Inherited);
                self.import(&mut Path::new(), &made.tree);
            }
            Item::Macro(made) => {
                if made.mac.path.is_ident("words") || made.mac.path.is_ident("ids") {
                    self.made_by_macro(made.mac.tokens.clone());
                }
                syn::visit::visit_item(self, item);
            }
            _ => syn::visit::visit_item(self, item),
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.module.paths.insert(path.segments.iter().map(|part| part.ident.to_string()).collect());
        syn::visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.tokens(call.tokens.clone());
        syn::visit::visit_macro(self, call);
    }
}

#[test]
fn planted_arrows_are_found_however_they_are_written() {
    let low = |text: &str| ("low/mod.rs".to_owned(), text.to_owned());
    let arrows = |text: &str| {
        let files = [
            ("lib.rs".to_owned(), "pub mod low; pub mod high;".to_owned()),
            low(text),
            (
                "high/mod.rs".to_owned(),
                "mod deep; pub use deep::Thing; pub use deep::made as known; words! { Kind { A = \"a\", } }".to_owned(),
            ),
            ("high/deep.rs".to_owned(), "pub struct Thing; pub fn made() {} pub const ONE: u8 = 1;".to_owned()),
        ];
        let found = Imports::of(&files).arrows();
        let up = found.into_iter().filter(|arrow| arrow.from == "low/mod.rs");
        up.map(|arrow| arrow.to).collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(" ")
    };
    for (text, to) in [
        ("use crate::high::Thing;", "high/deep.rs"),
        ("use crate::{high::{Thing as Other}};", "high/deep.rs"),
        ("use crate::high; fn f() { high::known() }", "high/deep.rs"),
        ("use crate::high as h; fn f(_: h::Thing) {}", "high/deep.rs"),
        ("pub use crate::high::Thing;", "high/deep.rs"),
        ("use crate::high::*;", "high/mod.rs"),
        ("fn f() { crate::high::known() }", "high/deep.rs"),
        ("fn f() { println!(\"{}\", crate::high::Kind::A) }", "high/mod.rs"),
        ("fn f() { super::high::known() }", "high/deep.rs"),
        ("fn f() {} #[cfg(test)] mod tests { use crate::high::Thing; }", ""),
        ("use std::fmt; use other::high::Thing;", ""),
    ] {
        assert_eq!(arrows(text), to, "{text}");
    }
}
