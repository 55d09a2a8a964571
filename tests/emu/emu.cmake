# CUDA programs that run on the CPU under a checker (README.md).
#
#   mst_emu_library(NAME SOURCES a.cu b.cu [INCLUDES dir...])
#   mst_emu_executable(NAME SOURCES a.cu b.cu host.c... [LIBS lib...] [INCLUDES dir...])
#
# Each .cu goes through nvcc once, unchanged: its host object is linked as it is, its PTX is translated to C. The
# runtime stands in for libcudart and libcusparse. Without nvcc the functions make nothing; MISSTEP_EMU says which.
find_program(MISSTEP_NVCC nvcc PATHS /usr/local/cuda/bin ${CMAKE_SOURCE_DIR}/.deps/cuda/nvidia/cu13/bin
             DOC "nvcc 13.0, for the emulated tests")
find_program(MISSTEP_EMU_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH)
find_program(MISSTEP_EMU_OBJCOPY objcopy)
set(MISSTEP_EMU_ARCH 90 CACHE STRING "compute capability that the emulated tests compile for")
if(MISSTEP_NVCC AND MISSTEP_EMU_PYTHON AND MISSTEP_EMU_OBJCOPY)
  set(MISSTEP_EMU ON)
else()
  set(MISSTEP_EMU OFF)
  message(STATUS "No nvcc: the emulated CUDA tests are not built (their test is counted as skipped)")
endif()

get_filename_component(_emu_cuda "${MISSTEP_NVCC}" REALPATH)
get_filename_component(_emu_cuda "${_emu_cuda}" DIRECTORY)
set(MISSTEP_EMU_CUDA_INCLUDES ${_emu_cuda}/../include ${_emu_cuda}/../include/cccl CACHE INTERNAL "")
set(MISSTEP_EMU_DIR ${CMAKE_CURRENT_LIST_DIR} CACHE INTERNAL "")

# One .cu -> host object and translated C; the two names are appended to the list OUT.
function(_emu_compile target source includes out)
  get_filename_component(path ${source} ABSOLUTE)
  get_filename_component(stem ${source} NAME_WE)
  string(MAKE_C_IDENTIFIER "${target}_${stem}" module)
  set(dir ${CMAKE_CURRENT_BINARY_DIR}/emu-${target}/${stem})
  file(MAKE_DIRECTORY ${dir})
  set(flags -std=c++17 -O2 -fmad=false -lineinfo -arch=compute_${MISSTEP_EMU_ARCH} -Xcompiler -ffp-contract=off)
  foreach(include ${includes} ${CMAKE_SOURCE_DIR}/kernels/include ${CMAKE_SOURCE_DIR}/kernels
          ${CMAKE_SOURCE_DIR}/pipeline ${MISSTEP_EMU_CUDA_INCLUDES})
    list(APPEND flags -I${include})
  endforeach()
  add_custom_command(
    OUTPUT ${dir}/host.o ${dir}/${stem}.ptx
    COMMAND ${MISSTEP_NVCC} ${flags} -MD -MF ${dir}/host.d -MT ${dir}/host.o --keep --keep-dir ${dir} -c -o ${dir}/host.o ${path}
    COMMAND ${MISSTEP_EMU_OBJCOPY} --redefine-sym __cudaRegisterFatBinary=__cudaRegisterFatBinary_${module} ${dir}/host.o
    DEPENDS ${path} DEPFILE ${dir}/host.d COMMENT "nvcc ${stem}.cu for ${target}" VERBATIM)
  set(translate ${MISSTEP_EMU_DIR}/translate)
  add_custom_command(
    OUTPUT ${dir}/${stem}.ptx.c
    COMMAND ${MISSTEP_EMU_PYTHON} ${translate}/ptx2c.py ${dir}/${stem}.ptx ${dir}/${stem}.ptx.c ${module}
    DEPENDS ${dir}/${stem}.ptx ${translate}/ptx2c.py ${translate}/ptx_text.py ${translate}/operands.py
            ${translate}/arithmetic.py ${translate}/machine.py
    COMMENT "PTX of ${stem}.cu to C" VERBATIM)
  # -O2 runs no faster (the checker's time dominates) and compiles CUB's sorts for twice as long.
  set_source_files_properties(${dir}/${stem}.ptx.c PROPERTIES COMPILE_OPTIONS
    "-std=gnu17;-w;-O1;-fwrapv;-fno-strict-aliasing;-ffp-contract=off;-fno-math-errno")
  set_source_files_properties(${dir}/host.o PROPERTIES EXTERNAL_OBJECT TRUE GENERATED TRUE)
  set(${out} ${${out}} ${dir}/host.o ${dir}/${stem}.ptx.c PARENT_SCOPE)
endfunction()

function(mst_emu_library name)
  cmake_parse_arguments(E "" "" "SOURCES;INCLUDES" ${ARGN})
  if(NOT MISSTEP_EMU)
    return()
  endif()
  set(objects)
  foreach(source ${E_SOURCES})
    _emu_compile(${name} ${source} "${E_INCLUDES}" objects)
  endforeach()
  add_library(${name} STATIC ${objects})
  target_link_libraries(${name} PUBLIC misstep_emu)
endfunction()

# Let a program find the stand-in for cuSPARSE as it would find the library that it has loaded already.
function(mst_emu_sparse name)
  set_target_properties(${name} PROPERTIES ENABLE_EXPORTS ON)
  target_link_options(${name} PRIVATE -Wl,-u,cusparseSpMM)
endfunction()

function(mst_emu_executable name)
  cmake_parse_arguments(E "" "" "SOURCES;LIBS;INCLUDES" ${ARGN})
  if(NOT MISSTEP_EMU)
    return()
  endif()
  set(objects)
  set(hosts)
  foreach(source ${E_SOURCES})
    if(source MATCHES "\\.cu$")
      _emu_compile(${name} ${source} "${E_INCLUDES}" objects)
    else()
      list(APPEND hosts ${source})
    endif()
  endforeach()
  add_executable(${name} ${hosts} ${objects})
  set_target_properties(${name} PROPERTIES LINKER_LANGUAGE C)
  target_include_directories(${name} PRIVATE ${E_INCLUDES})
  target_link_libraries(${name} PRIVATE ${E_LIBS} misstep_emu)
endfunction()
