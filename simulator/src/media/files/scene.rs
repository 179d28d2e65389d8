//! Landscapes at some hour of the day: a sky, a sun, hills behind hills, a little grain.

use image::RgbImage;

use crate::dice::Dice;

type Colour = [f32; 3];
type Shade = [u8; 3];

/// Sky above, sky at the horizon, farthest hill, nearest hill.
const PALETTES: &[[Colour; 4]] = &[
    [
        [38.0, 70.0, 120.0],
        [250.0, 196.0, 150.0],
        [150.0, 120.0, 140.0],
        [28.0, 34.0, 52.0],
    ],
    [
        [92.0, 150.0, 205.0],
        [226.0, 238.0, 244.0],
        [138.0, 168.0, 186.0],
        [30.0, 62.0, 58.0],
    ],
    [
        [58.0, 36.0, 92.0],
        [255.0, 138.0, 104.0],
        [142.0, 74.0, 110.0],
        [30.0, 18.0, 44.0],
    ],
    [
        [20.0, 32.0, 64.0],
        [116.0, 142.0, 180.0],
        [66.0, 88.0, 124.0],
        [10.0, 18.0, 34.0],
    ],
    [
        [204.0, 186.0, 160.0],
        [250.0, 238.0, 214.0],
        [196.0, 160.0, 122.0],
        [88.0, 58.0, 44.0],
    ],
    [
        [72.0, 120.0, 130.0],
        [244.0, 222.0, 170.0],
        [130.0, 150.0, 120.0],
        [32.0, 52.0, 40.0],
    ],
];

const RIDGES: u16 = 5;

struct Ridge {
    /// The first row of the ridge, by column.
    skyline: Vec<u32>,
    /// Its colour by row: haze gathers towards its foot.
    shades: Vec<Shade>,
}

struct Sun {
    column: f32,
    row: f32,
    radius: f32,
}

/// Paints the picture with this number; always the same one.
pub(super) fn paint(number: u64, width: u32, height: u32) -> RgbImage {
    let mut dice = Dice::new(number);
    let palette = PALETTES[usize::try_from(dice.below(PALETTES.len() as u64)).unwrap_or_default()];
    let (columns, rows) = (width as f32, height as f32);
    let sun = Sun {
        column: columns * (0.2 + 0.6 * dice.unit()),
        row: rows * (0.2 + 0.25 * dice.unit()),
        radius: columns * (0.03 + 0.04 * dice.unit()),
    };
    let ridges: Vec<Ridge> = (0..RIDGES)
        .map(|place| ridge(&mut dice, place, palette, width, rows))
        .collect();
    let sky: Vec<Colour> = (0..height)
        .map(|row| mix(palette[0], palette[1], (row as f32 / (rows * 0.62)).min(1.0)))
        .collect();
    let mut canvas = Canvas {
        pixels: vec![0; (width * height * 3) as usize],
        width,
        grain: dice.next() | 1,
    };
    for column in 0..width {
        let mut end = height;
        for ridge in ridges.iter().rev() {
            let top = ridge.skyline[column as usize].min(end);
            for row in top..end {
                canvas.put(column, row, ridge.shades[row as usize]);
            }
            end = top;
        }
        for row in 0..end {
            canvas.put(
                column,
                row,
                shade(with_sun(sky[row as usize], &sun, column as f32, row as f32)),
            );
        }
    }
    RgbImage::from_raw(width, height, canvas.pixels).unwrap_or_default()
}

/// Pixels with a little grain, as film has.
struct Canvas {
    pixels: Vec<u8>,
    width: u32,
    grain: u64,
}

impl Canvas {
    fn put(&mut self, column: u32, row: u32, [red, green, blue]: Shade) {
        self.grain = self
            .grain
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let noise = (self.grain >> 61) as u8;
        let place = ((row * self.width + column) * 3) as usize;
        self.pixels[place] = red.saturating_add(noise);
        self.pixels[place + 1] = green.saturating_add(noise);
        self.pixels[place + 2] = blue.saturating_add(noise);
    }
}

fn with_sun(sky: Colour, sun: &Sun, column: f32, row: f32) -> Colour {
    let (across, down) = (column - sun.column, row - sun.row);
    let distance = (across * across + down * down) / (sun.radius * sun.radius);
    let edge = (1.15 - distance) * 6.0;
    let glow = 0.75 / (1.0 + distance * 0.12);
    mix(sky, [252.0, 244.0, 222.0], edge.max(glow).min(1.0))
}

fn ridge(dice: &mut Dice, place: u16, palette: [Colour; 4], width: u32, rows: f32) -> Ridge {
    let nearness = f32::from(place) / f32::from(RIDGES - 1);
    let base = rows * (0.48 + 0.36 * nearness);
    let waves: Vec<[f32; 3]> = [1.0, 2.3, 5.1, 11.7, 29.0]
        .iter()
        .map(|frequency| {
            let size = rows * 0.075 / frequency * (0.6 + 0.8 * dice.unit());
            [
                frequency * (4.0 + 3.0 * dice.unit()),
                size,
                dice.unit() * std::f32::consts::TAU,
            ]
        })
        .collect();
    let height_at = |column: u32| -> f32 {
        let place = column as f32 / width as f32;
        waves
            .iter()
            .map(|[speed, size, phase]| (place * speed + phase).sin() * size)
            .sum()
    };
    let colour = mix(palette[2], palette[3], nearness);
    let haze = |row: f32| ((row - base) / rows * 0.9).clamp(0.0, 0.35);
    Ridge {
        skyline: (0..width)
            .map(|column| (base + height_at(column)).max(0.0) as u32)
            .collect(),
        shades: (0..rows as u32)
            .map(|row| shade(mix(colour, palette[1], haze(row as f32))))
            .collect(),
    }
}

fn shade([red, green, blue]: Colour) -> Shade {
    [red as u8, green as u8, blue as u8]
}

fn mix(from: Colour, to: Colour, share: f32) -> Colour {
    [
        from[0] + (to[0] - from[0]) * share,
        from[1] + (to[1] - from[1]) * share,
        from[2] + (to[2] - from[2]) * share,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_always_gives_the_same_picture_and_another_number_another() {
        let picture = paint(5, 64, 80);
        assert_eq!(picture.dimensions(), (64, 80));
        assert_eq!(picture, paint(5, 64, 80));
        assert_ne!(picture, paint(6, 64, 80));
    }
}
