import CLIP
import CLIPTraining
import Checkpoints
import DALLE
import DALLETraining
import DiscreteVAE
import StickerTraining
import TensorCore
import TestSupport
import Text

/// Writes a small dVAE that has learnt nothing: 16 codes, 4×4 pixels each.
func writeSmallDVAE(_ random: inout Random, to path: String) throws -> DiscreteVAE {
  let dvae = DiscreteVAE(
    DVAEConfiguration(hidden: 8, initial: 8, blocks: 1, groups: 2, vocabulary: 16, stem: 2),
    &random)
  try Checkpoint.save(
    dvae, ModelCard(kind: DiscreteVAE.kind, config: dvae.configuration), to: path)
  return dvae
}

/// A folder with small models that have learnt nothing: 16×16 pixels of 4×4 tokens. The transformer's file
/// may say how its codes are best drawn.
func smallModels(_ seed: UInt64 = 1, sampling: SamplingOptions? = nil) throws -> TemporaryFolder {
  let folder = try TemporaryFolder()
  var random = Random(seed: seed)
  let dvae = try writeSmallDVAE(&random, to: folder.file("dvae.safetensors"))
  let tokenizer = Tokenizer.streams(of: Stickers())
  var c = DALLEConfiguration.stickers(vocabulary: tokenizer.vocabularySize)
  (c.imageVocabulary, c.rows, c.columns, c.width, c.layers, c.heads) = (16, 4, 4, 16, 2, 2)
  var transformer = CaptionedDALLE(DALLERecipe(), c, tokenizer)
  transformer.sampling = sampling
  try Checkpoint.save(
    transformer, transformer.card(forCodesOf: dvae.encoderHash),
    to: folder.file("transformer.safetensors"))
  let matcher = CaptionMatcher(CLIPRecipe())
  try Checkpoint.save(matcher, matcher.card([:]), to: folder.file("clip.safetensors"))
  return folder
}
