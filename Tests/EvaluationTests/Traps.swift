import Testing

/// What a process said as it ended. In exit tests it shows that a precondition ended it, and not
/// an error that was thrown.
func lastWords(_ result: ExitTest.Result?) -> String {
  String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
}
