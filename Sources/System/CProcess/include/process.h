// What a grader needs from the system and Swift cannot call: functions with variable arguments, and
// code between fork and exec.
#pragma once

/// Makes this process the parent of orphans among its descendants, so that it can end them, and
/// closes its memory to other programs of the same user. Linux only; elsewhere it does nothing.
void process_guard(void);

/// The limits of a program.
typedef struct {
  /// Bytes of address space.
  long long memory;
  /// Bytes of the longest file it may write.
  long long file;
  /// Seconds of processor time.
  long long seconds;
  /// Whether root becomes the account `nobody`.
  int drops_root;
} process_limits;

/// Turns this process into the program at `path`: in a session of its own, within limits, without
/// the rights of root and, where the system allows it, unable to see any other process. Returns only
/// if that fails.
void process_become(const char *path, char *const arguments[], process_limits limits);
