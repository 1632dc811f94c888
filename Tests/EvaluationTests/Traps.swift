import Testing

/// The last output of a process. In exit tests it shows that the process ended with a failed
/// precondition and not with a thrown error.
func lastWords(_ result: ExitTest.Result?) -> String {
  String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
}
