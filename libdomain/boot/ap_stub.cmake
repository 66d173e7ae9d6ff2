# SPDX-License-Identifier: LGPL-2.1-or-later
# cmake -DAS=... -DLD=... -DOBJCOPY=... -DSOURCE=ap_stub.s -DADDRESS=0x... -DOUT=ap_stub.inc -P ap_stub.cmake
# Assembles and links the stub for its address in the guest, and writes it as comma-separated hex bytes, to be #included in
# an array's initialiser.
get_filename_component(folder ${OUT} DIRECTORY)
file(MAKE_DIRECTORY ${folder})
set(stem ${folder}/ap_stub)

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status ERROR_VARIABLE messages)
  if(NOT status EQUAL 0 OR messages)
    message(FATAL_ERROR "${ARGN}: ${messages}")
  endif()
endfunction()

run(${AS} --64 --fatal-warnings -o ${stem}.o ${SOURCE})
run(${LD} -m elf_x86_64 -Ttext=${ADDRESS} -e 0 -o ${stem}.elf ${stem}.o)
run(${OBJCOPY} -O binary -j .text ${stem}.elf ${stem}.bin)
file(READ ${stem}.bin bytes HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
string(REGEX REPLACE "(................................................................................)" "\\1\n" bytes "${bytes}")
file(WRITE ${OUT} "${bytes}\n")
