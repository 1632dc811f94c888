// Nothing to call: what is linked with this starts OpenBLAS as openblas_threads.c says.
#pragma once
