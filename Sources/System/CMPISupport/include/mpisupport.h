// MPI as plain functions: its communicators and types are macros, which Swift cannot import. Built
// without the package's trait MPI there is none of it, and only `mpisupport_is_built` may be called.
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

/// Replaces `values` on all ranks by their sums over the ranks.
void mpisupport_sum(float *values, size_t count);

/// Writes the `count` numbers of each rank to `all`, in the order of the ranks.
void mpisupport_gather(const float *mine, float *all, size_t count);

/// Writes this rank's part of the sums over the ranks, `count` numbers, to `sums`. `values` has as many
/// for each rank.
void mpisupport_sum_share(const float *values, float *sums, size_t count);

/// Copies the bytes of rank 0 to all others.
void mpisupport_broadcast(void *bytes, size_t count);
