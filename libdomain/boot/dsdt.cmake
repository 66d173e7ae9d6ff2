# SPDX-License-Identifier: LGPL-2.1-or-later
# cmake -DIASL=... -DASL=dsdt.asl -DOUT=dsdt.inc -P dsdt.cmake
# Compiles the ASL and writes the table as comma-separated hex bytes, to be #included in an array's initialiser.
# A warning of iasl is an error: the text is ours and has no reason for one.
get_filename_component(folder ${OUT} DIRECTORY)
get_filename_component(stem ${OUT} NAME_WE)
set(aml ${folder}/${stem}.aml)
file(MAKE_DIRECTORY ${folder})
execute_process(COMMAND ${IASL} -we -p ${folder}/${stem} ${ASL}
  RESULT_VARIABLE status OUTPUT_VARIABLE messages ERROR_VARIABLE messages)
if(NOT status EQUAL 0 OR NOT EXISTS ${aml})
  message(FATAL_ERROR "iasl ${ASL}: ${messages}")
endif()
file(READ ${aml} bytes HEX)
string(REGEX REPLACE "(................................)" "\\1\n" bytes "${bytes}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
file(WRITE ${OUT} "${bytes}\n")
