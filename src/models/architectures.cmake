# The architectures. One word registers one: its entry (src/models/entries/NAME.cpp, no LibTorch) and, apart from
# identity, its network (src/models/networks/NAME/).
set(architectures identity mim_istd spectral_gpt spectral_mamba torchscript)

# registry(TYPE name...): makes registry.cpp from the folder's registry.cpp.in: a table of what the functions that are
# named as the architectures return, each a TYPE.
function(registry type)
  set(declarations "")
  set(rows "")
  foreach(name ${ARGN})
    string(APPEND declarations "${type} ${name}();\n")
    string(APPEND rows "        ${name}(),\n")
  endforeach()
  configure_file(registry.cpp.in registry.cpp @ONLY)
endfunction()
