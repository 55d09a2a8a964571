/* host_device.h: the mark of functions that both compilers build: for the host and, under nvcc, for
 * the device too.
 */
#ifndef MISSTEP_HOST_DEVICE_H
#define MISSTEP_HOST_DEVICE_H

#include <stdint.h> /* what such functions compute with */

#ifdef __CUDACC__
#define MST_HD __host__ __device__
#else
#define MST_HD
#endif

#endif
