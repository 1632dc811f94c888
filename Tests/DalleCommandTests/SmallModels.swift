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

/// A folder with small models that have learnt nothing: 16×16 pixels of 4×4 tokens.
func smallModels(_ seed: UInt64 = 1) throws -> TemporaryFolder {
  let folder = try TemporaryFolder()
  var random = Random(seed: seed)
  let dvae = DiscreteVAE(
    DVAEConfiguration(hidden: 8, initial: 8, blocks: 1, groups: 2, vocabulary: 16, stem: 2),
    &random)
  let path = folder.file("dvae.safetensors")
  try Checkpoint.save(
    dvae, ModelCard(kind: DiscreteVAE.kind, config: dvae.configuration), to: path)
  let tokenizer = Tokenizer.stickerStreams()
  var c = DALLEConfiguration.stickers(vocabulary: tokenizer.vocabularySize)
  (c.imageVocabulary, c.rows, c.columns, c.width, c.layers, c.heads) = (16, 4, 4, 16, 2, 2)
  let transformer = CaptionedDALLE(DALLERecipe(), c, tokenizer)
  try Checkpoint.save(
    transformer, transformer.card(forCodesOf: dvae.encoderHash),
    to: folder.file("transformer.safetensors"))
  let matcher = CaptionMatcher(CLIPRecipe())
  try Checkpoint.save(matcher, matcher.card([:]), to: folder.file("clip.safetensors"))
  return folder
}
