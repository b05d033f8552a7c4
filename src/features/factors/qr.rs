//! QR codes as one path of an SVG, which needs no style of its own.

use qrcode::{Color, EcLevel};

/// Light modules that must be around a code.
const QUIET: usize = 4;

/// A QR code, ready to be drawn in a square of `size`.
#[derive(Clone, PartialEq, Eq)]
pub struct QrCode {
    /// Modules of one side, the quiet zone included.
    pub size: usize,
    /// The dark modules, row by row.
    pub path: String,
}

impl std::fmt::Debug for QrCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "QrCode({})", self.size)
    }
}

impl QrCode {
    /// The code of a text; `None` for one that is too long for any.
    pub fn of(text: &str) -> Option<Self> {
        let code = qrcode::QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
        let (width, modules) = (code.width(), code.into_colors());
        let mut path = String::new();
        for (y, row) in modules.chunks(width).enumerate() {
            let mut x = 0;
            while x < width {
                let run = row[x..].iter().take_while(|module| **module == Color::Dark).count();
                if run > 0 {
                    path.push_str(&format!("M{} {}h{run}v1h-{run}z", x + QUIET, y + QUIET));
                }
                x += run.max(1);
            }
        }
        Some(Self { size: width + 2 * QUIET, path })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_covers_exactly_the_dark_modules() {
        let text = "otpauth://totp/Vestibule:mina%40acme.example?secret=GEZDGNBVGY3TQOJQ&issuer=Vestibule";
        let drawn = QrCode::of(text).unwrap();
        let code = qrcode::QrCode::with_error_correction_level(text, EcLevel::M).unwrap();
        let width = code.width();
        assert_eq!(drawn.size, width + 8);
        let mut dark = vec![false; width * width];
        for run in drawn.path.split('M').skip(1) {
            let (place, rest) = run.split_once('h').unwrap();
            let (x, y) = place.split_once(' ').unwrap();
            let (x, y): (usize, usize) = (x.parse().unwrap(), y.parse().unwrap());
            let run: usize = rest.split('v').next().unwrap().parse().unwrap();
            assert_eq!(rest, format!("{run}v1h-{run}z"));
            (x..x + run).for_each(|x| dark[(y - QUIET) * width + x - QUIET] = true);
        }
        let modules: Vec<bool> = code.to_colors().iter().map(|color| *color == Color::Dark).collect();
        assert_eq!(dark, modules);
        assert!(dark[0] && dark[6] && !dark[7], "the first finder begins in the corner of the code");
    }
}
