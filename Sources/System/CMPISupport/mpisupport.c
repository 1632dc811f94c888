#include "mpisupport.h"

#ifdef WITH_MPI

#include <mpi.h>
#include <stdlib.h>
#include <string.h>

// Counts are ints in MPI 3.
enum { PART = 1 << 28 };

int mpisupport_is_built(void) { return 1; }

void mpisupport_begin(int *rank, int *count) {
  int provided;
  MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &provided);
  MPI_Comm_rank(MPI_COMM_WORLD, rank);
  MPI_Comm_size(MPI_COMM_WORLD, count);
}

void mpisupport_end(void) { MPI_Finalize(); }

void mpisupport_abort(int status) { MPI_Abort(MPI_COMM_WORLD, status); }

// MPI's own reductions add in an order that depends on the number of values, so the sums of a part would
// not be the same bits as a part of the sums. Here as many bytes travel, and ranks add in their order.

// What a rank sends to another one at a time: 1 MB.
enum { PIECE = 1 << 18 };

typedef struct {
  float *start;
  int count;
} Piece;

// The numbers from `first` on in a rank's part.
static Piece piece(float *values, size_t count, int ranks, int rank, size_t first) {
  const size_t start = count * (size_t)rank / ranks + first;
  const size_t end = count * (size_t)(rank + 1) / ranks;
  const size_t left = start < end ? end - start : 0;
  return (Piece){values + start, (int)(left < PIECE ? left : PIECE)};
}

// The pieces of all ranks, which are PIECE numbers apart in `all`.
static void sum_in_order(float *all, int ranks, Piece result) {
  for (int rank = 1; rank < ranks; rank++) {
    const float *next = all + (size_t)rank * PIECE;
    for (int i = 0; i < result.count; i++) all[i] += next[i];
  }
  memcpy(result.start, all, result.count * sizeof(float));
}

static void *room(size_t bytes) {
  void *result = malloc(bytes);
  if (result == NULL) MPI_Abort(MPI_COMM_WORLD, 1);
  return result;
}

// To reduce, each rank sends the parts of the others, and adds up in `all` what it receives of its own.
// To gather, `all` is NULL, and each sends its own part to the others.
static void exchange(float *values, size_t count, float *all, int ranks) {
  int me;
  MPI_Comm_rank(MPI_COMM_WORLD, &me);
  MPI_Request *requests = room(2 * sizeof(MPI_Request) * ranks);
  const size_t longest = (count + ranks - 1) / ranks;
  for (size_t first = 0; first < longest; first += PIECE) {
    const Piece mine = piece(values, count, ranks, me, first);
    int open = 0;
    for (int rank = 0; rank < ranks; rank++) {
      if (rank == me) continue;
      const Piece its = piece(values, count, ranks, rank, first);
      const Piece sent = all ? its : mine;
      float *to = all ? all + (size_t)rank * PIECE : its.start;
      MPI_Irecv(
        to, all ? mine.count : its.count, MPI_FLOAT, rank, 0, MPI_COMM_WORLD, &requests[open++]);
      MPI_Isend(sent.start, sent.count, MPI_FLOAT, rank, 0, MPI_COMM_WORLD, &requests[open++]);
    }
    if (all) memcpy(all + (size_t)me * PIECE, mine.start, mine.count * sizeof(float));
    MPI_Waitall(open, requests, MPI_STATUSES_IGNORE);
    if (all) sum_in_order(all, ranks, mine);
  }
  free(requests);
}

void mpisupport_reduce(float *values, size_t count) {
  int ranks;
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  float *all = room(sizeof(float) * PIECE * ranks);
  exchange(values, count, all, ranks);
  free(all);
}

void mpisupport_gather(float *values, size_t count) {
  int ranks;
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  exchange(values, count, NULL, ranks);
}

void mpisupport_broadcast(void *bytes, size_t count) {
  for (size_t i = 0; i < count; i += PART) {
    const int n = count - i < PART ? (int)(count - i) : PART;
    MPI_Bcast((char *)bytes + i, n, MPI_BYTE, 0, MPI_COMM_WORLD);
  }
}

#else

int mpisupport_is_built(void) { return 0; }
void mpisupport_begin(int *rank, int *count) { *rank = 0, *count = 1; }
void mpisupport_end(void) {}
void mpisupport_abort(int status) { (void)status; }
void mpisupport_reduce(float *values, size_t count) { (void)values, (void)count; }
void mpisupport_gather(float *values, size_t count) { (void)values, (void)count; }
void mpisupport_broadcast(void *bytes, size_t count) { (void)bytes, (void)count; }

#endif
