#pragma once
#include <cblas.h>
#include <stddef.h>

// OpenBLAS includes LAPACK, but not every system has a header for it. The last two arguments are
// the lengths of the strings, which Fortran compilers pass after all other arguments.
void ssyev_(
    const char *job, const char *triangle, const int *order, float *matrix, const int *leading,
    float *values, float *work, const int *room, int *info, size_t, size_t);
void dsyevd_(
    const char *job, const char *triangle, const int *order, double *matrix, const int *leading,
    double *values, double *work, const int *room, int *integers, const int *integerRoom,
    int *info, size_t, size_t);
