// The exercises as tests: `swift test --filter "1\.2"` runs one of them.

import Testing

@Suite("Chapter 1: seeing", .tags(.exercise), .timeLimit(.minutes(1))) struct Chapter1Exercises {
  @Test(.attempted("1.1")) func `1.1 patchify`() throws { try grade("1.1") }
  @Test(.attempted("1.2")) func `1.2 unpatchify`() throws { try grade("1.2") }
  @Test(.attempted("1.3")) func `1.3 patch embedding as a convolution`() throws { try grade("1.3") }
  @Test(.attempted("1.4")) func `1.4 position embeddings for another grid`() throws {
    try grade("1.4")
  }
  @Test(.attempted("1.5")) func `1.5 scaled dot-product attention`() throws { try grade("1.5") }
  @Test(.attempted("1.6")) func `1.6 layer normalisation`() throws { try grade("1.6") }
  @Test(.attempted("1.7")) func `1.7 a transformer block`() throws { try grade("1.7") }
  @Test(.attempted("1.8")) func `1.8 attention rollout`() throws { try grade("1.8") }
  @Test(.attempted("1.9")) func `1.9 corruption of patches`() throws { try grade("1.9") }
  @Test(.attempted("1.10")) func `1.10 the loss over corrupted patches`() throws {
    try grade("1.10")
  }
}

@Suite("Chapter 2: words", .tags(.exercise), .timeLimit(.minutes(1))) struct Chapter2Exercises {
  @Test(.attempted("2.1")) func `2.1 the merge loop of byte-pair encoding`() throws {
    try grade("2.1")
  }
  @Test(.attempted("2.2")) func `2.2 the state of the end token`() throws { try grade("2.2") }
  @Test(.attempted("2.3")) func `2.3 similarity logits`() throws { try grade("2.3") }
  @Test(.attempted("2.4")) func `2.4 the symmetric contrastive loss and its gradient`() throws {
    try grade("2.4")
  }
  @Test(.attempted("2.5")) func `2.5 hard negatives for a caption of your own`() throws {
    try grade("2.5")
  }
  @Test(.attempted("2.6")) func `2.6 a zero-shot classifier from prompts`() throws {
    try grade("2.6")
  }
  @Test(.attempted("2.7")) func `2.7 retrieval accuracy, both ways`() throws { try grade("2.7") }
}

@Suite("Chapter 3: codes", .tags(.exercise), .timeLimit(.minutes(1))) struct Chapter3Exercises {
  @Test(.attempted("3.1")) func `3.1 the bound of an enumerable model`() throws { try grade("3.1") }
  @Test(.attempted("3.2")) func `3.2 KL to the uniform prior`() throws { try grade("3.2") }
  @Test(.attempted("3.3")) func `3.3 Gumbel-max`() throws { try grade("3.3") }
  @Test(.attempted("3.4")) func `3.4 Gumbel-softmax and its temperature schedule`() throws {
    try grade("3.4")
  }
  @Test(.attempted("3.5")) func `3.5 the logit-Laplace log-density`() throws { try grade("3.5") }
  @Test(.attempted("3.6")) func `3.6 mapping of pixels, and back`() throws { try grade("3.6") }
  @Test(.attempted("3.7")) func `3.7 the perplexity of a codebook`() throws { try grade("3.7") }
  @Test(.attempted("3.8")) func `3.8 the loss, with β in its place`() throws { try grade("3.8") }
}

@Suite("Chapter 4: drawing", .tags(.exercise), .timeLimit(.minutes(1))) struct Chapter4Exercises {
  @Test(.attempted("4.1")) func `4.1 a padding token for each place`() throws { try grade("4.1") }
  @Test(.attempted("4.2")) func `4.2 the row mask`() throws { try grade("4.2") }
  @Test(.attempted("4.3")) func `4.3 the column mask`() throws { try grade("4.3") }
  @Test(.attempted("4.4")) func `4.4 the convolutional mask`() throws { try grade("4.4") }
  @Test(.attempted("4.5")) func `4.5 the loss: 1/8 caption, 7/8 picture`() throws {
    try grade("4.5")
  }
  @Test(.attempted("4.6")) func `4.6 attention with a cache, one token at a time`() throws {
    try grade("4.6")
  }
  @Test(.attempted("4.7")) func `4.7 the top-k filter and its threshold`() throws {
    try grade("4.7")
  }
  @Test(.attempted("4.8")) func `4.8 the top-p filter`() throws { try grade("4.8") }
  @Test(.attempted("4.9")) func `4.9 classifier-free guidance`() throws { try grade("4.9") }
  @Test(.attempted("4.10")) func `4.10 completing a picture`() throws { try grade("4.10") }
}

@Suite("Chapter 5: choosing", .tags(.exercise), .timeLimit(.minutes(1))) struct Chapter5Exercises {
  @Test(.attempted("5.1")) func `5.1 reranking`() throws { try grade("5.1") }
  @Test(.attempted("5.2")) func `5.2 what the best of N is worth`() throws { try grade("5.2") }
  @Test(.attempted("5.3")) func `5.3 the Fréchet distance`() throws { try grade("5.3") }
  @Test(.attempted("5.4")) func `5.4 the Inception Score`() throws { try grade("5.4") }
  @Test(.attempted("5.5")) func `5.5 the majority of five votes`() throws { try grade("5.5") }
  @Test(.attempted("5.6")) func `5.6 a loss with a margin`() throws { try grade("5.6") }
  @Test(.attempted("5.7")) func `5.7 a penalty on a gradient`() throws { try grade("5.7") }
}

@Suite("Chapter 6: at scale", .tags(.exercise), .timeLimit(.minutes(1))) struct Chapter6Exercises {
  @Test(.attempted("6.1")) func `6.1 the filters`() throws { try grade("6.1") }
  @Test(.attempted("6.2")) func `6.2 rounding to a format`() throws { try grade("6.2") }
  @Test(.attempted("6.3")) func `6.3 the rule for a scale`() throws { try grade("6.3") }
  @Test(.attempted("6.4")) func `6.4 the memory of a sharded step`() throws { try grade("6.4") }
  @Test(.attempted("6.5")) func `6.5 a step of PowerSGD`() throws { try grade("6.5") }
  @Test(.attempted("6.6")) func `6.6 error feedback`() throws { try grade("6.6") }
}
