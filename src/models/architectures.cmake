# The architectures. One word registers one: its entry (src/models/entries/NAME.cpp, no LibTorch) and, apart from
# identity, its network (src/models/networks/NAME/).
set(architectures identity mim_istd spectral_gpt spectral_mamba torchscript)
