#include "mpisupport.h"

#ifdef WITH_MPI

#include <mpi.h>

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

void mpisupport_sum(float *values, size_t count) {
  for (size_t i = 0; i < count; i += PART) {
    const int n = count - i < PART ? (int)(count - i) : PART;
    MPI_Allreduce(MPI_IN_PLACE, values + i, n, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
  }
}

void mpisupport_broadcast(void *bytes, size_t count) {
  for (size_t i = 0; i < count; i += PART) {
    const int n = count - i < PART ? (int)(count - i) : PART;
    MPI_Bcast((char *)bytes + i, n, MPI_BYTE, 0, MPI_COMM_WORLD);
  }
}

// A block of a model has fewer numbers than an int can count.
void mpisupport_gather(const float *mine, float *all, size_t count) {
  MPI_Allgather(mine, (int)count, MPI_FLOAT, all, (int)count, MPI_FLOAT, MPI_COMM_WORLD);
}

void mpisupport_sum_share(const float *values, float *sums, size_t count) {
  MPI_Reduce_scatter_block(values, sums, (int)count, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
}

#else

int mpisupport_is_built(void) { return 0; }
void mpisupport_begin(int *rank, int *count) { *rank = 0, *count = 1; }
void mpisupport_end(void) {}
void mpisupport_abort(int status) { (void)status; }
void mpisupport_sum(float *values, size_t count) { (void)values, (void)count; }
void mpisupport_broadcast(void *bytes, size_t count) { (void)bytes, (void)count; }
void mpisupport_gather(const float *mine, float *all, size_t count) {
  (void)mine, (void)all, (void)count;
}
void mpisupport_sum_share(const float *values, float *sums, size_t count) {
  (void)values, (void)sums, (void)count;
}

#endif
