import DALLE

/// A hook called during training, for instance to draw samples.
public struct DALLETrainingHook {
  /// Steps between two calls.
  public let interval: Int
  /// Called with the number of steps done, and the model as it would be if the run ended here.
  public let body: (_ steps: Int, CaptionedDALLE) throws -> Void

  /// A hook called every `interval` steps. An error that it throws ends the run.
  public init(every interval: Int, _ body: @escaping (_ steps: Int, CaptionedDALLE) throws -> Void)
  {
    precondition(interval > 0, "a hook is called every 1 or more steps, not every \(interval)")
    self.interval = interval
    self.body = body
  }
}
