#include <stddef.h>

/// Starts counting what the calling thread allocates and frees.
void allocation_meter_start(void);

/// Stops counting. Returns the most bytes that were held at once since the start.
size_t allocation_meter_stop(void);
