// The README's second example: a picture by the bundled models.

import PictureFiles
import Pretrained

let dalle = try Pretrained.dalle()
let caption = "a red boat on the beach"
let candidates = try dalle.draw(caption, count: 32, seed: 1, .usual)
let best = try dalle.ranked(candidates, caption)[0]  // the one that fits the caption best
try best.picture.writePNG(to: "boat.png")
