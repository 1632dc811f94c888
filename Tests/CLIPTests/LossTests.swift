import CLIP
import CLIPTraining
import TensorCore
import TestSupport
import Testing
import VisionTransformer

@Suite struct ContrastiveLossTests {
  @Test(arguments: [1, 2, 5, 16])
  func `the gradient is the softmax of rows and of columns minus the identity, over 2n`(n: Int) {
    var random = Random(seed: 1)
    let logits = (Tensor.normal([n, n], &random) * 3).requiringGradient()
    contrastiveLoss(logits).backward()
    let identity = Tensor(shape: [n, n], (0..<n * n).map { $0 % (n + 1) == 0 ? 1 : 0 })
    let rows = logits.detached.softmax(axis: 1) - identity
    let columns = logits.detached.softmax(axis: 0) - identity
    let expected = (rows + columns) / Float(2 * n)
    let gradient = logits.gradient?.scalars ?? []
    #expect(difference(gradient, expected.scalars, atol: 1e-6, rtol: 1e-5) == nil)
  }

  @Test func `uninformative logits cost ln n`() {
    let loss = contrastiveLoss(Tensor.zeros([8, 8])).item
    #expect(difference([loss], [2.0794415], rtol: 1e-6) == nil)
  }

  @Test func `additional captions compete only for pictures`() {
    // Two clear pairs, and a hard negative that is as likely as the first picture's caption.
    let logits = Tensor([[0, -40, 0], [-40, 0, -40]])
    // Rows: ln 2 and 0, mean ln 2 / 2. Columns: 0. Mean of both: ln 2 / 4.
    #expect(difference([contrastiveLoss(logits).item], [0.6931472 / 4], rtol: 1e-6) == nil)
  }

  @Test func `additional pictures compete only for captions`() {
    // The transpose: two pairs, and a further picture that is as likely as the first caption's own.
    let logits = Tensor([[0, -40], [-40, 0], [0, -40]])
    #expect(
      difference([contrastiveLoss(logits, pairs: 2).item], [0.6931472 / 4], rtol: 1e-6) == nil)
    // Once it is excluded, its logits do not count.
    let mask = Mask(shape: [3, 2], [0, 0, 0, 0, 1, 1])
    #expect(contrastiveLoss(logits, pairs: 2, excluding: mask).item == 0)
  }

  @Test func `excluded captions are neither right nor wrong`() {
    // The pictures share a caption: without the mask each costs ln 2 in both directions.
    let logits = Tensor([[5, 5], [5, 5]])
    let mask = Mask(shape: [2, 2], [0, 1, 1, 0])
    #expect(difference([contrastiveLoss(logits).item], [0.6931472], rtol: 1e-6) == nil)
    #expect(contrastiveLoss(logits, excluding: mask).item == 0)
  }

  @Test func `chunks give the loss and the gradients of the whole batch`() {
    var random = Random(seed: 2)
    let c = CLIPConfiguration(
      text: .init(vocabulary: 20, context: 6, width: 16, layers: 1, heads: 2),
      vision: ViTConfiguration(imageSize: 8, patch: 4, width: 16, layers: 1, heads: 2),
      projection: 8)
    let model = CLIP(c, &random)
    let images = Tensor.normal([7, 3, 8, 8], &random)
    let ids = IndexTensor(
      shape: [10, 6], (0..<60).map { $0 % 6 == 5 ? 19 : Int32(random.integer(below: 19)) })
    let mask = Mask(shape: [7, 10], (0..<70).map { [3, 25].contains($0) ? 1 : 0 })

    let loss = contrastiveLoss(
      similarityLogits(
        model.embed(images: images), model.embed(captions: ids), logitScale: model.logitScale),
      excluding: mask)
    loss.backward()
    let plain = model.parameters.map { $0.tensor.gradient?.scalars ?? [] }
    for chunk in [1, 3, 7, 100] {
      model.clearGradients()
      let cached = model.backward(images, ids, excluding: mask, chunk: chunk)
      #expect(difference([cached], [loss.item], rtol: 1e-5) == nil)
      for ((name, parameter), expected) in zip(model.parameters, plain) {
        let gradient = parameter.gradient?.scalars ?? []
        #expect(difference(gradient, expected, atol: 1e-5, rtol: 1e-5) == nil, "\(name)")
      }
    }
  }

  @Test func `the scale is at most 100`() {
    var random = Random(seed: 3)
    let c = CLIPConfiguration(
      text: .init(vocabulary: 9, context: 4, width: 8, layers: 0, heads: 2),
      vision: ViTConfiguration(imageSize: 4, patch: 4, width: 8, layers: 0, heads: 2),
      projection: 4)
    let model = CLIP(c, &random)
    #expect(difference([model.logitScale.exp().item], [1 / 0.07], rtol: 1e-5) == nil)
    model.logitScale.update { $0[0] = 7 }
    model.clampLogitScale()
    #expect(difference([model.logitScale.exp().item], [100], rtol: 1e-5) == nil)
  }

  @Test func `tokens after the end of a caption change nothing`() {
    var random = Random(seed: 4)
    let tower = TextTower(
      .init(vocabulary: 20, context: 8, width: 16, layers: 2, heads: 2), &random)
    let short = tower(IndexTensor(shape: [1, 4], [17, 3, 5, 19]))
    let padded = tower(IndexTensor(shape: [1, 8], [17, 3, 5, 19, 0, 0, 0, 0]))
    let other = tower(IndexTensor(shape: [1, 8], [17, 3, 5, 19, 4, 1, 7, 2]))
    #expect(difference(padded.scalars, short.scalars, atol: 1e-5) == nil)
    #expect(difference(other.scalars, short.scalars, atol: 1e-5) == nil)
  }
}
