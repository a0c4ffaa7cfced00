// What Swift cannot import by itself: OpenBLAS's cblas interface, wherever the system keeps it.
#ifndef SEATS_TOP_OPENBLAS_SHIM_H
#define SEATS_TOP_OPENBLAS_SHIM_H

#include <cblas.h>

#endif
