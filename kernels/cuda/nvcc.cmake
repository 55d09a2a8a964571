# Find nvcc: CUDACXX, PATH, a toolkit, or the wheels of scripts/setup --cuda. Decide on MISSTEP_CUDA.
#   MISSTEP_NVCC           the compiler, or -NOTFOUND
#   MISSTEP_NVCC_INCLUDES  its headers and CUB's
#   MISSTEP_CUDART         the static runtime
set(MISSTEP_CUDA AUTO CACHE STRING "CUDA kernels: ON, OFF, or AUTO (where nvcc and an NVIDIA driver are)")
find_program(MISSTEP_NVCC nvcc HINTS "$ENV{CUDACXX}" "$ENV{CUDA_PATH}/bin"
  PATHS /usr/local/cuda/bin ${CMAKE_SOURCE_DIR}/.deps/cuda/nvidia/cu13/bin DOC "NVIDIA's compiler")
if("$ENV{CUDACXX}" MATCHES "nvcc$")
  set(MISSTEP_NVCC "$ENV{CUDACXX}" CACHE FILEPATH "NVIDIA's compiler" FORCE)
endif()

if(MISSTEP_NVCC)
  get_filename_component(nvcc_folder ${MISSTEP_NVCC} REALPATH)
  get_filename_component(nvcc_folder ${nvcc_folder} DIRECTORY)
  get_filename_component(cuda_folder ${nvcc_folder} DIRECTORY)
  find_path(MISSTEP_CUDA_INCLUDE cuda_runtime.h PATHS ${cuda_folder}/include ${cuda_folder}/targets/x86_64-linux/include
    NO_DEFAULT_PATH)
  find_library(MISSTEP_CUDART cudart_static PATHS ${cuda_folder}/lib64 ${cuda_folder}/lib
    ${cuda_folder}/targets/x86_64-linux/lib NO_DEFAULT_PATH)
  set(MISSTEP_NVCC_INCLUDES ${MISSTEP_CUDA_INCLUDE} ${MISSTEP_CUDA_INCLUDE}/cccl)
endif()

set(why "")
if(NOT MISSTEP_NVCC)
  set(why "no nvcc: install a CUDA toolkit, or run scripts/setup --cuda")
elseif(NOT MISSTEP_CUDA_INCLUDE OR NOT MISSTEP_CUDART)
  set(why "${MISSTEP_NVCC} has no headers or no libcudart_static.a beside it")
elseif(MISSTEP_CUDA STREQUAL "AUTO" AND NOT EXISTS /proc/driver/nvidia/version)
  set(why "no NVIDIA driver on this machine; -DMISSTEP_CUDA=ON builds the kernels all the same")
endif()
if(MISSTEP_CUDA STREQUAL "AUTO")
  if(why)
    message(STATUS "CUDA: not built (${why})")
    set(MISSTEP_WITH_CUDA OFF)
  else()
    set(MISSTEP_WITH_CUDA ON)
  endif()
elseif(MISSTEP_CUDA)
  if(why)
    message(FATAL_ERROR "MISSTEP_CUDA=ON: ${why}")
  endif()
  set(MISSTEP_WITH_CUDA ON)
else()
  set(MISSTEP_WITH_CUDA OFF)
endif()
