//! The file of a learned detector: gzip of a line that names the format, a line of JSON, and numbers in little-endian order.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};

use super::calibrate::Calibration;
use super::features::{Features, MOST_FEATURES};
use super::learned::Learned;
use crate::error::{Error, Fault, Result};

const MAGIC: &str = "goldpath/detector-model/1";
/// Largest file, unpacked.
const MOST_BYTES: u64 = 1 << 30;

#[derive(Serialize, Deserialize)]
struct Head {
    classes: Vec<String>,
    features: usize,
    vector: usize,
    offsets: Vec<f32>,
    calibration: Calibration,
    examples: u64,
    left_out: Vec<(String, u32)>,
}

/// The size of one step of the whole numbers that stand for the weights of a row.
pub(super) fn step(row: &[f32]) -> f32 {
    row.iter().fold(0.0f32, |most, w| most.max(w.abs())) / 127.0
}

/// The whole number that stands for a weight.
pub(super) fn whole(weight: f32, step: f32) -> f32 {
    if step > 0.0 { (weight / step).round_ties_even().clamp(-127.0, 127.0) } else { 0.0 }
}

pub(super) fn looks_like(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b])
}

impl Learned {
    /// The detector as the bytes of its file: the same detector gives the same bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let head = Head {
            classes: self.classes.clone(),
            features: self.features.len(),
            vector: self.vector,
            offsets: self.offsets.clone(),
            calibration: self.calibration,
            examples: self.examples,
            left_out: self.left_out.clone(),
        };
        let mut body = format!("{MAGIC}\n{}\n", serde_json::to_string(&head).unwrap_or_default()).into_bytes();
        self.features.hashes().iter().for_each(|hash| body.extend(hash.to_le_bytes()));
        self.features.weights().iter().for_each(|weight| body.extend(weight.to_le_bytes()));
        let rows = || self.weights.chunks_exact(self.width()).map(|row| (row, step(row)));
        rows().for_each(|(_, step)| body.extend(step.to_le_bytes()));
        for (row, step) in rows() {
            body.extend(row[..self.classes.len()].iter().map(|&w| whole(w, step) as i8 as u8));
        }
        let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
        // Writing to memory cannot fail.
        let _ = gzip.write_all(&body);
        gzip.finish().unwrap_or_default()
    }

    /// Reads what [`Learned::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`Error::Detector`] for bytes that are cut short, of a newer format, or no detector.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        read(bytes).map_err(|(code, message)| {
            let help = if code == "detector.newer" { "read it with the version that wrote it" } else { "fit and save the detector anew" };
            Error::Detector(vec![Fault::new(code, message).help(help)])
        })
    }
}

type Broken = (&'static str, String);

fn read(bytes: &[u8]) -> std::result::Result<Learned, Broken> {
    let broken = |what: &str| ("detector.broken_file", format!("the file of the detector is broken: {what}"));
    let mut body = Vec::new();
    GzDecoder::new(bytes).take(MOST_BYTES + 1).read_to_end(&mut body).map_err(|e| broken(&e.to_string()))?;
    if body.len() as u64 > MOST_BYTES {
        return Err(("detector.too_large", format!("the file unpacks to more than {MOST_BYTES} bytes")));
    }
    let mut lines = body.splitn(3, |&b| b == b'\n');
    let (magic, head, numbers) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    if magic != MAGIC.as_bytes() {
        let ours = magic.starts_with(b"goldpath/detector-model/");
        return Err(if ours { ("detector.newer", "the file is of another version of the format".to_owned()) } else { broken("it is no detector") });
    }
    let head: Head = serde_json::from_slice(head).map_err(|e| broken(&e.to_string()))?;
    let classes = head.classes.len();
    let rows = head.features.saturating_add(head.vector);
    let size = rows.checked_mul(classes + 4).and_then(|n| n.checked_add(head.features.checked_mul(8)?));
    if classes < 2 || head.offsets.len() != classes || head.features > MOST_FEATURES || size != Some(numbers.len()) {
        return Err(broken("its parts do not go together"));
    }
    let (hashes, numbers) = numbers.split_at(4 * head.features);
    let (weights, numbers) = numbers.split_at(4 * head.features);
    let (steps, whole) = numbers.split_at(4 * rows);
    let four = |bytes: &[u8]| bytes.chunks_exact(4).map(|b| [b[0], b[1], b[2], b[3]]).collect::<Vec<_>>();
    let hashes: Vec<u32> = four(hashes).into_iter().map(u32::from_le_bytes).collect();
    let weights: Vec<f32> = four(weights).into_iter().map(f32::from_le_bytes).collect();
    let steps: Vec<f32> = four(steps).into_iter().map(f32::from_le_bytes).collect();
    let finite =
        weights.iter().chain(&steps).chain(&head.offsets).all(|x| x.is_finite()) && head.calibration.scale.is_finite() && head.calibration.shift.is_finite();
    if !hashes.is_sorted() || !finite {
        return Err(broken("its numbers make no sense"));
    }
    let mut made = Learned {
        classes: head.classes,
        features: Features::of(hashes, weights),
        vector: head.vector,
        weights: Vec::new(),
        offsets: head.offsets,
        calibration: head.calibration,
        examples: head.examples,
        left_out: head.left_out,
    };
    let width = made.width();
    made.weights = vec![0.0; rows * width];
    for ((row, whole), step) in made.weights.chunks_exact_mut(width).zip(whole.chunks_exact(classes)).zip(steps) {
        row.iter_mut().zip(whole).for_each(|(w, &q)| *w = f32::from(q as i8) * step);
    }
    Ok(made)
}
