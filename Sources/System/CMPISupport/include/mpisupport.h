// MPI as plain functions: its communicators and types are macros, which Swift cannot import. Built
// in a build without MPI there is none of it, and only `mpisupport_is_built` may be called.
// MPI's own error handling ends all ranks with a message, so nothing here returns an error.
#pragma once
#include <stddef.h>

/// Whether this program was built with MPI.
int mpisupport_is_built(void);

/// Joins the other ranks. Calls may come from any thread, but never two at a time.
void mpisupport_begin(int *rank, int *count);

/// Waits for the other ranks, and leaves them.
void mpisupport_end(void);

/// Ends all ranks at once.
void mpisupport_abort(int status);

/// Replaces this rank's part of `values` by its sums over the ranks, added in their order. Of n ranks,
/// rank r has the numbers from count · r / n up to count · (r + 1) / n.
void mpisupport_reduce(float *values, size_t count);

/// Replaces the other ranks' parts of `values` by what these have there.
void mpisupport_gather(float *values, size_t count);

/// Copies the bytes of rank 0 to all others.
void mpisupport_broadcast(void *bytes, size_t count);
